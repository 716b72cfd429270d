"""Suspensions: decided and answered in time, and nobody waits for somebody who takes no part."""

from collections.abc import Iterator

from timebank.clock import from_milliseconds, local_date
from timebank.estates.queries import BEFORE_A_VISIT
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "suspension_lapsed": (
        "提出的暂停在 {until_on} 前无人决定，已自动失效。",
        "Nobody decided about the suspension by {until_on}; it has lapsed.",
    ),
    "appeal_overdue": (
        "对暂停的申诉应在 {due_on} 前答复，仍未答复。",
        "The appeal was to be answered by {due_on} and is not.",
    ),
    "suspended_expected": (
        "暂停参与的人还在订单 {order} 中（{state}），对方可能在等。",
        "Somebody who is suspended is a part of the order {order}, which is {state}.",
    ),
    "steps_differ": (
        "暂停登记为“{state}”，与办理经过不符。",
        "The suspension is {state}, and its steps say otherwise.",
    ),
}

_LAPSED = """
SELECT suspension_id, until_on FROM suspension
 WHERE book_id = :book AND state = 'proposed' AND until_on < :today ORDER BY suspension_id
"""
_OVERDUE = """
SELECT suspension_id, appeal_due_on FROM suspension
 WHERE book_id = :book AND appeal_due_on <> '' AND appeal_due_on < :today ORDER BY suspension_id
"""
_EXPECTED = f"""
SELECT s.suspension_id, o.order_id, o.state FROM suspension s JOIN service_order o
    ON o.book_id = s.book_id AND ((s.part <> 'volunteer' AND o.elder_id = s.person_id)
       OR (s.part <> 'elder' AND o.volunteer_id = s.person_id)) AND o.state IN ({BEFORE_A_VISIT})
 WHERE s.book_id = :book AND s.ended_ms IS NULL AND s.from_on <= :today
   AND (s.until_on = '' OR s.until_on >= :today) ORDER BY s.suspension_id, o.order_id
"""
_STEPS = """
SELECT s.suspension_id, s.state,
       max(CASE WHEN t.step = 'approve' THEN 1 ELSE 0 END),
       max(CASE WHEN t.step = 'decline' THEN 1 ELSE 0 END),
       max(CASE WHEN t.step = 'lift' THEN 1 ELSE 0 END),
       max(CASE WHEN t.step = 'uphold' THEN 1 ELSE 0 END),
       max(CASE WHEN s.ended_ms IS NULL THEN 0 ELSE 1 END)
  FROM suspension s LEFT JOIN suspension_step t
    ON t.book_id = s.book_id AND t.suspension_id = s.suspension_id
 WHERE s.book_id = :book GROUP BY s.suspension_id, s.state ORDER BY s.suspension_id
"""


def check(view: View) -> Iterator[Difference]:
    """Each state against its steps, then what somebody has to do."""
    today = local_date(from_milliseconds(view.now_ms)).isoformat()
    for suspension, state, approved, declined, lifted, upheld, ended in view.rows(_STEPS):
        told = "proposed"
        for name, done in (
            ("approved", approved), ("declined", declined), ("lifted", lifted), ("annulled", upheld)
        ):  # fmt: skip
            told = name if done else told
        if told != state or bool(ended) != (state in ("declined", "lifted", "annulled")):
            yield Difference(f"suspension {suspension}", "steps_differ", {"state": state})
    for suspension, until_on in view.rows(_LAPSED, today=today):
        facts = {"until_on": until_on}
        yield Difference(f"suspension {suspension}", "suspension_lapsed", facts, Severity.WARNING)
    for suspension, due_on in view.rows(_OVERDUE, today=today):
        facts = {"due_on": due_on}
        yield Difference(f"suspension {suspension}", "appeal_overdue", facts, Severity.WARNING)
    for suspension, order, state in view.rows(_EXPECTED, today=today):
        facts = {"order": order, "state": state}
        yield Difference(f"suspension {suspension}", "suspended_expected", facts, Severity.WARNING)


CHECK = Check(
    "suspensions",
    "暂停参与有人决定、申诉按期答复，没有人在等暂停的人",
    "Suspensions are decided, appeals answered in time, and nobody waits for who is suspended",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
