"""Opening balances against journal entries: list, confirmation, approval and entry say the same.

A posted row has one entry that moves what it credits to its holder, and what a cap cut off to the
pool, out of the account of opening balances.  What was posted in the book before this one is left
out, its entry stands there.
"""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "entry_missing": (
        "期初时长已入账，其凭证 {entry} 却不存在。",
        "The opening balance is posted, and its entry {entry} does not exist.",
    ),
    "movement_differs": (
        "名单写 {minutes} 分钟，凭证 {entry} 所记的账户、分钟或日期与它不同。",
        "The list says {minutes} minutes; {entry} moves something else, or on another day.",
    ),
    "posted_too_early": (
        "期初时长状态为 {state}，却已有凭证 {entry}。",
        "The opening balance is {state} and has an entry ({entry}).",
    ),
    "unconfirmed": (
        "期初时长已入账，却没有本人确认。",
        "The opening balance is posted, and its holder has not confirmed it.",
    ),
    "approved_alone": (
        "复核人（{by}）就是导入名单或登记确认的人。",
        "Who approved it ({by}) handed the list in or recorded the confirmation.",
    ),
    "reversal_differs": (
        "期初时长状态为 {state}，与其凭证 {entry} 是否已冲销不符。",
        "The opening balance is {state}, which the reversal of {entry} is not.",
    ),
    "entry_without_row": (
        "期初余额凭证 {number} 没有对应的名单行。",
        "Entry {number} of an opening balance belongs to no row of a list.",
    ),
    "page_repeated": (
        "同一持有人的同一来源页入账了 {rows} 次。",
        "The same page of the same holder was posted {rows} times.",
    ),
    "total_differs": (
        "期初科目转出 {moved} 分钟，已入账的名单行合计 {rows} 分钟。",
        "The account of opening balances has given {moved} minutes; posted rows add up to {rows}.",
    ),
}

_ROWS = """
SELECT opening_id, minutes, entry_id, state, approver, what FROM (
SELECT opening_id, minutes, entry_id, state, approver, CASE
   WHEN state NOT IN ('posted', 'reversed') AND entry_id <> '' THEN 'posted_too_early'
   WHEN state IN ('posted', 'reversed') AND entry_id <> '' AND number IS NULL THEN 'entry_missing'
   WHEN state = 'posted' AND entry_id = '' AND moves > 0 THEN 'entry_missing'
   WHEN entry_id <> '' AND (strays > 0 OR credited <> to_holder OR overflow <> to_pool
        OR credited + overflow > minutes OR effective_on <> stands_on) THEN 'movement_differs'
   WHEN state IN ('posted', 'carried_over') AND unconfirmed = 1 THEN 'unconfirmed'
   WHEN state IN ('posted', 'carried_over') AND alone = 1 THEN 'approved_alone'
   WHEN state = 'posted' AND reversed_id IS NOT NULL THEN 'reversal_differs'
   WHEN state = 'reversed' AND entry_id <> '' AND reversed_id IS NULL THEN 'reversal_differs'
   ELSE '' END AS what
FROM (
SELECT o.opening_id, max(o.minutes) AS minutes, max(o.entry_id) AS entry_id,
       max(o.state) AS state, max(o.decided_by) AS approver, max(e.number) AS number,
       max(o.credited_minutes) AS credited, max(o.overflow_minutes) AS overflow,
       max(o.credited_minutes + o.overflow_minutes) AS moves,
       max(o.stands_on) AS stands_on, max(m.effective_on) AS effective_on,
       max(CASE WHEN o.confirmed_by = '' OR o.confirmed_ms IS NULL THEN 1 ELSE 0 END)
         AS unconfirmed,
       max(CASE WHEN o.decided_by IN (o.recorded_by, o.confirmed_by) THEN 1 ELSE 0 END) AS alone,
       max(r.reversed_id) AS reversed_id,
       coalesce(sum(CASE WHEN t.account_id = o.account_id THEN m.minutes ELSE 0 END), 0)
         AS to_holder,
       coalesce(sum(CASE WHEN t.kind = 'pool' THEN m.minutes ELSE 0 END), 0) AS to_pool,
       coalesce(sum(CASE WHEN m.kind <> 'opening_balance' OR f.kind <> 'opening'
                          OR (t.account_id <> o.account_id AND t.kind <> 'pool')
                         THEN 1 ELSE 0 END), 0) AS strays
  FROM opening_row o
  LEFT JOIN entry e ON e.book_id = o.book_id AND e.entry_id = o.entry_id
  LEFT JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index
  LEFT JOIN account f ON f.book_id = m.book_id AND f.account_no = m.from_no
  LEFT JOIN account t ON t.book_id = m.book_id AND t.account_no = m.to_no
  LEFT JOIN reversal r ON r.book_id = o.book_id AND r.reversed_id = o.entry_id
 WHERE o.book_id = :book
 GROUP BY o.opening_id) AS known) AS judged
 WHERE what <> '' ORDER BY opening_id
"""

_NO_ROW = """
SELECT e.entry_id, e.number FROM entry e
  JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index AND m.place = 0
 WHERE e.book_id = :book AND m.kind = 'opening_balance' AND NOT EXISTS (
   SELECT 1 FROM opening_row o WHERE o.book_id = e.book_id AND o.entry_id = e.entry_id)
 ORDER BY e.entry_id
"""

_REPEATED = """
SELECT min(opening_id), count(*) FROM opening_row
 WHERE book_id = :book AND state IN ('posted', 'carried_over')
 GROUP BY person_id, page HAVING count(*) > 1 ORDER BY 1
"""

_TOTAL = """
SELECT coalesce(sum(CASE WHEN m.kind = 'opening_balance' AND f.kind = 'opening' THEN m.minutes
                         WHEN m.kind = 'reversal' AND t.kind = 'opening' THEN -m.minutes
                         ELSE 0 END), 0)
  FROM movement m
  JOIN account f ON f.book_id = m.book_id AND f.account_no = m.from_no
  JOIN account t ON t.book_id = m.book_id AND t.account_no = m.to_no
 WHERE m.book_id = :book AND (f.kind = 'opening' OR t.kind = 'opening')
"""

_POSTED = """
SELECT coalesce(sum(credited_minutes + overflow_minutes), 0) FROM opening_row
 WHERE book_id = :book AND state = 'posted'
"""


def check(view: View) -> Iterator[Difference]:
    """Rows against their entries, entries against rows, pages, then the account's total."""
    for opening, minutes, entry, state, by, what in view.rows(_ROWS):
        facts = {"minutes": minutes, "entry": entry or "-", "state": state, "by": by}
        yield Difference(f"opening {opening}", what, facts)
    for entry, number in view.rows(_NO_ROW):
        yield Difference(f"entry {entry}", "entry_without_row", {"number": number})
    for opening, rows in view.rows(_REPEATED):
        yield Difference(f"opening {opening}", "page_repeated", {"rows": rows})
    moved, posted = int(view.row(_TOTAL)[0]), int(view.row(_POSTED)[0])
    if moved != posted:
        yield Difference("kind opening", "total_differs", {"moved": moved, "rows": posted})


CHECK = Check(
    "openings_against_entries",
    "每行已入账的期初时长都有本人确认、另一人复核和相符的凭证，期初科目合计相等",
    "Posted opening balances are confirmed, approved by a third and agree with their entries",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
