"""timebank/audit/expiry.py: what no announcement and no age lets expire is found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from tests.support.banks import OPERATOR, TriedBank
from tests.support.expiries import ANNOUNCED, DUE, TWELVE_AND_THREE, on
from tests.support.forging import bank_with, forge, log, rules
from timebank.chart import Kind
from timebank.estates.model import REPORT, WITHDRAW
from timebank.expiry.model import ANNOUNCE, EXPIRE, EXPIRED, GIVE_BACK

ONE = "expy_" + "1" * 32


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    """V0001 has 90 minutes of April 2023 and 30 of March 2024."""
    with bank_with(tmp_path, TWELVE_AND_THREE) as made:
        log(made)
        yield made


def announce(tried: TriedBank, day: str = ANNOUNCED, key: int = 10, **told: Any) -> None:
    on(tried, day)
    signed = {
        "account": tried.account("V0001"), "announcement": ONE, "do": ANNOUNCE, "minutes": 90,
        "on": DUE, "record": ONE,
    }  # fmt: skip
    forge(tried, signed | told, key=key)


def expire(tried: TriedBank, day: str = DUE, minutes: int = 90, key: int = 20, **told: Any) -> str:
    on(tried, day)
    giver, pool = tried.account("V0001"), tried.bank.account_of(Kind.POOL)
    signed = {"announcement": ONE, "do": EXPIRE} | told
    rest = {"kind": EXPIRED, "on": day, "key": key}
    return str(forge(tried, signed, (giver, pool, minutes), **rest).body["entry"])


@pytest.mark.parametrize(
    ("minutes", "told", "found"),
    [
        (90, {}, []),
        (89, {}, ["postings_differ"]),
        (60, {"announcement": "expy_2"}, ["expiry_unannounced"]),
        (90, {"do": "grant"}, ["facts_form"]),
        (90, {"announcement": 7}, ["facts_form"]),
    ],
    ids=str,
)
def test_an_expiry_follows_from_its_announcement(
    tried: TriedBank, tmp_path: Path, minutes: int, told: dict[str, Any], found: list[str]
) -> None:
    announce(tried)
    expire(tried, minutes=minutes, **told)
    assert rules(tried, tmp_path) == found


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2024-04-30", ["expiry_too_early", "postings_differ"]),
        ("2024-05-31", []),
        ("2024-06-01", ["expiry_unannounced"]),
    ],
)
def test_it_follows_in_the_month_that_was_named(
    tried: TriedBank, tmp_path: Path, day: str, found: list[str]
) -> None:
    announce(tried)
    expire(tried, day)
    assert rules(tried, tmp_path) == found


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"minutes": 91}, ["facts_differ"]),
        ({"minutes": 0}, ["facts_differ"]),
        ({"on": "2024-04-01"}, ["facts_differ"]),
        ({"on": "soon"}, ["facts_form"]),
        ({"account": "acct_nobody"}, ["facts_differ"]),
    ],
    ids=str,
)
def test_an_announcement_says_what_is_left_and_when(
    tried: TriedBank, tmp_path: Path, told: dict[str, Any], found: list[str]
) -> None:
    announce(tried, **told)
    assert rules(tried, tmp_path) == found


def test_an_announcement_serves_once_and_its_id_is_nobody_elses(
    tried: TriedBank, tmp_path: Path
) -> None:
    announce(tried, minutes=40)
    announce(tried, minutes=40, key=11)
    expire(tried, minutes=40)
    expire(tried, minutes=40, key=21)
    assert rules(tried, tmp_path) == ["facts_differ", "expiry_unannounced"]


@pytest.mark.parametrize(
    ("spent", "held", "minutes", "found"),
    [
        (60, 0, 30, []),
        (60, 0, 31, ["postings_differ"]),
        (0, 20, 70, []),
        (0, 20, 71, ["postings_differ"]),
        (100, 0, 20, ["postings_differ"]),
    ],
)
def test_what_was_spent_or_is_held_does_not_expire(
    tried: TriedBank, tmp_path: Path, spent: int, held: int, minutes: int, found: list[str]
) -> None:
    announce(tried)
    on(tried, "2024-03-05")
    log(tried, 2, on="2024-03-04", minutes=30)
    giver, other = tried.account("V0001"), tried.account("V0002")
    if spent:
        tried.hold(giver, other, 5, expires_ms=2_000_000_000_000)
        hold = tried.hold(giver, other, spent, expires_ms=2_000_000_000_000)
        spend(tried, hold, spent)
        release(tried)
    if held:
        tried.hold(giver, other, held, expires_ms=2_000_000_000_000)
    expire(tried, minutes=minutes)
    foreign = ["facts_form"] if spent else []  # The hold was paid by no service and no gift.
    assert rules(tried, tmp_path) == foreign + found


def spend(tried: TriedBank, hold: str, minutes: int) -> None:
    tried.settle(hold, minutes)


def release(tried: TriedBank) -> None:
    """Release the hold of five minutes."""
    with tried.bank.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT p.hold_id FROM hold_placed p WHERE p.minutes = 5 AND p.hold_id NOT IN "
            "(SELECT hold_id FROM hold_ended)"
        )
        hold = str(row.scalar_one())

    def decide(draft: Draft) -> dict[str, Any]:
        draft.release(hold, {"do": "release", "hold": hold})
        return {}

    tried.bank.act(tried.bank.action(OPERATOR, "hold", decide, key="free-0001", content={}))


def test_the_accounts_of_the_dead_rest(tried: TriedBank, tmp_path: Path) -> None:
    announce(tried)
    dead = {"do": REPORT, "estate": "est_1", "record": "est_1", "by": "staff_clerk"}
    forge(tried, dead | {"account": tried.account("V0001")}, key=30)
    expire(tried)
    assert rules(tried, tmp_path) == ["expiry_rests"]


def test_a_report_that_was_withdrawn_hinders_nothing(tried: TriedBank, tmp_path: Path) -> None:
    announce(tried)
    dead = {"do": REPORT, "estate": "est_1", "record": "est_1", "by": "staff_clerk"}
    forge(tried, dead | {"account": tried.account("V0001")}, key=30)
    forge(tried, dead | {"do": WITHDRAW, "by": "staff_other"}, key=31)
    expire(tried)
    assert rules(tried, tmp_path) == []


def test_where_credit_lives_nothing_is_announced_and_nothing_expires(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        log(tried)
        announce(tried)
        expire(tried)
        assert rules(tried, tmp_path) == ["expiry_off", "expiry_unannounced"]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, []),
        ({"announcement": "expy_2"}, ["expiry_unannounced"]),
        ({"do": "reverse"}, ["facts_form"]),
        ({"by": None}, ["facts_form"]),
    ],
    ids=str,
)
def test_what_expired_is_given_back_by_name(
    tried: TriedBank, tmp_path: Path, told: dict[str, Any], found: list[str]
) -> None:
    announce(tried)
    entry = expire(tried)
    signed = {"announcement": ONE, "by": "staff_operator", "do": GIVE_BACK} | told

    def decide(draft: Draft) -> dict[str, Any]:
        draft.reverse(entry, effective_on=DUE, policy=tried.policy, facts=signed)
        return {}

    tried.bank.act(
        tried.bank.action(OPERATOR, "expired_return", decide, key="back-0001", content={})
    )
    assert rules(tried, tmp_path) == found
