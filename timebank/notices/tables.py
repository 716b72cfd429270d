"""Records that were put on public notice, and what was objected to them."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key


class RecordNotice(SQLModel, table=True):
    """When a record was put on notice, and for how many working days.

    While the record itself still waits, it is under notice; afterwards the row shows that it was.
    ``opened_on`` is a local day, which does not count.
    """

    __tablename__ = "record_notice"
    __table_args__ = (
        CheckConstraint("working_days > 0", "record_notice_days"),
        Index("record_notice_by_day", "book_id", "opened_on", "working_days"),
        CLUSTERED,
    )

    book_id: int = key()
    record_id: str = key(TEXT)
    opened_on: str = column(TEXT)
    working_days: int = column()


class NoticeObjection(SQLModel, table=True):
    """What somebody said against a record under notice, and what a second person made of it.

    ``place`` counts a record's objections from 1; ``upheld`` is null until one is decided.
    """

    __tablename__ = "notice_objection"
    __table_args__ = (
        CheckConstraint("upheld IN (0, 1)", "notice_objection_upheld"),
        Index("notice_objection_open", "book_id", "upheld", "record_id"),
        CLUSTERED,
    )

    book_id: int = key()
    record_id: str = key(TEXT)
    place: int = key()
    objected_by: str = column(TEXT)
    reason: str = column(TEXT)
    objected_ms: int = column()
    upheld: int | None = column(nullable=True)
    decided_by: str = column(TEXT)
    decision: str = column(TEXT)
    decided_ms: int | None = column(nullable=True)


RECORD_NOTICE = core(RecordNotice)
NOTICE_OBJECTION = core(NoticeObjection)
