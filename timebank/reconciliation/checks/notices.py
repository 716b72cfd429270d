"""Public notices against entries: nothing is credited early or against an open objection.

What should be posted and is not, and objections that nobody decides, are said as well.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from timebank.calendar import working_days_between
from timebank.clock import from_milliseconds, local_date
from timebank.notices.model import is_over
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

DECIDED_WITHIN_WORKING_DAYS = 10
"""The time that Order 67 gives for the record itself, art. 11; an objection deserves no less."""

WORDS = {
    "posted_early": (
        "记录于 {on} 入账，公示自 {opened_on} 起应满 {days} 个工作日。",
        "Credited on {on}; the notice of {days} working days began on {opened_on}.",
    ),
    "posted_objected": (
        "记录已入账，对它的异议却还没有处理。",
        "Credited although an objection to it was never decided.",
    ),
    "not_posted": (
        "公示已满，没有异议，记录却没有入账；多半是付方时间不足或账户已到上限。",
        "The notice is over without objection and nothing moved, mostly for want of time or room.",
    ),
    "objection_waits": (
        "异议提出后已过 {days} 个工作日，还没有处理。",
        "An objection has waited for {days} working days.",
    ),
}

_POSTED = """
SELECT r.record_id, n.opened_on, n.working_days, min(m.recorded_ms) FROM record_notice n
  JOIN service_record r ON r.book_id = n.book_id AND r.record_id = n.record_id
   AND r.state = 'posted'
  JOIN record_person p ON p.book_id = r.book_id AND p.record_id = r.record_id
   AND p.entry_id <> ''
  JOIN entry e ON e.book_id = p.book_id AND e.entry_id = p.entry_id
  JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index
 WHERE n.book_id = :book GROUP BY r.record_id, n.opened_on, n.working_days ORDER BY r.record_id
"""

_OBJECTED = """
SELECT r.record_id FROM service_record r WHERE r.book_id = :book AND r.state = 'posted'
   AND EXISTS (SELECT 1 FROM notice_objection o WHERE o.book_id = r.book_id
    AND o.record_id = r.record_id AND o.upheld IS NULL) ORDER BY r.record_id
"""

_UNPOSTED = """
SELECT r.record_id, n.opened_on, n.working_days FROM record_notice n
  JOIN service_record r ON r.book_id = n.book_id AND r.record_id = n.record_id
   AND r.state = 'awaiting_review'
 WHERE n.book_id = :book AND NOT EXISTS (SELECT 1 FROM notice_objection o
   WHERE o.book_id = r.book_id AND o.record_id = r.record_id AND o.upheld IS NULL)
 ORDER BY r.record_id
"""

_WAITING = """
SELECT o.record_id, o.objected_ms FROM notice_objection o
  JOIN service_record r ON r.book_id = o.book_id AND r.record_id = o.record_id
   AND r.state = 'awaiting_review'
 WHERE o.book_id = :book AND o.upheld IS NULL ORDER BY o.record_id
"""


def check(view: View) -> Iterator[Difference]:
    """Entries against notices and objections, then both against today."""
    today = local_date(from_milliseconds(view.now_ms))
    for record, opened_on, days, posted_ms in view.rows(_POSTED):
        on = local_date(from_milliseconds(posted_ms))
        if not is_over(date.fromisoformat(opened_on), days, on):
            facts = {"on": on.isoformat(), "opened_on": opened_on, "days": int(days)}
            yield Difference(f"record {record}", "posted_early", facts)
    for (record,) in view.rows(_OBJECTED):
        yield Difference(f"record {record}", "posted_objected")
    for record, opened_on, days in view.rows(_UNPOSTED):
        if is_over(date.fromisoformat(opened_on), days, today - timedelta(days=1)):
            yield Difference(f"record {record}", "not_posted", severity=Severity.WARNING)
    for record, objected_ms in view.rows(_WAITING):
        waited = working_days_between(local_date(from_milliseconds(objected_ms)), today)
        if waited is not None and waited > DECIDED_WITHIN_WORKING_DAYS:
            facts = {"days": waited}
            yield Difference(f"record {record}", "objection_waits", facts, Severity.WARNING)


CHECK = Check(
    "notices",
    "公示期满、没有未处理的异议才入账；期满的按时入账，异议按时处理",
    "Credit follows a notice that is over and free of objections, and both go on in time",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
