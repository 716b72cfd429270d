"""ledger/succession.py: each difference between a log and the one before it has its leaf."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.exports import AccountTotal
from ledger.leaf import HoldPlaced
from ledger.succession import CarriedOver, FormerBook
from ledger.verify import verify
from tests.support import leaf_spelling as spelled
from tests.support.log_builder import ORIGIN, POLICY, LogBuilder, key_of

FORMER = "timebank.example/former"
HEAD = Checkpoint(FORMER, 9, bytes(32))
KEY = key_of(FORMER)
OPENING, ISSUANCE, WANG, LI = "acct_1", "acct_2", "acct_3", "acct_4"
LATE = 2_000_000_000_000
"""A deadline behind every leaf of the builder; SOON comes before the first."""
SOON = 1_000_000_000_000

BATCH, FIRST_ROW = 3, 4
"""Leaves behind genesis, station's key and policy."""


def former_book() -> FormerBook:
    accounts = {
        OPENING: AccountTotal("opening", 3, None, 0, -30),
        ISSUANCE: AccountTotal("issuance", 4, None, 0, -120),
        WANG: AccountTotal("member", 5, 0, None, 90, 10),
        LI: AccountTotal("member", 6, 0, 1_000, 60, 5),
    }
    holds = {
        "hold_1": HoldPlaced(WANG, LI, 10, LATE),
        "hold_2": HoldPlaced(LI, WANG, 5, SOON),
    }
    return FormerBook(HEAD, ORIGIN, accounts, holds, (KEY.vkey,))


@dataclass
class Plan:
    """What a successor will say of the former book; tests change one thing of it."""

    predecessor: str | None = field(default_factory=lambda: sign_checkpoint(HEAD, KEY))
    named: dict[str, Any] = field(
        default_factory=lambda: {
            "do": "carry_over", "origin": FORMER, "root": HEAD.root.hex(), "size": 9,
        }
    )  # fmt: skip
    by: Any = None
    accounts: dict[str, tuple[str, int | None, int | None]] = field(
        default_factory=lambda: {
            OPENING: ("opening", None, 0), ISSUANCE: ("issuance", None, 0),
            WANG: ("member", 0, None), LI: ("member", 0, 1_000),
        }
    )  # fmt: skip
    movements: list[tuple[str, str, int]] = field(
        default_factory=lambda: [
            (OPENING, WANG, 90), (OPENING, LI, 60), (ISSUANCE, OPENING, 120),
        ]
    )  # fmt: skip
    holds: dict[str, tuple[str, str, int, int]] = field(
        default_factory=lambda: {"hold_1": (WANG, LI, 10, LATE)}
    )
    apart: bool = False

    def log(self) -> LogBuilder:
        log = LogBuilder(bare=True)
        keys = str(log.log_key.vkey), str(log.operator.vkey)
        roots = [str(root.vkey) for root in log.roots]
        facts = spelled.genesis_facts(ORIGIN, *keys, POLICY, 2, roots)
        facts |= {} if self.predecessor is None else {"predecessor": self.predecessor}
        log.append("genesis", log.new_id("book"), facts)
        log.key(log.station, "station")
        log.policy(POLICY)
        self._carry(log)
        if self.apart:
            log.entry([(OPENING, WANG, 1)], "carried_over")
        log.entry([(WANG, LI, 1)])  # Life goes on, which changes nothing that was carried.
        return log

    def _carry(self, log: LogBuilder) -> None:
        leaves: list[tuple[str, str, spelled.Facts]] = [("fact", "carry_1", {})]
        leaves += [
            ("account", name, spelled.account_facts(*limits))
            for name, limits in self.accounts.items()
        ]
        for movement in self.movements:
            log.numbers += 1
            facts = spelled.entry_facts(log.numbers, "2023-03-05", POLICY, [movement], None)
            leaves.append(("carried_over", log.new_id("entry"), facts))
        leaves += [("hold", name, spelled.hold_facts(*hold)) for name, hold in self.holds.items()]
        rows: list[Any] = [self.named, *({"do": "carry"} for _ in leaves[1:])]
        body: spelled.Facts = {"batch": "batch_1", "part": 0, "parts": 1, "rows": rows}
        sub = log.sign("carry_over", body, by=self.by or log.operator)
        index = log.append("batch", "batch_1", {}, sub=sub)
        for place, (kind, name, facts) in enumerate(leaves):
            log.append(kind, name, facts, ref=(index, place))
        told = [name for _kind, name, _facts in leaves]
        log.append("outcome", "batch_1", spelled.outcome_facts([index], told))


