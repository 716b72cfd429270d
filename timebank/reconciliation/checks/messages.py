"""The outbox against what happened: nobody is left untold, and what could not be sent is said.

Each step of an order that concerns somebody has its message; each message was sent or told by a
clerk within a day.  Whoever asked to be forgotten needs none.
"""

from collections.abc import Iterator

from timebank.outbox.model import TOLD_BY_STEP, TOLD_WITHIN_MS
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "message_missing": (
        "订单的“{step}”一步应当通知有关的人，却没有通知。",
        "The step {step} of the order concerns somebody, and nobody was to be told.",
    ),
    "untold": (
        "通知（{event}）既没有发出，也没有由站点告知；发送状态 {state} {error}。",
        "The message ({event}) was neither sent nor told by the station; it is {state} {error}.",
    ),
    "group_unsent": (
        "发给站点工作群的通知（{event}）没有发出：{error}。",
        "The message to the station's group ({event}) could not be sent: {error}.",
    ),
}

_STEPS = ", ".join(f"'{step}'" for step in TOLD_BY_STEP)

_MISSING = f"""
SELECT s.order_id, s.step FROM order_step s
 WHERE s.book_id = :book AND s.step IN ({_STEPS}) AND NOT EXISTS (
   SELECT 1 FROM message m
    WHERE m.book_id = s.book_id AND m.subject = s.order_id AND m.place = s.place)
 ORDER BY s.order_id, s.place
"""

_UNTOLD = """
SELECT m.number, m.event, m.state, m.error FROM message m
  JOIN person p ON p.book_id = m.book_id AND p.person_id = m.person_id AND p.state = 'active'
 WHERE m.book_id = :book AND m.way = 'sms' AND m.told_ms IS NULL
   AND m.state NOT IN ('sent', 'outdated')
   AND m.made_ms < :before ORDER BY m.number
"""

_GROUP = """
SELECT number, event, error FROM message
 WHERE book_id = :book AND way = 'group' AND state = 'given_up' ORDER BY number
"""


def check(view: View) -> Iterator[Difference]:
    """Steps against messages, then messages against the clock, then those to the stations."""
    for order, step in view.rows(_MISSING):
        yield Difference(f"order {order}", "message_missing", {"step": step})
    before = view.now_ms - TOLD_WITHIN_MS
    for number, event, state, error in view.rows(_UNTOLD, before=before):
        facts = {"event": event, "state": state, "error": error}
        yield Difference(f"message {number}", "untold", facts)
    for number, event, error in view.rows(_GROUP):
        facts = {"event": event, "error": error}
        yield Difference(f"message {number}", "group_unsent", facts, Severity.NOTE)


CHECK = Check(
    "messages",
    "订单中该通知的人都已通知；没有发出的短信由站点在一天内告知",
    "Whom an order's steps concern was told, by a message or by the station within a day",
    frozenset({Need.TABLES}),
    Severity.WARNING,
    check,
    WORDS,
)
