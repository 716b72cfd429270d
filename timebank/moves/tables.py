"""Partner books, moves to them and moves from them."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key
from timebank.moves.model import ArrivalState, DepartureState, PartnerState


def _one_of(states: type[PartnerState] | type[DepartureState] | type[ArrivalState]) -> str:
    words = ", ".join(f"'{state.value}'" for state in states)
    return f"state IN ({words})"


class PartnerBook(SQLModel, table=True):
    """Another book with which members' time moves; ``account_id`` is its clearing account here.

    ``live_origin`` is the origin while the partner is active, so that each has one key at a time.
    """

    __tablename__ = "partner_book"
    __table_args__ = (
        CheckConstraint(_one_of(PartnerState), "partner_book_states"),
        Index("partner_book_once", "book_id", "live_origin", unique=True),
        CLUSTERED,
    )

    book_id: int = key()
    partner_id: str = key(TEXT)
    origin: str = column(TEXT)
    live_origin: str | None = column(TEXT, nullable=True)
    vkey: str = column(TEXT)
    name: str = column(TEXT)
    account_id: str = column(TEXT)
    state: str = column(TEXT)
    proposed_by: str = column(TEXT)
    proposed_ms: int = column()
    decided_by: str = column(TEXT)
    decided_ms: int | None = column(nullable=True)


class Departure(SQLModel, table=True):
    """A move to a partner; ``slip`` is the number of the agreement that the member signed.

    ``open_person`` is the person while the move waits, so that one at a time does; ``minutes`` and
    ``entry_id`` are 0 and empty before it is approved.
    """

    __tablename__ = "departure"
    __table_args__ = (
        CheckConstraint(_one_of(DepartureState), "departure_states"),
        Index("departure_open_once", "book_id", "open_person", unique=True),
        Index("departure_slip_once", "book_id", "station_code", "slip", unique=True),
        Index("departure_by_person", "book_id", "person_id", "state"),
        Index("departure_by_account", "book_id", "account_id"),
        Index("departure_by_entry", "book_id", "entry_id"),
        CLUSTERED,
    )

    book_id: int = key()
    departure_id: str = key(TEXT)
    person_id: str = column(TEXT)
    open_person: str | None = column(TEXT, nullable=True)
    account_id: str = column(TEXT)
    station_code: str = column(TEXT)
    origin: str = column(TEXT)
    slip: str = column(TEXT)
    state: str = column(TEXT)
    minutes: int = column()
    entry_id: str = column(TEXT)
    asked_by: str = column(TEXT)
    asked_ms: int = column()
    decided_by: str = column(TEXT)
    decided_ms: int | None = column(nullable=True)
    reason: str = column(TEXT)


class Arrival(SQLModel, table=True):
    """A move from a partner; ``origin`` and ``issuer_entry`` say where the time comes from.

    ``live_entry`` is the issuer's entry unless the arrival went back, so that it comes in once.
    """

    __tablename__ = "arrival"
    __table_args__ = (
        CheckConstraint(_one_of(ArrivalState), "arrival_states"),
        CheckConstraint("minutes > 0", "arrival_minutes"),
        Index("arrival_once", "book_id", "origin", "live_entry", unique=True),
        Index("arrival_by_account", "book_id", "account_id"),
        Index("arrival_by_entry", "book_id", "entry_id"),
        CLUSTERED,
    )

    book_id: int = key()
    arrival_id: str = key(TEXT)
    person_id: str = column(TEXT)
    account_id: str = column(TEXT)
    station_code: str = column(TEXT)
    origin: str = column(TEXT)
    issuer_entry: str = column(TEXT)
    live_entry: str | None = column(TEXT, nullable=True)
    minutes: int = column()
    moved_on: str = column(TEXT)
    state: str = column(TEXT)
    credited_minutes: int = column()
    entry_id: str = column(TEXT)
    stated_by: str = column(TEXT)
    stated_ms: int = column()
    decided_by: str = column(TEXT)
    decided_ms: int | None = column(nullable=True)
    reason: str = column(TEXT)


PARTNER_BOOK = core(PartnerBook)
DEPARTURE = core(Departure)
ARRIVAL = core(Arrival)
