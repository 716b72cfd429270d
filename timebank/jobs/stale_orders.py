"""Closing orders that nobody led on, so that no elder waits for a visit that will not come."""

from itertools import count
from typing import Any

from sqlalchemy import text

from ledger.draft import Draft
from ledger.encoding import Json
from ledger.ids import new_id
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.orders.model import LATEST_START_DAYS
from timebank.orders.steps import lapse
from timebank.reconciliation.reconcile import SCHEDULER

ORDERS_AT_ONCE = 100
"""Orders of one submission; more are several."""

LAPSE_KIND = "order_lapse"

_STALE = text(
    "SELECT order_id FROM service_order WHERE book_id = 1 AND (state IN ('requested', 'vetted', "
    "'published') AND wanted_on < :today OR state IN ('matched', 'accepted') "
    "AND wanted_on < :begun) ORDER BY wanted_on, order_id LIMIT :most"
)


def stale_orders(bank: Bank, most: int = ORDERS_AT_ONCE) -> list[str]:
    """Orders whose day passed with nobody matched, or whose visit did not begin in time."""
    today = bank.today()
    begun = today.fromordinal(today.toordinal() - LATEST_START_DAYS)
    asked = {"today": today.isoformat(), "begun": begun.isoformat(), "most": most}
    with bank.read() as connection:
        return [str(row.order_id) for row in connection.execute(_STALE, asked)]


def close_stale_orders(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Close every stale order and set its minutes free; answers how many.

    What waits for confirmation, review or the end of a dispute is never touched.  Keys name the
    planned time and the part, as for :func:`timebank.jobs.expiry.expire_holds`.
    """
    closed = 0
    for part in count():
        stale = stale_orders(bank)
        if not stale:
            return {"closed_orders": closed}
        closed += _close(bank, stale, planned_ms, part)
    raise AssertionError("parts never end")


def _close(bank: Bank, stale: list[str], planned_ms: int, part: int) -> int:
    def decide(draft: Draft) -> dict[str, Any]:
        today = local_date(from_milliseconds(draft.recorded_ms))
        return {"closed": sum(lapse(bank, draft, SCHEDULER, one, today) for one in stale)}

    action = bank.action(
        SCHEDULER,
        LAPSE_KIND,
        decide,
        key=f"close-orders-{planned_ms}-{part}",
        content={"part": part, "planned": planned_ms},
        batch=new_id("batch", bank.now_ms()),
    )
    answer = bank.act(action)
    return 0 if answer.replayed else int(answer.body["closed"])
