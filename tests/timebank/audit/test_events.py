"""timebank/audit/events.py: whoever approved many saw the roster, and the log alone says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from ledger.journal import JournalEntry, Movement
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with, facts, log, rules
from tests.support.services import DAY
from timebank.chart import Kind

BULK_OF_THREE = '[review]\nbulk_volunteers = { value = 3, source = "F2" }'
NUMBERS = [f"V{number:04}" for number in range(1, 5)]
SEEN = {"sheet": "2023-04/5", "signatures": 3}


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    """A bank in which three make an event."""
    with bank_with(tmp_path, BULK_OF_THREE, people=(*NUMBERS, "E0001")) as made:
        yield made


def forge_batch(tried: TriedBank, rows: list[dict[str, Any]], *, key: int = 1) -> None:
    """Post an entry for each row that moves something, as one submission of the operator's own."""
    giver = tried.bank.account_of(Kind.ISSUANCE)

    def decide(draft: Draft) -> dict[str, Any]:
        for row in rows:
            move = Movement(giver, str(row["volunteer"]), 60)
            if row["do"] == "record" and "roster" in row.get("marks", ()):
                draft.state(str(row["record"]), row)
            else:
                draft.post(JournalEntry("service", (move,), DAY, tried.policy), row)
        return {}

    forged = tried.bank.action(
        OPERATOR, "record", decide, key=f"forge-{key:04}", content={}, batch=f"batch_{key:032}"
    )
    tried.bank.act(forged)


def stated(tried: TriedBank, volunteers: int, **changed: Any) -> list[dict[str, Any]]:
    return [facts(tried, volunteer=tried.account(one), **changed) for one in NUMBERS[:volunteers]]


def approved(tried: TriedBank, volunteers: int, **changed: Any) -> list[dict[str, Any]]:
    record = log(tried, volunteers="、".join(NUMBERS[:volunteers]), minutes=60)
    signed = {"by": "staff_reviewer", "do": "approve", "record": record, "roster": SEEN} | changed
    kept = {name: value for name, value in signed.items() if value is not None}
    return [kept | {"volunteer": tried.account(one)} for one in NUMBERS[:volunteers]]


@pytest.mark.parametrize(("volunteers", "found"), [(2, []), (3, ["four_eyes"] * 3),
                                                   (4, ["four_eyes"] * 4)])  # fmt: skip
def test_many_are_not_credited_at_once(
    tried: TriedBank, tmp_path: Path, volunteers: int, found: list[str]
) -> None:
    forge_batch(tried, stated(tried, volunteers))
    assert rules(tried, tmp_path) == found


def test_where_no_profile_says_a_number_the_mark_does(tmp_path: Path) -> None:
    with bank_with(tmp_path, people=(*NUMBERS, "E0001")) as tried:
        forge_batch(tried, stated(tried, 2, marks=["event"]))
        assert rules(tried, tmp_path) == ["four_eyes"] * 2


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"by": "staff_clerk"}, ["four_eyes"] * 3),
        ({"roster": None}, ["roster_missing"]),
        ({"roster": "seen"}, ["roster_missing"]),
        ({"roster": {"signatures": 3}}, ["roster_missing"]),
        ({"roster": SEEN | {"signatures": True}}, ["roster_missing"]),
        ({"roster": SEEN | {"signatures": 2}}, ["roster_short"]),
        ({"roster": SEEN | {"signatures": 4}}, []),
    ],
    ids=str,
)
def test_an_approval_says_what_was_seen(
    tried: TriedBank, tmp_path: Path, changed: dict[str, Any], found: list[str]
) -> None:
    forge_batch(tried, approved(tried, 3, **changed))
    assert rules(tried, tmp_path) == found


def test_a_roster_that_is_kept_in_the_book_needs_no_paper(tried: TriedBank, tmp_path: Path) -> None:
    rows = stated(tried, 3, marks=["bulk", "roster"])
    forge_batch(tried, rows)
    agreed = {"by": "staff_reviewer", "do": "approve", "record": rows[0]["record"]}
    forge_batch(tried, [agreed | {"volunteer": row["volunteer"]} for row in rows], key=2)
    assert rules(tried, tmp_path) == []