def found(folder: Path, plan: Plan, former: FormerBook | None) -> list[tuple[int | None, str]]:
    rules = CarriedOver(former)
    report = verify(plan.log().write_log(folder), rules=rules)
    assert rules.unchecked is (former is None and plan.predecessor is not None)
    return [(one.leaf, one.rule) for one in report.findings]


def test_what_came_over_whole_has_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path / "with", Plan(), former_book()) == []
    assert found(tmp_path / "without", Plan(), None) == []


def other_head(plan: Plan) -> None:
    plan.predecessor = sign_checkpoint(replace(HEAD, size=8), KEY)
    plan.named["size"] = 8


def signed_by_a_stranger(plan: Plan) -> None:
    stranger = key_of("timebank.example/stranger")
    plan.predecessor = sign_checkpoint(HEAD, stranger)


def no_note(plan: Plan) -> None:
    plan.predecessor = "no note"


def names_another_size(plan: Plan) -> None:
    plan.named["size"] = 8


def by_a_station(plan: Plan) -> None:
    plan.by = key_of(f"{ORIGIN}/stn/XF01")


def nothing_carried(plan: Plan) -> None:
    plan.named = {"do": "something else"}
    plan.movements = []
    plan.holds = {}


def an_entry_apart(plan: Plan) -> None:
    plan.apart = True


def another_limit(plan: Plan) -> None:
    plan.accounts[LI] = ("member", 0, 999)


def another_kind(plan: Plan) -> None:
    plan.accounts[WANG] = ("pool", 0, None)


def one_account_more(plan: Plan) -> None:
    plan.accounts["acct_5"] = ("member", 0, None)


def one_minute_more(plan: Plan) -> None:
    plan.movements[0] = (OPENING, WANG, 91)


def one_hold_less(plan: Plan) -> None:
    plan.holds = {}


def a_hold_that_lapsed(plan: Plan) -> None:
    plan.holds["hold_2"] = (LI, WANG, 5, LATE)


def a_hold_of_less(plan: Plan) -> None:
    plan.holds["hold_1"] = (WANG, LI, 9, LATE)


LAST_OF = {WANG: 12, LI: 10}
"""The leaf in which a whole plan last changes an account."""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (other_head, [(0, "predecessor")]),
        (signed_by_a_stranger, [(0, "predecessor")]),
        (no_note, [(0, "predecessor"), (BATCH, "carried_unfounded")]),
        (names_another_size, [(BATCH, "carried_unfounded")]),
        (by_a_station, [(BATCH, "carried_unfounded")]),
        (an_entry_apart, [(14, "carried_unfounded")]),
        (nothing_carried, [(0, "carried_missing"), (10, "floor")]),
        (another_limit, [(LAST_OF[LI], "carried_account")]),
        (another_kind, [(LAST_OF[WANG], "carried_account")]),
        (one_account_more, [(9, "carried_account")]),
        (one_minute_more, [(11, "carried_balance"), (12, "carried_balance")]),
        (one_hold_less, [(9, "carried_hold")]),
        (a_hold_that_lapsed, [(13, "carried_hold")]),
        (a_hold_of_less, [(LAST_OF[WANG], "carried_hold")]),
    ],
    ids=lambda case: case.__name__ if callable(case) else "",
)
def test_each_difference_is_found(
    tmp_path: Path, change: Callable[[Plan], None], expected: list[tuple[int, str]]
) -> None:
    plan = Plan()
    change(plan)
    assert sorted(found(tmp_path, plan, former_book())) == expected


def test_an_account_that_was_left_behind_is_missed(tmp_path: Path) -> None:
    former = former_book()
    former.accounts["acct_5"] = AccountTotal("member", 8, 0, None, 0)
    assert found(tmp_path, Plan(), former) == [(BATCH, "carried_account")]


def test_a_log_that_names_none_or_was_not_named(tmp_path: Path) -> None:
    other = replace(former_book(), successor="timebank.example/third")
    assert found(tmp_path / "other", Plan(), other) == [(0, "predecessor")]
    assert found(tmp_path / "no", Plan(), replace(other, successor="")) == [(0, "predecessor")]
    alone = Plan(predecessor=None)
    rules = [(0, "predecessor"), (BATCH, "carried_unfounded")]
    assert sorted(found(tmp_path / "alone", alone, former_book())) == rules
    assert found(tmp_path / "unasked", alone, None) == [(BATCH, "carried_unfounded")]
