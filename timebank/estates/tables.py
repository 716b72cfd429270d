"""Reported deaths, and the settlements that followed them."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key


class Estate(SQLModel, table=True):
    """A reported death; ``opening`` has the day and what was shown for it, sealed for the person.

    ``withdrawn_ms`` is null unless the report was wrong.
    """

    __tablename__ = "estate"
    __table_args__ = (
        Index("estate_by_person", "book_id", "person_id"),
        Index("estate_by_station", "book_id", "station_code", "estate_id"),
        CLUSTERED,
    )

    book_id: int = key()
    estate_id: str = key(TEXT)
    person_id: str = column(TEXT)
    account_id: str = column(TEXT)
    station_code: str = column(TEXT)
    opening: bytes = column(BYTES)
    reported_by: str = column(TEXT)
    reported_ms: int = column()
    withdrawn_by: str = column(TEXT)
    withdrawn_ms: int | None = column(nullable=True)
    reason: str = column(TEXT)


class EstateShare(SQLModel, table=True):
    """One movement of a settlement: to a relative, or to pool or umbrella body.

    ``to_person`` is then empty.  ``relation`` is how the deceased called the relative, or
    ``umbrella``; ``reversed`` turns 1 with its entry.
    """

    __tablename__ = "estate_share"
    __table_args__ = (
        CheckConstraint("minutes > 0", "estate_share_minutes"),
        CheckConstraint("reversed IN (0, 1)", "estate_share_reversed"),
        Index("estate_share_by_estate", "book_id", "estate_id"),
        CLUSTERED,
    )

    book_id: int = key()
    entry_id: str = key(TEXT)
    to_account: str = key(TEXT)
    estate_id: str = column(TEXT)
    to_person: str = column(TEXT)
    relation: str = column(TEXT)
    minutes: int = column()
    settled_by: str = column(TEXT)
    settled_ms: int = column()
    reversed: int = column()


ESTATE = core(Estate)
ESTATE_SHARE = core(EstateShare)
