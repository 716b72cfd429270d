"""The draft on which one action works out what it wants.

An action is a function that reads the book as it stands after the items before it in the same
group, and either says what shall happen or refuses.  It writes nothing itself: the writer stores
what the draft collected, with the rest of the group, in one commit.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CursorResult, Executable

from ledger import holds as hold_rules
from ledger.accounts import AccountState, check_limits
from ledger.action import Action, Facts, Staged
from ledger.companions import Companion, Composed, Plain
from ledger.errors import (
    AccountExists,
    AccountNotFound,
    EntryNotFound,
    HoldNotFound,
    NotAnEntryKind,
    PolicyExists,
    PolicyNotFound,
    Refusal,
)
from ledger.holds import Hold
from ledger.journal import REVERSAL, SETTLEMENT, JournalEntry, Movement, check_entry
from ledger.picture import GroupView
from ledger.reversals import reverse
from ledger.spelling import (
    check_id,
    check_moment,
    check_policy_version,
    check_word,
)
from ledger.store import StoredEntry

_ON_THEIR_OWN = frozenset({"key", "revocation", "freeze", "closing"})


@dataclass(slots=True)
class Draft:
    """The book as one action sees it, and what the action has asked for so far."""

    view: GroupView
    action: Action
    staged: list[Staged] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)
    _moves: list[tuple[AccountState, int, int]] = field(default_factory=list)
    _undo: list[Callable[[], object]] = field(default_factory=list)

    @property
    def recorded_ms(self) -> int:
        """The moment at which everything of this group is recorded, in ms UTC."""
        return self.view.recorded_ms

    def new_id(self, prefix: str) -> str:
        """A fresh id that sorts after every earlier one of this group."""
        return self.view.new_id(prefix)

    # Reading -------------------------------------------------------------------------------

    def load_accounts(self, account_ids: Iterable[str]) -> None:
        """Fetch many accounts in one statement; unknown ones show when they are asked for."""
        self.view.load_accounts(account_ids)

    def account(self, account_id: str) -> AccountState:
        """The account as it stands; do not change it.

        Raises:
            AccountNotFound: the book has no such account.
        """
        state = self.view.account(account_id)
        if state is None:
            raise AccountNotFound(account=account_id[:80])
        return state

    def hold(self, hold_id: str) -> Hold:
        """The hold as it stands.

        Raises:
            HoldNotFound: the book has no such hold.
        """
        hold = self.view.hold(hold_id)
        if hold is None:
            raise HoldNotFound(hold=hold_id[:80])
        return hold

    def entry(self, entry_id: str) -> StoredEntry:
        """The journal entry and its reversal, if any.

        Raises:
            EntryNotFound: the book has no such entry.
        """
        entry = self.view.entry(entry_id)
        if entry is None:
            raise EntryNotFound(entry=entry_id[:80])
        return entry

    def query(
        self, statement: Executable, parameters: Any = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Read companion tables; rows of earlier items of the group are seen, own ones not yet."""
        return self.view.query(statement, parameters)

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """As :meth:`query`, in plain SQL with ``?`` for each parameter: for what runs each time."""
        return self.view.rows(sql, parameters)

    # Asking --------------------------------------------------------------------------------

    def open_account(
        self,
        account_id: str,
        kind: str,
        *,
        floor: int | None,
        ceiling: int | None,
        facts: Facts,
    ) -> None:
        """Open an account with nothing in it.

        Raises, the first that applies:
            NotWholeMinutes, LimitsOutOfOrder: see :func:`ledger.accounts.check_limits`.
            AccountExists: the id is taken.
        """
        check_id(account_id)
        check_word(kind)
        low, high = check_limits(floor, ceiling)
        if self.view.account(account_id) is not None:
            raise AccountExists(account=account_id[:80])
        state = self.view.add_account(account_id, kind, low, high)
        self._undo.append(lambda: self.view.drop_account(state))
        beside = {"account": {"ceiling": high, "floor": low, "kind": kind}}
        self.staged.append(Staged("account", account_id, beside, facts, account=state))

    def post(self, entry: JournalEntry, facts: Facts) -> str:
        """Post a journal entry; answers its id.  A refused entry leaves every balance as it was.

        Movements are tried in their order, the giver's floor before the receiver's ceiling.

        Raises, the first that applies:
            NotAnEntryKind: a settlement or reversal, which have methods of their own.
            NotAnEntryKind … SameAccount: see :func:`ledger.journal.check_entry`.
            PolicyNotFound: the book never adopted ``entry.policy``.
            AccountNotFound: an account that the book does not have.
            FloorExceeded: a giver's available minutes would fall below its floor.
            CeilingExceeded: a receiver's posted minutes would rise above its ceiling.
        """
        if entry.kind in (SETTLEMENT, REVERSAL):
            raise NotAnEntryKind(kind=entry.kind)
        check_entry(entry)
        if entry.of is not None:
            raise ValueError("only a settlement or a reversal names another leaf")
        return self._post(entry, facts)

    def _post(self, entry: JournalEntry, facts: Facts) -> str:
        view, moves = self.view, self._moves
        if entry.policy not in view.policies:
            raise PolicyNotFound(policy=entry.policy[:80])
        known, touched, moved = view.accounts, view.touched, len(moves)
        try:
            for giver_id, receiver_id, minutes in entry.movements:
                giver = known.get(giver_id) or self.account(giver_id)
                receiver = known.get(receiver_id) or self.account(receiver_id)
                giver.check_give(minutes)
                receiver.check_receive(minutes)
                giver.posted -= minutes
                receiver.posted += minutes
                moves += ((giver, -minutes, 0), (receiver, minutes, 0))
                touched[giver.number] = giver
                touched[receiver.number] = receiver
        except Refusal:
            self._move_back(moved)
            raise
        entry_id = view.new_id("entry")
        view.posted[entry_id] = entry
        self.staged.append(Staged(entry.kind, entry_id, {}, facts, entry))
        return entry_id

    def place_hold(
        self,
        *,
        payer: str,
        payee: str,
        minutes: int,
        expires_ms: int,
        facts: Facts,
        hold_id: str | None = None,
    ) -> str:
        """Set minutes of the payer aside; answers the hold's id, a new one unless it is given.

        Raises, the first that applies:
            NotWholeMinutes, SameAccount, HoldDeadlinePassed: see :func:`ledger.holds.place`.
            AccountNotFound: payer or payee is no account of the book.
            FloorExceeded: the payer's available minutes would fall below its floor.
        """
        check_moment(expires_ms)
        hold = hold_rules.place(
            hold_id or self.view.new_id("hold"),
            payer=payer,
            payee=payee,
            minutes=minutes,
            expires_ms=expires_ms,
            now_ms=self.recorded_ms,
        )
        giver, _receiver = self.account(payer), self.account(payee)
        giver.check_give(minutes)
        self._move(giver, 0, minutes)
        self._keep_hold(hold, None)
        beside = {"hold": {"expires": expires_ms, "from": payer, "minutes": minutes, "to": payee}}
        self.staged.append(Staged("hold", hold.hold_id, beside, facts, hold=hold))
        return hold.hold_id

    def settle(
        self,
        hold_id: str,
        *,
        minutes: int,
        effective_on: str,
        policy: str,
        facts: Facts,
        beside: tuple[Movement, ...] = (),
    ) -> str:
        """Pay a hold in part or whole; answers the settlement's entry id.

        ``beside`` are further movements of the entry, see :func:`ledger.holds.settle`.

        Raises, the first that applies:
            HoldNotFound: the book has no such hold.
            NotWholeMinutes … SettlementExceedsHold: see :func:`ledger.holds.settle`.
            NotADate, PolicyNotFound, CeilingExceeded: as in :meth:`post`.
        """
        hold = self.hold(hold_id)
        ended, entry = hold_rules.settle(
            hold, minutes=minutes, now_ms=self.recorded_ms, effective_on=effective_on,
            policy=policy, beside=beside,
        )  # fmt: skip
        check_entry(entry)
        payer = self.account(hold.payer)
        moved = len(self._moves)
        self._move(payer, 0, -hold.held_minutes)
        try:
            entry_id = self._post(entry, facts)
        except Refusal:
            self._move_back(moved)
            raise
        self._keep_hold(ended, hold)
        self.staged[-1].hold = ended
        self.staged[-1].settled_minutes = hold_rules.given_by(hold.payer, entry.movements)
        return entry_id

    def release(self, hold_id: str, facts: Facts) -> str:
        """End a hold without payment; answers the id of its end.

        Raises, the first that applies:
            HoldNotFound: the book has no such hold.
            HoldAlreadyEnded: it ended before.
        """
        return self._end(hold_rules.release(self.hold(hold_id)), "release", facts)

    def expire(self, hold_id: str, facts: Facts) -> str:
        """End a hold whose deadline has come; answers the id of its end.

        Raises, the first that applies:
            HoldNotFound: the book has no such hold.
            HoldAlreadyEnded, HoldNotExpired: see :func:`ledger.holds.expire`.
        """
        ended = hold_rules.expire(self.hold(hold_id), now_ms=self.recorded_ms)
        return self._end(ended, "expiry", facts)

    def reverse(self, entry_id: str, *, effective_on: str, policy: str, facts: Facts) -> str:
        """Undo an entry by a new one; answers the reversal's entry id.

        Raises, the first that applies:
            EntryNotFound: the book has no such entry.
            NotReversible, AlreadyReversed: see :func:`ledger.reversals.reverse`.
            NotADate, PolicyNotFound, FloorExceeded, CeilingExceeded: as in :meth:`post`.
        """
        known = self.entry(entry_id)
        original = JournalEntry(known.kind, known.movements, known.effective_on, policy)
        undoing = reverse(
            entry_id,
            original,
            reversed_by=known.reversed_by,
            effective_on=effective_on,
            policy=policy,
        )
        check_entry(undoing)
        reversing_id = self._post(undoing, facts)
        self.view.reversed_by[entry_id] = reversing_id
        self._undo.append(lambda: self.view.reversed_by.pop(entry_id))
        return reversing_id

    def adopt_policy(self, version: str, facts: Facts) -> None:
        """Make a profile version known to the book, so that entries may name it.

        Raises:
            PolicyExists: the book has adopted it before.
        """
        check_policy_version(version)
        if self.action.batch is not None:
            raise ValueError("a policy is a submission of its own, not a row of a batch")
        if version in self.view.policies:
            raise PolicyExists(policy=version)
        self.view.policies.add(version)
        self._undo.append(lambda: self.view.policies.discard(version))
        self.staged.append(Staged("policy", version, {"pol": version}, facts))

    def stage(self, staged: Staged) -> None:
        """Ask for one more leaf; what it says was checked by whoever asks."""
        if self.action.batch is not None and staged.kind in _ON_THEIR_OWN:
            raise ValueError(f"{staged.kind} is a submission of its own, not a row of a batch")
        self.staged.append(staged)

    def undo_later(self, undo: Callable[[], object]) -> None:
        """Have ``undo`` called, the newest first, if the action is refused after all."""
        self._undo.append(undo)

    def state(self, identifier: str, facts: Facts) -> None:
        """Put a fact into the log that moves nothing, such as a record that awaits its review."""
        check_id(identifier)
        self.staged.append(Staged("fact", identifier, {}, facts))

    def refuse_row(self, facts: Facts, refusal: Refusal) -> None:
        """Say of one row of a batch that it is refused; the other rows go on."""
        if self.action.batch is None:
            raise ValueError("only rows of a batch are refused apart from the whole")
        self.staged.append(Staged("refused", "", {}, facts, refused_code=refusal.code))

    def add(self, statement: Executable, rows: Sequence[dict[str, Any]] | None = None) -> None:
        """Store companion rows with this item, in the group's commit (an insert or an update)."""
        self.companions.append(Composed(statement, list(rows) if rows is not None else None))

    def change(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """As :meth:`add`, in plain SQL with ``?`` for each value: for what runs each time."""
        self.companions.append(Plain(sql, list(rows)))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Ask for several things of which all happen or none: a refusal inside takes them back.

        The refusal goes on to the caller, who may catch it and try the next row of a batch.
        """
        marks = len(self.staged), len(self.companions), len(self._moves), len(self._undo)
        try:
            yield
        except Refusal:
            self._undo_to(*marks)
            raise

    # Keeping and undoing -------------------------------------------------------------------

    def undo(self) -> None:
        """Take everything back that this action changed in the writer's picture."""
        self._undo_to(0, 0, 0, 0)

    def _undo_to(self, staged: int, companions: int, moves: int, steps: int) -> None:
        self._move_back(moves)
        while len(self._undo) > steps:
            self._undo.pop()()
        for item in self.staged[staged:]:
            self.view.posted.pop(item.identifier, None)
        del self.staged[staged:], self.companions[companions:]

    def _move(self, state: AccountState, posted: int, held: int) -> None:
        state.posted += posted
        state.held += held
        self._moves.append((state, posted, held))
        self.view.touched[state.number] = state

    def _move_back(self, down_to: int) -> None:
        while len(self._moves) > down_to:
            state, posted, held = self._moves.pop()
            state.posted -= posted
            state.held -= held

    def _keep_hold(self, hold: Hold, before: Hold | None) -> None:
        holds = self.view.holds
        holds[hold.hold_id] = hold
        if before is None:
            self._undo.append(lambda: holds.pop(hold.hold_id))
        else:
            self._undo.append(lambda: holds.__setitem__(before.hold_id, before))

    def _end(self, ended: Hold, kind: str, facts: Facts) -> str:
        before = self.hold(ended.hold_id)
        self._move(self.account(ended.payer), 0, -ended.held_minutes)
        self._keep_hold(ended, before)
        identifier = self.view.new_id("end")
        self.staged.append(Staged(kind, identifier, {"of": ended.hold_id}, facts, hold=ended))
        return identifier


__all__ = ["Action", "Draft", "Facts", "Staged"]
