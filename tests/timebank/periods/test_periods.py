"""timebank/periods: the checklist, closing a month, and what is listed of it afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.errors import ContentOutOfProfile, PeriodClosedBefore, PeriodNotNext, PeriodNotOver
from ledger.lookup import LogLookup
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.closings import month
from tests.support.lived_bank import log
from timebank.errors import NotAPeriod, NotPermitted, PeriodNotClosed, SevereFindingsOpen
from timebank.periods.actions import close_period
from timebank.periods.model import title_names, total_of
from timebank.periods.view import (
    checklist,
    look_over,
    next_period,
    period_closed,
    period_named,
    periods_listed,
)
from timebank.receipts.issuing import receipt_of_closing
from timebank.reconciliation.checks import entries_against_leaves
from timebank.reconciliation.findings import findings
from timebank.reconciliation.reconcile import SCHEDULER, reconcile
from timebank.reconciliation.view import view_of
from timebank.stations.model import Role

MAY = datetime(2023, 4, 30, 16, 0, tzinfo=UTC)
"""When May 2023 begins at the stations."""


def close(tried: TriedBank, name: str = "2023-04", **rest):
    return close_period(tried.bank, OPERATOR, name, key=f"close-{name}-{len(rest)}", **rest)


def tampered(tried: TriedBank) -> None:
    """An alarm stands open."""
    tried.people("V0001")
    tried.issue("V0001", 60)
    tried.behind("UPDATE balance SET posted = posted + 1 WHERE posted = 60")
    reconcile(tried.bank, OPERATOR)


def test_a_month_begins_and_ends_on_the_stations_calendar():
    april = period_named("2023-04")
    assert (april.from_ms, april.until_ms) == month("2023-04")
    assert period_named("2023-12").until_ms == period_named("2024-01").from_ms


@pytest.mark.parametrize("name", ["", "2023", "2023-13", "2023-4", "1969-12", "9999-12", "x" * 99])
def test_what_is_no_month_is_refused(name):
    with pytest.raises(NotAPeriod):
        period_named(name)


def test_the_first_month_to_close_is_the_one_of_founding(bank):
    with bank.bank.read() as connection:
        assert next_period(connection).name == "2023-04"
    bank.clock.set(MAY)
    close(bank)
    with bank.bank.read() as connection:
        assert next_period(connection).name == "2023-05"


@pytest.mark.parametrize(("ms", "over"), [(-1, False), (0, True), (1, True)])
def test_a_month_is_over_when_the_stations_calendar_says_so(sqlite_bank, ms, over):
    sqlite_bank.clock.set(MAY + timedelta(milliseconds=ms))
    if over:
        assert close(sqlite_bank).closing.period.name == "2023-04"
    else:
        with pytest.raises(PeriodNotOver):
            checklist(sqlite_bank.bank, OPERATOR)
        with pytest.raises(PeriodNotOver):
            close(sqlite_bank)


def test_out_of_turn_nothing_is_closed(sqlite_bank):
    sqlite_bank.clock.set(MAY)
    for name, refusal in (("2023-03", PeriodNotNext), ("2023-05", PeriodNotNext)):
        with pytest.raises(refusal):
            close(sqlite_bank, name)
    close(sqlite_bank)
    with pytest.raises(PeriodClosedBefore):
        close_period(sqlite_bank.bank, OPERATOR, "2023-04", key="once-more")
    with pytest.raises(PeriodClosedBefore):
        checklist(sqlite_bank.bank, OPERATOR, "2023-04")


def test_only_an_operator_closes_and_an_auditor_may_look(sqlite_bank):
    sqlite_bank.clock.set(MAY)
    for role in (Role.AUDITOR, Role.CLERK, Role.REVIEWER, Role.SCHEDULER):
        with pytest.raises(NotPermitted):
            close_period(sqlite_bank.bank, sqlite_bank.actor(role), "2023-04", key="close-it")
    assert checklist(sqlite_bank.bank, AUDITOR).period.name == "2023-04"
    with pytest.raises(NotPermitted):
        checklist(sqlite_bank.bank, sqlite_bank.actor(Role.CLERK))


def test_a_closing_is_listed_as_its_leaf_has_it(bank):
    bank.people("V0001", "V0002")
    bank.issue("V0001", 90)
    bank.clock.set(MAY)
    bank.issue("V0002", 30, on="2023-04-30")
    closed = close(bank)
    assert (closed.closing.entries, closed.closing.minutes, closed.severe_findings) == (1, 90, 0)
    bank.clock.set(MAY + timedelta(days=40))
    later = close(bank, "2023-05")
    assert (later.closing.entries, later.closing.late) == (1, 1)
    with bank.bank.read() as connection:
        assert periods_listed(connection) == [later, closed]
        assert periods_listed(connection, before="2023-05") == [closed]
        assert periods_listed(connection, most=1) == [later]
        assert period_closed(connection, "2023-04") == closed
        with pytest.raises(PeriodNotClosed):
            period_closed(connection, "2023-06")
    assert total_of(later.closing.kinds).closing == total_of(later.closing.kinds).opening == 0
    assert title_names(later.closing.kinds[-1].kind)[0] != later.closing.kinds[-1].kind
    assert title_names("slush") == ("slush", "slush")


def test_a_severe_finding_stands_in_the_way_until_a_reason_is_given(bank):
    tampered(bank)
    bank.clock.set(MAY)
    with pytest.raises(SevereFindingsOpen) as raised:
        close(bank, reason="  ")
    assert raised.value.facts["findings"] >= 1
    closed = close_period(bank.bank, OPERATOR, "2023-04", reason="王丽已知悉", key="close-anyway")
    assert closed.severe_findings == raised.value.facts["findings"]
    with bank.bank.read() as connection:
        about = [one for one in findings(connection) if one.severity.value == "alarm"]
        leaf = LogLookup(connection).leaf(closed.leaf_index)
    assert about
    assert all("2023-04 仍然结账 / closed all the same: 王丽已知悉" in one.comment for one in about)
    assert "王丽" not in (leaf.sub or "")


def test_a_reason_that_no_database_holds_is_refused(sqlite_bank):
    sqlite_bank.clock.set(MAY)
    with pytest.raises(ContentOutOfProfile):
        close(sqlite_bank, reason="a\0b")


def test_the_checklist_counts_what_stands_open(bank):
    tampered(bank)
    bank.people("E0001")
    log(bank, "V0001", "E0001", "08:00")
    giver, receiver, now_ms = bank.account("V0001"), bank.account("E0001"), bank.bank.now_ms()
    bank.hold(giver, receiver, 5, expires_ms=now_ms + 60_000)
    april = period_named("2023-04")
    found = look_over(bank.bank, april)
    assert (found.period, found.open_holds) == (april, 1)
    assert 1 <= found.severe_findings <= found.open_findings
    assert found.reconciled_ms == bank.bank.now_ms()
    bank.clock.set(MAY)
    assert checklist(bank.bank, OPERATOR).silent_jobs != ()
    assert found.as_json()["period"] == "2023-04"


def test_a_reconciliation_that_a_person_ran_counts_as_the_last_one(sqlite_bank):
    april = period_named("2023-04")
    assert look_over(sqlite_bank.bank, april).reconciled_ms is None
    reconcile(sqlite_bank.bank, SCHEDULER)  # The job that asks for it has its row already.
    assert look_over(sqlite_bank.bank, april).reconciled_ms is None
    for _ in range(2):
        reconcile(sqlite_bank.bank, AUDITOR)
    assert look_over(sqlite_bank.bank, april).reconciled_ms == sqlite_bank.bank.now_ms()


def test_a_closing_has_a_receipt(sqlite_bank):
    sqlite_bank.clock.set(MAY)
    with pytest.raises(PeriodNotClosed):
        receipt_of_closing(sqlite_bank.bank, AUDITOR, "2023-04")
    closed = close(sqlite_bank)
    issued = receipt_of_closing(sqlite_bank.bank, AUDITOR, "2023-04")
    assert (issued.entry_id, issued.receipt.index) == (closed.closing_id, closed.leaf_index)
    with pytest.raises(NotPermitted):
        receipt_of_closing(sqlite_bank.bank, sqlite_bank.actor(Role.CLERK), "2023-04")


@pytest.mark.parametrize(
    ("change", "what", "facts"),
    [
        (
            "UPDATE period_closing SET until_ms = until_ms + 1",
            "row_differs",
            {"table": "period_closing", "column": "until_ms"},
        ),
        (
            "UPDATE period_closing SET period = '2023-05'",
            "row_differs",
            {"column": "period", "stored": "2023-05", "leaf": "2023-04"},
        ),
        ("DELETE FROM period_closing", "row_missing", {"table": "period_closing"}),
        (
            "UPDATE period_closing SET leaf_index = leaf_index - 1",
            "row_extra",
            {"table": "period_closing", "id": "2023-04"},
        ),
    ],
)
def test_reconciliation_sees_a_row_that_is_not_its_leafs(bank, change, what, facts):
    bank.clock.set(MAY)
    closed = close(bank)
    with view_of(bank.bank) as view:
        assert list(entries_against_leaves.check(view)) == []
    bank.behind(change)
    with view_of(bank.bank) as view:
        found = list(entries_against_leaves.check(view))
    about = next(one for one in found if one.what == what)
    assert about.facts.items() >= facts.items()
    assert about.subject in (f"leaf {closed.leaf_index}", f"leaf {closed.leaf_index - 1}")
