"""Reading service records and imports: lists by page, one by id, the reviewer's queue.

Names are masked here, so no screen or answer behind this module has more of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, and_, exists, func, or_, select

from ledger.leaf_parser import LeafRejected
from ledger.lookup import LogLookup
from timebank.bank import Bank
from timebank.errors import UnknownBatch, UnknownRecord
from timebank.notices.tables import RECORD_NOTICE
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.records.model import State
from timebank.records.tables import RECORD_PERSON, REGISTER_BATCH, SERVICE_RECORD
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1
READERS = (Role.OPERATOR, Role.AUDITOR, Role.CLERK, Role.REVIEWER)

_RECORD = SERVICE_RECORD.c
_NOTICE = RECORD_NOTICE.c
_OF_RECORD = and_(_NOTICE.book_id == _RECORD.book_id, _NOTICE.record_id == _RECORD.record_id)
_RECORDS = select(SERVICE_RECORD, _NOTICE.opened_on, _NOTICE.working_days).join(
    RECORD_NOTICE, _OF_RECORD, isouter=True
)
_STORED_STATE = _RECORD.state == State.AWAITING_REVIEW.value
_WHERE_STATE = {
    State.AWAITING_REVIEW: and_(_STORED_STATE, _NOTICE.opened_on.is_(None)),
    State.UNDER_NOTICE: and_(_STORED_STATE, _NOTICE.opened_on.is_not(None)),
}
_BATCHES = select(
    REGISTER_BATCH,
    exists()
    .where(
        _RECORD.book_id == REGISTER_BATCH.c.book_id,
        _RECORD.batch_id == REGISTER_BATCH.c.batch_id,
        _STORED_STATE,
        _OF_RECORD,
    )
    .label("is_noticed"),
)
_LONGEST_NUMBER = 9


class After(NamedTuple):
    """Where a page of records ended: its last record's station and number."""

    station_code: str
    number: int


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """Somebody's part in a record; ``name`` is masked, 已注销 where the person was erased."""

    part: str
    number: str
    name: str
    credited_minutes: int
    entry_id: str
    person_id: str
    charged_minutes: int
    overflow_minutes: int


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record as a list shows it.

    ``started_at`` and ``ended_at`` are local wall times, ``recorded_ms`` and ``reviewed_ms`` UTC
    milliseconds.  ``noticed_on`` is the local day on which a public notice of ``notice_days``
    working days was opened, empty where there is none.
    """

    record_id: str
    station_code: str
    number: int
    service_on: str
    started_at: str
    ended_at: str
    class_code: str
    content: str
    public: str
    head_count: int
    given_minutes: int
    payer: str
    policy: str
    state: str
    marks: tuple[str, ...]
    reason: str
    batch_id: str
    recorded_by: str
    recorded_ms: int
    reviewed_by: str
    reviewed_ms: int | None
    people: tuple[ShownPerson, ...]
    noticed_on: str
    notice_days: int


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """An import and what became of it; ``refusals`` are (sheet, row, code)."""

    batch_id: str
    station_code: str
    title: str
    reason: str
    imported_by: str
    imported_ms: int
    approved_by: str
    approved_ms: int | None
    state: str
    accepted: int
    refused: int
    minutes: int
    refusals: tuple[tuple[str, int, str], ...]


def records_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    station_code: str = "",
    state: str = "",
    service_on: str = "",
    recorded_from_ms: int | None = None,
    batch_id: str = "",
    after: After | None = None,
    most: int = 50,
) -> list[ShownRecord]:
    """A page of records, station by station, the newest number of each first.

    A station's staff see their own station's; an empty filter lets everything through.
    ``recorded_from_ms`` leaves out what was recorded before that moment.

    Raises:
        NotPermitted: no staff, or of another station than ``station_code``.
    """
    require(actor, "read_records", *READERS)
    if station_code:
        require_station(actor, "read_records", station_code)
    query = _RECORDS.where(_RECORD.book_id == BOOK)
    wanted = ((_RECORD.station_code, actor.station_code or station_code),
              (_RECORD.service_on, service_on), (_RECORD.batch_id, batch_id))  # fmt: skip
    for column, value in wanted:
        if value:
            query = query.where(column == value)
    if state:
        query = query.where(_WHERE_STATE.get(State(state), _RECORD.state == state))
    if recorded_from_ms is not None:
        query = query.where(_RECORD.recorded_ms >= recorded_from_ms)
    if after is not None:
        same = and_(_RECORD.station_code == after.station_code, _RECORD.number < after.number)
        query = query.where(or_(_RECORD.station_code > after.station_code, same))
    query = query.order_by(_RECORD.station_code, _RECORD.number.desc()).limit(most)
    return _shown(bank, connection, query)


def queue(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    station_code: str = "",
    after: After | None = None,
    most: int = 50,
) -> list[ShownRecord]:
    """A page of the records that await a second person, the oldest of each station first.

    Raises:
        NotPermitted: neither reviewer nor operator, or of another station.
    """
    require(actor, "read_queue", Role.REVIEWER, Role.OPERATOR)
    if station_code:
        require_station(actor, "read_queue", station_code)
    query = _RECORDS.where(_RECORD.book_id == BOOK, _WHERE_STATE[State.AWAITING_REVIEW])
    if station := actor.station_code or station_code:
        query = query.where(_RECORD.station_code == station)
    if after is not None:
        same = and_(_RECORD.station_code == after.station_code, _RECORD.number > after.number)
        query = query.where(or_(_RECORD.station_code > after.station_code, same))
    query = query.order_by(_RECORD.station_code, _RECORD.number).limit(most)
    return _shown(bank, connection, query)


def waiting(connection: Connection) -> tuple[int, int]:
    """How many records of the district await a review, and how many stand on public notice."""
    row = connection.execute(
        select(
            func.count().filter(_NOTICE.opened_on.is_(None)),
            func.count().filter(_NOTICE.opened_on.is_not(None)),
        )
        .select_from(SERVICE_RECORD)
        .join(RECORD_NOTICE, _OF_RECORD, isouter=True)
        .where(_RECORD.book_id == BOOK, _STORED_STATE)
    ).one()
    return int(row[0]), int(row[1])


def record_of(bank: Bank, connection: Connection, actor: Actor, record_id: str) -> ShownRecord:
    """One record.

    Raises, the first that applies:
        NotPermitted: no staff.
        UnknownRecord: no such record.
        NotPermitted: it is another station's.
    """
    require(actor, "read_records", *READERS)
    query = _RECORDS.where(_RECORD.book_id == BOOK, _RECORD.record_id == record_id)
    found = _shown(bank, connection, query)
    if not found:
        raise UnknownRecord(record=record_id[:60])
    require_station(actor, "read_records", found[0].station_code)
    return found[0]


def record_numbered(connection: Connection, actor: Actor, station_code: str, number: str) -> str:
    """The id of the record with that number of a station.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        UnknownRecord: the station has no record of that number, or it is none.
    """
    require(actor, "read_records", *READERS)
    require_station(actor, "read_records", station_code)
    found: str | None = None
    if number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER:
        query = select(_RECORD.record_id).where(
            _RECORD.book_id == BOOK,
            _RECORD.station_code == station_code,
            _RECORD.number == int(number),
        )
        found = connection.execute(query).scalar()
    if found is None:
        raise UnknownRecord(field="number", record=number[:20])
    return found


def record_of_leaf(connection: Connection, leaf_index: int) -> str:
    """The id of the record that the journal entry of a leaf credits.

    Raises:
        UnknownRecord: no such leaf, or it posts no service record.
    """
    try:
        entry_id = LogLookup(connection).leaf(leaf_index).identifier
    except LeafRejected:
        raise UnknownRecord(record=str(leaf_index)) from None
    record_id = connection.execute(
        select(RECORD_PERSON.c.record_id).where(
            RECORD_PERSON.c.book_id == BOOK, RECORD_PERSON.c.entry_id == entry_id
        )
    ).scalar()
    if record_id is None:
        raise UnknownRecord(record=str(leaf_index))
    return str(record_id)


def own_record_of_leaf(
    bank: Bank, connection: Connection, actor: Actor, leaf_index: int
) -> ShownRecord:
    """The record by which the journal entry of a leaf credits the member who asks.

    Nobody else is named in it.

    Raises, the first that applies:
        NotPermitted: no member.
        UnknownRecord: no such leaf, or it credits somebody else, or nobody.
    """
    require(actor, "read_own_record", Role.MEMBER)
    record_id = record_of_leaf(connection, leaf_index)
    query = _RECORDS.where(_RECORD.book_id == BOOK, _RECORD.record_id == record_id)
    (record,) = _shown(bank, connection, query)
    entry_id = LogLookup(connection).leaf(leaf_index).identifier
    mine = tuple(
        one
        for one in record.people
        if (one.person_id, one.part, one.entry_id) == (actor.person_id, "volunteer", entry_id)
    )
    if not mine:
        raise UnknownRecord(record=str(leaf_index))
    return replace(record, people=mine)


def batches_listed(
    connection: Connection, actor: Actor, *, before: str = "", most: int = 50
) -> list[ShownBatch]:
    """A page of imports by id, the station's own or the district's all, behind ``before``.

    Raises:
        NotPermitted: no staff.
    """
    require(actor, "read_batches", *READERS)
    query = _BATCHES.where(REGISTER_BATCH.c.book_id == BOOK, REGISTER_BATCH.c.batch_id > before)
    if actor.station_code:
        query = query.where(REGISTER_BATCH.c.station_code == actor.station_code)
    rows = connection.execute(query.order_by(REGISTER_BATCH.c.batch_id).limit(most))
    return [_batch(row) for row in rows]


def batch_of(connection: Connection, actor: Actor, batch_id: str) -> ShownBatch:
    """One import.

    Raises, the first that applies:
        NotPermitted: no staff.
        UnknownBatch: no such import.
        NotPermitted: it is another station's.
    """
    require(actor, "read_batches", *READERS)
    row = connection.execute(
        _BATCHES.where(REGISTER_BATCH.c.book_id == BOOK, REGISTER_BATCH.c.batch_id == batch_id)
    ).first()
    if row is None:
        raise UnknownBatch(batch=batch_id[:60])
    require_station(actor, "read_batches", row.station_code)
    return _batch(row)


def _shown(bank: Bank, connection: Connection, query: Select[Any]) -> list[ShownRecord]:
    rows = connection.execute(query).all()
    people = _people(bank, connection, [row.record_id for row in rows])
    return [
        ShownRecord(
            row.record_id, row.station_code, row.number, row.service_on, row.started_at,
            row.ended_at, row.class_code, row.content, row.public, row.head_count,
            row.given_minutes, row.payer, row.policy, _state(row), tuple(row.marks.split()),
            row.reason, row.batch_id, row.recorded_by, row.recorded_ms, row.reviewed_by,
            row.reviewed_ms, tuple(people.get(row.record_id, ())), row.opened_on or "",
            row.working_days or 0,
        )
        for row in rows
    ]  # fmt: skip


def _people(
    bank: Bank, connection: Connection, record_ids: Iterable[str]
) -> dict[str, list[ShownPerson]]:
    query = (
        select(RECORD_PERSON)
        .where(RECORD_PERSON.c.book_id == BOOK, RECORD_PERSON.c.record_id.in_(list(record_ids)))
        .order_by(RECORD_PERSON.c.part.desc(), RECORD_PERSON.c.person_id)
    )
    rows = connection.execute(query).all()
    ids = {row.person_id for row in rows}
    known = members(bank, connection, ids)
    others = names_not_shown(connection, ids)
    found: dict[str, list[ShownPerson]] = {}
    for row in rows:
        member = known.get(row.person_id)
        found.setdefault(row.record_id, []).append(
            ShownPerson(
                row.part,
                member.numbers[0] if member and member.numbers else "",
                mask_name(member.name) if member else others.get(row.person_id, ""),
                row.credited_minutes,
                row.entry_id,
                row.person_id,
                row.charged_minutes,
                row.overflow_minutes,
            )
        )
    return found


def _state(row: Any) -> str:
    waits = row.state == State.AWAITING_REVIEW and row.opened_on is not None
    return State.UNDER_NOTICE.value if waits else str(row.state)


def _batch(row: Any) -> ShownBatch:
    refusals = tuple(
        (str(one["sheet"]), int(one["row"]), str(one["code"])) for one in orjson.loads(row.refusals)
    )
    state = State.UNDER_NOTICE.value if row.is_noticed else row.state
    return ShownBatch(
        row.batch_id, row.station_code, row.title, row.reason, row.imported_by, row.imported_ms,
        row.approved_by, row.approved_ms, state, row.accepted, row.refused, row.minutes,
        refusals,
    )  # fmt: skip
