"""Accounts: where minutes stand, and how low and how high they may stand there.

Balances are derived from the journal.  What this module holds of them is the writer's picture of
the moment, which the database repeats under its own CHECKs and reconciliation recomputes.
"""

from dataclasses import dataclass, field

from ledger.errors import CeilingExceeded, FloorExceeded, LimitsOutOfOrder
from ledger.units import limit_minutes


@dataclass(slots=True)
class AccountState:
    """One account as the writer sees it between two entries.

    ``number`` is the book's own serial of the account, ``posted`` and ``held`` are minutes;
    ``floor`` bounds what is available, ``ceiling`` what is posted; ``None`` is unbounded.
    ``stored_posted`` and ``stored_held`` are what the database has, before this group.
    """

    number: int
    account_id: str
    kind: str
    floor: int | None
    ceiling: int | None
    posted: int = 0
    held: int = 0
    stored_posted: int = field(init=False)
    stored_held: int = field(init=False)

    def __post_init__(self) -> None:
        self.stored_posted, self.stored_held = self.posted, self.held

    @property
    def available(self) -> int:
        """Posted minutes that no hold has set aside."""
        return self.posted - self.held

    def check_give(self, minutes: int) -> None:
        """Let ``minutes`` be taken or set aside, or refuse with :class:`FloorExceeded`."""
        if self.floor is not None and self.posted - self.held - minutes < self.floor:
            raise FloorExceeded(
                account=self.account_id, available=self.posted - self.held, minutes=minutes
            )

    def check_receive(self, minutes: int) -> None:
        """Let ``minutes`` be received, or refuse with :class:`CeilingExceeded`."""
        if self.ceiling is not None and self.posted + minutes > self.ceiling:
            raise CeilingExceeded(
                account=self.account_id, room=self.ceiling - self.posted, minutes=minutes
            )


def check_limits(floor: object, ceiling: object) -> tuple[int | None, int | None]:
    """Let the limits of a new account pass: an account opens at zero, so zero must be allowed.

    Raises, the first that applies:
        NotWholeMinutes: a limit that is neither ``None`` nor a whole number of minutes.
        LimitsOutOfOrder: a floor above zero or a ceiling below zero.
    """
    low, high = limit_minutes(floor), limit_minutes(ceiling)
    if (low is not None and low > 0) or (high is not None and high < 0):
        raise LimitsOutOfOrder(floor=str(low), ceiling=str(high))
    return low, high
