"""Holds: what is set aside equals the open holds, and each hold ended once and as it says."""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

OVERDUE_MS = 3_600_000
"""A hold that outlives its deadline by more than an hour shows that nobody expires holds."""

WORDS = {
    "held_differs": (
        "账户冻结存为 {stored} 分钟，未结束的预留合计 {holds} 分钟。",
        "{stored} minutes are stored as held; the open holds sum to {holds}.",
    ),
    "never_placed": ("结束了一笔从未预留的预留。", "A hold ended that was never placed."),
    "ended_before": (
        "预留在第 {placed} 号叶子，却在更早的第 {ended} 号叶子结束。",
        "The hold was placed at leaf {placed} and ended before, at leaf {ended}.",
    ),
    "settled_differs": (
        "预留 {held} 分钟，以 {state} 结束，记为结算 {settled} 分钟，凭证转出 {moved} 分钟。",
        "Of {held} minutes held, {settled} are noted as settled ({state}); {moved} were moved.",
    ),
    "overdue": (
        "预留已过期仍未结束，冻结着 {held} 分钟。",
        "The hold is past its deadline and still holds {held} minutes.",
    ),
}

_HELD = """
SELECT a.account_id, b.held, coalesce(h.minutes, 0)
  FROM balance b
  JOIN account a ON a.book_id = b.book_id AND a.account_no = b.account_no
  LEFT JOIN (
    SELECT p.payer_no, sum(p.minutes) AS minutes FROM hold_placed p
     WHERE p.book_id = :book AND NOT EXISTS (
       SELECT 1 FROM hold_ended e WHERE e.book_id = p.book_id AND e.hold_id = p.hold_id)
     GROUP BY p.payer_no) h ON h.payer_no = b.account_no
 WHERE b.book_id = :book AND b.held <> coalesce(h.minutes, 0)
 ORDER BY a.account_id
"""

_ENDED = """
SELECT e.hold_id, e.state, e.settled_minutes, e.leaf_index, p.minutes, p.leaf_index,
       coalesce(sum(m.minutes), 0)
  FROM hold_ended e
  LEFT JOIN hold_placed p ON p.book_id = e.book_id AND p.hold_id = e.hold_id
  LEFT JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index
        AND m.from_no = p.payer_no
 WHERE e.book_id = :book
 GROUP BY e.hold_id, e.state, e.settled_minutes, e.leaf_index, p.minutes, p.leaf_index
HAVING p.minutes IS NULL OR e.leaf_index <= p.leaf_index OR e.settled_minutes > p.minutes
    OR (e.state = 'settled') <> (e.settled_minutes > 0)
    OR coalesce(sum(m.minutes), 0) <> e.settled_minutes
 ORDER BY e.hold_id
"""

_OVERDUE = """
SELECT p.hold_id, p.minutes FROM hold_placed p
 WHERE p.book_id = :book AND p.expires_ms < :before AND NOT EXISTS (
   SELECT 1 FROM hold_ended e WHERE e.book_id = p.book_id AND e.hold_id = p.hold_id)
 ORDER BY p.hold_id
"""


def check(view: View) -> Iterator[Difference]:
    """Held sums by account, then each end of a hold, then the holds that nobody ended."""
    for account_id, stored, holds in view.rows(_HELD):
        facts = {"stored": stored, "holds": int(holds)}
        yield Difference(f"account {account_id}", "held_differs", facts)
    for hold_id, state, settled, ended, held, placed, moved in view.rows(_ENDED):
        subject = f"hold {hold_id}"
        if held is None:
            yield Difference(subject, "never_placed")
        elif ended <= placed:
            yield Difference(subject, "ended_before", {"placed": placed, "ended": ended})
        else:
            facts = {"held": held, "state": state, "settled": settled, "moved": int(moved)}
            yield Difference(subject, "settled_differs", facts)
    for hold_id, held in view.rows(_OVERDUE, before=view.now_ms - OVERDUE_MS):
        yield Difference(f"hold {hold_id}", "overdue", {"held": held}, Severity.WARNING)


CHECK = Check(
    "holds",
    "冻结的分钟等于未结束的预留，每笔预留只结束一次",
    "Held minutes equal the open holds; each hold ended once",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
