"""timebank/records/admitting.py: whose service counts, and when an elder's own time may pay."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with
from tests.support.orders import CLERK, OTHER_CLERK, Journey
from tests.support.services import service
from timebank.errors import ExcludedService
from timebank.errors.standing import (
    NotRedemptionDay,
    NotResident,
    NotRetired,
    QuarterUsedUp,
    RecordNotGood,
)
from timebank.orders.model import Stated
from timebank.orders.steps import take_step
from timebank.people.actions import register
from timebank.people.conditions import note_condition
from timebank.people.model import Newcomer
from timebank.records.actions import log_service, reverse_record
from timebank.records.model import Payer

RETIRED = '[earning]\nretired_or_age = { value = 60, source = "St. Gallen" }'
GOOD = '[earning]\ngood_record = { value = true, source = "南京" }'
RESIDENTS = '[redeeming]\nresidents_only = { value = true, source = "上海 2026" }'
ONCE = '[redeeming]\ntimes_per_quarter = { value = 1, source = "海林" }'
ON_THE_SEVENTH = '[redeeming]\nday_of_month = { value = 7, source = "路北 2022" }'
AMATEURS = '[services]\nnon_professional_only = { value = true, source = "上海 2026" }'
THREE_FOR_ONE = '[charging]\nprofessional_rate = { value = 3, source = "新北" }'


def note(tried: TriedBank, number: str, condition: str, *, applies: bool = True) -> None:
    note_condition(
        tried.bank, OPERATOR, number, condition, "证明原件", consented=True, applies=applies
    )


def log(tried: TriedBank, key: str, **changed: object) -> str:
    said = service("V0001", "E0001", **changed)  # type: ignore[arg-type]
    return str(log_service(tried.bank, CLERK, "XFL", said, key=key).body["record"])


def test_who_shows_neither_age_nor_retirement_earns_nothing(tmp_path: Path) -> None:
    with bank_with(tmp_path, RETIRED) as tried:
        with pytest.raises(NotRetired):
            log(tried, "key-00001")
        note(tried, "V0001", "retired")
        log(tried, "key-00002")
        note(tried, "V0001", "retired", applies=False)
        with pytest.raises(NotRetired):
            log(tried, "key-00003", at="11:00")


def test_the_birth_date_stands_for_retirement(tmp_path: Path) -> None:
    with bank_with(tmp_path, RETIRED, people=("E0001",)) as tried:
        old = Newcomer("张爷爷", (("V0001", "volunteer"),), date(1950, 1, 1))
        register(tried.bank, OPERATOR, [old], key="register-0001")
        log(tried, "key-00001")


def test_a_noted_bad_record_is_refused_until_it_is_taken_away(tmp_path: Path) -> None:
    with bank_with(tmp_path, GOOD) as tried:
        log(tried, "key-00001")
        note(tried, "V0001", "bad_record")
        with pytest.raises(RecordNotGood):
            log(tried, "key-00002", at="11:00")
        note(tried, "V0001", "bad_record", applies=False)
        log(tried, "key-00003", at="11:00")


def test_a_class_for_a_trained_hand_is_refused_or_costs_more(tmp_path: Path) -> None:
    for name in ("amateurs", "paid"):
        (tmp_path / name).mkdir()
    with bank_with(tmp_path / "amateurs", AMATEURS) as tried, pytest.raises(ExcludedService):
        log(tried, "key-00001", content="上门打针")
    with bank_with(tmp_path / "paid", THREE_FOR_ONE, people=()) as tried:
        journey = Journey(tried, saved=180)
        log(tried, "key-00001", at="14:00", minutes=60, content="上门打针", payer=Payer.ELDER)
        assert journey.balance("E0001") == (0, 0)
        assert journey.balance("V0001") == (60, 0)


def test_only_a_resident_is_matched(tmp_path: Path) -> None:
    with bank_with(tmp_path, RESIDENTS, people=()) as tried:
        journey = Journey(tried).to("published")
        with pytest.raises(NotResident):
            journey.step("match", volunteer="V0001")
        note(tried, "E0001", "resident")
        journey.step("match", volunteer="V0001")


def test_the_day_of_the_month_is_the_wished_day(tmp_path: Path) -> None:
    with bank_with(tmp_path, ON_THE_SEVENTH, people=()) as tried:
        journey = Journey(tried)
        for days, refused in ((0, True), (1, False), (2, True)):
            wanted_on = (tried.bank.today() + timedelta(days=days)).isoformat()
            published(journey, wanted_on=wanted_on)
            if refused:
                with pytest.raises(NotRedemptionDay):
                    journey.step("match", volunteer="V0001")
            else:
                journey.step("match", volunteer="V0001")


def published(journey: Journey, **changed: object) -> Journey:
    """Another order, open to volunteers."""
    journey.ask(**changed)
    journey.step("vet")
    journey.step("publish")
    return journey


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def once_a_quarter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journey]:
    """A bank on each database where an elder's time pays once a quarter."""
    with ExitStack() as stack:
        database = None
        if request.param == "postgres":
            database = request.getfixturevalue("founded_postgres")
        made = bank_with(tmp_path, ONCE, people=(), database=database)
        yield Journey(stack.enter_context(made))


