"""The posting path's SQL: a handful of set-based statements for a whole group.

Every function runs inside the transaction of its connection and none commits.  SQLite takes many
rows in one statement, PostgreSQL by COPY or arrays; both keep the same rows.  Statements go to the
driver's own cursor: SQLAlchemy would take five times as long over each as SQLite does.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, cast

import orjson
from sqlalchemy import Connection

from ledger.accounts import AccountState
from ledger.holds import Hold, HoldState
from ledger.journal import Movement

COLUMNS: dict[str, tuple[str, ...]] = {
    "leaf": ("book_id", "leaf_index", "body"),
    "movement": (
        "book_id", "leaf_index", "place", "number", "from_no", "to_no", "minutes", "kind",
        "effective_on", "recorded_ms",
    ),
    "entry": ("book_id", "entry_id", "number", "leaf_index"),
    "account": ("book_id", "account_no", "account_id", "kind", "floor", "ceiling", "leaf_index"),
    "balance": ("book_id", "account_no", "posted", "held", "floor", "ceiling"),
    "hold_placed": (
        "book_id", "hold_id", "payer_no", "payee_no", "minutes", "expires_ms", "leaf_index",
    ),
    "hold_ended": ("book_id", "hold_id", "state", "settled_minutes", "leaf_index"),
    "reversal": ("book_id", "reversed_id", "reversing_id", "leaf_index"),
    "idempotency_key": (
        "book_id", "submitter", "key", "content_hash", "refused", "answer", "leaf_index",
    ),
    "policy": ("book_id", "version", "leaf_index"),
    "signing_key": ("book_id", "name", "vkey", "role", "next_seq", "previous_hash", "leaf_index"),
    "key_ended": ("book_id", "name", "leaf_index"),
    "log_end": ("book_id", "leaf_index"),
    "period_closing": ("book_id", "period", "from_ms", "until_ms", "leaf_index"),
}  # fmt: skip
"""The columns in which rows are handed to :meth:`Store.append`, in order."""

COPY_FROM_ROWS = 8
"""PostgreSQL: below this many rows an INSERT's one round trip beats COPY's three."""

_ROWS_AT_ONCE = 50
"""SQLite: rows of one statement, which saves a third of what a row costs; more rows save less."""


@dataclass(slots=True)
class HeadRow:
    """The book's head as the lock showed it."""

    book: str
    origin: str
    size: int
    root: bytes
    frontier: bytes
    entries: int
    accounts: int
    recorded_ms: int


class Remembered(NamedTuple):
    """What was decided of an idempotency key before."""

    content_hash: bytes
    refused: bool
    answer: bytes
    leaf_index: int


class StoredEntry(NamedTuple):
    """A journal entry as the tables have it; ``reversed_by`` names its reversal."""

    kind: str
    effective_on: str
    movements: tuple[Movement, ...]
    reversed_by: str | None


class KeyState(NamedTuple):
    """A signing key's place in its own sequence; ``name`` is the identifier of its leaf.

    Once ``ended`` it signs nothing more, and its name is not used again.
    """

    name: str
    vkey: str
    role: str
    next_seq: int
    previous_hash: str
    ended: bool


