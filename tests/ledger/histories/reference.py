"""The ledger once more, as small as it can be: dictionaries, no database, no log, no groups.

Written from the promises of the ledger, not from its code: it imports nothing of it.
"""

import datetime
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_MINUTES = 2**31 - 1
MOST_LIMIT = 2**53 - 1


class Refused(Exception):
    """The code of a "no"."""


class Open(NamedTuple):
    """Open an account."""

    account: str
    floor: object
    ceiling: object


class Post(NamedTuple):
    """Move minutes: (from, to, minutes) each."""

    moves: tuple[tuple[str, str, object], ...]
    on: str
    policy: str
    kind: str


class Place(NamedTuple):
    """Set minutes aside until a moment."""

    payer: str
    payee: str
    minutes: object
    expires_ms: int


class Settle(NamedTuple):
    """Pay a hold."""

    hold: str
    minutes: object
    on: str
    policy: str


class Release(NamedTuple):
    """Let a hold go."""

    hold: str


class Expire(NamedTuple):
    """End a hold whose time has come."""

    hold: str


class Reverse(NamedTuple):
    """Undo an entry."""

    entry: str
    on: str
    policy: str


Wish = Open | Post | Place | Settle | Release | Expire | Reverse


@dataclass
class Held:
    """A hold; ``state`` is empty while it is open."""

    payer: str
    payee: str
    minutes: int
    expires_ms: int
    state: str = ""


@dataclass
class Entry:
    """An entry and what undid it."""

    kind: str
    moves: tuple[tuple[str, str, int], ...]
    on: str
    recorded_ms: int
    undone: bool = False


@dataclass
class Reference:
    """Accounts with limits, holds and entries, by the ids that the real ledger gave them."""

    policies: set[str]
    limits: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    posted: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    holds: dict[str, Held] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    recorded_ms: int = 0

    def judge(self, wish: Wish, identifier: str) -> str:
        """Do what was wished, under the id that the real ledger gave; the code of a refusal."""
        before = dict(self.posted), dict(self.held)
        try:
            getattr(self, "_" + type(wish).__name__.lower())(wish, identifier)
        except Refused as refused:
            self.posted, self.held = before
            return str(refused)
        return ""

    def _open(self, wish: Open, _identifier: str) -> None:
        for limit in (wish.floor, wish.ceiling):
            fits = limit is None or (type(limit) is int and abs(limit) <= MOST_LIMIT)
            _need(fits, "not_whole_minutes")
        _need(wish.floor is None or wish.floor <= 0, "limits_out_of_order")
        _need(wish.ceiling is None or wish.ceiling >= 0, "limits_out_of_order")
        _need(wish.account not in self.limits, "account_exists")
        self.limits[wish.account] = (wish.floor, wish.ceiling)
        self.posted[wish.account] = self.held[wish.account] = 0

    def _post(self, wish: Post, identifier: str) -> None:
        _need(wish.kind.islower() and wish.kind not in ("hold", "settlement"), "not_an_entry_kind")
        _need(wish.moves, "empty_entry")
        _a_day(wish.on)
        for giver, receiver, minutes in wish.moves:
            _minutes(minutes)
            _need(giver != receiver, "same_account")
        self._move(wish.kind, wish.moves, wish.on, wish.policy, identifier)

    def _move(self, kind, moves, on, policy, identifier) -> None:
        _need(policy in self.policies, "policy_not_found")
        for giver, receiver, minutes in moves:
            self._known(giver, receiver)
            self._spendable(giver, minutes)
            self.posted[giver] -= minutes
            self.posted[receiver] += minutes
            ceiling = self.limits[receiver][1]
            fits = ceiling is None or self.posted[receiver] <= ceiling
            _need(fits, "ceiling_exceeded")
        self.entries[identifier] = Entry(kind, moves, on, self.recorded_ms)

    def _place(self, wish: Place, identifier: str) -> None:
        _minutes(wish.minutes)
        _need(wish.payer != wish.payee, "same_account")
        _need(wish.expires_ms > self.recorded_ms, "hold_deadline_passed")
        self._known(wish.payer, wish.payee)
        self._spendable(wish.payer, wish.minutes)
        self.held[wish.payer] += wish.minutes
        self.holds[identifier] = Held(*wish)

    def _settle(self, wish: Settle, identifier: str) -> None:
        hold = self._hold(wish.hold)
        _minutes(wish.minutes)
        _need(not hold.state, "hold_already_ended")
        _need(self.recorded_ms < hold.expires_ms, "hold_expired")
        _need(wish.minutes <= hold.minutes, "settlement_exceeds_hold")
        _a_day(wish.on)
        self.held[hold.payer] -= hold.minutes
        moves = ((hold.payer, hold.payee, wish.minutes),)
        self._move("settlement", moves, wish.on, wish.policy, identifier)
        hold.state = "settled"

    def _release(self, wish: Release, _identifier: str) -> None:
        hold = self._hold(wish.hold)
        _need(not hold.state, "hold_already_ended")
        self.held[hold.payer] -= hold.minutes
        hold.state = "released"

    def _expire(self, wish: Expire, _identifier: str) -> None:
        hold = self._hold(wish.hold)
        _need(not hold.state, "hold_already_ended")
        _need(self.recorded_ms >= hold.expires_ms, "hold_not_expired")
        self.held[hold.payer] -= hold.minutes
        hold.state = "expired"

    def _reverse(self, wish: Reverse, identifier: str) -> None:
        _need(wish.entry in self.entries, "entry_not_found")
        entry = self.entries[wish.entry]
        _need(entry.kind != "reversal", "not_reversible")
        _need(not entry.undone, "already_reversed")
        _a_day(wish.on)
        back = tuple((to, giver, minutes) for giver, to, minutes in reversed(entry.moves))
        self._move("reversal", back, wish.on, wish.policy, identifier)
        entry.undone = True

    def _hold(self, identifier: str) -> Held:
        _need(identifier in self.holds, "hold_not_found")
        return self.holds[identifier]

    def _known(self, *accounts: str) -> None:
        for account in accounts:
            _need(account in self.limits, "account_not_found")

    def _spendable(self, account: str, minutes: int) -> None:
        floor = self.limits[account][0]
        left = self.posted[account] - self.held[account] - minutes
        _need(floor is None or left >= floor, "floor_exceeded")

    def balance(self, account: str, until: str, known_before_ms: int) -> int:
        """What is effective on or before a day, as known before a moment."""
        return sum(
            minutes * ((to == account) - (giver == account))
            for entry in self.entries.values()
            if entry.on <= until and entry.recorded_ms < known_before_ms
            for giver, to, minutes in entry.moves
        )


def _need(condition: object, code: str) -> None:
    if not condition:
        raise Refused(code)


def _minutes(minutes: object) -> None:
    fits = type(minutes) is int and 1 <= minutes <= MOST_MINUTES
    _need(fits, "not_whole_minutes")


def _a_day(text: str) -> None:
    try:
        fits = datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        fits = False
    _need(fits, "not_a_date")
