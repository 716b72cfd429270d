"""Clearing statements of both sides, nettings, settled accounts, and ends of partnerships."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key
from timebank.clearing.model import EndingState, NettingState


def _one_of(states: type[NettingState] | type[EndingState]) -> str:
    words = ", ".join(f"'{state.value}'" for state in states)
    return f"state IN ({words})"


class ClearingStatement(SQLModel, table=True):
    """What this book says of the partner ``origin`` and a month, as it signs it.

    ``head`` is the text of the note without signatures, ``hash`` SHA-256 of it.
    """

    __tablename__ = "clearing_statement"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    origin: str = key(TEXT)
    month: str = key(TEXT)
    head: str = column(TEXT)
    lines: str = column(TEXT)
    hash: str = column(TEXT)
    opening: int = column()
    closing: int = column()
    made_by: str = column(TEXT)
    made_ms: int = column()


class PartnerStatement(SQLModel, table=True):
    """What the partner ``origin`` says of this book and a month; ``note`` is its signed head."""

    __tablename__ = "partner_statement"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    origin: str = key(TEXT)
    month: str = key(TEXT)
    statement_id: str = column(TEXT)
    note: str = column(TEXT)
    lines: str = column(TEXT)
    hash: str = column(TEXT)
    opening: int = column()
    closing: int = column()
    taken_by: str = column(TEXT)
    taken_ms: int = column()


class Netting(SQLModel, table=True):
    """That both statements of a month agree, and what brings the clearing account to zero.

    ``minutes`` are what the clearing account had at the month's end; ``ours`` and ``theirs`` name
    the statements by their hashes.  ``live_origin`` is the partner while the netting waits,
    ``live_month`` partner and month until it is withdrawn, so that nobody nets a month twice.
    """

    __tablename__ = "netting"
    __table_args__ = (
        CheckConstraint(_one_of(NettingState), "netting_states"),
        CheckConstraint("minutes <> 0", "netting_minutes"),
        Index("netting_waits_once", "book_id", "live_origin", unique=True),
        Index("netting_month_once", "book_id", "live_month", unique=True),
        Index("netting_by_entry", "book_id", "entry_id"),
        CLUSTERED,
    )

    book_id: int = key()
    netting_id: str = key(TEXT)
    origin: str = column(TEXT)
    month: str = column(TEXT)
    live_origin: str | None = column(TEXT, nullable=True)
    live_month: str | None = column(TEXT, nullable=True)
    minutes: int = column()
    ours: str = column(TEXT)
    theirs: str = column(TEXT)
    state: str = column(TEXT)
    entry_id: str = column(TEXT)
    proposed_by: str = column(TEXT)
    proposed_ms: int = column()
    decided_by: str = column(TEXT)
    decided_ms: int | None = column(nullable=True)


class PartnerSettled(SQLModel, table=True):
    """The account on which everything stands that was netted with the partner ``origin``."""

    __tablename__ = "partner_settled"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    origin: str = key(TEXT)
    account_id: str = column(TEXT)


class PartnerEnding(SQLModel, table=True):
    """The end of a partnership; ``open_partner`` is the partner while it waits to be approved."""

    __tablename__ = "partner_ending"
    __table_args__ = (
        CheckConstraint(_one_of(EndingState), "partner_ending_states"),
        Index("partner_ending_once", "book_id", "open_partner", unique=True),
        CLUSTERED,
    )

    book_id: int = key()
    ending_id: str = key(TEXT)
    partner_id: str = column(TEXT)
    open_partner: str | None = column(TEXT, nullable=True)
    state: str = column(TEXT)
    asked_by: str = column(TEXT)
    asked_ms: int = column()
    decided_by: str = column(TEXT)
    decided_ms: int | None = column(nullable=True)


CLEARING_STATEMENT = core(ClearingStatement)
PARTNER_STATEMENT = core(PartnerStatement)
NETTING = core(Netting)
PARTNER_SETTLED = core(PartnerSettled)
PARTNER_ENDING = core(PartnerEnding)
