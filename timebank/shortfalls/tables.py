"""Proposals to take back what is spent, and what each account is short of."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key
from timebank.shortfalls.model import ProposalState

_STATES = ", ".join(f"'{state.value}'" for state in ProposalState)


class ReversalProposal(SQLModel, table=True):
    """A record that somebody proposes to take back though its minutes are spent.

    ``live_record`` is the record while the proposal is open, so that a record has one at most;
    ``covered_minutes`` are what the approval took from the account 应收短缺.
    """

    __tablename__ = "reversal_proposal"
    __table_args__ = (
        CheckConstraint("covered_minutes >= 0", "reversal_proposal_minutes"),
        CheckConstraint(f"state IN ({_STATES})", "reversal_proposal_states"),
        Index("reversal_proposal_live", "book_id", "live_record", unique=True),
        Index("reversal_proposal_by_state", "book_id", "state", "proposal_id"),
        CLUSTERED,
    )

    book_id: int = key()
    proposal_id: str = key(TEXT)
    record_id: str = column(TEXT)
    live_record: str | None = column(TEXT, nullable=True)
    station_code: str = column(TEXT)
    reason: str = column(TEXT)
    state: str = column(TEXT)
    covered_minutes: int = column()
    proposed_by: str = column(TEXT)
    proposed_ms: int = column()
    decided_by: str = column(TEXT)
    decided_ms: int | None = column(nullable=True)


class Shortfall(SQLModel, table=True):
    """What one account was lent to take records back, and what came back of it, in minutes.

    ``open_minutes`` are not back yet.  Credit counts that was recorded later than ``since_ms``
    (UTC), when the open shortfall began; ``recovered_minutes`` came back since then.
    """

    __tablename__ = "shortfall"
    __table_args__ = (
        CheckConstraint("open_minutes >= 0 AND recovered_minutes >= 0", "shortfall_minutes"),
        CLUSTERED,
    )

    book_id: int = key()
    account_id: str = key(TEXT)
    open_minutes: int = column()
    recovered_minutes: int = column()
    since_ms: int = column()


REVERSAL_PROPOSAL = core(ReversalProposal)
"""Proposals to take a record back whose minutes are spent."""

SHORTFALL = core(Shortfall)
"""What each account is short of."""
