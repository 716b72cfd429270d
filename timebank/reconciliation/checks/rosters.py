"""Rosters: whoever approved a record of many volunteers saw as many signatures (F2).

What was put into the books in parts, a few volunteers at a time, is an event all the same: many at
one station gave the same service at the same hour, and nobody saw a roster of them.
"""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "roster_missing": (
        "记录记入 {volunteers} 名志愿者，已经通过，却没有签到表。",
        "The record credits {volunteers} volunteers and was approved without a signed roster.",
    ),
    "roster_short": (
        "签到表 {sheet} 有 {signatures} 人签名，记录却记入 {volunteers} 名志愿者。",
        "Roster {sheet} has {signatures} signatures; the record credits {volunteers} volunteers.",
    ),
    "in_parts": (
        "同一站点、同一时段、同一服务共 {volunteers} 名志愿者，分 {records} 条登记，没有签到表。",
        "{records} records of one service at one hour credit {volunteers}; no roster was seen.",
    ),
}

_EVENTS = """
SELECT r.record_id, count(p.person_id), max(s.signatures), max(s.sheet) FROM service_record r
  JOIN record_person p ON p.book_id = r.book_id AND p.record_id = r.record_id
   AND p.part = 'volunteer'
  LEFT JOIN record_roster s ON s.book_id = r.book_id AND s.record_id = r.record_id
 WHERE r.book_id = :book AND r.marks LIKE '%event%'
   AND (r.state = 'posted' OR (r.state = 'awaiting_review' AND r.reviewed_ms IS NOT NULL))
 GROUP BY r.record_id HAVING coalesce(max(s.signatures), 0) < count(p.person_id)
 ORDER BY r.record_id
"""

# A record for an elder is an event of its own, because the elder is in one service at a time.
_PARTS = """
SELECT min(first), sum(volunteers), count(*) FROM (
SELECT r.record_id AS first, r.station_code, r.started_at, r.ended_at, r.content,
       CASE WHEN r.public = '' THEN r.record_id ELSE r.public END AS whom,
       count(p.person_id) AS volunteers
  FROM service_record r
  JOIN record_person p ON p.book_id = r.book_id AND p.record_id = r.record_id
   AND p.part = 'volunteer' AND p.live = 1
 WHERE r.book_id = :book AND r.state = 'posted' AND r.marks NOT LIKE '%event%'
   AND r.marks NOT LIKE '%roster%' AND r.marks NOT LIKE '%carried_over%'
 GROUP BY r.record_id, r.station_code, r.started_at, r.ended_at, r.content, r.public) AS one
 GROUP BY station_code, started_at, ended_at, content, whom
HAVING sum(volunteers) >= :bulk ORDER BY 1
"""


def check(view: View) -> Iterator[Difference]:
    """Approved events against their rosters, then what was posted in parts."""
    for record, volunteers, signatures, sheet in view.rows(_EVENTS):
        facts = {"volunteers": int(volunteers)}
        if signatures is None:
            yield Difference(f"record {record}", "roster_missing", facts)
        else:
            seen = {"signatures": int(signatures), "sheet": sheet}
            yield Difference(f"record {record}", "roster_short", facts | seen)
    for record, volunteers, records in view.rows(_PARTS, bulk=view.bulk_volunteers):
        facts = {"volunteers": int(volunteers), "records": int(records)}
        yield Difference(f"record {record}", "in_parts", facts, Severity.WARNING)


CHECK = Check(
    "rosters",
    "一次记入许多志愿者的，复核的人都看过人数够的签到表；没有拆开登记的",
    "Whoever approved many volunteers at once saw a roster with as many names; none came in parts",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
