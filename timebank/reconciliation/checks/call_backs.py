"""Call-backs: what elders said against a record, calls that nobody makes, and draws that were bent.

A draw is made again from the checkpoint that it names, and that checkpoint's root from the leaves.
"""

from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta

from ledger.checkpoint import Checkpoint
from ledger.stored_tree import StoredTree
from timebank.call_backs.model import ATTEMPTS, draw, list_hash, seed_of
from timebank.call_backs.tables import ENTRIES
from timebank.clock import from_milliseconds, local_date
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "not_as_recorded": (
        "回访第 {place} 号（{week} 抽签）：被访者说服务记录 {record} 与实际不符。",
        "Asked about {record} (draw of {week}, number {place}), the person said it was not so.",
    ),
    "unreached": (
        "回访 {record}，{attempts} 次都没有联系上被访者。",
        "Nobody answered when asked about {record}, {attempts} times.",
    ),
    "overdue": (
        "回访 {record} 应于 {due} 前完成，还没有结果；回访人 {caller}。",
        "The call about {record} was due on {due} and has no outcome; {caller} was to make it.",
    ),
    "caller_missing": (
        "{record} 的经办人之外没有工作人员可以回访，请另派人。",
        "Nobody but its handlers works there to ask about {record}; name somebody else.",
    ),
    "asked_by_handler": (
        "{by} 经办了 {record}，又自己做了回访。",
        "{by} had a part in {record} and asked about it as well.",
    ),
    "draw_differs": (
        "按检查点（{size} 个叶子）重新抽签，结果与回访名单不同。",
        "Made again from its checkpoint of {size} leaves, the draw gives other calls.",
    ),
    "root_differs": (
        "抽签所用的根不是日志前 {size} 个叶子的根。",
        "The root that seeds the draw is not that of the log's first {size} leaves.",
    ),
}

_NAMED = "c.call_id, c.week, c.place, c.record_id"

_SAID = f"""
SELECT {_NAMED}, o.outcome, o.place FROM call_back c
  JOIN call_outcome o ON o.book_id = c.book_id AND o.call_id = c.call_id
   AND (o.outcome = 'not_as_recorded' OR (o.outcome = 'not_reached' AND o.place = :attempts))
 WHERE c.book_id = :book ORDER BY c.call_id DESC
"""

_WAITING = f"""
SELECT {_NAMED}, c.due_on, c.caller FROM call_back c
 WHERE c.book_id = :book AND (c.due_on < :today OR c.caller = '')
   AND NOT EXISTS (SELECT 1 FROM call_outcome o WHERE o.book_id = c.book_id
    AND o.call_id = c.call_id AND (o.outcome <> 'not_reached' OR o.place >= :attempts))
 ORDER BY c.call_id DESC
"""

_ALONE = f"""
SELECT {_NAMED}, o.said_by FROM call_outcome o
  JOIN call_back c ON c.book_id = o.book_id AND c.call_id = o.call_id
  JOIN service_record r ON r.book_id = c.book_id AND r.record_id = c.record_id
 WHERE o.book_id = :book AND (o.said_by = r.recorded_by OR o.said_by = r.reviewed_by
    OR EXISTS (SELECT 1 FROM service_order s
       JOIN order_step t ON t.book_id = s.book_id AND t.order_id = s.order_id
      WHERE s.book_id = c.book_id AND s.record_id = c.record_id AND t.taken_by = o.said_by))
 ORDER BY c.call_id DESC
"""

_DRAWS = """
SELECT d.week, d.first_leaf, d.size, d.root, d.entries, d.list_hash FROM call_draw d
  JOIN head h ON h.book_id = d.book_id AND h.origin = d.origin
 WHERE d.book_id = :book AND d.week >= :since ORDER BY d.week DESC
"""

_DRAWN = "SELECT record_id FROM call_back WHERE book_id = :book AND week = :week ORDER BY place"

DRAWS_REPEATED_DAYS = 62
"""Older draws were made again every night of two months."""


def check(view: View) -> Iterator[Difference]:
    """What was said, what is still to be said, who asked, and the latest draws made again."""
    today = local_date(from_milliseconds(view.now_ms))
    for call, week, place, record, outcome, attempts in view.rows(_SAID, attempts=ATTEMPTS):
        if outcome == "not_as_recorded":
            facts = {"week": week, "place": int(place), "record": record}
            yield Difference(f"call {call}", outcome, facts)
        else:
            told = {"record": record, "attempts": int(attempts)}
            yield Difference(f"call {call}", "unreached", told, Severity.NOTE)
    asked = {"attempts": ATTEMPTS, "today": today.isoformat()}
    for call, _week, _place, record, due, caller in view.rows(_WAITING, **asked):
        if due < today.isoformat():
            told = {"record": record, "due": due, "caller": caller or "-"}
            yield Difference(f"call {call}", "overdue", told)
        else:
            yield Difference(f"call {call}", "caller_missing", {"record": record})
    for call, _week, _place, record, by in view.rows(_ALONE):
        yield Difference(f"call {call}", "asked_by_handler", {"record": record, "by": by})
    since = (today - timedelta(days=DRAWS_REPEATED_DAYS)).isoformat()
    yield from _bent(view, since)


def _bent(view: View, since: str) -> Iterator[Difference]:
    """Draws that come out otherwise when they are made again; one query a week."""
    origin = str(view.row("SELECT origin FROM head WHERE book_id = :book")[0])
    for week, first, size, root, count, listed in list(view.rows(_DRAWS, since=since)):
        facts = {"size": int(size)}
        checkpoint = Checkpoint(origin, int(size), b64decode(root))
        query = ENTRIES.replace("e.book_id = 1", "e.book_id = :book")
        entries = [(one, of) for one, of in view.rows(query, first_leaf=first, size=size)]
        again = draw(seed_of(checkpoint), entries)
        drawn = [record for (record,) in view.rows(_DRAWN, week=week)]
        same = len(entries) == count and list_hash(one for one, _of in entries) == listed
        if again != drawn or not same:
            yield Difference(f"draw {week}", "draw_differs", facts)
        if view.log_folder is not None:
            tree = StoredTree(view.log_folder)
            if tree.root(view.connection, int(size)) != checkpoint.root:
                yield Difference(f"draw {week}", "root_differs", facts, Severity.ALARM)


CHECK = Check(
    "call_backs",
    "回访按抽签名单由他人按时完成，被访者没有异议",
    "Call-backs follow the draw, are made in time by others, and nobody says that it was not so",
    frozenset({Need.TABLES, Need.LEAVES}),
    Severity.WARNING,
    check,
    WORDS,
    lasting=True,
)
