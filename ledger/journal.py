"""Journal entries: what moves, from whom to whom, and on which day it counts.

An entry is a list of movements; each takes minutes from one account and gives the same minutes to
another, so no entry can be out of balance and no sum has to be checked.  Entries are frozen values:
storing one gives it its number (凭证号) and its leaf.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ledger.errors import EmptyEntry, NotAnEntryKind, SameAccount, TooManyPostings
from ledger.spelling import is_word
from ledger.units import calendar_date, positive_minutes

MOST_MOVEMENTS = 500
"""Movements of one entry; its 1,000 postings stay within the 60 KiB of a leaf."""

SETTLEMENT = "settlement"
REVERSAL = "reversal"

LEAF_KINDS_WITHOUT_POSTINGS = frozenset(
    {
        "genesis", "key", "policy", "account", "hold", "release", "expiry", "fact",
        "batch", "outcome", "refused", "closing", "revocation", "freeze",
    }
)  # fmt: skip


class Movement(NamedTuple):
    """``minutes`` that leave ``from_account`` and arrive at ``to_account``."""

    from_account: str
    to_account: str
    minutes: int


class Posting(NamedTuple):
    """One signed change of one account; positive means that this account receives."""

    account: str
    minutes: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Movements of one kind that count from ``effective_on`` (local day, ``YYYY-MM-DD``).

    ``policy`` names the profile version that priced it; ``of`` the hold that it settles or the
    entry that it reverses.
    """

    kind: str
    movements: tuple[Movement, ...]
    effective_on: str
    policy: str
    of: str | None = None

    @property
    def postings(self) -> tuple[Posting, ...]:
        """Two postings a movement, giver first, in the order in which the leaf lists them."""
        return tuple(
            posting
            for giver, receiver, minutes in self.movements
            for posting in (Posting(giver, -minutes), Posting(receiver, minutes))
        )


def check_entry(entry: JournalEntry) -> None:
    """Let a well-formed entry pass; whether its accounts and their limits allow it comes later.

    Raises, the first that applies:
        NotAnEntryKind: the kind is a reserved word of the log, or no lower-case word of it.
        EmptyEntry: no movement.
        TooManyPostings: more than :data:`MOST_MOVEMENTS` movements.
        NotADate: ``effective_on`` is no calendar day.
        NotWholeMinutes: a movement of no positive whole minutes.
        SameAccount: a movement from an account to itself.
    """
    if not _is_entry_kind(entry.kind):
        raise NotAnEntryKind(kind=entry.kind[:40])
    if not entry.movements:
        raise EmptyEntry
    if len(entry.movements) > MOST_MOVEMENTS:
        raise TooManyPostings(postings=2 * len(entry.movements), most=2 * MOST_MOVEMENTS)
    calendar_date(entry.effective_on)
    for giver, receiver, minutes in entry.movements:
        positive_minutes(minutes)
        if giver == receiver:
            raise SameAccount(account=giver)


@lru_cache(maxsize=256)
def _is_entry_kind(kind: str) -> bool:
    return kind not in LEAF_KINDS_WITHOUT_POSTINGS and is_word(kind)