class Store:
    """Reads and writes of one book inside one transaction."""

    def __init__(self, connection: Connection, book_id: int = 1) -> None:
        self.connection = connection
        self.book_id = book_id
        self._sqlite = connection.dialect.name == "sqlite"
        self._driver = cast(Any, connection.connection.driver_connection)
        self._cursor = self._driver.cursor()

    def _run(self, sql: str, parameters: Any = ()) -> Any:
        self._cursor.execute(sql if self._sqlite else _in_percent(sql), parameters)
        return self._cursor

    def _run_many(self, sql: str, rows: Sequence[Any]) -> None:
        self._cursor.executemany(sql if self._sqlite else _in_percent(sql), rows)

    def rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Read companion rows by SQL with ``?`` for each parameter."""
        found: list[tuple[Any, ...]] = self._run(sql, parameters).fetchall()
        return found

    def change(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run an INSERT or UPDATE with ``?`` for each parameter, once for each of ``rows``."""
        self._run_many(sql, rows)

    def _among(self, values: Sequence[str]) -> tuple[str, Any]:
        """SQL and parameter for "one of these texts", whose length does not change the SQL."""
        if self._sqlite:
            return "IN (SELECT value FROM json_each(?))", orjson.dumps(values).decode()
        return "= ANY(?)", list(values)

    @contextmanager
    def one_round_trip(self) -> Iterator[None]:
        """Send the changes inside to PostgreSQL without waiting for each; their faults show at
        the end.  No rows may be read in between, and :meth:`append` takes few."""
        if self._sqlite:
            yield
        else:
            with self._driver.pipeline():
                yield

    def begin(self) -> HeadRow | None:
        """Begin a transaction on a connection by hand; answers :meth:`lock_head`."""
        if self._sqlite:
            self._cursor.execute("BEGIN IMMEDIATE")
            return self.lock_head()
        with self._driver.pipeline():
            self._driver.execute("BEGIN")
            return self.lock_head()

    def commit(self) -> None:
        """Say COMMIT; the transaction is durable when this and the round trip around it return."""
        self._cursor.execute("COMMIT")

    def committed(self) -> None:
        """Let SQLAlchemy know, which thinks itself inside a transaction after a companion row."""
        if self.connection.in_transaction():
            self.connection.commit()

    def lock_head(self) -> HeadRow | None:
        """The head row, locked until the transaction ends; ``None`` where there is no book.

        SQLite holds its lock since BEGIN IMMEDIATE.  PostgreSQL locks the row here, in a statement
        of its own before anything else is read, so that later statements see the last commit.
        """
        row = self._run(
            "SELECT book, origin, size, root, frontier, entries, accounts, recorded_ms "
            "FROM head WHERE book_id = ?" + ("" if self._sqlite else " FOR UPDATE"),
            (self.book_id,),
        ).fetchone()
        if row is None:
            return None
        return HeadRow(row[0], row[1], row[2], bytes(row[3]), bytes(row[4]), row[5], row[6], row[7])

    def insert_head(self, head: HeadRow) -> None:
        """Store the head of a new book, empty as it is."""
        self._run(
            "INSERT INTO head (book_id, book, origin, size, root, frontier, entries, accounts, "
            "recorded_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.book_id, head.book, head.origin, head.size, head.root, head.frontier,
                head.entries, head.accounts, head.recorded_ms,
            ),
        )  # fmt: skip
        self._run("INSERT INTO line_mark (book_id, leaf_index) VALUES (?, 0)", (self.book_id,))

    def update_head(self, head: HeadRow) -> None:
        """Move the head forward over the leaves of this group."""
        self._run(
            "UPDATE head SET size = ?, root = ?, frontier = ?, entries = ?, accounts = ?, "
            "recorded_ms = ? WHERE book_id = ?",
            (
                head.size, head.root, head.frontier, head.entries, head.accounts,
                head.recorded_ms, self.book_id,
            ),
        )  # fmt: skip

    def append(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert ``rows``, each in the order of :data:`COLUMNS`."""
        if not rows:
            return
        if self._sqlite:
            full = len(rows) - len(rows) % _ROWS_AT_ONCE
            for at in range(0, full, _ROWS_AT_ONCE):
                values = tuple(chain.from_iterable(rows[at : at + _ROWS_AT_ONCE]))
                self._cursor.execute(_insert(table, _ROWS_AT_ONCE, "?"), values)
            if full < len(rows):
                values = tuple(chain.from_iterable(rows[full:]))
                self._cursor.execute(_insert(table, len(rows) - full, "?"), values)
        elif len(rows) < COPY_FROM_ROWS:
            values = tuple(chain.from_iterable(rows))
            self._cursor.execute(_insert(table, len(rows), "%s"), values)
        else:
            with self._cursor.copy(
                f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN"
            ) as copy:
                for row in rows:
                    copy.write_row(row)

    def accounts(self, account_ids: Sequence[str]) -> list[AccountState]:
        """The accounts that exist among ``account_ids``, with their balances of this moment."""
        among, ids = self._among(account_ids)
        rows = self._run(
            "SELECT a.account_no, a.account_id, a.kind, a.floor, a.ceiling, b.posted, b.held "
            "FROM account a JOIN balance b ON b.book_id = a.book_id "
            f"AND b.account_no = a.account_no WHERE a.book_id = ? AND a.account_id {among}",
            (self.book_id, ids),
        ).fetchall()
        return [AccountState(*row) for row in rows]

    def add_to_balances(self, changes: Sequence[tuple[int, int, int]]) -> None:
        """Add (posted minutes, held minutes) to accounts; rows are (posted, held, account_no)."""
        if not changes:
            return
        if self._sqlite or len(changes) == 1:
            self._run_many(
                "UPDATE balance SET posted = posted + ?, held = held + ? "
                f"WHERE book_id = {self.book_id} AND account_no = ?",
                changes,
            )
            return
        posted, held, numbers = (list(part) for part in zip(*changes, strict=True))
        self._run(
            "UPDATE balance b SET posted = b.posted + n.posted, held = b.held + n.held "
            "FROM unnest(?::bigint[], ?::bigint[], ?::bigint[]) AS n(posted, held, account_no) "
            "WHERE b.book_id = ? AND b.account_no = n.account_no",
            (posted, held, numbers, self.book_id),
        )

    def remembered(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Remembered]:
        """What is remembered of (submitter, key) pairs."""
        pairs = list(keys)
        if not pairs:
            return {}
        if len(pairs) == 1:
            source = "(SELECT ? AS submitter, ? AS key) AS asked"
            parameters: tuple[Any, ...] = (*pairs[0], self.book_id)
        elif self._sqlite:
            source = (
                "(SELECT value ->> 0 AS submitter, value ->> 1 AS key FROM json_each(?)) AS asked"
            )
            parameters = (orjson.dumps(pairs).decode(), self.book_id)
        else:
            source = "unnest(?::text[], ?::text[]) AS asked(submitter, key)"
            parameters = ([pair[0] for pair in pairs], [pair[1] for pair in pairs], self.book_id)
        rows = self._run(
            "SELECT k.submitter, k.key, k.content_hash, k.refused, k.answer, k.leaf_index "
            # CROSS JOIN keeps SQLite from walking the whole table for each of a few keys.
            f"FROM {source} CROSS JOIN idempotency_key k WHERE k.book_id = ? "
            "AND k.submitter = asked.submitter AND k.key = asked.key",
            parameters,
        ).fetchall()
        return {
            (row[0], row[1]): Remembered(bytes(row[2]), bool(row[3]), bytes(row[4]), row[5])
            for row in rows
        }

    def hold(self, hold_id: str) -> Hold | None:
        """The hold in its present state."""
        row = self._run(
            "SELECT p.hold_id, payer.account_id, payee.account_id, p.minutes, p.expires_ms, "
            "e.state FROM hold_placed p "
            "JOIN account payer ON payer.book_id = p.book_id AND payer.account_no = p.payer_no "
            "JOIN account payee ON payee.book_id = p.book_id AND payee.account_no = p.payee_no "
            "LEFT JOIN hold_ended e ON e.book_id = p.book_id AND e.hold_id = p.hold_id "
            "WHERE p.book_id = ? AND p.hold_id = ?",
            (self.book_id, hold_id),
        ).fetchone()
        if row is None:
            return None
        return Hold(row[0], row[1], row[2], row[3], row[4], HoldState(row[5] or "placed"))

    def entry(self, entry_id: str) -> StoredEntry | None:
        """The entry's movements in their order, and the reversal if there is one."""
        rows = self._run(
            "SELECT m.kind, m.effective_on, giver.account_id, receiver.account_id, m.minutes, "
            "r.reversing_id FROM entry e "
            "JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index "
            "JOIN account giver ON giver.book_id = m.book_id AND giver.account_no = m.from_no "
            "JOIN account receiver ON receiver.book_id = m.book_id "
            "AND receiver.account_no = m.to_no "
            "LEFT JOIN reversal r ON r.book_id = e.book_id AND r.reversed_id = e.entry_id "
            "WHERE e.book_id = ? AND e.entry_id = ? ORDER BY m.place",
            (self.book_id, entry_id),
        ).fetchall()
        if not rows:
            return None
        movements = tuple(Movement(row[2], row[3], row[4]) for row in rows)
        return StoredEntry(rows[0][0], rows[0][1], movements, rows[0][5])

    def signing_keys(self) -> dict[str, KeyState]:
        """Every key by the identifier of its leaf, in the order in which they came."""
        rows = self._run(
            "SELECT k.name, k.vkey, k.role, k.next_seq, k.previous_hash, e.name FROM signing_key k "
            "LEFT JOIN key_ended e ON e.book_id = k.book_id AND e.name = k.name "
            "WHERE k.book_id = ? ORDER BY k.leaf_index, k.role",
            (self.book_id,),
        ).fetchall()
        return {
            name: KeyState(name, vkey, role, seq, previous, ended is not None)
            for name, vkey, role, seq, previous, ended in rows
        }

    def genesis(self) -> bytes:
        """The bytes of leaf 0."""
        (row,) = self._run(
            "SELECT body FROM leaf WHERE book_id = ? AND leaf_index = 0", (self.book_id,)
        ).fetchall()
        return bytes(row[0])

    def is_frozen(self) -> bool:
        """Whether the log has had its last leaf."""
        rows = self._run("SELECT 1 FROM log_end WHERE book_id = ?", (self.book_id,)).fetchall()
        return bool(rows)

    def closed_until_ms(self) -> int:
        """The end of the newest closed period, 0 where none was closed."""
        ((until_ms,),) = self._run(
            "SELECT MAX(until_ms) FROM period_closing WHERE book_id = ?", (self.book_id,)
        ).fetchall()
        return int(until_ms or 0)

    def policies(self) -> set[str]:
        """Every profile version that the book has adopted."""
        rows = self._run("SELECT version FROM policy WHERE book_id = ?", (self.book_id,))
        return {row[0] for row in rows.fetchall()}

    def update_signing_keys(self, states: Sequence[KeyState]) -> None:
        """Store how far each key's sequence has come."""
        for state in states:
            self._run(
                "UPDATE signing_key SET next_seq = ?, previous_hash = ? "
                "WHERE book_id = ? AND name = ?",
                (state.next_seq, state.previous_hash, self.book_id, state.name),
            )


@lru_cache(maxsize=256)
def _in_percent(sql: str) -> str:
    """The statement with the slots of PostgreSQL's driver."""
    return sql.replace("?", "%s")


@lru_cache(maxsize=2_048)
def _insert(table: str, rows: int, slot: str) -> str:
    names = COLUMNS[table]
    slots = f"({', '.join([slot] * len(names))})"
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([slots] * rows)}"
