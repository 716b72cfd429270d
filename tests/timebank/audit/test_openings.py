"""timebank/audit/openings.py: opening balances that nobody confirmed or approved are found.

Every fault is planted by somebody who holds the book's keys: signed, balanced, in the tree.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from ledger.journal import JournalEntry, Movement
from tests.support.banks import OPERATOR
from tests.support.forging import judged, rules
from tests.support.openings import Scheme, scheme_with
from tests.support.profiles import HEAD, cap
from timebank.chart import Kind
from timebank.policy.actions import adopt
from timebank.policy.load import read_profile

ID = "opng_" + "1" * 32
OTHER = "opng_" + "2" * 32
PAGE = "A" * 43
DAY = "2022-12-31"


@pytest.fixture
def scheme(tmp_path: Path) -> Iterator[Scheme]:
    with scheme_with(tmp_path) as made:
        yield made


@pytest.fixture
def capped(tmp_path: Path) -> Iterator[Scheme]:
    with scheme_with(tmp_path, cap("account", 100, "pool")) as made:
        yield made


def act(scheme: Scheme, decide: Callable[[Draft], dict[str, Any]]) -> dict[str, Any]:
    bank = scheme.tried.bank
    action = bank.action(OPERATOR, "opening", decide, key=scheme.key(), content={})
    return dict(bank.act(action).body)


def changed(honest: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (honest | changes).items() if value is not None}


def fact(scheme: Scheme, signed: dict[str, Any]) -> None:
    def decide(draft: Draft) -> dict[str, Any]:
        draft.state(str(signed.get("opening", ID)), signed)
        return {}

    act(scheme, decide)


def state(scheme: Scheme, **changes: Any) -> None:
    holder = scheme.tried.account("V0001")
    honest = {
        "by": "staff_clerk", "do": "state_opening", "holder": holder, "minutes": 60, "on": DAY,
        "opening": ID, "page": PAGE, "station": "XFL",
    }  # fmt: skip
    fact(scheme, changed(honest, **changes))


def confirm(scheme: Scheme, **changes: Any) -> None:
    honest = {
        "by": "staff_clerk", "do": "confirm_opening", "how": "paper", "opening": ID, "slip": "S-1"
    }  # fmt: skip
    fact(scheme, changed(honest, **changes))


def approve(
    scheme: Scheme,
    *moves: tuple[str, str, int],
    on: str = DAY,
    policy: str = "",
    **changes: Any,
) -> str:
    honest = {"by": "staff_reviewer", "do": "approve_opening", "opening": ID}
    signed = changed(honest, **changes)
    movements = tuple(Movement(*move) for move in moves or (honest_move(scheme),))
    entry = JournalEntry("opening_balance", movements, on, policy or scheme.tried.policy)

    def decide(draft: Draft) -> dict[str, Any]:
        return {"entry": draft.post(entry, signed)}

    return str(act(scheme, decide)["entry"])


def reverse(scheme: Scheme, entry_id: str, **changes: Any) -> None:
    signed = changed({"by": "staff_reviewer", "do": "reverse_opening", "opening": ID}, **changes)

    def decide(draft: Draft) -> dict[str, Any]:
        policy = scheme.tried.policy
        return {
            "entry": draft.reverse(entry_id, effective_on="2023-04-06", policy=policy, facts=signed)
        }

    act(scheme, decide)


def honest_move(scheme: Scheme, minutes: int = 60, to: str = "V0001") -> tuple[str, str, int]:
    account_of = scheme.tried.bank.account_of
    receiver = account_of(Kind.POOL) if to == "pool" else scheme.tried.account(to)
    return account_of(Kind.OPENING), receiver, minutes


def test_an_honest_row_is_derived(scheme: Scheme, tmp_path: Path) -> None:
    state(scheme)
    confirm(scheme)
    approve(scheme)
    found = judged(scheme.tried, tmp_path)
    assert (found.report.findings, found.derived, found.attested) == ((), 1, 0)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"minutes": 59}, "postings_differ"),
        ({"minutes": 61}, "postings_differ"),
        ({"minutes": 0}, "facts_form"),
        ({"minutes": 10_000_001}, "facts_form"),
        ({"minutes": "60"}, "facts_form"),
        ({"by": None}, "facts_form"),
        ({"page": None}, "facts_form"),
        ({"on": "soon"}, "facts_form"),
        ({"on": "2022-12-30"}, "postings_differ"),
        ({"on": "2023-04-07"}, "facts_differ"),
        ({"holder": "acct_" + "0" * 32}, "opening_parties"),
        ({"opening": OTHER}, "opening_unknown"),
    ],
    ids=str,
)
def test_another_list_than_was_paid_is_found(
    scheme: Scheme, tmp_path: Path, changes: dict[str, Any], rule: str
) -> None:
    state(scheme, **changes)
    confirm(scheme)
    approve(scheme)
    assert rules(scheme.tried, tmp_path)[0] == rule


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        (None, "opening_unconfirmed"),
        ({"how": "self", "slip": None}, ""),
        ({"how": "hearsay"}, "facts_form"),
        ({"how": None}, "facts_form"),
        ({"slip": None}, "facts_form"),
        ({"by": "staff_reviewer"}, "four_eyes"),
        ({"by": None}, "facts_form"),
        ({"opening": OTHER}, "opening_unknown"),
        ({"do": "return_opening"}, "opening_unknown"),
    ],
    ids=str,
)
def test_a_row_that_its_holder_did_not_confirm_is_found(
    scheme: Scheme, tmp_path: Path, changes: dict[str, Any] | None, rule: str
) -> None:
    state(scheme)
    if changes is not None:
        confirm(scheme, **changes)
    approve(scheme)
    assert rules(scheme.tried, tmp_path)[:1] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"by": "staff_clerk"}, "four_eyes"),
        ({"by": None}, "facts_form"),
        ({"do": "record"}, "facts_form"),
        ({"opening": OTHER}, "opening_unknown"),
        ({"on": "2022-12-30"}, "postings_differ"),
        ({"on": "2023-04-06"}, "postings_differ"),
    ],
    ids=str,
)
def test_an_approval_that_is_none_is_found(
    scheme: Scheme, tmp_path: Path, changes: dict[str, Any], rule: str
) -> None:
    state(scheme)
    confirm(scheme)
    approve(scheme, **changes)
    assert rules(scheme.tried, tmp_path) == [rule]


@pytest.mark.parametrize("minutes", [59, 60, 61])
def test_an_amount_that_was_changed_is_found(scheme: Scheme, tmp_path: Path, minutes: int) -> None:
    state(scheme)
    confirm(scheme)
    approve(scheme, honest_move(scheme, minutes))
    assert rules(scheme.tried, tmp_path) == ([] if minutes == 60 else ["postings_differ"])


def test_another_receiver_is_found(scheme: Scheme, tmp_path: Path) -> None:
    state(scheme)
    confirm(scheme)
    approve(scheme, honest_move(scheme, to="V0002"))
    assert rules(scheme.tried, tmp_path) == ["postings_differ"]


def test_the_same_page_twice_is_found(scheme: Scheme, tmp_path: Path) -> None:
    for opening in (ID, OTHER):
        state(scheme, opening=opening)
        confirm(scheme, opening=opening, slip=opening[-1])
        approve(scheme, opening=opening)
    assert rules(scheme.tried, tmp_path) == ["page_repeated"]


def test_the_same_page_of_two_holders_is_not(scheme: Scheme, tmp_path: Path) -> None:
    for opening, number in ((ID, "V0001"), (OTHER, "V0002")):
        state(scheme, opening=opening, holder=scheme.tried.account(number))
        confirm(scheme, opening=opening, slip=opening[-1])
        approve(scheme, honest_move(scheme, to=number), opening=opening)
    assert rules(scheme.tried, tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"do": "reverse", "record": "record_1"}, ["facts_form", "page_repeated"]),
        ({"by": None}, ["facts_form", "page_repeated"]),
        ({"opening": None}, ["facts_form", "page_repeated"]),
    ],
    ids=str,
)
def test_a_page_may_be_paid_again_once_it_was_reversed(
    scheme: Scheme, tmp_path: Path, changes: dict[str, Any], found: list[str]
) -> None:
    state(scheme)
    confirm(scheme)
    reverse(scheme, approve(scheme), **changes)
    state(scheme, opening=OTHER)
    confirm(scheme, opening=OTHER, slip="S-2")
    approve(scheme, opening=OTHER)
    assert rules(scheme.tried, tmp_path) == found


def test_a_reversal_of_what_paid_no_page_is_found(scheme: Scheme, tmp_path: Path) -> None:
    fact(scheme, {"by": "staff_reviewer", "do": "reverse_opening", "opening": ID})
    assert rules(scheme.tried, tmp_path) == ["opening_unknown"]


def test_a_row_that_was_sent_back_or_stated_twice_is_not_paid(
    scheme: Scheme, tmp_path: Path
) -> None:
    state(scheme)
    state(scheme)
    confirm(scheme)
    confirm(scheme)
    fact(scheme, {"by": "staff_clerk", "do": "return_opening", "opening": ID})
    approve(scheme)
    assert rules(scheme.tried, tmp_path) == ["opening_unknown"] * 3


@pytest.mark.parametrize("over", [0, 1, 20, None])
def test_the_cap_of_an_account_is_derived(capped: Scheme, tmp_path: Path, over: int | None) -> None:
    state(capped, minutes=120)
    confirm(capped)
    if over is None:
        approve(capped, honest_move(capped, 120))
    elif over:
        approve(capped, honest_move(capped, 100), honest_move(capped, over, "pool"))
    else:
        approve(capped, honest_move(capped, 100))
    assert rules(capped.tried, tmp_path) == ([] if over == 20 else ["postings_differ"])


def test_an_approval_that_moves_nothing_where_something_follows_is_found(
    scheme: Scheme, tmp_path: Path
) -> None:
    state(scheme)
    confirm(scheme)
    fact(scheme, {"by": "staff_reviewer", "do": "approve_opening", "opening": ID})
    fact(scheme, {"by": "staff_reviewer", "do": "approve_opening", "opening": ID})
    assert rules(scheme.tried, tmp_path) == ["postings_differ", "opening_unknown"]


def test_what_the_policy_refuses_is_found(tmp_path: Path) -> None:
    with scheme_with(tmp_path, cap("account", 59, "refuse")) as scheme:
        state(scheme)
        confirm(scheme)
        approve(scheme)
        assert rules(scheme.tried, tmp_path) == ["policy_refuses"]


def test_another_policy_than_that_of_the_day_is_found(scheme: Scheme, tmp_path: Path) -> None:
    later = HEAD.replace('"test-1"', '"test-2"').replace(
        "2020-01-01", '2099-01-01\nreplaces = "test-1"'
    )
    profile = read_profile(later)
    adopt(scheme.tried.bank, OPERATOR, profile, key="adopt-0001")
    state(scheme)
    confirm(scheme)
    approve(scheme, policy=profile.version)
    assert rules(scheme.tried, tmp_path) == ["policy_not_in_force"]
