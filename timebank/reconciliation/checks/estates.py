"""Accounts of those who have died: settled as they were stated, and not used any more."""

from collections.abc import Iterator

from timebank.estates.queries import BEFORE_A_VISIT
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

SETTLED_WITHIN_MS = 90 * 86_400_000
"""Three months for the family to be found; then somebody should ask."""

WORDS = {
    "entry_differs": (
        "余额承接登记为 {stated} 分钟，凭证转出 {moved} 分钟。",
        "The shares state {stated} minutes; the entry moves {moved}.",
    ),
    "entry_unstated": (
        "余额承接凭证 {entry} 没有登记承接人。",
        "The settlement {entry} has no shares that say to whom.",
    ),
    "reversal_unseen": (
        "余额承接凭证 {entry} 的更正与登记不符。",
        "The shares of {entry} and its reversal disagree.",
    ),
    "unsettled": (
        "登记身故已过三个月，账户还有 {minutes} 分钟没有办理。",
        "Three months after the report {minutes} minutes still stand on the account.",
    ),
    "order_open": (
        "已登记身故的人还在订单 {order} 中（{state}），对方可能在等。",
        "Somebody whose death was reported is a part of the order {order}, which is {state}.",
    ),
    "held": (
        "登记身故的账户还有 {minutes} 分钟被预留，请结束相关订单。",
        "{minutes} minutes of the account are still held; its orders should end.",
    ),
}

_SHARES = """
SELECT s.entry_id, sum(s.minutes), sum(s.reversed), count(*),
       (SELECT coalesce(sum(m.minutes), 0) FROM entry e JOIN movement m
          ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index
         WHERE e.book_id = s.book_id AND e.entry_id = s.entry_id
           AND m.kind = 'estate_settlement'),
       (SELECT count(*) FROM reversal v
         WHERE v.book_id = s.book_id AND v.reversed_id = s.entry_id),
       (SELECT count(*) FROM entry e WHERE e.book_id = s.book_id AND e.entry_id = s.entry_id)
  FROM estate_share s WHERE s.book_id = :book GROUP BY s.book_id, s.entry_id ORDER BY s.entry_id
"""

_UNSTATED = """
SELECT DISTINCT e.entry_id FROM movement m JOIN entry e
    ON e.book_id = m.book_id AND e.leaf_index = m.leaf_index
 WHERE m.book_id = :book AND m.kind = 'estate_settlement' AND NOT EXISTS (
   SELECT 1 FROM estate_share s WHERE s.book_id = e.book_id AND s.entry_id = e.entry_id)
 ORDER BY e.entry_id
"""

_OPEN = """
SELECT t.estate_id, t.reported_ms, b.posted, b.held FROM estate t
  JOIN account a ON a.book_id = t.book_id AND a.account_id = t.account_id
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
 WHERE t.book_id = :book AND t.withdrawn_ms IS NULL AND (b.posted > 0 OR b.held > 0)
 ORDER BY t.estate_id
"""

_ORDERS = f"""
SELECT t.estate_id, o.order_id, o.state FROM estate t JOIN service_order o
    ON o.book_id = t.book_id AND (o.elder_id = t.person_id OR o.volunteer_id = t.person_id)
   AND o.state IN ({BEFORE_A_VISIT})
 WHERE t.book_id = :book AND t.withdrawn_ms IS NULL ORDER BY t.estate_id, o.order_id
"""


def check(view: View) -> Iterator[Difference]:
    """Shares against entries, then accounts against time; entries of a former book are its own."""
    for entry, stated, ended, parts, moved, reversals, here in view.rows(_SHARES):
        if not here:
            continue
        if stated != moved:
            facts = {"stated": int(stated), "moved": int(moved)}
            yield Difference(f"entry {entry}", "entry_differs", facts)
        if int(ended) != (int(parts) if reversals else 0):
            yield Difference(f"entry {entry}", "reversal_unseen", {"entry": entry})
    for (entry,) in view.rows(_UNSTATED):
        yield Difference(f"entry {entry}", "entry_unstated", {"entry": entry})
    for estate, reported_ms, posted, held in view.rows(_OPEN):
        if held:
            facts = {"minutes": int(held)}
            yield Difference(f"estate {estate}", "held", facts, Severity.WARNING)
        elif view.now_ms - reported_ms > SETTLED_WITHIN_MS:
            facts = {"minutes": int(posted)}
            yield Difference(f"estate {estate}", "unsettled", facts, Severity.WARNING)
    for estate, order, state in view.rows(_ORDERS):
        facts = {"order": order, "state": state}
        yield Difference(f"estate {estate}", "order_open", facts, Severity.WARNING)


CHECK = Check(
    "estates",
    "身故成员的时间按登记转出，账户不再使用，三个月内办理完",
    "What the dead left went where it was stated, their accounts rest and are settled in time",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
