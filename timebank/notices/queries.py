"""Reading public notices, and what was objected to them.

The public list shows what anybody needs to object: station, day, kind of help, minutes and the
volunteers under masks.  Who was cared for is nobody's business and does not stand there.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.calendar import working_day_after
from timebank.records.queries import READERS, After
from timebank.records.received import volunteers_of
from timebank.statements.statement import recorded_at
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor

_LIST = (
    "SELECT r.record_id, r.station_code, r.number, r.service_on, r.class_code, r.given_minutes, "
    "n.opened_on, n.working_days FROM record_notice n JOIN service_record r "
    "ON r.book_id = n.book_id AND r.record_id = n.record_id AND r.state = 'awaiting_review' "
    "WHERE n.book_id = 1"
)
_OBJECTIONS = (
    "SELECT o.record_id, r.station_code, r.number, o.place, o.objected_by, o.reason, "
    "o.objected_ms, o.upheld, o.decided_by, o.decision, o.decided_ms FROM notice_objection o "
    "JOIN service_record r ON r.book_id = o.book_id AND r.record_id = o.record_id "
    "WHERE o.book_id = 1"
)

_WAITING = " AND o.upheld IS NULL AND r.state = 'awaiting_review'"


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """A record under notice as anybody may see it.

    ``until_on`` is the last day of the notice, a local date; empty where that year's 调休 is not
    known.  ``volunteers`` are masked names.
    """

    record_id: str
    station_code: str
    number: int
    service_on: str
    class_code: str
    given_minutes: int
    opened_on: str
    until_on: str
    volunteers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Objection:
    """What was said against a record and, once ``upheld`` is not ``None``, what became of it."""

    record_id: str
    station_code: str
    number: int
    place: int
    objected_by: str
    reason: str
    objected_ms: int
    upheld: bool | None
    decided_by: str
    decision: str
    decided_ms: int | None


def notices_listed(
    bank: Bank,
    connection: Connection,
    *,
    station_code: str = "",
    after: After | None = None,
    most: int = 50,
) -> list[PublicNotice]:
    """A page of what is under notice, station by station, behind ``after``."""
    query, asked = _LIST, dict[str, Any](most=most)
    if station_code:
        query += " AND r.station_code = :station"
        asked["station"] = station_code
    if after is not None:
        query += " AND (r.station_code > :code OR r.station_code = :code AND r.number > :number)"
        asked |= {"code": after.station_code, "number": after.number}
    query += " ORDER BY r.station_code, r.number LIMIT :most"
    rows = connection.execute(text(query), asked).all()
    names = volunteers_of(bank, connection, [row.record_id for row in rows])
    return [
        PublicNotice(
            row.record_id,
            row.station_code,
            row.number,
            row.service_on,
            row.class_code,
            row.given_minutes,
            row.opened_on,
            last_day(row.opened_on, row.working_days),
            tuple(names.get(row.record_id, ())),
        )
        for row in rows
    ]


def objections_of(connection: Connection, actor: Actor, record_id: str) -> list[Objection]:
    """Everything that was objected to a record, the first first.

    Raises:
        NotPermitted: no staff, or of another station.
    """
    require(actor, "read_objections", *READERS)
    query = text(_OBJECTIONS + " AND o.record_id = :record ORDER BY o.place")
    found = [_objection(row) for row in connection.execute(query, {"record": record_id})]
    if found:
        require_station(actor, "read_objections", found[0].station_code)
    return found


def open_objections(
    connection: Connection, actor: Actor, *, station_code: str = "", most: int = 50
) -> list[Objection]:
    """Objections that wait for a decision, the oldest first; a station's staff see their own.

    Raises:
        NotPermitted: no staff, or of another station than ``station_code``.
    """
    require(actor, "read_objections", *READERS)
    if station_code:
        require_station(actor, "read_objections", station_code)
    query, asked = _OBJECTIONS + _WAITING, dict[str, Any](most=most)
    if station := actor.station_code or station_code:
        query += " AND r.station_code = :station"
        asked["station"] = station
    query += " ORDER BY o.objected_ms, o.record_id LIMIT :most"
    return [_objection(row) for row in connection.execute(text(query), asked)]


def told_of_objections(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """What a member objected to, for their own copy, with what became of it."""
    query = text(_OBJECTIONS + " AND o.objected_by = :person ORDER BY o.objected_ms, o.record_id")
    return [
        {
            "record": one.record_id,
            "reason": one.reason,
            "at": recorded_at(one.objected_ms),
            "upheld": one.upheld,
            "decision": one.decision,
        }
        for one in map(_objection, connection.execute(query, {"person": person_id}))
    ]


def last_day(opened_on: str, working_days: int) -> str:
    """The last day of a notice; empty where that year's 调休 is not known."""
    day = working_day_after(date.fromisoformat(opened_on), working_days)
    return "" if day is None else day.isoformat()


def _objection(row: Any) -> Objection:
    upheld = None if row.upheld is None else bool(row.upheld)
    return Objection(
        row.record_id, row.station_code, row.number, row.place, row.objected_by, row.reason,
        row.objected_ms, upheld, row.decided_by, row.decision, row.decided_ms,
    )  # fmt: skip
