"""Suspensions, and every step of each with its words."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key
from timebank.suspensions.model import Part, Reason, State, Step


def _one_of(words: Iterable[StrEnum], column_name: str, name: str) -> CheckConstraint:
    listed = ", ".join(f"'{one.value}'" for one in words)
    return CheckConstraint(f"{column_name} IN ({listed})", name)


class Suspension(SQLModel, table=True):
    """Who takes no part, from ``from_on`` up to and including ``until_on`` (empty: no end).

    Until it is decided ``until_on`` is the day on which it lapses and ``asked_until_on`` what was
    asked for.  ``ended_ms`` is set when it was declined, lifted or annulled; from then on it stops
    nothing.  ``appeal_due_on`` is the last day for an answer while an appeal is open, else empty.
    """

    __tablename__ = "suspension"
    __table_args__ = (
        _one_of(Part, "part", "suspension_parts"),
        _one_of(Reason, "reason", "suspension_reasons"),
        _one_of(State, "state", "suspension_states"),
        Index("suspension_by_person", "book_id", "person_id", "ended_ms"),
        Index("suspension_by_station", "book_id", "station_code", "suspension_id"),
        CLUSTERED,
    )

    book_id: int = key()
    suspension_id: str = key(TEXT)
    person_id: str = column(TEXT)
    station_code: str = column(TEXT)
    part: str = column(TEXT)
    reason: str = column(TEXT)
    state: str = column(TEXT)
    from_on: str = column(TEXT)
    until_on: str = column(TEXT)
    asked_until_on: str = column(TEXT)
    appeal_due_on: str = column(TEXT)
    ended_ms: int | None = column(nullable=True)


class SuspensionStep(SQLModel, table=True):
    """One step: who took it, when, and what they said, sealed for the person suspended."""

    __tablename__ = "suspension_step"
    __table_args__ = (_one_of(Step, "step", "suspension_steps"), CLUSTERED)

    book_id: int = key()
    suspension_id: str = key(TEXT)
    place: int = key()
    step: str = column(TEXT)
    actor_id: str = column(TEXT)
    at_ms: int = column()
    words: bytes = column(BYTES)


SUSPENSION = core(Suspension)
SUSPENSION_STEP = core(SuspensionStep)

APPEND_ONLY = ("suspension_step",)
"""What was said and decided is never changed."""
