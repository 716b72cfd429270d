"""timebank/audit/moves.py: minutes that no partner sent, or that nobody approved, are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from ledger.journal import JournalEntry, Movement
from ledger.keys import SigningKey
from tests.support.banks import OPERATOR
from tests.support.forging import rules
from tests.support.moves import NORTH, SECOND_OPERATOR, SOUTH, District, districts
from timebank.chart import Kind, title_of
from timebank.moves.credit_statement import read_statement
from timebank.moves.model import MOVED_AWAY, MOVED_IN
from timebank.moves.partners import decide_partner, partner_of, propose_partner

MOVE = "move_" + "1" * 32
OTHER = "move_" + "2" * 32
PARTNER = "partner_" + "1" * 32
TODAY = "2023-04-06"


@dataclass
class Forger:
    """Somebody who holds the southern book's keys, and a true statement of the northern one."""

    north: District
    south: District
    receipt: str
    partner: str
    clearing: str
    member: str

    def act(self, decide: Any) -> dict[str, Any]:
        bank = self.south.tried.bank
        action = bank.action(OPERATOR, "arrival", decide, key=self.south.key(), content={})
        return dict(bank.act(action).body)

    def fact(self, **signed: Any) -> None:
        def decide(draft: Draft) -> dict[str, Any]:
            draft.state(str(signed.get("move") or MOVE), known(signed))
            return {}

        self.act(decide)

    def state(self, **changes: Any) -> None:
        honest = {
            "account": self.member, "by": "staff_clerk", "do": "state_arrival", "move": MOVE,
            "partner": self.partner, "receipt": self.receipt,
        }  # fmt: skip
        self.fact(**(honest | changes))

    def ask(self, **changes: Any) -> None:
        honest = {
            "account": self.member, "by": "staff_clerk", "do": "ask_departure", "move": MOVE,
            "slip": "Z-1", "to": NORTH,
        }  # fmt: skip
        self.fact(**(honest | changes))

    def post(self, kind: str, *moves: tuple[str, str, int], **rest: Any) -> None:
        entry = JournalEntry(
            kind, tuple(Movement(*one) for one in moves), rest.pop("on", TODAY),
            self.south.tried.policy,
        )  # fmt: skip

        def decide(draft: Draft) -> dict[str, Any]:
            return {"entry": draft.post(entry, known(rest))}

        self.act(decide)

    def admit(self, minutes: int = 90, **changes: Any) -> None:
        honest = {"by": "staff_reviewer", "do": "approve_arrival", "move": MOVE}
        self.post(MOVED_IN, (self.clearing, self.member, minutes), **(honest | changes))

    def let_go(self, minutes: int = 30, **changes: Any) -> None:
        honest = {
            "by": "staff_reviewer", "do": "approve_departure", "holder": "A" * 43, "move": MOVE,
            "to": NORTH,
        }  # fmt: skip
        self.post(MOVED_AWAY, (self.member, self.clearing, minutes), **(honest | changes))


def known(signed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in signed.items() if value is not None}


@pytest.fixture
def forger(tmp_path: Path) -> Iterator[Forger]:
    with districts(tmp_path) as (north, south):
        _move, file = north.statement(SOUTH)
        receipt = str(read_statement(file).body["receipt"])
        with south.tried.bank.read() as connection:
            partner = partner_of(connection, NORTH)
        south.serve("V0009", minutes=30)
        member = south.tried.account("V0009")
        yield Forger(north, south, receipt, partner.partner_id, partner.account_id, member)


def found(forger: Forger, folder: Path) -> list[str]:
    return rules(forger.south.tried, folder)


@pytest.mark.parametrize(
    ("stated", "approved", "expected"),
    [
        ({}, {}, []),
        ({"by": None}, {}, ["facts_form", "move_unknown"]),
        ({"partner": PARTNER}, {}, ["partner_unknown", "move_unknown"]),
        ({"receipt": "c2sp.org/tlog-proof@v1\n"}, {}, ["move_unproven", "move_unknown"]),
        ({"move": OTHER}, {}, ["move_unknown"]),
        ({}, {"by": "staff_clerk"}, ["four_eyes"]),
        ({}, {"minutes": 89}, ["postings_differ"]),
        ({}, {"minutes": 91}, ["postings_differ"]),
        ({}, {"on": "2023-04-05"}, ["postings_differ"]),
        ({}, {"do": "approve"}, ["facts_form"]),
    ],
    ids=str,
)
def test_an_arrival_follows_from_the_other_log(
    forger: Forger,
    tmp_path: Path,
    stated: dict[str, Any],
    approved: dict[str, Any],
    expected: list[str],
) -> None:
    forger.state(**stated)
    forger.admit(**approved)
    assert found(forger, tmp_path) == expected


def test_one_entry_of_the_other_log_is_paid_once(forger: Forger, tmp_path: Path) -> None:
    forger.state()
    forger.admit()
    forger.state(move=OTHER)
    forger.admit(move=OTHER)
    assert found(forger, tmp_path) == ["move_repeated"]


