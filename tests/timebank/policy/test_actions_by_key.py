"""What a profile's value does through an action: a boundary in threes, one bank for each value."""

from datetime import date
from pathlib import Path

import pytest

from ledger.balances import balance_of
from ledger.errors import Refusal
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import CLERK, bank_with, log
from tests.support.profiles import cap, steps
from tests.support.services import service
from timebank.chart import Kind
from timebank.people.actions import register
from timebank.people.conditions import note_condition
from timebank.people.model import Newcomer
from timebank.records.actions import log_service
from timebank.records.model import Payer

HOURS = ("08:00", "12:00", "16:00")


def credited(tried: TriedBank, number: str = "V0001") -> int:
    return minutes_on(tried, tried.account(number))


def minutes_on(tried: TriedBank, account: str) -> int:
    with tried.bank.read() as connection:
        found = balance_of(connection, account)
    assert found is not None
    return found.posted


def credits_of(tried: TriedBank, *lengths: int) -> list[int]:
    """What each of three services of one day adds; -1 where it is refused."""
    found = []
    for place, (minutes, at) in enumerate(zip(lengths, HOURS, strict=True)):
        before = credited(tried)
        try:
            log(tried, place + 1, at=at, minutes=minutes)
        except Refusal:
            found.append(-1)
        else:
            found.append(credited(tried) - before)
    return found


@pytest.mark.parametrize(
    ("mode", "lengths", "expected"),
    [
        ("nearest", (44, 45, 46), [30, 60, 60]),
        ("down", (59, 60, 61), [30, 60, 60]),
        ("up", (59, 60, 61), [60, 60, 90]),
    ],
)
def test_steps_of_credit(
    tmp_path: Path, mode: str, lengths: tuple[int, int, int], expected: list[int]
) -> None:
    with bank_with(tmp_path, steps(30, mode)) as tried:
        assert credits_of(tried, *lengths) == expected


def test_a_coefficient_weighs_each_minute_of_its_hours(tmp_path: Path) -> None:
    table = (
        '[[coefficients]]\nfactor = "2"\nfrom_time = "17:00"\nto_time = "18:00"\n'
        'source = "世田谷 1995"'
    )
    with bank_with(tmp_path, table) as tried:
        assert credits_of(tried, 60, 60, 59)[2] == 59
    for minutes, weighed in ((60, 60), (61, 62)):
        folder = tmp_path / str(minutes)
        folder.mkdir()
        with bank_with(folder, table) as tried:
            log(tried, at="16:00", minutes=minutes)
            assert credited(tried) == weighed


@pytest.mark.parametrize(("excess", "over"), [("trim", 60), ("refuse", -1)])
def test_the_cap_of_an_order(tmp_path: Path, excess: str, over: int) -> None:
    with bank_with(tmp_path, cap("order", 60, excess)) as tried:
        assert credits_of(tried, 59, 60, 61) == [59, 60, over]


@pytest.mark.parametrize(("excess", "over"), [("trim", 0), ("refuse", -1)])
def test_the_cap_of_a_day(tmp_path: Path, excess: str, over: int) -> None:
    with bank_with(tmp_path, cap("day", 60, excess)) as tried:
        assert credits_of(tried, 59, 1, 1) == [59, 1, over]


@pytest.mark.parametrize(
    ("excess", "over", "pooled"), [("pool", 0, 1), ("honour", 0, 0), ("refuse", -1, 0)]
)
def test_the_cap_of_an_account(tmp_path: Path, excess: str, over: int, pooled: int) -> None:
    with bank_with(tmp_path, cap("account", 60, excess)) as tried:
        assert credits_of(tried, 59, 1, 1) == [59, 1, over]
        assert minutes_on(tried, tried.bank.account_of(Kind.POOL)) == pooled


def aged(tried: TriedBank, role: str, *ages: int) -> list[str]:
    """People who had that birthday on the day before the services, by number."""
    letter = role[0].upper()
    numbers = [f"{letter}1{age:03}" for age in ages]
    register(
        tried.bank, OPERATOR,
        [
            Newcomer(f"成员{number}", ((number, role),), date(2023 - age, 4, 5))
            for number, age in zip(numbers, ages, strict=True)
        ],
        key=f"aged-{role}-1",
    )  # fmt: skip
    return numbers


def passes(tried: TriedBank, key: str, volunteer: str, elder: str, payer: Payer) -> bool:
    try:
        stated = service(volunteer, elder, payer=payer, minutes=10)
        log_service(tried.bank, CLERK, "XFL", stated, key=key)
    except Refusal:
        return False
    return True


def test_the_age_from_which_one_earns(tmp_path: Path) -> None:
    part = '[earning]\nminimum_age = { value = 18, source = "南京" }'
    with bank_with(tmp_path, part, people=("E0001", "E0002", "E0003")) as tried:
        numbers = aged(tried, "volunteer", 17, 18, 19)
        elders = ("E0001", "E0002", "E0003")
        assert [
            passes(tried, f"log-{one}", one, elder, Payer.NOBODY)
            for one, elder in zip(numbers, elders, strict=True)
        ] == [False, True, True]


@pytest.mark.parametrize(
    ("hardship", "expected"), [(False, [False, False, True]), (True, [False, True, True])]
)
def test_the_age_from_which_one_redeems(
    tmp_path: Path, hardship: bool, expected: list[bool]
) -> None:
    part = (
        '[redeeming]\nminimum_age = { value = 65, source = "上海 2026" }\n'
        'hardship_minimum_age = { value = 60, source = "上海 2026" }'
    )
    with bank_with(tmp_path, part, people=("V0001", "V0002", "V0003")) as tried:
        numbers = aged(tried, "elder", 59, 60, 65)
        for one in numbers:
            tried.issue(one, 60)
            if hardship:
                note_condition(
                    tried.bank, OPERATOR, one, "special_hardship", "证明", consented=True,
                    applies=True,
                )  # fmt: skip
        volunteers = ("V0001", "V0002", "V0003")
        assert [
            passes(tried, f"log-{one}", who, one, Payer.ELDER)
            for one, who in zip(numbers, volunteers, strict=True)
        ] == expected


@pytest.mark.parametrize(("listed", "content"), [("meals", "助餐"), ("cleaning", "打扫卫生")])
def test_an_excluded_class_earns_nothing(tmp_path: Path, listed: str, content: str) -> None:
    part = f'[services]\nexcluded_classes = {{ value = ["{listed}"], source = "圣加仑" }}'
    with bank_with(tmp_path, part) as tried:
        with pytest.raises(Refusal):
            log(tried, 1, content=content)
        log(tried, 2, content="理发", at="11:00")
        assert credited(tried) == 90


@pytest.mark.parametrize(("saved", "may"), [(59, False), (60, True), (61, True)])
def test_what_must_be_saved_before_the_first_use(tmp_path: Path, saved: int, may: bool) -> None:
    part = '[redeeming]\nminimum_minutes = { value = 60, source = "姚坊门" }'
    with bank_with(tmp_path, part) as tried:
        tried.issue("E0001", saved)
        assert passes(tried, "log-0001", "V0001", "E0001", Payer.ELDER) is may
