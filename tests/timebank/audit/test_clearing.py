"""timebank/audit/clearing.py: a netting that two statements do not say is found."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from ledger.journal import JournalEntry, Movement
from tests.support.banks import OPERATOR
from tests.support.clearing import APRIL, MAY, both_ways, stated, turn_to
from tests.support.forging import rules
from tests.support.moves import District
from timebank.chart import Kind, title_of
from timebank.clearing.model import NETTED
from timebank.clearing.statement import hash_of, read_statement
from timebank.moves.partners import partner_of

NETTING, OTHER = "net_" + "1" * 32, "net_" + "2" * 32
STATEMENT, ENDING = "clear_" + "1" * 32, "end_" + "1" * 32
TODAY = "2023-05-02"


@dataclass
class Forger:
    """Somebody who holds the northern book's keys in May, and the southern statement of April."""

    north: District
    note: str
    ours: str
    theirs: str
    partner: str
    clearing: str
    settled: str = ""

    def act(self, decide: Any) -> None:
        bank = self.north.tried.bank
        action = bank.action(OPERATOR, "clearing", decide, key=self.north.key(), content={})
        bank.act(action)

    def fact(self, name: str, **signed: Any) -> None:
        def decide(draft: Draft) -> dict[str, Any]:
            draft.state(name, {key: what for key, what in signed.items() if what is not None})
            return {}

        self.act(decide)

    def take(self, **changes: Any) -> None:
        honest = {
            "by": "staff_a", "do": "take_clearing_statement", "note": self.note,
            "partner": self.partner, "statement": STATEMENT,
        }  # fmt: skip
        self.fact(STATEMENT, **(honest | changes))

    def propose(self, **changes: Any) -> None:
        honest = {
            "by": "staff_a", "do": "propose_netting", "minutes": 60, "month": APRIL,
            "netting": NETTING, "ours": self.ours, "partner": self.partner, "theirs": self.theirs,
        }  # fmt: skip
        self.fact(NETTING, **(honest | changes))

    def open(self, **changes: Any) -> None:
        title = title_of(Kind.PARTNER_SETTLED)
        facts = {"by": "staff_b", "do": "approve_netting", "netting": NETTING} | changes

        def decide(draft: Draft) -> dict[str, Any]:
            self.settled = draft.new_id("acct")
            draft.open_account(
                self.settled, title.kind.value, floor=title.floor, ceiling=title.ceiling,
                facts=facts,
            )  # fmt: skip
            return {}

        self.act(decide)

    def net(self, minutes: int = 60, on: str = TODAY, **changes: Any) -> None:
        facts = {"by": "staff_b", "do": "approve_netting", "netting": NETTING} | changes
        moves = (Movement(self.clearing, self.settled, minutes),)
        entry = JournalEntry(NETTED, moves, on, self.north.tried.policy)

        def decide(draft: Draft) -> dict[str, Any]:
            return {"entry": draft.post(entry, facts)}

        self.act(decide)

    def end(self, **changes: Any) -> None:
        asked = {"ending": ENDING, "partner": self.partner}
        self.fact(ENDING, **({"by": "staff_a", "do": "ask_partner_end"} | asked))
        self.fact(ENDING, **({"by": "staff_b", "do": "end_partner"} | asked | changes))


@pytest.fixture
def forger(tmp_path: Path) -> Iterator[Forger]:
    with both_ways(tmp_path) as (north, south):
        turn_to(MAY, north, south)
        theirs, ours = (read_statement(one) for one in (stated(south, north), stated(north, south)))
        with north.tried.bank.read() as connection:
            partner = partner_of(connection, south.origin)
        yield Forger(
            north, str(theirs.note), ours.head.hash, theirs.head.hash, partner.partner_id,
            partner.account_id,
        )  # fmt: skip


CASES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], list[str]]] = [
    ({}, {}, {}, []),
    ({"by": "staff_c"}, {"by": "staff_b"}, {}, ["four_eyes"]),
    ({"by": "staff_b"}, {}, {}, ["four_eyes"]),
    ({"partner": "partner_x"}, {}, {}, ["partner_unknown", "netting_differs"]),
    ({}, {"minutes": 61}, {"minutes": 61}, ["netting_differs"]),
    ({}, {"ours": hash_of("")}, {}, ["netting_differs"]),
    ({}, {"theirs": hash_of("")}, {}, ["netting_differs"]),
    ({}, {"month": "2023-03"}, {}, ["netting_differs"]),
    ({}, {"month": "spring"}, {}, ["facts_form", "netting_unknown", "netting_unknown"]),
    ({}, {}, {"minutes": 59}, ["postings_differ"]),
    ({}, {}, {"on": "2023-05-01"}, ["postings_differ"]),
    ({}, {}, {"netting": OTHER}, ["netting_unknown"]),
    ({}, {}, {"do": "approve"}, ["facts_form"]),
]


@pytest.mark.parametrize(("taken", "proposed", "approved", "expected"), CASES, ids=str)
def test_a_netting_follows_from_two_statements(
    forger: Forger,
    tmp_path: Path,
    taken: dict[str, Any],
    proposed: dict[str, Any],
    approved: dict[str, Any],
    expected: list[str],
) -> None:
    forger.take(**taken)
    forger.propose(**proposed)
    forger.open()
    forger.net(**approved)
    assert rules(forger.north.tried, tmp_path) == expected


def test_what_was_not_signed_so_or_twice(forger: Forger, tmp_path: Path) -> None:
    forger.take(note=forger.note.replace('"closing":-60', '"closing":-61'))
    forger.take()
    forger.take()
    forger.propose()
    forger.propose(netting=OTHER)
    forger.open()
    forger.open(netting=OTHER)
    forger.fact(NETTING, by="staff_a", do="withdraw_netting", netting=OTHER)
    forger.fact(NETTING, by="staff_a", do="withdraw_netting", netting=OTHER)
    assert rules(forger.north.tried, tmp_path) == [
        "clearing_unproven", "clearing_repeated", "netting_repeated", "netting_unknown",
        "netting_unknown",
    ]  # fmt: skip


def test_a_month_is_netted_once(forger: Forger, tmp_path: Path) -> None:
    forger.take()
    forger.propose()
    forger.open()
    settled = forger.settled
    forger.net()
    forger.propose(netting=OTHER)
    forger.settled = settled
    forger.net(netting=OTHER)
    assert rules(forger.north.tried, tmp_path) == ["netting_repeated"]


@pytest.mark.parametrize(
    ("netted", "changes", "expected"),
    [
        (True, {}, []),
        (True, {"by": "staff_a"}, ["four_eyes"]),
        (True, {"ending": "end_x"}, ["partner_unknown"]),
        (False, {}, ["partner_unlevel"]),
    ],
)
def test_a_partnership_ends_with_nothing_left(
    forger: Forger, tmp_path: Path, netted: bool, changes: dict[str, Any], expected: list[str]
) -> None:
    if netted:
        forger.take()
        forger.propose()
        forger.open()
        forger.net()
    forger.end(**changes)
    assert rules(forger.north.tried, tmp_path) == expected
