"""Runs of letters: which station owes whose members a part's letters, and whether they went out."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key


class LetterRun(SQLModel, table=True):
    """One part of a year (``2023-1of2``, both days inside) at one station; no letter is kept.

    ``station_code`` is empty for members of no station.  ``letters`` people were to get one when
    it was made, ``list_hash`` is over their opaque ids; ``drawn_letters`` is what was last written
    for a printer.  ``drawn_by`` and ``handed_by`` are empty until somebody did it.
    """

    __tablename__ = "letter_run"
    __table_args__ = (
        CheckConstraint("letters >= 0 AND left_out >= 0", "letter_run_counts"),
        CheckConstraint("(drawn_ms IS NULL) = (drawn_by = '')", "letter_run_drawn"),
        CheckConstraint("(handed_ms IS NULL) = (handed_by = '')", "letter_run_handed"),
        CheckConstraint("handed_ms IS NULL OR drawn_ms IS NOT NULL", "letter_run_order"),
        Index("letter_run_by_part", "book_id", "part", "station_code", unique=True),
        Index("letter_run_by_station", "book_id", "station_code", "run_id"),
        CLUSTERED,
    )

    book_id: int = key()
    run_id: str = key(TEXT)
    station_code: str = column(TEXT)
    part: str = column(TEXT)
    first_on: str = column(TEXT)
    last_on: str = column(TEXT)
    made_ms: int = column()
    made_by: str = column(TEXT)
    letters: int = column()
    left_out: int = column()
    list_hash: str = column(TEXT)
    drawn_ms: int | None = column(nullable=True)
    drawn_by: str = column(TEXT)
    drawn_letters: int = column()
    handed_ms: int | None = column(nullable=True)
    handed_by: str = column(TEXT)


LETTER_RUN = core(LetterRun)
