"""Lists of opening balances and their rows: what a page says, who confirmed it, how it ended."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key
from timebank.openings.model import How, State

_STATES = ", ".join(f"'{state.value}'" for state in State)
_HOWS = ", ".join(f"'{how.value}'" for how in How)


class OpeningBatch(SQLModel, table=True):
    """One list that was handed in; ``refused`` counts the rows that were not taken."""

    __tablename__ = "opening_batch"
    __table_args__ = (
        Index("opening_batch_by_station", "book_id", "station_code", "batch_id"),
        CLUSTERED,
    )

    book_id: int = key()
    batch_id: str = key(TEXT)
    station_code: str = column(TEXT)
    title: str = column(TEXT)
    file_hash: str = column(TEXT)
    imported_by: str = column(TEXT)
    imported_ms: int = column()
    refused: int = column()


class OpeningRow(SQLModel, table=True):
    """What one page says of one holder.

    ``place`` counts from 1 within the list.  ``sealed`` has the page's own words under the holder's
    key; ``page`` is their commitment, ``live_page`` the same while the page is taken.  ``slip`` is
    the number of the signed paper, at most once per station; ``credited_minutes`` and
    ``overflow_minutes`` are 0 before posting.
    """

    __tablename__ = "opening_row"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", "opening_row_states"),
        CheckConstraint(f"how IS NULL OR how IN ({_HOWS})", "opening_row_hows"),
        CheckConstraint("minutes > 0", "opening_row_minutes"),
        Index("opening_row_page_once", "book_id", "person_id", "live_page", unique=True),
        Index("opening_row_slip_once", "book_id", "station_code", "slip", unique=True),
        Index("opening_row_by_batch", "book_id", "batch_id", "place"),
        Index("opening_row_by_account", "book_id", "account_id"),
        Index("opening_row_by_entry", "book_id", "entry_id"),
        CLUSTERED,
    )

    book_id: int = key()
    opening_id: str = key(TEXT)
    batch_id: str = column(TEXT)
    place: int = column()
    station_code: str = column(TEXT)
    person_id: str = column(TEXT)
    account_id: str = column(TEXT)
    minutes: int = column()
    stands_on: str = column(TEXT)
    page: str = column(TEXT)
    live_page: str | None = column(TEXT, nullable=True)
    sealed: bytes = column(BYTES)
    state: str = column(TEXT)
    recorded_by: str = column(TEXT)
    recorded_ms: int = column()
    how: str | None = column(TEXT, nullable=True)
    slip: str | None = column(TEXT, nullable=True)
    confirmed_by: str = column(TEXT)
    confirmed_ms: int | None = column(nullable=True)
    decided_by: str = column(TEXT)
    decided_ms: int | None = column(nullable=True)
    reason: str = column(TEXT)
    policy: str = column(TEXT)
    credited_minutes: int = column()
    overflow_minutes: int = column()
    entry_id: str = column(TEXT)


OPENING_BATCH = core(OpeningBatch)
OPENING_ROW = core(OpeningRow)
