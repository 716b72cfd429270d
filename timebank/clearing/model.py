"""What stands on a clearing account, month by month, as values; shared with the verifier.

Minutes are signed as the clearing account sees them: above zero it received, because a member took
time to the partner, below zero it gave.  The partner's own clearing account sees every line with
the other sign, so both accounts together are zero once each line has its counterpart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ledger.encoding import Json
from timebank.moves.model import MOVED_AWAY, MOVED_IN

NETTED = "netted"
"""The kind of the entry that brings a clearing account to zero; a permanent word."""

TAKE_STATEMENT, PROPOSE_NETTING, APPROVE_NETTING, WITHDRAW_NETTING = (
    "take_clearing_statement", "propose_netting", "approve_netting", "withdraw_netting",
)  # fmt: skip
ASK_END, END_PARTNER, WITHDRAW_END = "ask_partner_end", "end_partner", "withdraw_partner_end"
"""What signed facts do; permanent words."""

_LAST_MONTH = "9999-12"


class Way(StrEnum):
    """Which way a line went: to the partner, from there, into the settled account, or into this
    book from the one before it.
    """

    OUT = "out"
    IN = "in"
    NETTED = "netted"
    CARRIED = "carried"


class NettingState(StrEnum):
    """Where the netting of a month stands."""

    PROPOSED = "proposed"
    NETTED = "netted"
    WITHDRAWN = "withdrawn"


class EndingState(StrEnum):
    """Where the end of a partnership stands."""

    ASKED = "asked"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a clearing account; ``minutes`` are what the account received, net.

    ``other`` is the partner's entry of what came in and the month of what was netted; of what went
    out the partner says it, in a statement of its own.
    """

    entry: str
    minutes: int
    on: str
    other: str
    way: Way

    @property
    def month(self) -> str:
        """The month that it belongs to."""
        return self.on[:7]

    def as_json(self) -> dict[str, Json]:
        """The line as it is signed."""
        return {
            "entry": self.entry, "minutes": self.minutes, "on": self.on, "other": self.other,
            "way": self.way.value,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthAccount:
    """What one book says of one partner and month; ``origin`` says it, to ``to``."""

    origin: str
    to: str
    month: str
    opening: int
    lines: tuple[Line, ...]

    @property
    def closing(self) -> int:
        """What the clearing account has at the end of the month."""
        return self.opening + sum(line.minutes for line in self.lines)


def way_of(kind: str) -> Way:
    """Which way an entry of that kind goes on a clearing account."""
    return {MOVED_AWAY: Way.OUT, MOVED_IN: Way.IN, NETTED: Way.NETTED}.get(kind, Way.CARRIED)


def account_of_month(origin: str, to: str, month: str, lines: Iterable[Line]) -> MonthAccount:
    """The month's account from every line of the clearing account, in the journal's order."""
    opening, of_month = 0, []
    for line in lines:
        if line.month < month:
            opening += line.minutes
        elif line.month == month:
            of_month.append(line)
    return MonthAccount(origin, to, month, opening, tuple(of_month))


def month_after(month: str) -> str:
    """The month that follows, both ``YYYY-MM``."""
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).isoformat()[:7]


def months_between(first: str, last: str) -> list[str]:
    """Every month from ``first`` to ``last``, both among them; none where they are the wrong way
    round.
    """
    found = []
    while first <= last < _LAST_MONTH:
        found.append(first)
        first = month_after(first)
    return found
