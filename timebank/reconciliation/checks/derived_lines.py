"""Lines against the journal: statements read a derived copy, so the copy is compared in full.

Each line must be one side of a movement, and there must be two for every movement that was
copied; a line has its own key, so equal counts leave no room for a missing or an invented one.
"""

from collections.abc import Iterator

from ledger.lines import TAIL_LEAVES
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "line_differs": (
        "对账单明细（叶子 {leaf} 第 {place} 笔）与凭证不符，或没有对应的凭证。",
        "A line (leaf {leaf}, place {place}) is no side of any movement.",
    ),
    "line_missing": (
        "凭证 {number}（叶子 {leaf} 第 {place} 笔）没有进入账户明细。",
        "A side of entry {number} (leaf {leaf}, place {place}) has no line.",
    ),
    "mark_ahead": (
        "明细标记到第 {mark} 号叶子，账本只有 {size} 个。",
        "Lines are marked up to leaf {mark}; the book has {size}.",
    ),
    "tail_long": (
        "有 {leaves} 个叶子还没有整理成明细，查询会变慢。",
        "{leaves} leaves wait to be derived; statements become slow.",
    ),
}

_NO_SIDE = """
SELECT l.account_no, l.leaf_index, l.place
  FROM line l
  LEFT JOIN movement m ON m.book_id = l.book_id AND m.leaf_index = l.leaf_index
        AND m.place = l.place
 WHERE l.book_id = :book AND (
       m.number IS NULL OR l.leaf_index >= :mark OR l.number <> m.number OR l.kind <> m.kind
    OR l.effective_on <> m.effective_on OR l.recorded_ms <> m.recorded_ms
    OR NOT (l.account_no = m.to_no AND l.other_no = m.from_no AND l.minutes = m.minutes
         OR l.account_no = m.from_no AND l.other_no = m.to_no AND l.minutes = -m.minutes))
 ORDER BY l.account_no, l.leaf_index, l.place
"""

_NO_LINE = """
SELECT m.number, m.leaf_index, m.place FROM movement m
 WHERE m.book_id = :book AND m.leaf_index < :mark AND (
       NOT EXISTS (SELECT 1 FROM line l WHERE l.book_id = m.book_id AND l.account_no = m.to_no
                   AND l.leaf_index = m.leaf_index AND l.place = m.place)
    OR NOT EXISTS (SELECT 1 FROM line l WHERE l.book_id = m.book_id AND l.account_no = m.from_no
                   AND l.leaf_index = m.leaf_index AND l.place = m.place))
 ORDER BY m.leaf_index, m.place
"""


def check(view: View) -> Iterator[Difference]:
    """Lines and the tail that is not derived yet are exactly the journal's movements."""
    mark = view.row("SELECT leaf_index FROM line_mark WHERE book_id = :book")[0]
    size = view.head().size
    if mark > size:
        yield Difference("line_mark", "mark_ahead", {"mark": mark, "size": size})
    if size - mark > 4 * TAIL_LEAVES:
        facts = {"leaves": size - mark}
        yield Difference("line_mark", "tail_long", facts, Severity.WARNING)
    for account_no, leaf, place in view.rows(_NO_SIDE, mark=mark):
        subject = f"line {account_no} {leaf} {place}"
        yield Difference(subject, "line_differs", {"leaf": leaf, "place": place})
    lines = view.row("SELECT count(*) FROM line WHERE book_id = :book")[0]
    copied = view.row(
        "SELECT count(*) FROM movement WHERE book_id = :book AND leaf_index < :mark", mark=mark
    )[0]
    if lines != 2 * copied:
        for number, leaf, place in view.rows(_NO_LINE, mark=mark):
            facts = {"number": number, "leaf": leaf, "place": place}
            yield Difference(f"entry number {number}", "line_missing", facts)


CHECK = Check(
    "derived_lines",
    "账户明细与凭证逐笔一致",
    "The lines of statements are exactly the journal's movements",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
