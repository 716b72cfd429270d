"""Moves between books: each says what its entry moved, and clearing accounts are their sum."""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

DECIDED_WITHIN_MS = 30 * 86_400_000
"""A month for a second person to look, and for late credit to follow whoever has gone."""

WORDS = {
    "entry_differs": (
        "转往或转入其他区登记为 {stated} 分钟，凭证转了 {moved} 分钟。",
        "The move states {stated} minutes; its entry moves {moved}.",
    ),
    "entry_unstated": (
        "凭证 {entry} 转往或转入其他区，没有登记。",
        "The entry {entry} moves minutes between books and no move says so.",
    ),
    "clearing_differs": (
        "区间清算账户余额 {posted} 分钟，按登记应为 {stated} 分钟。",
        "The clearing account has {posted} minutes; the moves add up to {stated}.",
    ),
    "waits": (
        "转出或转入登记已超过三十天没有办理。",
        "A move has waited for more than thirty days.",
    ),
    "left_over": (
        "已转往其他区的账户还有 {minutes} 分钟，应随后转出。",
        "{minutes} minutes stand on an account whose holder moved; they should follow.",
    ),
}

_MOVED = """
SELECT r.id, r.minutes, r.entry_id,
       (SELECT coalesce(sum(m.minutes), 0) FROM entry e JOIN movement m
          ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index
         WHERE e.book_id = :book AND e.entry_id = r.entry_id AND m.kind = r.kind),
       (SELECT count(*) FROM entry e WHERE e.book_id = :book AND e.entry_id = r.entry_id)
  FROM (SELECT departure_id AS id, minutes, entry_id, 'moved_away' AS kind FROM departure
         WHERE book_id = :book AND state IN ('moved', 'came_back')
        UNION ALL
        SELECT arrival_id, minutes, entry_id, 'moved_in' FROM arrival
         WHERE book_id = :book AND state = 'posted') r
 ORDER BY r.id
"""

_UNSTATED = """
SELECT DISTINCT e.entry_id FROM movement m JOIN entry e
    ON e.book_id = m.book_id AND e.leaf_index = m.leaf_index
 WHERE m.book_id = :book AND m.kind IN ('moved_away', 'moved_in')
   AND NOT EXISTS (SELECT 1 FROM departure d
                    WHERE d.book_id = e.book_id AND d.entry_id = e.entry_id)
   AND NOT EXISTS (SELECT 1 FROM arrival r
                    WHERE r.book_id = e.book_id AND r.entry_id = e.entry_id)
 ORDER BY e.entry_id
"""

_CLEARING = """
SELECT p.account_id, b.posted,
       (SELECT coalesce(sum(d.minutes), 0) FROM departure d
         WHERE d.book_id = p.book_id AND d.origin = p.origin)
     - (SELECT coalesce(sum(r.minutes), 0) FROM arrival r
         WHERE r.book_id = p.book_id AND r.origin = p.origin AND r.state = 'posted')
     - (SELECT coalesce(sum(n.minutes), 0) FROM netting n
         WHERE n.book_id = p.book_id AND n.origin = p.origin AND n.state = 'netted')
  FROM partner_book p
  JOIN account a ON a.book_id = p.book_id AND a.account_id = p.account_id
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
 WHERE p.book_id = :book AND p.state = 'active' ORDER BY p.account_id
"""

_WAITING = """
SELECT departure_id, asked_ms FROM departure WHERE book_id = :book AND state = 'asked'
UNION ALL
SELECT arrival_id, stated_ms FROM arrival WHERE book_id = :book AND state = 'stated'
"""

_LEFT_OVER = """
SELECT d.account_id, b.posted, max(d.decided_ms) FROM departure d
  JOIN account a ON a.book_id = d.book_id AND a.account_id = d.account_id
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
 WHERE d.book_id = :book AND d.state = 'moved' AND b.posted > 0
 GROUP BY d.account_id, b.posted ORDER BY d.account_id
"""


def check(view: View) -> Iterator[Difference]:
    """Moves against entries, clearing accounts against moves; entries of a former book are its."""
    for move, stated, _entry, moved, here in view.rows(_MOVED):
        if here and stated != moved:
            facts = {"stated": int(stated), "moved": int(moved)}
            yield Difference(f"move {move}", "entry_differs", facts)
    for (entry,) in view.rows(_UNSTATED):
        yield Difference(f"entry {entry}", "entry_unstated", {"entry": entry})
    for account, posted, stated in view.rows(_CLEARING):
        if posted != stated:
            facts = {"posted": int(posted), "stated": int(stated)}
            yield Difference(f"account {account}", "clearing_differs", facts)
    for move, since_ms in sorted(view.rows(_WAITING)):
        if view.now_ms - since_ms > DECIDED_WITHIN_MS:
            yield Difference(f"move {move}", "waits", {}, Severity.WARNING)
    for account, posted, since_ms in view.rows(_LEFT_OVER):
        if view.now_ms - since_ms > DECIDED_WITHIN_MS:
            facts = {"minutes": int(posted)}
            yield Difference(f"account {account}", "left_over", facts, Severity.WARNING)


CHECK = Check(
    "moves",
    "转往和转入其他区的登记与凭证相符，区间清算账户等于登记合计，按时办理",
    "Moves agree with their entries, clearing accounts with the moves, and none waits",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