def test_a_quarter_is_used_by_what_is_held_and_by_what_was_paid(once_a_quarter: Journey) -> None:
    journey = once_a_quarter
    first = journey.to("awaiting_confirmation").order_id
    for state in ("awaiting_confirmation", "posted"):
        published(journey, wanted_at="15:00")
        with pytest.raises(QuarterUsedUp):
            journey.step("match", volunteer="V0002")
        journey.order_id = first
        assert journey.order().state.value == state
        if state != "posted":
            journey.step("confirm", OTHER_CLERK)
    published(journey, wanted_at="15:00", payer=Payer.NOBODY)  # 公益服务 uses nobody's time.
    journey.step("match", volunteer="V0002")


@pytest.mark.parametrize(
    ("wanted_on", "refused"), [("2023-06-30", True), ("2023-07-01", False), ("2023-07-02", False)]
)
def test_a_quarter_ends_with_its_last_day(tmp_path: Path, wanted_on: str, refused: bool) -> None:
    with bank_with(tmp_path, ONCE, people=()) as tried:
        journey = published(Journey(tried).to("matched"), wanted_on=wanted_on)
        if refused:
            with pytest.raises(QuarterUsedUp):
                journey.step("match", volunteer="V0001")
        else:
            journey.step("match", volunteer="V0001")


def test_a_use_that_is_cancelled_or_reversed_was_none(once_a_quarter: Journey) -> None:
    journey = once_a_quarter.to("matched")
    tried = journey.tried
    journey.step("cancel", reason="家里有人")
    paid = {"minutes": 30, "payer": Payer.ELDER}
    record = log(tried, "key-00001", at="14:00", **paid)
    with pytest.raises(QuarterUsedUp):
        log(tried, "key-00002", at="15:00", **paid)
    reverse_record(tried.bank, OPERATOR, record, "登记错了", key="reverse-0001")
    log(tried, "key-00003", at="15:00", **paid)


def test_two_who_ask_at_once_use_one_quarter_once(once_a_quarter: Journey) -> None:
    """Both orders are matched in one group of the writer; the second sees the first."""
    journey = once_a_quarter
    orders = [published(journey, wanted_at=at).order_id for at in ("10:00", "15:00")]

    def match(order_id: str) -> str:
        said = Stated(volunteer="V0001")
        try:
            take_step(journey.tried.bank, CLERK, order_id, "match", said, key=f"at-once-{order_id}")
        except QuarterUsedUp as refused:
            return refused.code
        return "matched"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(match, orders)) == ["matched", "quarter_used_up"]
