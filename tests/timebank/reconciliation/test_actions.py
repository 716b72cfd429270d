"""timebank/reconciliation/actions.py: a finding is commented, explained, assigned, closed."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from timebank.bank import Bank
from timebank.errors import FindingClosed, MissingField, NotPermitted, UnknownFinding
from timebank.reconciliation.actions import (
    TEXT_MAX_CHARACTERS,
    assign,
    close,
    comment,
    explain,
)
from timebank.reconciliation.findings import COMMENT_MAX_CHARACTERS, findings
from timebank.reconciliation.model import Finding, State
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.model import Actor, Role

Act = Callable[[Bank, Actor, str, str], Finding]


def _assign(bank: Bank, actor: Actor, finding_id: str, words: str) -> Finding:
    return assign(bank, actor, finding_id, "clerk-XFL", words)


RAISE = (
    "UPDATE balance SET held = held + 5 "
    "WHERE account_no = (SELECT account_no FROM account WHERE kind = 'shortfall')"
)
CHANGING: list[Act] = [explain, _assign, close]


@pytest.fixture
def found(bank: TriedBank) -> str:
    """The id of an open finding in a bank with a raised balance."""
    bank.behind(RAISE)
    return reconcile(bank.bank).findings[0].finding_id


def test_each_action_says_who_did_what_when(bank: TriedBank, found: str) -> None:
    comment(bank.bank, AUDITOR, found, "  请说明\n原因 ")
    explain(bank.bank, OPERATOR, found, "演示用")
    assign(bank.bank, OPERATOR, found, " clerk-XFL ", "请核对")
    finding = close(bank.bank, OPERATOR, found, "已核对")

    assert finding.comment.splitlines() == [
        "2023-04-06 09:00 staff_auditor: 请说明 原因",
        "2023-04-06 09:00 staff_operator: 演示用",
        "2023-04-06 09:00 staff_operator: 请核对",
        "2023-04-06 09:00 staff_operator: 已核对",
    ]
    assert (finding.owner, finding.state) == ("clerk-XFL", State.CLOSED)
    assert finding.closed_ms == bank.bank.now_ms()


def test_closing_repairs_nothing(bank: TriedBank, found: str) -> None:
    def posted() -> list[int]:
        with bank.bank.read() as connection:
            rows = connection.execute(text("SELECT posted FROM balance ORDER BY account_no"))
            return [row.posted for row in rows]

    before = posted()
    close(bank.bank, OPERATOR, found, "看过了")
    outcome = reconcile(bank.bank)
    assert posted() == before
    assert outcome.found == 1  # It is still there, so it is a finding again.


@pytest.mark.parametrize("act", CHANGING)
def test_a_closed_finding_takes_comments_only(sqlite_bank: TriedBank, act: Act) -> None:
    sqlite_bank.behind(RAISE)
    found = reconcile(sqlite_bank.bank).findings[0].finding_id
    close(sqlite_bank.bank, OPERATOR, found, "已核对")
    with pytest.raises(FindingClosed):
        act(sqlite_bank.bank, OPERATOR, found, "再说")
    finding = comment(sqlite_bank.bank, AUDITOR, found, "同意")
    assert finding.state is State.CLOSED
    assert finding.comment.endswith("staff_auditor: 同意")


@pytest.mark.parametrize("act", [comment, *CHANGING])
def test_the_first_refusal_in_the_documented_order_wins(sqlite_bank: TriedBank, act: Act) -> None:
    # Each line mends the fault that the one above was refused for, and keeps the rest.
    with pytest.raises(NotPermitted):
        act(sqlite_bank.bank, sqlite_bank.actor(Role.CLERK), "finding_none", " ")
    with pytest.raises(MissingField):
        act(sqlite_bank.bank, OPERATOR, "finding_none", " \n ")
    with pytest.raises(UnknownFinding):
        act(sqlite_bank.bank, OPERATOR, "finding_none", "原因")


@pytest.mark.parametrize("act", CHANGING)
def test_an_auditor_comments_and_decides_nothing(sqlite_bank: TriedBank, act: Act) -> None:
    with pytest.raises(NotPermitted):
        act(sqlite_bank.bank, AUDITOR, "finding_none", "原因")


def test_an_owner_has_a_name(sqlite_bank: TriedBank) -> None:
    with pytest.raises(MissingField):
        assign(sqlite_bank.bank, OPERATOR, "finding_none", "  ", "原因")


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_a_long_comment_is_cut(bank: TriedBank, found: str, over: int) -> None:
    said = comment(bank.bank, AUDITOR, found, "说" * (TEXT_MAX_CHARACTERS + over)).comment
    assert said.count("说") == min(TEXT_MAX_CHARACTERS, TEXT_MAX_CHARACTERS + over)


def test_comments_are_bounded_and_the_oldest_give_way(sqlite_bank: TriedBank) -> None:
    sqlite_bank.behind(RAISE)
    found = reconcile(sqlite_bank.bank).findings[0].finding_id
    for number in range(COMMENT_MAX_CHARACTERS // TEXT_MAX_CHARACTERS + 2):
        words = f"{number:03}" + "说" * (TEXT_MAX_CHARACTERS - 3)
        finding = comment(sqlite_bank.bank, AUDITOR, found, words)
    assert len(finding.comment) <= COMMENT_MAX_CHARACTERS + len(finding.comment.splitlines())
    assert "000说" not in finding.comment
    assert finding.comment.splitlines()[-1].split(": ")[1].startswith("021")


def test_findings_are_listed_newest_first_and_in_pages(sqlite_bank: TriedBank) -> None:
    sqlite_bank.behind(RAISE)
    every = [one.finding_id for one in reconcile(sqlite_bank.bank).findings]
    assert every == sorted(every, reverse=True)
    with sqlite_bank.bank.read() as connection:
        first = findings(connection, most=1)
        rest = findings(connection, before=first[0].finding_id)
        of_check = findings(connection, check_name="holds")
    assert [one.finding_id for one in (*first, *rest)] == every
    assert [one.check_name for one in of_check] == ["holds"]
