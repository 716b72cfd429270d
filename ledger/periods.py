"""Periods: calendar months that are closed one after another, and what a closing states.

An entry belongs to the period in which it is recorded; the day on which it counts never changes.
What is recorded late therefore goes into the next period, whose closing says how many such entries
it has.  Because ``t`` never falls along the log, a period that is over takes no entry any more; its
closing makes that a signed statement.

The bounds are UTC milliseconds and stand in the leaf beside the name, so that a stranger can check
them without a table of time zones.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ledger.encoding import Json, encode_trusted
from ledger.errors import PeriodClosedBefore, PeriodNotNext, PeriodNotOver
from ledger.merkle import leaf_hash, root_of

_NAME = re.compile(r"(?:19[7-9][0-9]|2[0-9]{3})-(?:0[1-9]|1[0-2])", re.ASCII)
_HOUR_MS = 3_600_000

MOST_AHEAD_MS = 14 * _HOUR_MS
"""The earliest that a month begins anywhere, before it begins in UTC (UTC+14)."""

MOST_BEHIND_MS = 12 * _HOUR_MS
"""The latest that a month begins anywhere, after it begins in UTC (UTC-12)."""


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month ``YYYY-MM`` of one time zone: ``from_ms`` <= t < ``until_ms``.

    Raises:
        ValueError: no such month, or bounds that no time zone gives it.
    """

    name: str
    from_ms: int
    until_ms: int

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError("a period is named YYYY-MM")
        months = (self.from_ms, self.name), (self.until_ms, name_after(self.name))
        for bound_ms, name in months:
            begins_ms = _begins_ms(name)
            if not begins_ms - MOST_AHEAD_MS <= bound_ms <= begins_ms + MOST_BEHIND_MS:
                raise ValueError(f"{name} begins at {bound_ms} in no time zone")

    @property
    def first_on(self) -> str:
        """Its first day; an entry that counts from an earlier one is late."""
        return f"{self.name}-01"


@dataclass(frozen=True, slots=True)
class KindTotal:
    """What all accounts of a kind had before a period, received, gave, and had after it: minutes.

    A movement between two accounts of the kind counts on both sides.
    """

    kind: str
    opening: int
    received: int
    given: int
    closing: int


@dataclass(frozen=True, slots=True)
class Closing:
    """What a closing states of its period, all of it derivable from the leaves before.

    ``first`` and ``last`` are journal entry numbers, ``None`` where nothing was recorded; ``late``
    of the ``entries`` count from a day before the period.  ``minutes`` sums their movements.
    ``accounts`` were opened by the period's end; ``balances`` is :func:`balances_root` of them.
    """

    period: Period
    first: int | None
    last: int | None
    entries: int
    late: int
    minutes: int
    accounts: int
    balances: str
    kinds: tuple[KindTotal, ...]

    def as_json(self) -> dict[str, Json]:
        """The member ``closing`` of the leaf, and of the submission that it carries."""
        kinds: list[Json] = [
            {
                "kind": one.kind,
                "opening": one.opening,
                "in": one.received,
                "out": one.given,
                "closing": one.closing,
            }
            for one in self.kinds
        ]
        return {
            "period": self.period.name,
            "from": self.period.from_ms,
            "until": self.period.until_ms,
            "first": self.first,
            "last": self.last,
            "entries": self.entries,
            "late": self.late,
            "minutes": self.minutes,
            "accounts": self.accounts,
            "balances": self.balances,
            "kinds": kinds,
        }


def name_after(name: str) -> str:
    """The month after ``YYYY-MM``."""
    year, month = int(name[:4]), int(name[5:])
    return f"{year + 1:04}-01" if month == 12 else f"{year:04}-{month + 1:02}"


def follows(period: Period, last: Period | None, genesis_ms: int) -> bool:
    """Whether ``period`` is the one to close next.

    The first one holds the genesis leaf; every other begins where the ``last`` one ended.
    """
    if last is None:
        return period.from_ms <= genesis_ms < period.until_ms
    return (period.name, period.from_ms) == (name_after(last.name), last.until_ms)


def check_turn(period: Period, last: Period | None, genesis_ms: int, now_ms: int) -> None:
    """Let a period pass that is over and the next in its turn.

    Raises, the first that applies:
        PeriodClosedBefore: it lies before the end of the ``last`` closed one.
        PeriodNotNext: another one comes before it, or the book did not exist then.
        PeriodNotOver: it still runs at ``now_ms``.
    """
    if last is not None and period.name <= last.name:
        raise PeriodClosedBefore(period=period.name)
    if not follows(period, last, genesis_ms):
        raise PeriodNotNext(period=period.name)
    if now_ms < period.until_ms:
        raise PeriodNotOver(period=period.name)


def balances_root(balances: Iterable[tuple[str, int, int]]) -> bytes:
    """RFC 6962 root over (account id, posted, held), which must come sorted by account id.

    Each is one leaf of the tree: the canonical JSON ``{"account":…,"held":…,"posted":…}``.
    """
    return root_of(
        [
            leaf_hash(encode_trusted({"account": account, "held": held, "posted": posted}))
            for account, posted, held in balances
        ]
    )


def _begins_ms(name: str) -> int:
    """When a month begins in UTC."""
    begins = datetime(int(name[:4]), int(name[5:]), 1, tzinfo=UTC)
    return int(begins.timestamp()) * 1_000
