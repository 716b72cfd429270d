"""Draws, the calls that they ask for, and what came of each; no row is ever changed."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key


class CallDraw(SQLModel, table=True):
    """One week's draw: the checkpoint that seeds it, and what could be drawn.

    ``week`` is the Monday after it.  Entries of the leaves from ``first_leaf`` up to ``size`` could
    be drawn; ``list_hash`` is over their ids.  ``root`` is base64.
    """

    __tablename__ = "call_draw"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    week: str = key(TEXT)
    draw_id: str = column(TEXT)
    origin: str = column(TEXT)
    first_leaf: int = column()
    size: int = column()
    root: str = column(TEXT)
    entries: int = column()
    list_hash: str = column(TEXT)
    drawn_ms: int = column()


class CallBack(SQLModel, table=True):
    """Somebody who is to be asked about a record; ``caller`` is empty where nobody could be named.

    ``place`` counts a draw's calls from 1.
    """

    __tablename__ = "call_back"
    __table_args__ = (
        Index("call_back_by_week", "book_id", "week", "place", unique=True),
        Index("call_back_by_station", "book_id", "station_code", "call_id"),
        CLUSTERED,
    )

    book_id: int = key()
    call_id: str = key(TEXT)
    week: str = column(TEXT)
    place: int = column()
    record_id: str = column(TEXT)
    person_id: str = column(TEXT)
    station_code: str = column(TEXT)
    caller: str = column(TEXT)
    due_on: str = column(TEXT)


class CallOutcome(SQLModel, table=True):
    """What came of one attempt; ``remark`` is sealed for whoever was asked, empty where none is."""

    __tablename__ = "call_outcome"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('confirmed', 'not_as_recorded', 'reached', 'not_reached')",
            "call_outcomes",
        ),
        CLUSTERED,
    )

    book_id: int = key()
    call_id: str = key(TEXT)
    place: int = key()
    outcome: str = column(TEXT)
    remark: bytes = column(BYTES)
    said_by: str = column(TEXT)
    said_ms: int = column()


CALL_DRAW = core(CallDraw)
CALL_BACK = core(CallBack)
CALL_OUTCOME = core(CallOutcome)

APPEND_ONLY = ("call_back", "call_draw", "call_outcome")
"""Tables of call-backs that refuse to be changed, like those of the ledger."""

ENTRIES = (
    "SELECT e.entry_id, p.record_id FROM entry e JOIN record_person p ON p.book_id = e.book_id "
    "AND p.entry_id = e.entry_id AND p.part = 'volunteer' WHERE e.book_id = 1 "
    "AND e.leaf_index >= :first_leaf AND e.leaf_index < :size AND EXISTS (SELECT 1 "
    "FROM record_person o WHERE o.book_id = p.book_id AND o.record_id = p.record_id "
    "AND o.part = 'recipient')"
)
"""Entries that can be drawn: they credit a volunteer for a service to somebody who can be asked."""
