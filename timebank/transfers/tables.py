"""Transfers as they stand: held, proposed, posted, or gone back."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key
from timebank.transfers.model import Kind, State

_KINDS = ", ".join(f"'{kind.value}'" for kind in Kind)
_STATES = ", ".join(f"'{state.value}'" for state in State)


class Transfer(SQLModel, table=True):
    """One gift, donation, grant or funding; accounts and codes, and who made and decided it.

    ``granted_month`` is ``YYYY-MM`` for a grant that is not rejected, so that an elder gets one a
    month.  ``undo_until_ms`` is 0 where nothing is held; ``assistant`` helped at the counter.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", "transfer_kinds"),
        CheckConstraint(f"state IN ({_STATES})", "transfer_states"),
        CheckConstraint("minutes > 0", "transfer_minutes"),
        Index("transfer_by_giver", "book_id", "from_account", "transfer_id"),
        Index("transfer_by_receiver", "book_id", "to_account", "state"),
        Index("transfer_by_state", "book_id", "state", "undo_until_ms"),
        Index("transfer_by_proposal", "book_id", "proposal_id"),
        Index("transfer_by_entry", "book_id", "entry_id"),
        Index("transfer_grant_once", "book_id", "to_account", "granted_month", unique=True),
        CLUSTERED,
    )

    book_id: int = key()
    transfer_id: str = key(TEXT)
    kind: str = column(TEXT)
    state: str = column(TEXT)
    from_account: str = column(TEXT)
    to_account: str = column(TEXT)
    minutes: int = column()
    code: str = column(TEXT)
    policy: str = column(TEXT)
    made_on: str = column(TEXT)
    granted_month: str | None = column(TEXT, nullable=True)
    proposal_id: str = column(TEXT)
    station_code: str = column(TEXT)
    assistant: str = column(TEXT)
    hold_id: str = column(TEXT)
    entry_id: str = column(TEXT)
    undo_until_ms: int = column()
    made_by: str = column(TEXT)
    made_ms: int = column()
    decided_by: str = column(TEXT)
    decided_ms: int | None = column(nullable=True)


TRANSFER = core(Transfer)
