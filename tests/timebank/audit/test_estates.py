"""timebank/audit/estates.py: settlements that no rule makes are found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with, forge, log, rules
from timebank.chart import UMBRELLA_ACCOUNT, Kind
from timebank.estates.model import REPORT, REVERSE, SETTLE, SETTLEMENT, WITHDRAW

HALF = '[endings]\ndeath_pool_percent = { value = 50, source = "Genopart" }'
ESTATE = "est_" + "1" * 32


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    """V0001 has 90 minutes and is reported to have died."""
    with bank_with(tmp_path, HALF) as made:
        log(made)
        fact(made, REPORT, key=90, by="staff_clerk", account=made.account("V0001"))
        yield made


def fact(tried: TriedBank, do: str, key: int, **told: Any) -> None:
    forge(tried, {"do": do, "estate": ESTATE, "record": ESTATE, **told}, key=key)


def settle(tried: TriedBank, *moves: tuple[str, str, int], key: int = 1, **told: Any) -> str:
    signed = {"by": "staff_other", "do": SETTLE, "estate": ESTATE} | told
    answer = forge(tried, signed, *moves, kind=SETTLEMENT, on="2023-04-06", key=key)
    return str(answer.body["entry"])


def parts(tried: TriedBank, pool: int, heir: int, to: str = "V0002") -> list[tuple[str, str, int]]:
    giver = tried.account("V0001")
    moves = [(giver, tried.bank.account_of(Kind.POOL), pool), (giver, tried.account(to), heir)]
    return [one for one in moves if one[2]]


@pytest.mark.parametrize(
    ("pool", "heir", "told", "found"),
    [
        (45, 45, {}, []),
        (90, 0, {}, []),
        (44, 46, {}, ["policy_refuses"]),
        (45, 44, {}, ["postings_differ"]),
        (45, 45, {"by": "staff_clerk"}, ["four_eyes"]),
        (45, 45, {"estate": "est_2"}, ["estate_unknown"]),
        (45, 45, {"do": "grant"}, ["facts_form"]),
    ],
    ids=str,
)
def test_a_settlement_follows_from_report_and_policy(
    tried: TriedBank, tmp_path: Path, pool: int, heir: int, told: dict[str, Any], found: list[str]
) -> None:
    settle(tried, *parts(tried, pool, heir), **told)
    assert rules(tried, tmp_path) == found


def test_nobody_but_members_and_the_pool_receives(tried: TriedBank, tmp_path: Path) -> None:
    giver = tried.account("V0001")
    pool, fund = (tried.bank.account_of(one) for one in (Kind.POOL, Kind.GRANT_FUND))
    settle(tried, (giver, pool, 45), (giver, fund, 45))
    assert rules(tried, tmp_path) == ["estate_parties"]


@pytest.mark.parametrize(
    ("by", "found"), [("staff_other", []), ("staff_clerk", ["four_eyes"])], ids=str
)
def test_a_report_is_withdrawn_by_another(
    tried: TriedBank, tmp_path: Path, by: str, found: list[str]
) -> None:
    fact(tried, WITHDRAW, 2, by=by)
    assert rules(tried, tmp_path) == found


def test_nothing_is_settled_under_a_report_that_was_withdrawn(
    tried: TriedBank, tmp_path: Path
) -> None:
    fact(tried, WITHDRAW, 2, by="staff_other")
    settle(tried, *parts(tried, 45, 45))
    fact(tried, WITHDRAW, 3, by="staff_other")
    assert rules(tried, tmp_path) == ["estate_unknown", "estate_unknown"]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, []),
        ({"by": "staff_other"}, ["four_eyes"]),
        ({"estate": "est_2"}, ["estate_unknown"]),
        ({"do": "reverse"}, ["facts_form"]),
    ],
    ids=str,
)
def test_a_reversal_says_what_it_undoes(
    tried: TriedBank, tmp_path: Path, told: dict[str, Any], found: list[str]
) -> None:
    entry = settle(tried, *parts(tried, 45, 45))
    signed = {"by": "staff_third", "do": REVERSE, "estate": ESTATE} | told
    reverse(tried, entry, signed)
    assert rules(tried, tmp_path) == found


def reverse(tried: TriedBank, entry: str, signed: dict[str, Any]) -> None:
    def decide(draft: Draft) -> dict[str, Any]:
        draft.reverse(entry, effective_on="2023-04-06", policy=tried.policy, facts=signed)
        return {}

    action = tried.bank.action(OPERATOR, "estate", decide, key="forge-reverse", content={})
    tried.bank.act(action)


BOTH = f'{HALF}\ndeath_umbrella_percent = {{ value = 25, source = "Genopart" }}'


def open_umbrella(
    tried: TriedBank, account: str = UMBRELLA_ACCOUNT, kind: str = "umbrella"
) -> None:
    def decide(draft: Draft) -> dict[str, Any]:
        draft.open_account(account, kind, floor=0, ceiling=None, facts={"do": "open_account"})
        return {}

    action = tried.bank.action(OPERATOR, "accounts", decide, key=f"open-{account}", content={})
    tried.bank.act(action)


@pytest.mark.parametrize(
    ("pool", "umbrella", "heir", "found"),
    [
        (45, 22, 23, []),
        (68, 22, 0, []),
        (46, 21, 23, ["postings_differ"]),
        (44, 23, 23, ["postings_differ"]),
        (45, 21, 24, ["policy_refuses"]),
        (90, 0, 0, ["postings_differ"]),
    ],
)
def test_the_umbrella_bodys_share_follows_from_the_policy(
    tmp_path: Path, pool: int, umbrella: int, heir: int, found: list[str]
) -> None:
    with bank_with(tmp_path, BOTH) as tried:
        log(tried)
        fact(tried, REPORT, key=90, by="staff_clerk", account=tried.account("V0001"))
        open_umbrella(tried)
        moves = parts(tried, pool, heir)
        if umbrella:
            moves.insert(1, (tried.account("V0001"), UMBRELLA_ACCOUNT, umbrella))
        settle(tried, *moves)
        assert rules(tried, tmp_path) == found


@pytest.mark.parametrize(
    ("account", "kind"), [("acct_other", "umbrella"), (UMBRELLA_ACCOUNT, "member")]
)
def test_the_umbrella_body_has_one_account(
    tried: TriedBank, tmp_path: Path, account: str, kind: str
) -> None:
    open_umbrella(tried, account, kind)
    assert rules(tried, tmp_path) == ["account_kind"]


def test_nothing_leaves_the_umbrella_bodys_account(tmp_path: Path) -> None:
    with bank_with(tmp_path, BOTH) as tried:
        log(tried)
        fact(tried, REPORT, key=90, by="staff_clerk", account=tried.account("V0001"))
        open_umbrella(tried)
        moves = parts(tried, 68, 0)
        settle(tried, *moves, (tried.account("V0001"), UMBRELLA_ACCOUNT, 22))
        told = {"by": "staff_other", "do": SETTLE, "estate": ESTATE}
        back = (UMBRELLA_ACCOUNT, tried.account("V0002"), 22)
        forge(tried, told, back, kind=SETTLEMENT, on="2023-04-06", key=2)
        assert rules(tried, tmp_path) == ["policy_refuses"]
