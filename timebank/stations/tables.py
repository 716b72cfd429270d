"""Stations, the staff who work there, and the sessions in which they do."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key


class Station(SQLModel, table=True):
    """A community station; ``key_name`` is the software key that signs what is done there."""

    __tablename__ = "station"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    code: str = key(TEXT)
    name: str = column(TEXT)
    account_id: str = column(TEXT)
    key_name: str = column(TEXT)
    records: int = column()
    opened_ms: int = column()


class Staff(SQLModel, table=True):
    """Somebody who signs in; ``station_code`` is empty for the district's own staff."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(
            "role IN ('operator', 'clerk', 'reviewer', 'auditor', 'kiosk', 'scheduler')",
            "staff_roles",
        ),
        Index("staff_by_login", "book_id", "login", unique=True),
        CLUSTERED,
    )

    book_id: int = key()
    staff_id: str = key(TEXT)
    login: str = column(TEXT)
    title: str = column(TEXT)
    role: str = column(TEXT)
    station_code: str = column(TEXT)
    password_hash: str = column(TEXT)
    failures: int = column()
    locked_until_ms: int = column()
    active: int = column()


class Session(SQLModel, table=True):
    """A signed-in session; only the token's hash is kept."""

    __tablename__ = "session"
    __table_args__ = (Index("session_by_holder", "book_id", "staff_id", "person_id"), CLUSTERED)

    book_id: int = key()
    token_hash: bytes = key(BYTES)
    staff_id: str = column(TEXT)
    person_id: str = column(TEXT)
    role: str = column(TEXT)
    station_code: str = column(TEXT)
    opened_ms: int = column()
    expires_ms: int = column()
    ended_ms: int | None = column(nullable=True)


STATION = core(Station)
STAFF = core(Staff)
SESSION = core(Session)
