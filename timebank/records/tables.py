"""Service records: care that was given, who gave it, who received it, and what became of it."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key


class ServiceRecord(SQLModel, table=True):
    """One interval of care.

    ``number`` is gap-free per station.  ``started_at`` and ``ended_at`` are local wall times,
    ``YYYY-MM-DDTHH:MM``; ``given_minutes`` is their distance.  ``opening`` opens the leaf's salted
    commitment and is sealed for the first volunteer; ``public`` names recipients that are nobody in
    particular.  ``marks`` are words in alphabetical order,
    joined by blanks: ``back_dated bulk carried_over event merged roster unreviewed``.
    """

    __tablename__ = "service_record"
    __table_args__ = (
        CheckConstraint(
            "state IN ('awaiting_review', 'posted', 'rejected', 'reversed')", "record_states"
        ),
        CheckConstraint("given_minutes > 0", "record_minutes"),
        Index("record_by_station", "book_id", "station_code", "number", unique=True),
        Index("record_by_batch", "book_id", "batch_id"),
        Index("record_by_state", "book_id", "state", "station_code", "number"),
        CLUSTERED,
    )

    book_id: int = key()
    record_id: str = key(TEXT)
    station_code: str = column(TEXT)
    number: int = column()
    service_on: str = column(TEXT)
    started_at: str = column(TEXT)
    ended_at: str = column(TEXT)
    class_code: str = column(TEXT)
    content: str = column(TEXT)
    public: str = column(TEXT)
    head_count: int = column()
    given_minutes: int = column()
    payer: str = column(TEXT)
    policy: str = column(TEXT)
    state: str = column(TEXT)
    marks: str = column(TEXT)
    reason: str = column(TEXT)
    batch_id: str = column(TEXT)
    recorded_by: str = column(TEXT)
    recorded_ms: int = column()
    reviewed_by: str = column(TEXT)
    reviewed_ms: int | None = column(nullable=True)
    opening: bytes = column(BYTES)


class RecordPerson(SQLModel, table=True):
    """A person's part in a record, with the interval once more: overlaps are asked by person.

    Each volunteer is credited by a journal entry of their own, ``entry_id`` (empty before posting
    and for recipients); ``live`` turns 0 when the record is rejected or reversed.
    """

    __tablename__ = "record_person"
    __table_args__ = (
        CheckConstraint("part IN ('volunteer', 'recipient')", "record_person_parts"),
        CheckConstraint("live IN (0, 1)", "record_person_live"),
        CheckConstraint("credited_minutes >= 0", "record_person_minutes"),
        Index("record_person_by_entry", "book_id", "entry_id"),
        Index("record_person_by_time", "book_id", "person_id", "started_at"),
        CLUSTERED,
    )

    book_id: int = key()
    record_id: str = key(TEXT)
    person_id: str = key(TEXT)
    part: str = key(TEXT)
    started_at: str = column(TEXT)
    ended_at: str = column(TEXT)
    credited_minutes: int = column()
    charged_minutes: int = column()
    overflow_minutes: int = column()
    entry_id: str = column(TEXT)
    live: int = column()


class RecordHold(SQLModel, table=True):
    """The hold from which a record's one volunteer is paid, if the time was held before."""

    __tablename__ = "record_hold"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    record_id: str = key(TEXT)
    hold_id: str = column(TEXT)


class RecordTime(SQLModel, table=True):
    """What was said of the time inside a record's interval; no row where nothing was.

    ``aim_met`` is 0 where a short visit did not reach what it was for.
    """

    __tablename__ = "record_time"
    __table_args__ = (
        CheckConstraint("travel_minutes >= 0", "record_time_travel"),
        CheckConstraint("rest_minutes >= 0", "record_time_rest"),
        CheckConstraint("aim_met IN (0, 1)", "record_time_aim"),
        CLUSTERED,
    )

    book_id: int = key()
    record_id: str = key(TEXT)
    travel_minutes: int = column()
    rest_minutes: int = column()
    aim_met: int = column()


class RecordRoster(SQLModel, table=True):
    """The signed roster by which a record of many volunteers was approved; the paper stays.

    ``sheet`` is its number at the station, ``scan`` the hex SHA-256 of a scan, or empty.
    """

    __tablename__ = "record_roster"
    __table_args__ = (CheckConstraint("signatures >= 0", "record_roster_signatures"), CLUSTERED)

    book_id: int = key()
    record_id: str = key(TEXT)
    sheet: str = column(TEXT)
    signatures: int = column()
    scan: str = column(TEXT)


class RegisterBatch(SQLModel, table=True):
    """One import of a register: what the clerk handed in, and what became of it.

    ``refusals`` is a JSON list of {sheet, row, code}; ``title`` is the register's own.
    """

    __tablename__ = "register_batch"
    __table_args__ = (
        CheckConstraint("state IN ('awaiting_review', 'posted', 'rejected')", "batch_states"),
        CLUSTERED,
    )

    book_id: int = key()
    batch_id: str = key(TEXT)
    station_code: str = column(TEXT)
    title: str = column(TEXT)
    file_hash: str = column(TEXT)
    reason: str = column(TEXT)
    imported_by: str = column(TEXT)
    imported_ms: int = column()
    approved_by: str = column(TEXT)
    approved_ms: int | None = column(nullable=True)
    state: str = column(TEXT)
    accepted: int = column()
    refused: int = column()
    minutes: int = column()
    refusals: str = column(TEXT)


SERVICE_RECORD = core(ServiceRecord)
RECORD_PERSON = core(RecordPerson)
RECORD_HOLD = core(RecordHold)
RECORD_TIME = core(RecordTime)
RECORD_ROSTER = core(RecordRoster)
REGISTER_BATCH = core(RegisterBatch)

APPEND_ONLY = ("record_roster",)
"""What the rows say stands in a leaf, too; nobody changes what was seen."""
