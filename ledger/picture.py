"""The writer's picture of the book between groups, and its view of one group in the making.

Reading every account again for each group would cost more than writing it.  The picture may be
kept only while nobody else wrote: it carries the size and root that it was true for, and is thrown
away as soon as the locked head shows others.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable

from ledger.accounts import AccountState
from ledger.approvals import LOG, Roots
from ledger.holds import Hold
from ledger.ids import new_ids
from ledger.journal import JournalEntry
from ledger.leaf import Genesis
from ledger.leaf_parser import parse
from ledger.merkle import Frontier
from ledger.store import HeadRow, KeyState, Store, StoredEntry

MOST_ACCOUNTS_KEPT = 200_000
"""Accounts kept in memory between groups, some 60 MB; beyond it the picture starts afresh."""


_TAIL_DIGITS = 14
"""Random digits of a group's ids; six more count up to 16 million, beyond any group's rows."""


class Picture:
    """What the writer remembers between groups; true for exactly one size and root of the log."""

    def __init__(self) -> None:
        self.accounts: dict[str, AccountState] = {}
        self.keys: dict[str, KeyState] = {}
        self.policies: set[str] = set()
        self.roots = Roots(0, ())
        self.frozen = False
        self.closed_until_ms = 0
        self.frontier = Frontier()
        self._size = -1
        self._root = b""

    def is_true_for(self, head: HeadRow) -> bool:
        """Whether nobody wrote since this picture was taken."""
        return self._size == head.size and self._root == head.root

    def renew(self, store: Store, head: HeadRow) -> None:
        """Forget everything and read what every group needs."""
        self.accounts.clear()
        self.keys = store.signing_keys()
        self.policies = store.policies()
        genesis = parse(store.genesis()).body
        assert isinstance(genesis, Genesis)
        self.roots = Roots.of(genesis.roots_needed, genesis.roots)
        self.frozen = store.is_frozen()
        self.closed_until_ms = store.closed_until_ms()
        self.frontier = Frontier.from_bytes(head.frontier)
        self.is_now(head)

    def log_keys(self) -> list[str]:
        """The vkeys that sign checkpoints now, the oldest first; two while one takes over."""
        return [one.vkey for one in self.keys.values() if one.role == LOG and not one.ended]

    def is_now(self, head: HeadRow) -> None:
        """Say for which head the picture is true; call it once the head is committed or read."""
        self._size, self._root = head.size, head.root
        if len(self.accounts) > MOST_ACCOUNTS_KEPT:
            self.accounts.clear()

    def forget(self) -> None:
        """Trust nothing of it any more, because a group failed half-way."""
        self._size = -1


class GroupView:
    """The book as the items of one group see it, each after the ones before."""

    def __init__(
        self,
        store: Store,
        picture: Picture,
        head: HeadRow,
        recorded_ms: int,
        *,
        flush: Callable[[], None],
    ) -> None:
        self.recorded_ms = recorded_ms
        self.origin = head.origin
        self.keys = picture.keys
        self.roots = picture.roots
        self.policies = picture.policies
        self.holds: dict[str, Hold] = {}
        self.posted: dict[str, JournalEntry] = {}
        self.reversed_by: dict[str, str] = {}
        self.touched: dict[int, AccountState] = {}
        self.opened: set[int] = set()
        self.accounts = picture.accounts
        self._store = store
        self._head = head
        self._flush = flush
        self._picture = picture
        self._ids = 0
        self._moment = f"{recorded_ms:012x}"
        self._tail = new_ids("x", 1, 0)[0][-_TAIL_DIGITS:]

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``: for the rare query that both cannot say alike."""
        return self._store.connection.dialect.name

    def new_id(self, prefix: str) -> str:
        """Ids of one group share their moment and random tail and count up in between."""
        self._ids += 1
        return f"{prefix}_{self._moment}{self._ids:06x}{self._tail}"

    def load_accounts(self, account_ids: Iterable[str]) -> None:
        """Fetch those accounts that the picture does not show yet."""
        known = self.accounts
        missing = [account_id for account_id in account_ids if account_id not in known]
        if missing:
            for state in self._store.accounts(missing):
                known[state.account_id] = state

    def account(self, account_id: str) -> AccountState | None:
        """The account as it stands within the group."""
        state = self.accounts.get(account_id)
        if state is None:
            self.load_accounts((account_id,))
            state = self.accounts.get(account_id)
        return state

    def add_account(
        self, account_id: str, kind: str, floor: int | None, ceiling: int | None
    ) -> AccountState:
        """Give a new account the book's next serial."""
        self._head.accounts += 1
        state = AccountState(self._head.accounts, account_id, kind, floor, ceiling)
        self.accounts[account_id] = state
        self.opened.add(state.number)
        return state

    def drop_account(self, state: AccountState) -> None:
        """Take the newest account back; its serial is given to the next one."""
        del self.accounts[state.account_id]
        self.opened.discard(state.number)
        self._head.accounts -= 1

    def hold(self, hold_id: str) -> Hold | None:
        """The hold as it stands within the group."""
        hold = self.holds.get(hold_id)
        return self._store.hold(hold_id) if hold is None else hold

    def entry(self, entry_id: str) -> StoredEntry | None:
        """The entry as it stands within the group."""
        made = self.posted.get(entry_id)
        if made is None:
            entry = self._store.entry(entry_id)
        else:
            entry = StoredEntry(made.kind, made.effective_on, made.movements, None)
        undone_by = self.reversed_by.get(entry_id)
        return (
            entry if entry is None or undone_by is None else entry._replace(reversed_by=undone_by)
        )

    def query(
        self, statement: Executable, parameters: Any = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a read after storing the companion rows of the group's earlier items."""
        self._flush()
        return self._store.connection.execute(statement, parameters)

    def rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """:meth:`query` in plain SQL, at a fraction of the price of a composed statement."""
        self._flush()
        return self._store.rows(sql, parameters)

    @property
    def frozen(self) -> bool:
        """Whether the log has had its last leaf, perhaps in this very group."""
        return self._picture.frozen

    def add_key(self, state: KeyState) -> Callable[[], object]:
        """Begin a key's sequence; answers how to take it back."""
        self.keys[state.name] = state
        return lambda: self.keys.pop(state.name)

    def end_key(self, name: str) -> Callable[[], object]:
        """Let a key sign no more; answers how to take it back."""
        before = self.keys[name]
        self.keys[name] = before._replace(ended=True)
        return lambda: self.keys.update({name: before})

    def freeze(self) -> Callable[[], object]:
        """Let no leaf follow this item's; answers how to take it back."""
        self._picture.frozen = True
        return self._thaw

    @property
    def closed_until_ms(self) -> int:
        """The end of the newest closed period, 0 where none was closed; nothing lies before it."""
        return self._picture.closed_until_ms

    def close_until(self, moment_ms: int) -> Callable[[], object]:
        """Let nothing be recorded before a moment any more; answers how to take it back."""
        picture, before_ms = self._picture, self._picture.closed_until_ms
        picture.closed_until_ms = moment_ms
        return lambda: setattr(picture, "closed_until_ms", before_ms)

    def _thaw(self) -> None:
        self._picture.frozen = False
