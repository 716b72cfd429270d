"""timebank/audit/shortfalls.py: a loan nobody proposed, of other minutes or for nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from ledger.ids import new_id
from ledger.journal import JournalEntry, Movement
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with, forge, log, rules
from timebank.chart import Kind
from timebank.shortfalls.model import COVER, COVERED, PROPOSE, RECOVER, RECOVERED

HALF = '[recording]\nshortfall_recovery_percent = { value = 50, source = "区办法" }'
TODAY = "2023-04-06"


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    """V0001 has 90 minutes of one record."""
    with bank_with(tmp_path, HALF) as made:
        yield made


def propose(tried: TriedBank, record: str, by: str = "staff_a") -> None:
    told = {"by": by, "do": PROPOSE, "proposal": "rvsl_1", "record": record}
    forge(tried, told, key=10)


def take_back(
    tried: TriedBank,
    taken: str,
    lent: int,
    *,
    reverse: bool = True,
    key: str = "take-back-1",
    **told: Any,
) -> None:
    """Lend so much and reverse the record's entry, whatever is there."""
    account, bank = tried.account("V0001"), tried.bank
    with bank.read() as connection:
        asked = "SELECT entry_id FROM record_person WHERE record_id = ? AND entry_id <> ''"
        (entry,) = connection.exec_driver_sql(asked, (taken,)).scalars()
    facts = {
        "account": account, "by": "staff_b", "do": COVER, "entry": entry, "proposal": "rvsl_1",
        "record": taken,
    } | told  # fmt: skip

    def decide(draft: Draft) -> dict[str, Any]:
        if lent:
            move = Movement(bank.account_of(Kind.SHORTFALL), account, lent)
            draft.post(JournalEntry(COVERED, (move,), TODAY, tried.policy), facts)
        if reverse:
            signed = {"by": "staff_b", "do": "reverse", "record": told.get("of", taken)}
            draft.reverse(entry, effective_on=TODAY, policy=tried.policy, facts=signed)
        return {}

    batch = new_id("batch", bank.now_ms())
    bank.act(bank.action(OPERATOR, "reversal", decide, key=key, content={}, batch=batch))


def spend(tried: TriedBank, minutes: int) -> None:
    tried.hold(tried.account("V0001"), tried.bank.account_of(Kind.POOL), minutes,
               expires_ms=tried.bank.now_ms() + 1)  # fmt: skip


@pytest.mark.parametrize(
    ("held", "lent", "told", "found"),
    [
        (30, 30, {}, []),
        (30, 31, {}, ["shortfall_differs"]),
        (0, 1, {}, ["shortfall_differs"]),
        (30, 30, {"by": "staff_a"}, ["four_eyes"]),
        (30, 30, {"proposal": "rvsl_2"}, ["shortfall_unproposed"]),
        (30, 30, {"record": "record_2"}, ["shortfall_unproposed", "shortfall_differs"]),
        (30, 30, {"of": "record_2"}, ["shortfall_differs"]),
        (30, 30, {"do": "give"}, ["facts_form"]),
        (30, 30, {"account": "acct_nobody"}, ["postings_differ", "shortfall_differs"]),
    ],
    ids=str,
)
def test_a_loan_is_what_the_reversal_lacked(
    tried: TriedBank, tmp_path: Path, held: int, lent: int, told: dict[str, Any], found: list[str]
) -> None:
    record = log(tried)
    propose(tried, record)
    if held:
        spend(tried, held)
    take_back(tried, record, lent, **told)
    assert rules(tried, tmp_path) == found


def test_a_loan_for_nothing_is_found(tried: TriedBank, tmp_path: Path) -> None:
    record = log(tried)
    propose(tried, record)
    take_back(tried, record, 90, reverse=False)
    assert rules(tried, tmp_path) == ["shortfall_differs"]


def test_the_second_loan_for_one_entry_is_found(tried: TriedBank, tmp_path: Path) -> None:
    record = log(tried)
    propose(tried, record)
    spend(tried, 60)
    take_back(tried, record, 30, reverse=False)
    take_back(tried, record, 30, key="take-back-2")
    assert rules(tried, tmp_path) == ["shortfall_differs"]


@pytest.mark.parametrize(
    ("minutes", "told", "found"),
    [
        (44, {}, ["postings_differ"]),
        (45, {}, []),
        (46, {}, ["postings_differ"]),
        (45, {"do": "give"}, ["facts_form"]),
        (45, {"account": "acct_nobody"}, ["shortfall_differs"]),
    ],
    ids=str,
)
def test_half_of_what_came_since_comes_back(
    tried: TriedBank, tmp_path: Path, minutes: int, told: dict[str, Any], found: list[str]
) -> None:
    record = log(tried)
    propose(tried, record)
    spend(tried, 80)
    take_back(tried, record, 80)
    tried.clock.move(timedelta(minutes=1))
    log(tried, 2, at="14:00", minutes=90)
    account, shortfall = tried.account("V0001"), tried.bank.account_of(Kind.SHORTFALL)
    signed = {"account": account, "do": RECOVER} | told
    forge(tried, signed, (account, shortfall, minutes), kind=RECOVERED, on=TODAY, key=20)
    assert rules(tried, tmp_path) == found


def test_what_nobody_owes_does_not_come_back(tried: TriedBank, tmp_path: Path) -> None:
    log(tried)
    account, shortfall = tried.account("V0001"), tried.bank.account_of(Kind.SHORTFALL)
    tried.post(shortfall, tried.account("E0001"), 60)
    signed = {"account": account, "do": RECOVER}
    forge(tried, signed, (account, shortfall, 45), kind=RECOVERED, on=TODAY, key=20)
    assert rules(tried, tmp_path) == ["entry_kind", "shortfall_differs"]
