"""timebank/audit/transfers.py: gifts and grants that no rule makes are found, rule by rule.

Every fault is planted by somebody who holds the book's keys: signed, balanced, in the tree.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from ledger.ids import new_id
from ledger.journal import JournalEntry, Movement
from tests.support.banks import OPERATOR
from tests.support.forging import forge, rules
from tests.support.givers import GRANTS, TEN_MINUTES, TRANSFER, Givers, givers_with
from tests.support.profiles import cap
from timebank.chart import Kind as AccountKind

TODAY = "2023-04-06"
TRANSFER_ID = "trsf_" + "1" * 32
DAY_MS = 86_400_000


@pytest.fixture
def givers(tmp_path: Path) -> Iterator[Givers]:
    with givers_with(tmp_path, TRANSFER, GRANTS, cap("account", 400, "pool")) as made:
        yield made


def act(givers: Givers, decide: Callable[[Draft], dict[str, Any]], **rest: Any) -> dict[str, Any]:
    bank = givers.tried.bank
    action = bank.action(OPERATOR, "grant", decide, key=givers.key(), content={}, **rest)
    return dict(bank.act(action).body)


def account(givers: Givers, name: str) -> str:
    kinds = {kind.value: kind for kind in AccountKind}
    if name in kinds:
        return givers.tried.bank.account_of(kinds[name])
    return givers.tried.account(name)


def gift(givers: Givers, **changed: Any) -> dict[str, Any]:
    """What an honest bank signs of a gift of sixty minutes."""
    honest: dict[str, Any] = {
        "by": givers.people["V0001"],
        "do": "gift",
        "from": account(givers, "V0001"),
        "minutes": 60,
        "on": TODAY,
        "relation": "spouse",
        "to": account(givers, "E0001"),
        "transfer": TRANSFER_ID,
    }
    return {name: value for name, value in (honest | changed).items() if value is not None}


def hold(givers: Givers, signed: dict[str, Any], payer: str = "V0001", payee: str = "E0001") -> str:
    def decide(draft: Draft) -> dict[str, Any]:
        return {
            "hold": draft.place_hold(
                payer=account(givers, payer), payee=account(givers, payee), minutes=60,
                expires_ms=draft.recorded_ms + DAY_MS, facts=signed,
            )
        }  # fmt: skip

    return str(act(givers, decide)["hold"])


def settle(givers: Givers, hold_id: str, signed: dict[str, Any], **changed: Any) -> None:
    moved = {
        "minutes": 60, "effective_on": TODAY, "policy": givers.tried.policy, "beside": ()
    } | changed  # fmt: skip

    def decide(draft: Draft) -> dict[str, Any]:
        return {"entry": draft.settle(hold_id, facts=signed, **moved)}

    act(givers, decide)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({}, None),
        ({"relation": "lineal_relative"}, None),
        ({"relation": "friend"}, "policy_refuses"),
        ({"relation": None}, "facts_form"),
        ({"by": None}, "facts_form"),
        ({"transfer": None}, "facts_form"),
        ({"minutes": 59}, "facts_differ"),
        ({"minutes": 61}, "facts_differ"),
        ({"minutes": "60"}, "facts_form"),
        ({"on": "2023-04-05"}, "facts_differ"),
        ({"on": "2023-04-07"}, "facts_differ"),
        ({"on": "soon"}, "facts_form"),
        ({"do": "donation", "relation": None, "group": "pool"}, "transfer_parties"),
        ({"do": "donation", "relation": None, "group": "hardship_elder"}, "policy_refuses"),
        ({"do": "donation", "relation": None}, "facts_form"),
    ],
    ids=str,
)
def test_a_hold_that_no_gift_makes_is_found(
    givers: Givers, tmp_path: Path, changed: dict[str, Any], rule: str | None
) -> None:
    hold(givers, gift(givers, **changed))
    assert rules(givers.tried, tmp_path)[:1] == ([] if rule is None else [rule])


@pytest.mark.parametrize(
    ("payer", "payee", "do"),
    [("issuance", "E0001", "gift"), ("pool", "E0001", "gift"), ("V0001", "redeemed", "gift"),
     ("issuance", "pool", "donation"), ("V0001", "grant_fund", "donation")],
)  # fmt: skip
def test_only_members_give_and_are_given(
    givers: Givers, tmp_path: Path, payer: str, payee: str, do: str
) -> None:
    if payer == "pool":
        givers.tried.post(account(givers, "issuance"), account(givers, "pool"), 60)
    named = {"relation": "spouse"} if do == "gift" else {"relation": None, "group": "pool"}
    signed = gift(
        givers, **{"from": account(givers, payer), "to": account(givers, payee), "do": do}, **named
    )
    hold(givers, signed, payer, payee)
    found = [rule for rule in rules(givers.tried, tmp_path) if rule != "entry_kind"]
    assert found == ["transfer_parties"]


@pytest.mark.parametrize(("posted", "rule"), [(339, []), (340, []), (341, ["policy_refuses"])])
def test_a_gift_over_the_cap_is_found(
    givers: Givers, tmp_path: Path, posted: int, rule: list[str]
) -> None:
    givers.tried.issue("E0001", posted)
    hold(givers, gift(givers))
    found = [one for one in rules(givers.tried, tmp_path) if one != "entry_kind"]
    assert found == rule


@pytest.mark.parametrize(
    ("changed", "moved", "found"),
    [
        ({}, {}, []),
        ({"minutes": 59}, {}, ["facts_differ", "facts_differ", "postings_differ"]),
        ({"relation": "lineal_relative"}, {}, ["facts_differ"]),
        ({"transfer": "trsf_" + "2" * 32}, {}, ["facts_differ"]),
        ({"minutes": None}, {}, ["facts_form"]),
        ({}, {"minutes": 59}, ["postings_differ"]),
        ({}, {"effective_on": "2023-04-05"}, ["postings_differ"]),
    ],
    ids=str,
)
def test_a_settlement_pays_what_was_given(
    givers: Givers,
    tmp_path: Path,
    changed: dict[str, Any],
    moved: dict[str, Any],
    found: list[str],
) -> None:
    held = hold(givers, gift(givers))
    givers.tried.clock.move(TEN_MINUTES)
    settle(givers, held, gift(givers, **changed), **moved)
    assert rules(givers.tried, tmp_path) == found


def test_a_settlement_pays_nobody_beside(givers: Givers, tmp_path: Path) -> None:
    held = hold(givers, gift(givers))
    givers.tried.clock.move(TEN_MINUTES)
    more = Movement(account(givers, "issuance"), account(givers, "E0001"), 5)
    settle(givers, held, gift(givers), beside=(more,))
    assert rules(givers.tried, tmp_path) == ["postings_differ"]


@pytest.mark.parametrize(
    ("waited", "found"),
    [(TEN_MINUTES - timedelta(milliseconds=1), ["settled_too_early"]), (TEN_MINUTES, []),
     (TEN_MINUTES + timedelta(milliseconds=1), [])],
)  # fmt: skip
def test_nothing_settles_while_it_may_be_undone(
    givers: Givers, tmp_path: Path, waited: timedelta, found: list[str]
) -> None:
    held = hold(givers, gift(givers))
    givers.tried.clock.move(waited)
    settle(givers, held, gift(givers))
    assert rules(givers.tried, tmp_path) == found


def test_a_hold_of_another_kind_pays_no_gift(givers: Givers, tmp_path: Path) -> None:
    held = hold(givers, {"do": "hold", "order": "ordr_1"})
    givers.tried.clock.move(TEN_MINUTES)
    settle(givers, held, gift(givers))
    assert rules(givers.tried, tmp_path) == ["transfer_unknown"]


@pytest.mark.parametrize("kind", ["gift", "donation"])
def test_nothing_is_given_without_a_hold(givers: Givers, tmp_path: Path, kind: str) -> None:
    moved = (account(givers, "V0001"), account(givers, "E0001"), 60)
    forge(givers.tried, gift(givers, do=kind), moved, kind=kind, on=TODAY)
    assert rules(givers.tried, tmp_path) == ["entry_kind"]


# Grants ------------------------------------------------------------------------------------


def proposal(givers: Givers, **changed: Any) -> dict[str, Any]:
    """What an honest bank signs of a proposed grant."""
    honest: dict[str, Any] = {
        "by": "staff_operator",
        "do": "propose_grant",
        "eligibility": "low_income",
        "from": account(givers, "grant_fund"),
        "minutes": 120,
        "month": TODAY[:7],
        "proposal": "prop_" + "1" * 32,
        "to": account(givers, "E0001"),
        "transfer": TRANSFER_ID,
    }
    return {name: value for name, value in (honest | changed).items() if value is not None}


def approve(givers: Givers, proposed: dict[str, Any] | None, **changed: Any) -> None:
    """Put a proposal and an approval into the log, the movement that which was proposed."""
    said = {"by": "staff_second", "do": "grant", "transfer": TRANSFER_ID, "kind": "grant"} | changed
    moves = said.pop("moves", None)
    on, kind = said.pop("on", TODAY), said.pop("kind")
    move = (account(givers, "grant_fund"), account(givers, "E0001"), 120)

    def decide(draft: Draft) -> dict[str, Any]:
        if proposed is not None:
            draft.state(TRANSFER_ID, proposed)
        movements = tuple(Movement(*one) for one in moves or (move,))
        return {"entry": draft.post(JournalEntry(kind, movements, on, givers.tried.policy), said)}

    act(givers, decide, batch=new_id("batch", givers.tried.bank.now_ms()))


@pytest.mark.parametrize(
    ("proposed", "approved", "rule"),
    [
        ({}, {}, []),
        ({}, {"by": "staff_operator"}, ["four_eyes"]),
        ({}, {"by": None}, ["facts_form"]),
        ({}, {"do": "post"}, ["facts_form"]),
        ({}, {"transfer": "trsf_" + "2" * 32}, ["transfer_unknown"]),
        ({}, {"on": "2023-04-05"}, ["postings_differ"]),
        ({"minutes": 119}, {}, ["postings_differ", "facts_differ"]),
        ({"minutes": 121}, {}, ["postings_differ", "facts_differ"]),
        ({"month": "2023-03"}, {}, ["facts_differ"]),
        ({"month": "2023-05"}, {}, ["facts_differ"]),
        ({"eligibility": "friend_of_the_mayor"}, {}, ["policy_refuses"]),
        ({"eligibility": None}, {}, ["facts_form"]),
        ({"do": "propose_grant_funding"}, {}, ["transfer_unknown"]),
    ],
    ids=str,
)
def test_a_grant_that_does_not_follow_is_found(
    givers: Givers,
    tmp_path: Path,
    proposed: dict[str, Any],
    approved: dict[str, Any],
    rule: list[str],
) -> None:
    givers.fund(120)
    approve(givers, proposal(givers, **proposed), **approved)
    assert rules(givers.tried, tmp_path) == rule


def test_a_grant_from_nothing_is_found(givers: Givers, tmp_path: Path) -> None:
    issuance, elder = account(givers, "issuance"), account(givers, "E0001")
    approve(givers, proposal(givers, **{"from": issuance}), moves=((issuance, elder, 120),))
    assert rules(givers.tried, tmp_path) == ["transfer_parties"]


def test_a_grant_that_nobody_proposed_is_found(givers: Givers, tmp_path: Path) -> None:
    givers.fund(120)
    approve(givers, None)
    assert rules(givers.tried, tmp_path) == ["transfer_unknown"]


def test_a_second_grant_of_a_month_is_found(givers: Givers, tmp_path: Path) -> None:
    givers.fund(240)
    approve(givers, proposal(givers))
    approve(givers, proposal(givers))
    assert rules(givers.tried, tmp_path) == ["grant_repeated"]


@pytest.mark.parametrize(("posted", "rule"), [(279, []), (280, []), (281, ["policy_refuses"])])
def test_a_grant_over_the_cap_is_found(
    givers: Givers, tmp_path: Path, posted: int, rule: list[str]
) -> None:
    givers.fund(120)
    givers.tried.issue("E0001", posted)
    approve(givers, proposal(givers))
    assert [one for one in rules(givers.tried, tmp_path) if one != "entry_kind"] == rule


@pytest.mark.parametrize(
    ("giver", "by", "rule"),
    [("pool", "staff_second", []), ("pool", "staff_operator", ["four_eyes"]),
     ("issuance", "staff_second", ["transfer_parties"])],
)  # fmt: skip
def test_the_fund_is_filled_from_the_pool_by_two(
    givers: Givers, tmp_path: Path, giver: str, by: str, rule: list[str]
) -> None:
    givers.donate(minutes=120)
    givers.tried.clock.move(TEN_MINUTES)
    givers.settle()
    source, fund = account(givers, giver), account(givers, "grant_fund")
    signed = proposal(givers, **{"do": "propose_grant_funding", "from": source, "to": fund})
    approve(
        givers, signed, by=by, do="grant_funding", kind="grant_funding",
        moves=((source, fund, 120),),
    )  # fmt: skip
    assert rules(givers.tried, tmp_path) == rule
