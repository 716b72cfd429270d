"""Orders against holds and records: what an order says is set aside is, and what it posted exists.

A matched order keeps its minutes held until the visit is confirmed, or its hold has run out; one
that ended holds nothing; one that is confirmed has its record.
"""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "hold_missing": (
        "订单状态为 {state}，应预留 {minutes} 分钟，却没有预留。",
        "The order is {state} and has {minutes} minutes set aside by no hold.",
    ),
    "hold_lost": (
        "订单状态为 {state}，预留 {hold} 不存在或已结束（{ended}）。",
        "The order is {state}, and its hold {hold} does not exist or is {ended}.",
    ),
    "hold_left": (
        "订单已结束（{state}），却仍记有预留 {hold}。",
        "The order has ended ({state}) and still names the hold {hold}.",
    ),
    "record_missing": (
        "订单已确认，其服务记录 {record} 却不存在。",
        "The order is confirmed, and its record {record} does not exist.",
    ),
    "hold_unsettled": (
        "服务记录 {record} 已入账，它的预留 {hold} 却没有结束。",
        "The record {record} is posted, and its hold {hold} has not ended.",
    ),
    "hold_shared": (
        "预留 {hold} 被 {orders} 张订单同时占用。",
        "The hold {hold} is named by {orders} orders.",
    ),
    "hold_orphaned": (
        "预留着 {minutes} 分钟，却没有订单、服务记录或转赠用它。",
        "{minutes} minutes are set aside for no order, record or transfer.",
    ),
}

SOON_MS = 3_600_000
"""A hold for nothing that ends by itself within an hour harms nobody; after that `holds` tells."""

_OPEN = "'matched', 'accepted', 'signed_in', 'awaiting_confirmation', 'interrupted', 'disputed'"

_ORDERS = f"""
SELECT order_id, state, held_minutes, hold_id, record_id, ended, what FROM (
SELECT o.order_id, o.state, o.held_minutes, o.hold_id, o.record_id,
       coalesce(h.state, '') AS ended, CASE
   WHEN o.state IN ({_OPEN}) AND o.held_minutes > 0 AND o.hold_id = '' THEN 'hold_missing'
   WHEN o.state IN ({_OPEN}) AND o.hold_id <> '' AND (p.hold_id IS NULL
        OR coalesce(h.state, 'expired') <> 'expired') THEN 'hold_lost'
   WHEN o.state NOT IN ({_OPEN}, 'confirmed') AND o.hold_id <> '' THEN 'hold_left'
   WHEN o.state = 'confirmed' AND r.record_id IS NULL THEN 'record_missing'
   ELSE '' END AS what
  FROM service_order o
  LEFT JOIN hold_placed p ON p.book_id = o.book_id AND p.hold_id = o.hold_id
  LEFT JOIN hold_ended h ON h.book_id = o.book_id AND h.hold_id = o.hold_id
  LEFT JOIN service_record r ON r.book_id = o.book_id AND r.record_id = o.record_id
 WHERE o.book_id = :book) AS judged
 WHERE what <> '' ORDER BY order_id
"""


_UNSETTLED = """
SELECT h.record_id, h.hold_id FROM record_hold h
  JOIN service_record r ON r.book_id = h.book_id AND r.record_id = h.record_id
  JOIN hold_placed p ON p.book_id = h.book_id AND p.hold_id = h.hold_id
 WHERE h.book_id = :book AND r.state = 'posted' AND NOT EXISTS (
   SELECT 1 FROM hold_ended e WHERE e.book_id = h.book_id AND e.hold_id = h.hold_id)
 ORDER BY h.record_id
"""

_SHARED = """
SELECT hold_id, count(*) FROM service_order WHERE book_id = :book AND hold_id <> ''
 GROUP BY hold_id HAVING count(*) > 1 ORDER BY hold_id
"""

_ORPHANED = """
SELECT p.hold_id, p.minutes FROM hold_placed p
 WHERE p.book_id = :book AND p.expires_ms > :soon AND NOT EXISTS (
   SELECT 1 FROM hold_ended e WHERE e.book_id = p.book_id AND e.hold_id = p.hold_id)
   AND p.hold_id NOT IN (SELECT hold_id FROM service_order WHERE book_id = :book)
   AND p.hold_id NOT IN (SELECT hold_id FROM record_hold WHERE book_id = :book)
   AND p.hold_id NOT IN (SELECT hold_id FROM transfer WHERE book_id = :book)
 ORDER BY p.hold_id
"""


def check(view: View) -> Iterator[Difference]:
    """Every order against its hold and its record; then holds that were left, shared or lost."""
    for order, state, minutes, hold, record, ended, what in view.rows(_ORDERS):
        facts = {
            "state": state,
            "minutes": minutes,
            "hold": hold or "-",
            "record": record or "-",
            "ended": ended or "-",
        }
        yield Difference(f"order {order}", what, facts)
    for record, hold in view.rows(_UNSETTLED):
        yield Difference(f"record {record}", "hold_unsettled", {"record": record, "hold": hold})
    for hold, orders in view.rows(_SHARED):
        yield Difference(f"hold {hold}", "hold_shared", {"hold": hold, "orders": int(orders)})
    for hold, minutes in view.rows(_ORPHANED, soon=view.now_ms + SOON_MS):
        yield Difference(f"hold {hold}", "hold_orphaned", {"minutes": minutes})


CHECK = Check(
    "orders",
    "每个未结束的订单都有它的预留，结束的订单没有预留，确认的订单都有服务记录",
    "Open orders have their holds, ended ones have none, confirmed ones have their records",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
