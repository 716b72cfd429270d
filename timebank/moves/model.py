"""Moves between books as values, and what is signed of them; shared with the verifier.

Who moves is named in no log.  The moving entry's facts have a commitment to the ID number: SHA-256
over a salt that the person carries in the statement, and the number.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256

from ledger.encoding import encode
from ledger.journal import Movement
from timebank.chart import Kind
from timebank.policy.model import Profile
from timebank.policy.pricing import within_account_cap

MOVED_AWAY, MOVED_IN = "moved_away", "moved_in"
"""The kinds of the entries that move a balance to another book, and from there; permanent words."""

PROPOSE_PARTNER, APPROVE_PARTNER, CARRY_PARTNER = (
    "propose_partner", "approve_partner", "carry_partner",
)  # fmt: skip
ASK_DEPARTURE, APPROVE_DEPARTURE, RETURN_DEPARTURE = (
    "ask_departure", "approve_departure", "return_departure",
)  # fmt: skip
STATE_ARRIVAL, APPROVE_ARRIVAL, RETURN_ARRIVAL = (
    "state_arrival", "approve_arrival", "return_arrival",
)  # fmt: skip
"""What signed facts do; permanent words."""

SALT_BYTES = 16
MOST_NAME_CHARACTERS = 60


class PartnerState(StrEnum):
    """Where a partner book stands; ``replaced`` by a newer key of the same book."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class DepartureState(StrEnum):
    """Where a move to another book stands; ``came_back`` opens the account again."""

    ASKED = "asked"
    MOVED = "moved"
    RETURNED = "returned"
    CAME_BACK = "came_back"


class ArrivalState(StrEnum):
    """Where a move from another book stands."""

    STATED = "stated"
    POSTED = "posted"
    RETURNED = "returned"


def holder_commitment(salt: bytes, id_number: str) -> str:
    """What the logs have of who moves: 43 characters of base64url."""
    hidden = encode({"id_number": id_number})
    return urlsafe_b64encode(sha256(salt + hidden).digest()).decode("ascii").rstrip("=")


def arriving(
    profile: Profile, account_of: Callable[[Kind], str], clearing: str,
    holder: str, posted: int, minutes: int,
) -> tuple[Movement, ...]:  # fmt: skip
    """What an arrival moves: from the partner's clearing account to the member, and what the
    account cap does not admit to the pool, where the policy says so.

    Raises:
        AccountCapExceeded: the policy refuses what does not fit.
    """
    credited, overflow = within_account_cap(profile.caps, posted, minutes)
    wanted = ((holder, credited), (account_of(Kind.POOL), overflow))
    return tuple(Movement(clearing, to, part) for to, part in wanted if part > 0)
