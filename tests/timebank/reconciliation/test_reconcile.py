"""timebank/reconciliation/reconcile.py: each difference is found once, owned, closed when gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from timebank.errors import NotPermitted
from timebank.reconciliation.actions import close, explain
from timebank.reconciliation.findings import findings, sentences
from timebank.reconciliation.model import (
    Check,
    Difference,
    Finding,
    Need,
    NotCheckable,
    Result,
    Severity,
    State,
)
from timebank.reconciliation.reconcile import MOST_FINDINGS, reconcile
from timebank.reconciliation.registry import CHECKS
from timebank.reconciliation.view import View
from timebank.stations.model import Role

_POOL = "WHERE account_no = (SELECT account_no FROM account WHERE kind = 'pool')"
RAISE = f"UPDATE balance SET posted = posted + 5 {_POOL}"
LOWER = f"UPDATE balance SET posted = posted - 5 {_POOL}"


def closed(tried: TriedBank) -> list[Finding]:
    with tried.bank.read() as connection:
        return findings(connection, states=[State.CLOSED])


def check_of(*differences: Difference, error: Exception | None = None) -> Check:
    """A check that yields just these differences, then breaks or ends."""

    def run(_view: View) -> Iterator[Difference]:
        yield from differences
        if error is not None:
            raise error

    words = {"odd": ("第 {n} 项不符。", "Number {n} is odd.")}
    return Check("made_up", "试", "try", frozenset({Need.TABLES}), Severity.WARNING, run, words)


def test_a_sound_book_has_no_findings(bank: TriedBank) -> None:
    bank.people("V0001")
    bank.issue("V0001", 90)
    bank.bank.publish()
    outcome = reconcile(bank.bank)
    assert outcome.ok
    assert {check.result for check in outcome.checks} == {Result.AGREES}
    assert (outcome.open_findings, outcome.findings) == (0, ())


def test_a_difference_is_found_seen_again_and_closed_by_the_run_that_misses_it(
    bank: TriedBank,
) -> None:
    bank.people("V0001")
    bank.behind(RAISE)
    first = reconcile(bank.bank)
    assert not first.ok
    assert {finding.check_name for finding in first.findings} == {
        "trial_balance", "stored_balances",
    }  # fmt: skip
    assert {finding.owner for finding in first.findings} == {"operator"}
    assert first.found == first.open_findings == len(first.findings)

    bank.clock.move(timedelta(hours=1))
    again = reconcile(bank.bank)
    assert (again.found, again.seen_again, again.closed) == (0, first.found, 0)
    assert [one.finding_id for one in again.findings] == [one.finding_id for one in first.findings]
    assert {one.last_seen_ms - one.found_ms for one in again.findings} == {3_600_000}

    bank.behind(LOWER)
    last = reconcile(bank.bank, OPERATOR)
    assert (last.found, last.seen_again, last.closed, last.findings) == (0, 0, first.found, ())
    for finding in closed(bank):
        assert finding.comment.endswith("已不再出现，关闭 / no longer found, closed")
        assert "2023-04-06 10:00 by staff_operator" in finding.comment
        assert finding.closed_ms == bank.bank.now_ms()


def test_a_difference_that_comes_back_is_a_new_finding(sqlite_bank: TriedBank) -> None:
    sqlite_bank.behind(RAISE)
    first = reconcile(sqlite_bank.bank)
    sqlite_bank.behind(LOWER)
    reconcile(sqlite_bank.bank)
    sqlite_bank.behind(RAISE)
    second = reconcile(sqlite_bank.bank)
    assert second.found == first.found
    assert not {one.finding_id for one in first.findings} & {
        one.finding_id for one in second.findings
    }


def test_what_was_explained_stays_so_until_it_changes(sqlite_bank: TriedBank) -> None:
    sqlite_bank.behind(RAISE)
    (finding, *_rest) = reconcile(sqlite_bank.bank).findings
    explain(sqlite_bank.bank, OPERATOR, finding.finding_id, "演示")
    states = [one.state for one in reconcile(sqlite_bank.bank).findings]
    assert states.count(State.EXPLAINED) == 1

    sqlite_bank.behind(RAISE)
    changed = reconcile(sqlite_bank.bank)
    assert {one.state for one in changed.findings} == {State.OPEN}
    assert "演示" in changed.findings[0].comment


def test_a_check_that_breaks_is_a_finding_and_stops_nobody(bank: TriedBank) -> None:
    broken = check_of(Difference("leaf 1", "odd", {"n": 1}), error=RuntimeError("some words"))
    outcome = reconcile(bank.bank, checks=[broken, *CHECKS])
    assert [check.result for check in outcome.checks[:2]] == [Result.BROKEN, Result.AGREES]
    assert not outcome.ok
    said = {one.subject: sentences(one)[0][1] for one in outcome.findings}
    assert said["check made_up"].startswith("The check broke off (RuntimeError)")
    assert "leaf 1" in said

    mended = reconcile(bank.bank, checks=[check_of()])
    assert (mended.closed, mended.findings) == (2, ())


def test_a_broken_check_closes_nothing(sqlite_bank: TriedBank) -> None:
    reconcile(sqlite_bank.bank, checks=[check_of(Difference("leaf 1", "odd", {"n": 1}))])
    outcome = reconcile(sqlite_bank.bank, checks=[check_of(error=RuntimeError())])
    assert {one.subject for one in outcome.findings} == {"leaf 1", "check made_up"}


def test_what_cannot_be_checked_neither_finds_nor_closes(sqlite_bank: TriedBank) -> None:
    reconcile(sqlite_bank.bank, checks=[check_of(Difference("leaf 1", "odd", {"n": 1}))])
    outcome = reconcile(sqlite_bank.bank, checks=[check_of(error=NotCheckable("away"))])
    assert (outcome.checks[0].result, outcome.checks[0].reason) == (Result.NOT_CHECKABLE, "away")
    assert [one.subject for one in outcome.findings] == ["leaf 1"]
    assert outcome.ok


@pytest.mark.parametrize("over", [-1, 0, 1], ids=["one less", "just as many", "one more"])
def test_findings_of_one_check_are_bounded_and_the_rest_is_counted(
    sqlite_bank: TriedBank, over: int
) -> None:
    many = [Difference(f"leaf {n}", "odd", {"n": n}) for n in range(MOST_FINDINGS + over)]
    outcome = reconcile(sqlite_bank.bank, checks=[check_of(*many)])
    assert outcome.checks[0].differences == len(many)
    assert len(outcome.findings) == len(many)  # The one that is left out is counted by another.
    left_out = [one for one in outcome.findings if one.subject == "check made_up"]
    assert len(left_out) == (over == 1)


def test_several_differences_of_one_subject_are_one_finding_of_the_gravest(
    sqlite_bank: TriedBank,
) -> None:
    check = check_of(
        Difference("leaf 1", "odd", {"n": 1}),
        Difference("leaf 1", "odd", {"n": 3}, Severity.ALARM),
        Difference("leaf 1", "odd", {"n": 5}, Severity.NOTE),
    )
    (finding,) = reconcile(sqlite_bank.bank, checks=[check]).findings
    assert finding.severity is Severity.ALARM
    assert [one["n"] for one in finding.detail] == [1, 3, 5]


def test_progress_is_told_from_nothing_to_the_end(sqlite_bank: TriedBank) -> None:
    told: list[tuple[int, int]] = []
    reconcile(sqlite_bank.bank, progress=lambda done, of: told.append((done, of)))
    assert told == [(done, len(CHECKS)) for done in range(len(CHECKS) + 1)]


@pytest.mark.parametrize("role", list(Role))
def test_who_may_reconcile(sqlite_bank: TriedBank, role: Role) -> None:
    actor = sqlite_bank.actor(role)
    if role in (Role.OPERATOR, Role.AUDITOR, Role.SCHEDULER):
        assert reconcile(sqlite_bank.bank, actor, checks=[]).ok
    else:
        with pytest.raises(NotPermitted):
            reconcile(sqlite_bank.bank, actor, checks=[])


def test_the_outcome_can_be_told_to_a_program(sqlite_bank: TriedBank) -> None:
    sqlite_bank.behind(RAISE)
    told: Any = reconcile(sqlite_bank.bank, AUDITOR).as_json()
    assert told["ok"] is False
    assert told["open_findings"] == len(told["findings"])
    assert {one["result"] for one in told["checks"]} == {"agrees", "differs", "not_checkable"}


def lasting(*differences: Difference, error: Exception | None = None) -> Check:
    """Such a check of what happened and cannot be mended."""
    return replace(check_of(*differences, error=error), lasting=True)


def odd(n: int, subject: str = "leaf 1") -> Difference:
    return Difference(subject, "odd", {"n": n})


@pytest.mark.parametrize("settle", [explain, close])
def test_what_lasts_is_one_finding_until_its_facts_change(bank: TriedBank, settle: Any) -> None:
    (finding,) = reconcile(bank.bank, checks=[lasting(odd(1))]).findings
    settle(bank.bank, OPERATOR, finding.finding_id, "问过本人")
    state = State.EXPLAINED if settle is explain else State.CLOSED
    for _night in range(2):
        again = reconcile(bank.bank, checks=[lasting(odd(1))])
        assert (again.found, again.open_findings) == (0, 0)
        with bank.bank.read() as connection:
            assert [one.state for one in findings(connection, states=list(State))] == [state]

    (changed,) = reconcile(bank.bank, checks=[lasting(odd(2))]).findings
    assert (changed.finding_id, changed.state) == (finding.finding_id, State.OPEN)
    assert changed.closed_ms is None
    assert "问过本人" in changed.comment


def test_what_a_run_closed_and_comes_back_is_a_new_finding_even_if_it_lasts(
    sqlite_bank: TriedBank,
) -> None:
    (first,) = reconcile(sqlite_bank.bank, checks=[lasting(odd(1))]).findings
    assert reconcile(sqlite_bank.bank, checks=[lasting()]).closed == 1
    (second,) = reconcile(sqlite_bank.bank, checks=[lasting(odd(1))]).findings
    assert second.finding_id != first.finding_id


def test_a_lasting_check_that_breaks_again_says_so_again(sqlite_bank: TriedBank) -> None:
    broken = lasting(error=RuntimeError())
    (first,) = reconcile(sqlite_bank.bank, checks=[broken]).findings
    close(sqlite_bank.bank, OPERATOR, first.finding_id, "已修好")
    (second,) = reconcile(sqlite_bank.bank, checks=[broken]).findings
    assert second.finding_id != first.finding_id


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_old_findings_of_a_lasting_check_do_not_hide_new_ones(
    sqlite_bank: TriedBank, over: int
) -> None:
    old = [odd(n, f"leaf {n}") for n in range(MOST_FINDINGS)]
    reconcile(sqlite_bank.bank, checks=[lasting(*old)])
    new = [odd(n, f"leaf {n}") for n in range(-MOST_FINDINGS - over, 0)]
    outcome = reconcile(sqlite_bank.bank, checks=[lasting(*new, *old)])
    assert outcome.seen_again == MOST_FINDINGS
    assert outcome.found == MOST_FINDINGS + over  # The one that is left out is counted by another.
