"""Overlaps: one person in two places at once, in records and in visits that nobody confirmed yet.

A record that overlaps another is refused when it is made.  Visits are signed in and out before
there is a record, and what came from elsewhere was never asked, so all are compared once more.
Helpers of one pairing (多助一) who come to their elder together are no overlap.
"""

from collections.abc import Iterator
from datetime import datetime

from timebank.pairings.together import TOGETHER, are_bound
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "volunteer_twice": (
        "{person} 自 {starts} 起在此，同时自 {other_starts} 至 {other_ends} 在 {other}。",
        "{person} is here from {starts}, and in {other} from {other_starts} until {other_ends}.",
    ),
    "elder_twice": (
        "{person} 自 {starts} 起受此服务，自 {other_starts} 至 {other_ends} 又受 {other}。",
        "{person} is visited from {starts}, and by {other} from {other_starts} until {other_ends}.",
    ),
}

_RUNNING = "9999-12-31T23:59"
"""Where the end of a visit stands that nobody signed out."""

_ORDERS = """
SELECT {who}, '{part}', signed_in_at,
       CASE WHEN signed_out_at = '' THEN '{running}' ELSE signed_out_at END, order_id
  FROM service_order
 WHERE book_id = :book AND signed_in_at <> '' AND {who} <> ''
   AND state IN ('signed_in', 'awaiting_confirmation', 'interrupted', 'disputed')
"""

# Who helped at two visits.
_HELPERS = """
SELECT person_id AS who FROM record_person
 WHERE book_id = :book AND part = 'volunteer' AND record_id IN (:visit, :other)
 UNION SELECT volunteer_id FROM service_order
 WHERE book_id = :book AND order_id IN (:visit, :other)
"""

# Of all that began before, the one that ends last; an earlier overlap cannot hide behind it.
_OVERLAPPING = f"""
SELECT who, part, starts, id, before FROM (
  SELECT who, part, starts, id,
         max(ends || ' ' || starts || ' ' || part || ' ' || id) OVER (
           PARTITION BY who ORDER BY starts, ends, id
           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM (
      SELECT person_id AS who, part, started_at AS starts, ended_at AS ends, record_id AS id
        FROM record_person WHERE book_id = :book AND live = 1
      UNION ALL
      {_ORDERS.format(who="volunteer_id", part="volunteer", running=_RUNNING)}
      UNION ALL
      {_ORDERS.format(who="elder_id", part="recipient", running=_RUNNING)}
    ) AS visits) AS ordered
 WHERE substr(before, 1, 16) > starts ORDER BY starts DESC, who, id
"""


def check(view: View) -> Iterator[Difference]:
    """Every visit that begins before another of the same person has ended."""
    for who, part, starts, visit, before in view.rows(_OVERLAPPING):
        ends, other_starts, other_part, other = before.split(" ")
        if other == visit:
            continue  # Somebody who served themselves: `admitting` judges that.
        both_visited = part == other_part == "recipient"
        if both_visited and _came_together(view, who, (visit, starts), (other, other_starts)):
            continue  # 多助一: helpers of one pairing.
        facts = {
            "person": who, "starts": starts, "other": other, "other_starts": other_starts,
            "other_ends": "…" if ends == _RUNNING else ends,
        }  # fmt: skip
        kind = "order" if visit.startswith("ordr_") else "record"
        code = "elder_twice" if both_visited else "volunteer_twice"
        yield Difference(f"{kind} {visit}", code, facts)


def _came_together(view: View, elder: str, visit: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether all who helped at two visits, by id and start, came at one time for one pairing."""
    begun = [datetime.fromisoformat(starts) for _id, starts in (visit, other)]
    if abs(begun[0] - begun[1]) > TOGETHER:
        return False
    helpers = {who for (who,) in view.rows(_HELPERS, visit=visit[0], other=other[0])}
    return are_bound(view.connection.execute, elder, visit[1][:10], helpers)


CHECK = Check(
    "overlaps",
    "没有人同时在两处服务，没有人同时接受两次服务（结对的几人一起上门的除外）",
    "Nobody serves in two places at once or is visited twice, but by a pairing's helpers together",
    frozenset({Need.TABLES}),
    Severity.WARNING,
    check,
    WORDS,
    lasting=True,
)
