"""Which role's keys may submit what: a pure rule, for the writer and for who replays the log."""

from collections.abc import Callable

from ledger.approvals import DEVICE, OPERATOR, SCHEDULER, STAFF, STATION
from timebank.records.signed_facts import RECORD

FORGET = "forget"
"""A kind that an operator asks for and that a job may have to finish."""

BY_PLAN = frozenset(
    {
        "access_anchor",
        "call_draw",
        "credit_expiry",
        "credit_expiry_notice",
        "expiry",
        "grant_proposal",
        "netting_proposal",
        "notice_posting",
        "order_lapse",
        "shortfall_recovery",
        "transfer_settlement",
    }
)
"""Kinds that nobody asks for: jobs submit them, and no other key."""

OF_THE_DISTRICT = frozenset(
    {
        "accounts",
        "carry_over",
        "clearing",
        "closing",
        "covered_reversal",
        "estate",
        "expired_return",
        "freeze",
        "grant",
        "key",
        "partner",
        "policy",
        "revocation",
        "station",
        "suspension_decision",
    }
)
"""Kinds that concern the whole book: no station's key submits them."""

_NO_STATIONS = BY_PLAN | OF_THE_DISTRICT | {FORGET}

_RULES: dict[str, Callable[[str], bool]] = {
    OPERATOR: lambda kind: kind not in BY_PLAN,
    STATION: lambda kind: kind not in _NO_STATIONS,
    DEVICE: lambda kind: kind == RECORD,
    STAFF: lambda kind: kind == RECORD,
    SCHEDULER: lambda kind: kind in BY_PLAN | {FORGET},
}


def may_submit(role: str, kind: str) -> bool:
    """Whether a key of that role may sign a submission of that kind, the word in its first line.

    The log's own keys sign none, and neither does a role that this version does not know.
    """
    rule = _RULES.get(role)
    return rule is not None and rule(kind)
