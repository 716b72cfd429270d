"""The words of shortfalls, and how much of one comes back: pure rules for books and verifier."""

from enum import StrEnum

from ledger.journal import SETTLEMENT
from timebank.policy.model import Profile

COVERED = "shortfall_covered"
"""The kind of the entry that gives a person, from the account 应收短缺, what is no longer there."""

RECOVERED = "shortfall_recovered"
"""The kind of the entry that takes part of it back from what was credited later."""

CREDITS = frozenset({"service", SETTLEMENT})
"""Entries that bring minutes for services: of these the policy takes its part."""

PROPOSE, WITHDRAW, COVER, RECOVER, CARRY = (
    "propose_reversal", "withdraw_reversal", "cover_shortfall", "recover_shortfall",
    "carry_shortfall",
)  # fmt: skip
"""What the facts of a leaf ``do``."""

REVERSAL_KIND = "covered_reversal"
"""The kind of the submission that takes a record back with its shortfall."""

PROPOSAL_KIND = "reversal_proposal"
RECOVERY_KIND = "shortfall_recovery"


class ProposalState(StrEnum):
    """Where a proposal to take a record back stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


def missing(needed: int, available: int) -> int:
    """Minutes that a reversal needs beyond what is there; nothing is below an empty account."""
    return max(0, needed - max(0, available))


def recover_percent(profile: Profile) -> int:
    """Which part of later credit for services goes back, 0 to 100; 0 where the policy is silent."""
    clause = profile.recording.shortfall_recovery_percent
    return 0 if clause is None else clause.value


def recoverable(*, open_minutes: int, credited: int, recovered: int, available: int,
                percent: int) -> int:  # fmt: skip
    """Whole minutes that go back now: the policy's part of what services brought, rounded down.

    ``credited`` and ``recovered`` count from when the account's shortfall began; never more than
    is open, nor than is there.
    """
    owed = credited * percent // 100 - recovered
    return max(0, min(open_minutes, owed, available))
