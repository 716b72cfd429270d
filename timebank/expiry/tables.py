"""Announcements that credit will expire, and what became of each."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key
from timebank.expiry.model import State

_STATES = ", ".join(f"'{state.value}'" for state in State)


class ExpiryAnnouncement(SQLModel, table=True):
    """Minutes of one account that expire on ``due_on`` (``YYYY-MM-DD``) unless they are used.

    ``policy`` is the version under which it was announced, later under which it ended;
    ``expired_minutes`` is 0 and ``entry_id`` empty unless something expired, ``why`` is empty
    unless it lapsed, ``reason`` unless an operator gave back what had expired.
    """

    __tablename__ = "expiry_announcement"
    __table_args__ = (
        CheckConstraint("minutes > 0", "expiry_announcement_minutes"),
        CheckConstraint(
            "expired_minutes >= 0 AND expired_minutes <= minutes", "expiry_announcement_expired"
        ),
        CheckConstraint(f"state IN ({_STATES})", "expiry_announcement_states"),
        Index("expiry_announcement_by_account", "book_id", "account_id", "state"),
        Index("expiry_announcement_by_due", "book_id", "state", "due_on"),
        Index("expiry_announcement_by_entry", "book_id", "entry_id"),
        Index("expiry_announcement_by_person", "book_id", "person_id"),
        CLUSTERED,
    )

    book_id: int = key()
    announcement_id: str = key(TEXT)
    account_id: str = column(TEXT)
    person_id: str = column(TEXT)
    station_code: str = column(TEXT)
    minutes: int = column()
    due_on: str = column(TEXT)
    announced_on: str = column(TEXT)
    announced_ms: int = column()
    policy: str = column(TEXT)
    state: str = column(TEXT)
    why: str = column(TEXT)
    expired_minutes: int = column()
    entry_id: str = column(TEXT)
    ended_ms: int | None = column(nullable=True)
    reason: str = column(TEXT)


EXPIRY_ANNOUNCEMENT = core(ExpiryAnnouncement)
