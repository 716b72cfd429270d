"""Requests for correction, with their answers."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key
from timebank.corrections.model import Kind, State

_KINDS = ", ".join(f"'{one.value}'" for one in Kind)
_STATES = ", ".join(f"'{one.value}'" for one in State)


class Correction(SQLModel, table=True):
    """What somebody asked to have mended; ``words`` and ``answer`` are sealed for them.

    ``due_on`` is the last local day for an answer.  ``mended_by`` names the record that was made
    where a service was missing.  ``answered_ms`` is null as long as the request waits.
    """

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", "correction_kinds"),
        CheckConstraint(f"state IN ({_STATES})", "correction_states"),
        Index("correction_by_person", "book_id", "person_id", "correction_id"),
        Index("correction_by_station", "book_id", "station_code", "correction_id"),
        Index("correction_by_state", "book_id", "state", "due_on"),
        CLUSTERED,
    )

    book_id: int = key()
    correction_id: str = key(TEXT)
    person_id: str = column(TEXT)
    station_code: str = column(TEXT)
    kind: str = column(TEXT)
    record_id: str = column(TEXT)
    state: str = column(TEXT)
    asked_by: str = column(TEXT)
    asked_ms: int = column()
    due_on: str = column(TEXT)
    words: bytes = column(BYTES)
    answered_by: str = column(TEXT)
    answered_ms: int | None = column(nullable=True)
    answer: bytes = column(BYTES)
    mended_by: str = column(TEXT)


CORRECTION = core(Correction)
