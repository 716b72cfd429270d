"""Requests for correction: answered in time, and what is called mended is."""

from collections.abc import Iterator

from timebank.clock import from_milliseconds, local_date
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "correction_overdue": (
        "更正申请应在 {due_on} 前答复，仍未答复。",
        "The request was to be answered by {due_on} and is not.",
    ),
    "not_mended": (
        "更正申请答复为已更正，账上却看不到更正（记录 {record}）。",
        "The request is called mended, and the record {record} does not show it.",
    ),
}

_OVERDUE = """
SELECT correction_id, due_on FROM correction
 WHERE book_id = :book AND state = 'asked' AND due_on < :today ORDER BY correction_id
"""
_NOT_MENDED = """
SELECT c.correction_id, c.record_id FROM correction c
 WHERE c.book_id = :book AND c.state = 'mended' AND c.kind = 'record' AND EXISTS (
   SELECT 1 FROM record_person p WHERE p.book_id = c.book_id AND p.record_id = c.record_id
      AND p.person_id = c.person_id AND p.live = 1)
UNION ALL
SELECT c.correction_id, c.mended_by FROM correction c
 WHERE c.book_id = :book AND c.state = 'mended' AND c.kind = 'missing' AND NOT EXISTS (
   SELECT 1 FROM record_person p WHERE p.book_id = c.book_id AND p.record_id = c.mended_by
      AND p.person_id = c.person_id)
 ORDER BY 1
"""


def check(view: View) -> Iterator[Difference]:
    """What is called mended against the records, then the terms against today."""
    for correction, record in view.rows(_NOT_MENDED):
        yield Difference(f"correction {correction}", "not_mended", {"record": record})
    today = local_date(from_milliseconds(view.now_ms)).isoformat()
    for correction, due_on in view.rows(_OVERDUE, today=today):
        facts = {"due_on": due_on}
        yield Difference(f"correction {correction}", "correction_overdue", facts, Severity.WARNING)


CHECK = Check(
    "corrections",
    "更正申请按期答复，答复为已更正的账上看得到",
    "Requests for correction are answered in time, and what is called mended is",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
