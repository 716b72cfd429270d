"""Opening balances as values, and what is signed of them; shared with the verifier.

One row is what one page of an older scheme says of one holder.  The page is free text that may
name somebody, so the log has a commitment to it: SHA-256 over a salt of the holder's own and the
page.  The salt follows from the holder's data key, so that the same page of the same holder gives
the same commitment in every list, and nothing once that key is destroyed.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256

from ledger.encoding import Json, encode
from ledger.journal import Movement
from timebank.chart import Kind
from timebank.policy.model import Profile
from timebank.policy.pricing import within_account_cap
from timebank.registers.vocabulary import key

OPENING_BALANCE = "opening_balance"
"""The kind of the entries that credit a confirmed and approved row; a permanent word."""

STATE_OPENING = "state_opening"
CONFIRM_OPENING = "confirm_opening"
RETURN_OPENING = "return_opening"
APPROVE_OPENING = "approve_opening"
REVERSE_OPENING = "reverse_opening"
"""What signed facts do; permanent words."""

MOST_MINUTES = 10_000_000
"""The most that one page may say: as much as a policy may let an account hold."""

MOST_PAGE_CHARACTERS = 200
SALT_PURPOSE = "opening page"


class State(StrEnum):
    """Where a row stands; permanent words.

    ``carried_over`` was posted in the book before this one.
    """

    AWAITING_HOLDER = "awaiting_holder"
    AWAITING_APPROVAL = "awaiting_approval"
    POSTED = "posted"
    RETURNED = "returned"
    REVERSED = "reversed"
    CARRIED_OVER = "carried_over"


LIVE = (State.AWAITING_HOLDER, State.AWAITING_APPROVAL, State.POSTED, State.CARRIED_OVER)
"""States in which a page is taken: nobody may bring the same one in again."""


class How(StrEnum):
    """How the holder confirmed: on a paper that a clerk has filed, or signed in themselves."""

    PAPER = "paper"
    SELF = "self"


def page_commitment(salt: bytes, page: str) -> str:
    """What the log has of a page: 43 characters of base64url; spaces and widths make no difference.

    ``salt`` is the 16 bytes of :meth:`timebank.people.vault.Sealer.salt_for`.
    """
    hidden = encode({"page": key(page)})
    return urlsafe_b64encode(sha256(salt + hidden).digest()).decode("ascii").rstrip("=")


def stated_facts(
    *, by: str, station: str, opening: str, holder: str, minutes: int, on: str, page: str
) -> dict[str, Json]:
    """What is signed when a list is handed in: ``holder`` is an account, ``page`` a commitment."""
    return {
        "by": by,
        "do": STATE_OPENING,
        "holder": holder,
        "minutes": minutes,
        "on": on,
        "opening": opening,
        "page": page,
        "station": station,
    }


def split_at_cap(profile: Profile, posted: int, minutes: int) -> tuple[int, int]:
    """What is credited to an account that has ``posted``, and what goes to the public pool.

    Raises:
        AccountCapExceeded: the policy refuses what does not fit.
    """
    return within_account_cap(profile.caps, posted, minutes)


def movements_of(
    account_of: Callable[[Kind], str], holder: str, credited: int, overflow: int
) -> tuple[Movement, ...]:
    """What a row moves: from the opening account to the holder, and to the pool what overflows."""
    opening = account_of(Kind.OPENING)
    wanted = ((holder, credited), (account_of(Kind.POOL), overflow))
    return tuple(Movement(opening, to, minutes) for to, minutes in wanted if minutes > 0)
