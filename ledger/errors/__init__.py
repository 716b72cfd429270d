"""Every way the ledger says no, and every way it can break.

A :class:`Refusal` is an answer; its code is permanent, because refusals are remembered, replayed
and counted years later.  A :class:`LedgerFault` is none: nothing was decided, and the same request
may be tried again once the cause is mended.
"""

from ledger.errors.base import Fact, LedgerFault, Refusal
from ledger.errors.books import (
    AccountExists,
    AccountNotFound,
    AlreadyReversed,
    CeilingExceeded,
    ContentOutOfProfile,
    EmptyEntry,
    EntryNotFound,
    FloorExceeded,
    HoldAlreadyEnded,
    HoldDeadlinePassed,
    HoldExpired,
    HoldNotExpired,
    HoldNotFound,
    KeyReused,
    LimitsOutOfOrder,
    NotADate,
    NotAnEntryKind,
    NotReversible,
    NotWholeMinutes,
    PolicyExists,
    PolicyNotFound,
    SameAccount,
    SettlementExceedsHold,
    SubmissionTooLarge,
    TooManyPostings,
)
from ledger.errors.faults import (
    BookExists,
    BookFrozen,
    BookNotFound,
    LogForked,
    LogKeyMissing,
    SchemaAltered,
    StorageFault,
)
from ledger.errors.keys import (
    ApprovalMissing,
    LastOperatorKey,
    SequenceBroken,
    SigningKeyEnded,
    SigningKeyExists,
    SigningKeyUnfit,
    SigningKeyUnknown,
    SubmissionUnfit,
)

REFUSALS: tuple[type[Refusal], ...] = (
    NotWholeMinutes,
    NotADate,
    AccountNotFound,
    AccountExists,
    LimitsOutOfOrder,
    SameAccount,
    NotAnEntryKind,
    EmptyEntry,
    TooManyPostings,
    FloorExceeded,
    CeilingExceeded,
    HoldNotFound,
    HoldDeadlinePassed,
    HoldAlreadyEnded,
    HoldExpired,
    HoldNotExpired,
    SettlementExceedsHold,
    EntryNotFound,
    AlreadyReversed,
    NotReversible,
    PolicyNotFound,
    PolicyExists,
    KeyReused,
    ContentOutOfProfile,
    SubmissionTooLarge,
    SigningKeyUnknown,
    SigningKeyExists,
    SigningKeyEnded,
    SigningKeyUnfit,
    ApprovalMissing,
    LastOperatorKey,
    SubmissionUnfit,
    SequenceBroken,
)

FAULTS: tuple[type[LedgerFault], ...] = (
    StorageFault,
    LogForked,
    BookNotFound,
    BookExists,
    SchemaAltered,
    LogKeyMissing,
    BookFrozen,
)

_BY_CODE = {kind.code: kind for kind in REFUSALS}


def refusal_of(code: str, facts: dict[str, Fact]) -> Refusal:
    """Rebuild a remembered refusal; :class:`KeyError` if the ledger has none of that code."""
    return _BY_CODE[code](**facts)


__all__ = [
    "FAULTS",
    "REFUSALS",
    "AccountExists",
    "AccountNotFound",
    "AlreadyReversed",
    "ApprovalMissing",
    "BookExists",
    "BookFrozen",
    "BookNotFound",
    "CeilingExceeded",
    "ContentOutOfProfile",
    "EmptyEntry",
    "EntryNotFound",
    "Fact",
    "FloorExceeded",
    "HoldAlreadyEnded",
    "HoldDeadlinePassed",
    "HoldExpired",
    "HoldNotExpired",
    "HoldNotFound",
    "KeyReused",
    "LastOperatorKey",
    "LedgerFault",
    "LimitsOutOfOrder",
    "LogForked",
    "LogKeyMissing",
    "NotADate",
    "NotAnEntryKind",
    "NotReversible",
    "NotWholeMinutes",
    "PolicyExists",
    "PolicyNotFound",
    "Refusal",
    "SameAccount",
    "SchemaAltered",
    "SequenceBroken",
    "SettlementExceedsHold",
    "SigningKeyEnded",
    "SigningKeyExists",
    "SigningKeyUnfit",
    "SigningKeyUnknown",
    "StorageFault",
    "SubmissionTooLarge",
    "SubmissionUnfit",
    "TooManyPostings",
    "refusal_of",
]
