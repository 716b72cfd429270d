"""The verifier's second opinion on the books: every leaf against all those before it.

Shares no code with the writer's rules.  Holds one small record an account and an open hold, the
movements of those entries that a later leaf reverses, and eight bytes a leaf; so a million entries
need no more memory than their accounts do.
"""

from array import array
from collections.abc import Callable, Iterable
from itertools import pairwise

from ledger.exports import Totals
from ledger.journal import REVERSAL, SETTLEMENT
from ledger.leaf import AccountOpened, Entry, Genesis, HoldEnded, HoldPlaced, Leaf, PolicyAdded

Say = Callable[[int, str, str], None]
"""``say(leaf index, rule, evidence)`` reports one fault."""

_SHARES = 64

Movements = tuple[tuple[str, str, int], ...]


class Books:
    """Replays leaves in order; :attr:`totals` are the balances that follow from them.

    ``reversed_ids`` are the entries that some reversal of the log names, known from a first look.
    """

    def __init__(self, say: Say, reversed_ids: Iterable[str]) -> None:
        self.totals = Totals()
        self._say = say
        self._wanted = frozenset(reversed_ids)
        self._originals: dict[str, tuple[str, Movements]] = {}
        self._reversed: set[str] = set()
        self._policies: set[str] = set()
        self._first_policy = ""
        self._recorded_ms = 0
        # In shares, so that sorting them never holds more than one share as Python's integers.
        self._id_hashes = [array("q") for _ in range(_SHARES)]

    def check(self, leaf: Leaf) -> None:
        """Judge one leaf, then take it into the totals whatever was found."""
        if leaf.recorded_ms < self._recorded_ms:
            self._say(leaf.index, "recorded_order", "recorded before the leaf before it")
        else:
            self._recorded_ms = leaf.recorded_ms
        body = leaf.body
        if isinstance(body, Entry):
            self._entry(leaf, body)
            return
        if isinstance(body, Genesis) != (leaf.index == 0):
            self._say(leaf.index, "genesis", "leaf 0 and no other is the genesis leaf")
        if isinstance(body, Genesis):
            self._first_policy = body.policy
        if isinstance(body, AccountOpened):
            if leaf.identifier in self.totals.accounts:
                self._say(leaf.index, "account_repeated", leaf.identifier)
        elif isinstance(body, HoldPlaced):
            self._hold(leaf, body)
            return
        elif isinstance(body, HoldEnded):
            self._hold_end(leaf, body)
        elif isinstance(body, PolicyAdded):
            if not self._policies and body.policy != self._first_policy:
                evidence = f"leaf 0 announces {self._first_policy}, not {body.policy}"
                self._say(leaf.index, "genesis", evidence)
            self._policies.add(body.policy)
        self.totals.add(leaf)

    def repeated_id_hashes(self) -> set[int]:
        """``hash()`` of each id that two entries or holds may share; empty: none do."""
        return {
            left
            for share in self._id_hashes
            for left, right in pairwise(sorted(share))
            if left == right
        }

    def _entry(self, leaf: Leaf, entry: Entry) -> None:
        self._remember_id(leaf)
        expected = self.totals.entries + 1
        if entry.number != expected:
            self._say(leaf.index, "number_gap", f"number {entry.number}, expected {expected}")
            self.totals.entries = entry.number - 1
        if entry.policy not in self._policies:
            self._say(leaf.index, "policy_unknown", entry.policy)
        touched: dict[str, None] = {}
        for giver, receiver, _minutes in entry.movements:
            touched[giver] = touched[receiver] = None
        self._known(leaf, touched)
        if leaf.kind == SETTLEMENT:
            self._settlement(leaf, entry)
        elif leaf.kind == REVERSAL:
            self._reversal(leaf, entry)
        if self._wanted and leaf.identifier in self._wanted:
            self._originals.setdefault(leaf.identifier, (leaf.kind, entry.movements))
        self.totals.add(leaf)
        self._limits(leaf, touched)

    def _hold(self, leaf: Leaf, hold: HoldPlaced) -> None:
        self._remember_id(leaf)
        if leaf.identifier in self.totals.holds:
            self._say(leaf.index, "hold_repeated", leaf.identifier)
            return
        if hold.expires_ms <= leaf.recorded_ms:
            self._say(leaf.index, "hold_deadline", "placed at or after its own deadline")
        self._known(leaf, (hold.payer, hold.payee))
        self.totals.add(leaf)
        self._limits(leaf, (hold.payer,))

    def _hold_end(self, leaf: Leaf, end: HoldEnded) -> None:
        hold = self._open_hold(leaf, end.of)
        if hold is not None and leaf.kind == "expiry" and leaf.recorded_ms < hold.expires_ms:
            self._say(leaf.index, "hold_deadline", "expired before its deadline")

    def _settlement(self, leaf: Leaf, entry: Entry) -> None:
        hold = self._open_hold(leaf, entry.of or "")
        if hold is None:
            return
        if leaf.recorded_ms >= hold.expires_ms:
            self._say(leaf.index, "hold_deadline", "settled at or after its deadline")
        # Other movements may pay a difference from elsewhere; the payer gives no more than held.
        if not any(move[:2] == (hold.payer, hold.payee) for move in entry.movements):
            self._say(
                leaf.index, "hold_parties", "nothing moves from the hold's payer to its payee"
            )
        paid = sum(minutes for giver, _, minutes in entry.movements if giver == hold.payer)
        if paid > hold.minutes:
            self._say(leaf.index, "hold_exceeded", f"{paid} of {hold.minutes} minutes held")

    def _open_hold(self, leaf: Leaf, hold_id: str) -> HoldPlaced | None:
        hold = self.totals.holds.get(hold_id)
        if hold is None:
            self._say(leaf.index, "hold_not_open", f"{hold_id} was never placed or has ended")
        return hold

    def _reversal(self, leaf: Leaf, entry: Entry) -> None:
        original_id = entry.of or ""
        original = self._originals.get(original_id)
        if original is None:
            self._say(leaf.index, "reversal_unknown", f"no entry {original_id} before")
            return
        if original_id in self._reversed:
            self._say(leaf.index, "reversal_repeated", original_id)
        self._reversed.add(original_id)
        kind, movements = original
        if kind == REVERSAL:
            self._say(leaf.index, "reversal_of_reversal", original_id)
        back = tuple((receiver, giver, minutes) for giver, receiver, minutes in reversed(movements))
        if back != entry.movements:
            self._say(leaf.index, "reversal_differs", f"not the exact inverse of {original_id}")

    def _known(self, leaf: Leaf, account_ids: Iterable[str]) -> None:
        accounts = self.totals.accounts
        for account_id in account_ids:
            if account_id not in accounts:
                self._say(leaf.index, "account_unknown", account_id)

    def _limits(self, leaf: Leaf, account_ids: Iterable[str]) -> None:
        accounts = self.totals.accounts
        for account_id in account_ids:
            total = accounts[account_id]
            available = total.posted - total.held
            if total.floor is not None and available < total.floor:
                evidence = f"{account_id} has {available} available, floor {total.floor}"
                self._say(leaf.index, "floor", evidence)
            if total.ceiling is not None and total.posted > total.ceiling:
                evidence = f"{account_id} has {total.posted}, ceiling {total.ceiling}"
                self._say(leaf.index, "ceiling", evidence)

    def _remember_id(self, leaf: Leaf) -> None:
        value = hash(leaf.identifier)
        self._id_hashes[value % _SHARES].append(value)
