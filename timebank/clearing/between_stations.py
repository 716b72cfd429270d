"""Between the stations of one book: care that one station gave to elders of another.

Nothing is cleared there, because members' time is one account per person and book.  Districts ask
who serves whose elders all the same, so this counts, and moves nothing.
"""

import csv
import io
from dataclasses import dataclass

from sqlalchemy import Connection, text

from timebank.clearing.making import READERS, check_month
from timebank.stations.actions import require
from timebank.stations.model import Actor

CSV_HEADER = ("月份", "服务站点", "老人所属站点", "服务次数", "服务分钟")

_COUNTED = text("""
SELECT h.station_code, h.home, count(*) AS records, sum(h.given_minutes * h.volunteers) AS minutes
  FROM (SELECT r.record_id, r.station_code, p.station_code AS home, r.given_minutes,
               (SELECT count(*) FROM record_person v
                 WHERE v.book_id = r.book_id AND v.record_id = r.record_id
                   AND v.part = 'volunteer') AS volunteers
          FROM service_record r
          JOIN record_person e ON e.book_id = r.book_id AND e.record_id = r.record_id
           AND e.part = 'recipient'
          JOIN person p ON p.book_id = e.book_id AND p.person_id = e.person_id
         WHERE r.book_id = 1 AND r.state IN ('posted', 'carried_over')
           AND r.service_on >= :first AND r.service_on <= :last
           AND p.station_code <> '' AND p.station_code <> r.station_code
         GROUP BY r.book_id, r.record_id, r.station_code, p.station_code, r.given_minutes) h
 GROUP BY h.station_code, h.home ORDER BY h.station_code, h.home
""")


@dataclass(frozen=True, slots=True)
class BetweenStations:
    """What one station gave to elders of another in a month.

    ``minutes`` are those that volunteers gave, each volunteer's counted; a service for elders of
    two other stations counts for both.
    """

    station: str
    home: str
    records: int
    minutes: int


def between_stations(connection: Connection, actor: Actor, month: str) -> list[BetweenStations]:
    """The posted services of a month whose elders are registered elsewhere, by both stations.

    Raises, the first that applies:
        NotPermitted: neither operator nor auditor.
        NotAPeriod: no month ``YYYY-MM``.
    """
    require(actor, "read_between_stations", *READERS)
    check_month(month)
    rows = connection.execute(_COUNTED, {"first": f"{month}-01", "last": f"{month}-31"})
    return [
        BetweenStations(row.station_code, row.home, int(row.records), int(row.minutes))
        for row in rows
    ]


def as_csv(month: str, found: list[BetweenStations]) -> bytes:
    """The report as Excel and WPS read it: UTF-8 with a byte order mark, CRLF."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\r\n")
    rows.writerow(CSV_HEADER)
    rows.writerows((month, one.station, one.home, one.records, one.minutes) for one in found)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()
