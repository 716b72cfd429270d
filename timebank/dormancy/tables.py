"""Who was reminded that their time rests."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key


class Reminder(SQLModel, table=True):
    """One reminder for one rest; ``resting_since`` is the local day of what the person did last.

    Whoever does something and rests again has another day, and is reminded again.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        Index("reminder_by_rest", "book_id", "person_id", "resting_since", unique=True),
        CLUSTERED,
    )

    book_id: int = key()
    reminder_id: str = key(TEXT)
    person_id: str = column(TEXT)
    resting_since: str = column(TEXT)
    reminded_ms: int = column()


REMINDER = core(Reminder)
