"""Trial balance (试算平衡): all postings sum to 0, and opening + in - out = closing by title.

A movement is balanced by construction, so an entry can only lose its balance when one of its
sides stands on an account that does not exist.  Closing figures are the stored balances.
"""

from collections.abc import Iterator

from timebank.clock import day_bounds, from_milliseconds, local_date, milliseconds
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "sum_not_zero": (
        "全部账户余额之和是 {minutes} 分钟，应为 0。",
        "The balances of all accounts sum to {minutes} minutes instead of 0.",
    ),
    "side_missing": (
        "凭证 {number} 有 {minutes} 分钟记在不存在的账户上，借贷不平。",
        "Entry {number} moves {minutes} minutes from or to an account that does not exist.",
    ),
    "closing_differs": (
        "{kind} 类账户：期初 {opening} + 转入 {received} - 转出 {given} ≠ 期末 {closing} 分钟。",
        "Accounts of kind {kind}: {opening} + {received} - {given} is not {closing} minutes.",
    ),
}

_ONE_SIDED = """
SELECT m.number, sum(CASE WHEN g.account_no IS NULL THEN m.minutes ELSE 0 END)
     + sum(CASE WHEN r.account_no IS NULL THEN m.minutes ELSE 0 END)
  FROM movement m
  LEFT JOIN account g ON g.book_id = m.book_id AND g.account_no = m.from_no
  LEFT JOIN account r ON r.book_id = m.book_id AND r.account_no = m.to_no
 WHERE m.book_id = :book AND (g.account_no IS NULL OR r.account_no IS NULL)
 GROUP BY m.number ORDER BY m.number
"""

_BY_KIND = """
WITH sides AS (
  SELECT to_no AS account_no, minutes, recorded_ms FROM movement WHERE book_id = :book
  UNION ALL
  SELECT from_no, -minutes, recorded_ms FROM movement WHERE book_id = :book),
moved AS (
  SELECT account_no,
         sum(CASE WHEN recorded_ms < :start THEN minutes ELSE 0 END) AS opening,
         sum(CASE WHEN recorded_ms >= :start AND minutes > 0 THEN minutes ELSE 0 END) AS received,
         sum(CASE WHEN recorded_ms >= :start AND minutes < 0 THEN -minutes ELSE 0 END) AS given
    FROM sides GROUP BY account_no)
SELECT a.kind, coalesce(sum(m.opening), 0), coalesce(sum(m.received), 0),
       coalesce(sum(m.given), 0), coalesce(sum(b.posted), 0)
  FROM account a
  LEFT JOIN moved m ON m.account_no = a.account_no
  LEFT JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
 WHERE a.book_id = :book
 GROUP BY a.kind ORDER BY a.kind
"""


def check(view: View) -> Iterator[Difference]:
    """Sums of the whole book, of each entry that lost a side, and by title for this month."""
    total = view.row("SELECT coalesce(sum(posted), 0) FROM balance WHERE book_id = :book")[0]
    if total:
        yield Difference("book", "sum_not_zero", {"minutes": int(total)})
    for number, minutes in view.rows(_ONE_SIDED):
        facts = {"number": number, "minutes": int(minutes)}
        yield Difference(f"entry number {number}", "side_missing", facts)
    first = local_date(from_milliseconds(view.now_ms)).replace(day=1)
    start = milliseconds(day_bounds(first)[0])
    for kind, *sums in view.rows(_BY_KIND, start=start):
        opening, received, given, closing = map(int, sums)
        if opening + received - given != closing:
            facts = {
                "kind": kind,
                "opening": opening,
                "received": received,
                "given": given,
                "closing": closing,
            }
            yield Difference(f"kind {kind}", "closing_differs", facts)


CHECK = Check(
    "trial_balance",
    "试算平衡：全部记账之和为 0，期初 + 转入 - 转出 = 期末",
    "Trial balance: all postings sum to 0, and opening + in - out = closing",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
