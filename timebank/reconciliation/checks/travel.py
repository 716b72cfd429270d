"""Travel: two visits of one volunteer that nobody can go between in the time between them.

Places are the middles of areas: that of the elder who was visited, or else the station's own.  Time
that a record states as travel is time on the way.
"""

from collections.abc import Iterator
from datetime import datetime

from timebank.integrity.model import distance_metres, is_too_far
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "too_far": (
        "{other} 在 {there}，{ended} 止；此次在 {area}，相距 {metres} 米，路上 {minutes} 分钟。",
        "{other} ended at {ended} in {there}; {area} is {metres} m away, with {minutes} min to go.",
    ),
}

# A service to people of several areas is nowhere in particular, and left out.
_PLACES = """
SELECT p.record_id, min(coalesce(m.area, '')) AS area
  FROM record_person p
  LEFT JOIN matching_person m ON m.book_id = p.book_id AND m.person_id = p.person_id
 WHERE p.book_id = :book AND p.live = 1 AND p.part = 'recipient'
 GROUP BY p.record_id HAVING min(coalesce(m.area, '')) = max(coalesce(m.area, ''))
"""

_VISITS = f"""
SELECT p.person_id AS who, p.started_at AS starts, p.ended_at AS ends, p.record_id AS id,
       a.code AS area, a.east_metres AS east, a.north_metres AS north,
       coalesce(t.travel_minutes, 0) AS travel
  FROM record_person p
  JOIN service_record r ON r.book_id = p.book_id AND r.record_id = p.record_id
  LEFT JOIN ({_PLACES}) AS place ON place.record_id = p.record_id
  JOIN area a ON a.book_id = p.book_id
   AND a.code = CASE WHEN place.area <> '' THEN place.area ELSE r.station_code END
  LEFT JOIN record_time t ON t.book_id = p.book_id AND t.record_id = p.record_id
 WHERE p.book_id = :book AND p.live = 1 AND p.part = 'volunteer'
   AND (r.public <> '' OR place.area IS NOT NULL)
"""

_JOURNEYS = f"""
SELECT who, id, starts, area, travel + before_travel, before_id, before_ends, before_area,
       east - before_east, north - before_north FROM (
  SELECT v.*, lag(id) OVER w AS before_id, lag(ends) OVER w AS before_ends,
         lag(area) OVER w AS before_area, lag(travel) OVER w AS before_travel,
         lag(east) OVER w AS before_east, lag(north) OVER w AS before_north
    FROM ({_VISITS}) AS v WINDOW w AS (PARTITION BY who ORDER BY starts, id)) AS chain
 WHERE area <> before_area AND substr(starts, 1, 10) = substr(before_ends, 1, 10)
   AND before_ends <= starts ORDER BY starts DESC, who
"""


def check(view: View) -> Iterator[Difference]:
    """Each visit with the one before it, where both places are known and differ."""
    if not view.row("SELECT count(*) FROM area WHERE book_id = :book")[0]:
        return
    for _who, visit, starts, area, travel, other, ends, other_area, east, north in view.rows(
        _JOURNEYS
    ):
        between = datetime.fromisoformat(starts) - datetime.fromisoformat(ends)
        minutes = int(between.total_seconds()) // 60 + int(travel)
        metres = distance_metres(int(east), int(north))
        if is_too_far(metres, minutes):
            facts = {
                "other": other, "there": other_area, "ended": ends, "area": area,
                "minutes": minutes, "metres": metres,
            }  # fmt: skip
            yield Difference(f"record {visit}", "too_far", facts)


CHECK = Check(
    "travel",
    "前后两次服务的地点和时间之间走得到",
    "Between two visits of a volunteer there is time for the way",
    frozenset({Need.TABLES}),
    Severity.WARNING,
    check,
    WORDS,
    lasting=True,
)
