"""Reading periods: which were closed, which comes next, how the books stand before it closes."""

from typing import Any

from sqlalchemy import Connection, func, select, text

from ledger.closing import genesis_ms, last_closed, reads_of
from ledger.lookup import LogLookup
from ledger.periods import Closing, Period, check_turn, name_after
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date, milliseconds, month_bounds
from timebank.errors import NotAPeriod, PeriodNotClosed
from timebank.jobs.history import last_run
from timebank.jobs.model import Ended
from timebank.jobs.plan import RECONCILE
from timebank.periods.model import Checklist, ClosedPeriod
from timebank.reconciliation.checks import jobs_silent
from timebank.reconciliation.model import Severity, State
from timebank.reconciliation.tables import FINDING
from timebank.reconciliation.view import view_of
from timebank.records.queries import waiting
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
_CLOSINGS = "SELECT period, leaf_index FROM period_closing WHERE book_id = :book "
_OPEN_HOLDS = text(
    "SELECT count(*) FROM hold_placed p LEFT JOIN hold_ended e "
    "ON e.book_id = p.book_id AND e.hold_id = p.hold_id "
    "WHERE p.book_id = :book AND e.hold_id IS NULL"
)


def period_named(name: str) -> Period:
    """The month ``YYYY-MM`` on the stations' calendar.

    Raises:
        NotAPeriod: there is no such month.
    """
    try:
        begins, ends = month_bounds(name)
        return Period(name, milliseconds(begins), milliseconds(ends))
    except (ValueError, OverflowError) as error:
        raise NotAPeriod(period=name[:20]) from error


def next_period(connection: Connection) -> Period:
    """The period to be closed next, over or not; the first one is the month of the first leaf."""
    reads = reads_of(connection)
    last = last_closed(reads)
    if last is not None:
        return period_named(name_after(last.name))
    founded_on = local_date(from_milliseconds(genesis_ms(reads)))
    return period_named(f"{founded_on:%Y-%m}")


def checklist(bank: Bank, actor: Actor, name: str = "") -> Checklist:
    """How the books stand before a period is closed; without a name, the next one.

    Raises, the first that applies:
        NotPermitted: the actor is neither operator nor auditor.
        NotAPeriod: no month.
        PeriodClosedBefore, PeriodNotNext, PeriodNotOver: see :func:`ledger.periods.check_turn`.
    """
    require(actor, "read_periods", Role.OPERATOR, Role.AUDITOR)
    with bank.read() as connection:
        period = period_named(name) if name else next_period(connection)
        reads = reads_of(connection)
        check_turn(period, last_closed(reads), genesis_ms(reads), bank.now_ms())
    return look_over(bank, period)


def look_over(bank: Bank, period: Period) -> Checklist:
    """The same whether or not it is the period's turn."""
    with view_of(bank) as view:
        silent = {one.subject.removeprefix("job ") for one in jobs_silent.check(view)}
        connection = view.connection
        count = select(FINDING.c.severity, func.count()).where(
            FINDING.c.book_id == BOOK, FINDING.c.state == State.OPEN.value
        )
        rows = connection.execute(count.group_by(FINDING.c.severity))
        findings: dict[str, int] = {row[0]: row[1] for row in rows}
        run = last_run(connection, RECONCILE.name, Ended.DONE)
        return Checklist(
            period,
            findings.get(Severity.ALARM.value, 0),
            sum(findings.values()),
            *waiting(connection),
            connection.execute(_OPEN_HOLDS, {"book": BOOK}).scalar_one(),
            tuple(sorted(silent)),
            None if run is None else run.ended_ms,
        )


def periods_listed(
    connection: Connection, *, before: str = "", most: int = 50
) -> list[ClosedPeriod]:
    """Closed periods, the newest first; ``before`` goes on behind that month."""
    where = "AND period < :before " if before else ""
    rows = connection.execute(
        text(f"{_CLOSINGS}{where}ORDER BY period DESC LIMIT :most"),
        {"book": BOOK, "most": most} | ({"before": before} if before else {}),
    )
    return [_closed(connection, row.leaf_index) for row in rows]


def period_closed(connection: Connection, name: str) -> ClosedPeriod:
    """The closing of a period.

    Raises:
        PeriodNotClosed: there is none.
    """
    query = text(f"{_CLOSINGS}AND period = :period")
    row = connection.execute(query, {"book": BOOK, "period": name}).first()
    if row is None:
        raise PeriodNotClosed(period=name[:20])
    return _closed(connection, row.leaf_index)


def _closed(connection: Connection, leaf_index: int) -> ClosedPeriod:
    lookup = LogLookup(connection)
    leaf = lookup.leaf(leaf_index)
    closing: Any = leaf.body
    assert isinstance(closing, Closing), "reconciliation holds the rows against the leaves"
    findings = lookup.facts(leaf).get("findings")
    severe = findings if isinstance(findings, int) else 0
    return ClosedPeriod(leaf.identifier, leaf.index, leaf.recorded_ms, closing, severe)
