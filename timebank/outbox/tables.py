"""The outbox: one row for each message, in the order in which things happened."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key
from timebank.outbox.model import State, Way

_STATES = ", ".join(f"'{state.value}'" for state in State)
_WAYS = ", ".join(f"'{way.value}'" for way in Way)


class OutboxMessage(SQLModel, table=True):
    """Who is told of what: ids and codes, written in the commit of what happened.

    The words, the name and the telephone number are not here: they are put together when the
    message goes out, and are gone with the person.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("event <> ''", "message_events"),
        CheckConstraint(f"way IN ({_WAYS})", "message_ways"),
        CheckConstraint(f"state IN ({_STATES})", "message_states"),
        CheckConstraint("attempts >= 0", "message_attempts"),
        Index("message_by_state", "book_id", "state", "next_ms"),
        Index("message_by_person", "book_id", "person_id", "number"),
        Index("message_by_station", "book_id", "station_code", "number"),
        Index("message_by_subject", "book_id", "subject", "place"),
        CLUSTERED,
    )

    book_id: int = key()
    number: int = key()
    event: str = column(TEXT)
    way: str = column(TEXT)
    person_id: str = column(TEXT)
    station_code: str = column(TEXT)
    subject: str = column(TEXT)
    place: int = column()
    state: str = column(TEXT)
    attempts: int = column()
    next_ms: int = column()
    error: str = column(TEXT)
    made_ms: int = column()
    ended_ms: int | None = column(nullable=True)
    told_by: str = column(TEXT)
    told_ms: int | None = column(nullable=True)


OUTBOX_MESSAGE = core(OutboxMessage)
