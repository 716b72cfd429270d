"""The verifier's second opinion on closed periods: every figure and root that a closing states.

A closing comes after its period's end, so a first look at the log tells which ends there are; when
the replay passes one, the balances of that moment are kept as a root and some sums.  Shares no
code with the writer's closing but the form of what is stated.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter

from ledger.encoding import Json
from ledger.exports import Totals
from ledger.leaf import Entry, Leaf
from ledger.periods import Closing, KindTotal, Period, balances_root, follows
from ledger.registry import Say


@dataclass(slots=True)
class _Sums:
    """What was recorded since the end of the period before."""

    entries: int = 0
    late: int = 0
    minutes: int = 0
    first: int | None = None
    last: int | None = None
    received: dict[str, int] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)


class Periods:
    """Judges closings, leaf by leaf.  ``closed`` are the periods that closings of the log name,
    known from a first look; a log without any costs nothing.
    """

    def __init__(self, say: Say, closed: Iterable[Period]) -> None:
        self._say = say
        by_name: dict[str, Period] = {}
        for period in closed:
            by_name.setdefault(period.name, period)  # A second one is out of turn in any case.
        self._due = deque(sorted(by_name.values(), key=lambda one: one.until_ms))
        self._sums = _Sums()
        self._derived: dict[Period, Closing] = {}
        self._last: Period | None = None
        self._genesis_ms = 0

    def before(self, leaf: Leaf, totals: Totals) -> None:
        """Keep the figures of every period that has ended before this leaf was recorded.

        Call it before the leaf is taken into ``totals``.
        """
        if leaf.index == 0:
            self._genesis_ms = leaf.recorded_ms
        while self._due and self._due[0].until_ms <= leaf.recorded_ms:
            period = self._due.popleft()
            self._derived[period] = self._figures(period, totals)
            self._sums = _Sums()

    def after(self, leaf: Leaf, signed: Json, totals: Totals) -> None:
        """Judge a leaf that was taken into ``totals``; ``signed`` is what was signed of it."""
        if self._last is not None and leaf.recorded_ms < self._last.until_ms:
            evidence = f"recorded within {self._last.name}, which is closed"
            self._say(leaf.index, "period_closed", evidence)
        if isinstance(leaf.body, Closing):
            self._closing(leaf, leaf.body, signed)
        elif self._due and isinstance(leaf.body, Entry):
            self._entry(leaf.body, totals)

    def _entry(self, entry: Entry, totals: Totals) -> None:
        sums = self._sums
        sums.entries += 1
        sums.late += entry.effective_on < self._due[0].first_on
        if sums.first is None:
            sums.first = entry.number
        sums.last = entry.number
        for giver, receiver, minutes in entry.movements:
            sums.minutes += minutes
            kind = totals.accounts[giver].kind
            sums.given[kind] = sums.given.get(kind, 0) + minutes
            kind = totals.accounts[receiver].kind
            sums.received[kind] = sums.received.get(kind, 0) + minutes

    def _figures(self, period: Period, totals: Totals) -> Closing:
        sums, posted = self._sums, dict[str, int]()
        for account in totals.accounts.values():
            posted[account.kind] = posted.get(account.kind, 0) + account.posted
        kinds = []
        for kind, closing in sorted(posted.items()):
            received, given = sums.received.get(kind, 0), sums.given.get(kind, 0)
            kinds.append(KindTotal(kind, closing - received + given, received, given, closing))
        root = balances_root(
            (name, account.posted, account.held)
            for name, account in sorted(totals.accounts.items(), key=itemgetter(0))
        )
        return Closing(
            period,
            sums.first,
            sums.last,
            sums.entries,
            sums.late,
            sums.minutes,
            len(totals.accounts),
            root.hex(),
            tuple(kinds),
        )

    def _closing(self, leaf: Leaf, closing: Closing, signed: Json) -> None:
        period, index = closing.period, leaf.index
        stated = closing.as_json()
        if not isinstance(signed, dict) or signed.get("closing") != stated:
            self._say(index, "closing_unsigned", "its submission does not state the same")
        in_turn = follows(period, self._last, self._genesis_ms)
        if not in_turn:
            before = "the genesis leaf" if self._last is None else self._last.name
            self._say(index, "closing_order", f"{period.name} does not follow {before}")
        if leaf.recorded_ms < period.until_ms:
            self._say(index, "closing_early", f"{period.name} is not over")
        elif in_turn:
            derived = self._derived[period].as_json()
            differ = [name for name, value in derived.items() if stated[name] != value]
            for name in differ:
                evidence = f"{name} is {derived[name]}, not {stated[name]}"
                self._say(index, "closing_differs", evidence[:1_000])
        if self._last is None or period.until_ms > self._last.until_ms:
            self._last = period
