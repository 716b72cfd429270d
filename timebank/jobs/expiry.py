"""Ending holds whose deadline has come, so that nobody's minutes stay set aside by neglect."""

from itertools import count
from typing import Any

from sqlalchemy import text

from ledger.draft import Draft
from ledger.encoding import Json
from ledger.errors import HoldAlreadyEnded, HoldNotExpired
from ledger.ids import new_id
from timebank.bank import Bank
from timebank.reconciliation.reconcile import SCHEDULER

HOLDS_AT_ONCE = 200
"""Holds of one submission; more are several."""

_DUE = text(
    "SELECT p.hold_id FROM balance b CROSS JOIN hold_placed p "
    "WHERE b.book_id = 1 AND b.held > 0 AND p.expires_ms <= :now "
    "AND p.book_id = b.book_id AND p.payer_no = b.account_no "
    "AND NOT EXISTS (SELECT 1 FROM hold_ended e WHERE e.book_id = p.book_id "
    "AND e.hold_id = p.hold_id) ORDER BY p.expires_ms, p.hold_id LIMIT :most"
)
"""Asked of the few who have something set aside: after some years nearly every hold is past its
deadline and has ended, so a search by deadline would read them all, every minute.  SQLite takes
CROSS JOIN as the order in which to look."""


def due_holds(bank: Bank, most: int = HOLDS_AT_ONCE) -> list[str]:
    """Holds past their deadline that have not ended, the oldest deadline first."""
    with bank.read() as connection:
        rows = connection.execute(_DUE, {"now": bank.now_ms(), "most": most})
        return [str(row.hold_id) for row in rows]


def has_work(bank: Bank, _planned_ms: int) -> bool:
    """Whether any hold is to be ended."""
    return bool(due_holds(bank, 1))


def expire_holds(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Expire every hold that is due; answers how many.

    Keys name the planned time and the part, so a run that is repeated after a crash replays the
    parts that were stored and goes on behind them.
    """
    expired = 0
    for part in count():
        holds = due_holds(bank)
        if not holds:
            return {"expired": expired}
        expired += _expire(bank, holds, planned_ms, part)
    raise AssertionError("parts never end")


def _expire(bank: Bank, holds: list[str], planned_ms: int, part: int) -> int:
    def decide(draft: Draft) -> dict[str, Any]:
        ended = []
        for hold_id in holds:
            try:
                ended.append(draft.expire(hold_id, {"do": "expire", "hold": hold_id}))
            except (HoldAlreadyEnded, HoldNotExpired):
                continue  # Somebody settled or released it since we looked.
        return {"ended": ended}

    action = bank.action(
        SCHEDULER,
        "expiry",
        decide,
        key=f"expire-{planned_ms}-{part}",
        content={"part": part, "planned": planned_ms},
        batch=new_id("batch", bank.now_ms()),
    )
    answer = bank.act(action)
    return 0 if answer.replayed else len(answer.body["ended"])
