"""What each handler did in a period, in figures: set-based, however many records there are."""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from ledger.encoding import Json
from timebank.clock import day_bounds, day_ends, milliseconds
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

MEMBERS = ""
"""In place of a handler: members who confirmed their own visits, all together."""


@dataclass(frozen=True, slots=True)
class HandlerFigures:
    """One handler's work.

    Of what they recorded in the period: ``entries``, of these ``imported`` from registers, ``late``
    ones with the policy's mark and their served ``late_minutes``, ``whole_hours``, ``returned``
    ones (sent back since), and ``disagreed``, of which somebody who was called said that it was not
    so, of ``asked`` calls.
    Of what they reviewed: ``reviews`` and the median of the seconds since the entry, ``None``
    without any.  ``station_code`` is empty for the district.
    """

    handler: str
    login: str = ""
    title: str = ""
    station_code: str = ""
    entries: int = 0
    imported: int = 0
    late: int = 0
    late_minutes: int = 0
    whole_hours: int = 0
    returned: int = 0
    asked: int = 0
    disagreed: int = 0
    reviews: int = 0
    median_review_seconds: int | None = None

    def as_json(self) -> dict[str, Json]:
        """The figures for a program."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


_EARLIEST, _LATEST = date(1970, 1, 2), date(9999, 12, 30)
"""Nothing was recorded before or will be after; days beyond have no instant everywhere."""

_WHO = "CASE WHEN p.person_id IS NULL THEN r.{by} ELSE '' END"
_OWN = "r.book_id = 1 AND r.marks NOT LIKE '%carried\\_over%' ESCAPE '\\'"

_ENTRIES = text(f"""
SELECT {_WHO.format(by="recorded_by")} AS handler, count(*) AS entries,
       sum(CASE WHEN r.batch_id <> '' THEN 1 ELSE 0 END) AS imported,
       sum(CASE WHEN r.marks LIKE '%back\\_dated%' ESCAPE '\\' THEN 1 ELSE 0 END) AS late,
       sum(CASE WHEN r.marks LIKE '%back\\_dated%' ESCAPE '\\' THEN r.given_minutes ELSE 0 END)
         AS late_minutes,
       sum(CASE WHEN r.given_minutes % 60 = 0 THEN 1 ELSE 0 END) AS whole_hours,
       sum(CASE WHEN r.state = 'rejected' THEN 1 ELSE 0 END) AS returned
  FROM service_record r
  LEFT JOIN person p ON p.book_id = r.book_id AND p.person_id = r.recorded_by
 WHERE {_OWN} AND r.recorded_ms >= :since AND r.recorded_ms < :until GROUP BY 1
""")

# The middle one, or of an even number the two in the middle.
_REVIEWS = text(f"""
SELECT handler, max(reviews) AS reviews, sum(gap) / count(*) AS median_ms FROM (
  SELECT r.reviewed_by AS handler, r.reviewed_ms - r.recorded_ms AS gap,
         row_number() OVER (PARTITION BY r.reviewed_by
                            ORDER BY r.reviewed_ms - r.recorded_ms, r.record_id) AS place,
         count(*) OVER (PARTITION BY r.reviewed_by) AS reviews
    FROM service_record r
   WHERE {_OWN} AND r.reviewed_ms >= :since AND r.reviewed_ms < :until) AS ranked
 WHERE place * 2 >= reviews AND place * 2 <= reviews + 2 GROUP BY handler
""")

_CALLS = text(f"""
SELECT {_WHO.format(by="recorded_by")} AS handler, count(*) AS asked,
       sum(CASE WHEN o.outcome = 'not_as_recorded' THEN 1 ELSE 0 END) AS disagreed
  FROM call_outcome o
  JOIN call_back c ON c.book_id = o.book_id AND c.call_id = o.call_id
  JOIN service_record r ON r.book_id = c.book_id AND r.record_id = c.record_id
  LEFT JOIN person p ON p.book_id = r.book_id AND p.person_id = r.recorded_by
 WHERE {_OWN} AND o.outcome <> 'not_reached'
   AND r.recorded_ms >= :since AND r.recorded_ms < :until GROUP BY 1
""")

_STAFF = text("SELECT staff_id, login, title, station_code FROM staff WHERE book_id = 1")


def handler_figures(
    connection: Connection, actor: Actor, first: date, last: date
) -> list[HandlerFigures]:
    """Everybody who recorded or reviewed on these local days, both counted, the busiest first.

    Raises:
        NotPermitted: neither operator nor auditor.
    """
    require(actor, "read_handlers", Role.OPERATOR, Role.AUDITOR)
    asked = {
        "since": milliseconds(day_bounds(max(first, _EARLIEST))[0]),
        "until": milliseconds(day_ends(min(max(last, _EARLIEST), _LATEST))),
    }
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for query in (_ENTRIES, _CALLS):
        for row in connection.execute(query, asked).mappings():
            values = {name: int(row[name]) for name in row if name != "handler"}
            found[row["handler"]] |= values
    for handler, reviews, median_ms in connection.execute(_REVIEWS, asked):
        found[handler] |= {
            "reviews": int(reviews),
            "median_review_seconds": int(median_ms) // 1_000,
        }
    for staff_id, login, title, station in connection.execute(_STAFF):
        if staff_id in found:
            found[staff_id] |= {"login": login, "title": title, "station_code": station}
    made = [HandlerFigures(handler, **values) for handler, values in found.items()]
    return sorted(made, key=lambda one: (-one.entries - one.reviews, one.handler))