def test_what_went_back_is_not_paid(forger: Forger, tmp_path: Path) -> None:
    forger.state()
    forger.fact(by="staff_clerk", do="return_arrival", move=MOVE)
    forger.fact(by="staff_clerk", do="return_arrival", move=MOVE)
    forger.admit()
    assert found(forger, tmp_path) == ["move_unknown", "move_unknown"]


def test_time_that_was_sent_elsewhere_or_to_nobody(forger: Forger, tmp_path: Path) -> None:
    pool = forger.south.tried.bank.account_of(Kind.POOL)
    forger.state(account=pool)
    assert found(forger, tmp_path) == ["move_parties"]


def test_a_partner_that_nobody_approved_and_a_receipt_of_another_book(
    forger: Forger, tmp_path: Path
) -> None:
    west = str(SigningKey.generate("timebank.example/west").vkey)
    forger.fact(by="staff_a", do="propose_partner", partner=PARTNER, vkey=west, move=None)
    forger.state(partner=PARTNER)
    opens(forger, by="staff_b", do="approve_partner", partner=PARTNER)
    forger.state(partner=PARTNER)
    assert found(forger, tmp_path) == ["partner_unknown", "move_unproven"]


def test_time_that_the_other_book_sent_to_a_third(tmp_path: Path) -> None:
    with districts(tmp_path) as (north, south):
        vkey = SigningKey.generate("timebank.example/west").vkey
        said = propose_partner(north.tried.bank, OPERATOR, str(vkey), "西区", key=north.key())
        west = str(said.body["partner"])
        decide_partner(north.tried.bank, SECOND_OPERATOR, west, approve=True, key=north.key())
        _move, file = north.statement(vkey.name)
        with south.tried.bank.read() as connection:
            partner = partner_of(connection, NORTH)
        receipt, member = str(read_statement(file).body["receipt"]), south.tried.account("V0009")
        forger = Forger(north, south, receipt, partner.partner_id, partner.account_id, member)
        forger.state()
        assert found(forger, tmp_path) == ["move_unproven"]


@pytest.mark.parametrize(
    ("asked", "approved", "expected"),
    [
        ({}, {}, []),
        ({"slip": None}, {}, ["facts_form", "move_unknown"]),
        ({}, {"holder": None}, ["facts_form"]),
        ({}, {"by": "staff_clerk"}, ["four_eyes"]),
        ({}, {"minutes": 29}, ["postings_differ"]),
        ({}, {"to": "timebank.example/west"}, ["facts_differ"]),
        ({"to": "timebank.example/west"}, {"to": "timebank.example/west"}, ["partner_unknown"]),
        ({"move": OTHER}, {}, ["move_unknown"]),
        ({}, {"do": "approve"}, ["facts_form"]),
    ],
    ids=str,
)
def test_a_departure_follows_from_what_was_asked(
    forger: Forger,
    tmp_path: Path,
    asked: dict[str, Any],
    approved: dict[str, Any],
    expected: list[str],
) -> None:
    forger.ask(**asked)
    forger.let_go(**approved)
    assert found(forger, tmp_path) == expected


def test_a_departure_that_went_back_or_of_no_member(forger: Forger, tmp_path: Path) -> None:
    forger.ask(account=forger.clearing)
    forger.fact(by="staff_clerk", do="return_departure", move=MOVE)
    forger.fact(by="staff_clerk", do="return_departure", move=MOVE)
    assert found(forger, tmp_path) == ["move_parties", "move_unknown"]


def opens(forger: Forger, **facts: Any) -> None:
    title = title_of(Kind.PARTNER_CLEARING)

    def decide(draft: Draft) -> dict[str, Any]:
        draft.open_account(
            draft.new_id("acct"),
            title.kind.value,
            floor=title.floor,
            ceiling=title.ceiling,
            facts=facts,
        )
        return {}

    forger.act(decide)


@pytest.mark.parametrize(
    ("name", "approved", "expected"),
    [
        ("timebank.example/west", {}, []),
        ("timebank.example/west", {"by": "staff_a"}, ["four_eyes"]),
        ("timebank.example/west", {"partner": OTHER}, ["partner_unknown"]),
        ("timebank.example/west", {"do": "open"}, ["facts_form"]),
        (NORTH, {}, ["partner_unknown"]),
    ],
    ids=str,
)
def test_a_clearing_account_opens_with_an_approved_partner(
    forger: Forger, tmp_path: Path, name: str, approved: dict[str, Any], expected: list[str]
) -> None:
    vkey = str(SigningKey.generate(name).vkey)
    forger.fact(by="staff_a", do="propose_partner", partner=PARTNER, vkey=vkey, move=None)
    honest = {"by": "staff_b", "do": "approve_partner", "partner": PARTNER}
    opens(forger, **(honest | approved))
    assert found(forger, tmp_path) == expected


def test_nobody_carries_a_partner_into_a_book_that_follows_none(
    forger: Forger, tmp_path: Path
) -> None:
    vkey = str(SigningKey.generate("timebank.example/west").vkey)
    forger.fact(
        account=forger.clearing, by="staff_a", do="carry_partner", partner=PARTNER, vkey=vkey
    )
    forger.fact(by="staff_a", do="propose_partner", partner=PARTNER, vkey="none", move=None)
    assert found(forger, tmp_path) == ["partner_unknown", "facts_form"]
