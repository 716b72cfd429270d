"""The ledger's tables, the same on SQLite and PostgreSQL.

Ids inside the storage are the book's own small serials (``account_no``, ``number``,
``leaf_index``); the opaque ids of the outside world stand once, beside them.  Everything is
append-only but ``head``, ``balance`` and ``signing_key``, which follow the journal and can be
recomputed from it.  These classes describe storage: they are never a value, a body or an answer.
"""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, Table, Text
from sqlmodel import Field, SQLModel

# SQLite's STRICT tables know INTEGER, TEXT and BLOB only; PostgreSQL wants eight bytes.
INT = BigInteger().with_variant(Integer(), "sqlite")
TEXT = Text()
BYTES = LargeBinary()

CLUSTERED: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}
"""SQLite keeps such a table in the order of its primary key, without a second index."""


def key(kind: Any = INT) -> Any:
    """A part of the primary key; ours, never the database's to generate."""
    return Field(primary_key=True, sa_type=kind, sa_column_kwargs={"autoincrement": False})


def column(kind: Any = INT, *, nullable: bool = False) -> Any:
    """A plain column of one of the three storage types."""
    return Field(
        sa_type=kind, sa_column_kwargs={"nullable": nullable}, default=None if nullable else ...
    )


def core(model: type[SQLModel]) -> Table:
    """The SQLAlchemy Core table behind a class, which is what queries are written with."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


class Head(SQLModel, table=True):
    """Where the book stands: one row, locked first by whoever writes.

    ``frontier`` holds the hashes of the perfect subtrees of the log's right edge.
    """

    __tablename__ = "head"
    __table_args__ = (CheckConstraint("size >= 0 AND entries >= 0", "head_counts"), CLUSTERED)

    book_id: int = key()
    book: str = column(TEXT)
    origin: str = column(TEXT)
    size: int = column()
    root: bytes = column(BYTES)
    frontier: bytes = column(BYTES)
    entries: int = column()
    accounts: int = column()
    recorded_ms: int = column()


class Leaf(SQLModel, table=True):
    """The canonical bytes that were hashed, one row a leaf, gap-free from 0."""

    __tablename__ = "leaf"
    __table_args__ = (
        CheckConstraint("leaf_index >= 0", "leaf_index_counts"),
        {**CLUSTERED, "postgresql_partition_by": "RANGE (leaf_index)"},
    )

    book_id: int = key()
    leaf_index: int = key()
    body: bytes = column(BYTES)


class Movement(SQLModel, table=True):
    """Minutes from one account to another: balanced by construction."""

    __tablename__ = "movement"
    __table_args__ = (
        CheckConstraint("minutes > 0", "movement_minutes_positive"),
        CheckConstraint("from_no <> to_no", "movement_two_accounts"),
        CheckConstraint("number > 0 AND place >= 0", "movement_counts"),
        {**CLUSTERED, "postgresql_partition_by": "RANGE (leaf_index)"},
    )

    book_id: int = key()
    leaf_index: int = key()
    place: int = key()
    number: int = column()
    from_no: int = column()
    to_no: int = column()
    minutes: int = column()
    kind: str = column(TEXT)
    effective_on: str = column(TEXT)
    recorded_ms: int = column()


class Entry(SQLModel, table=True):
    """Which number and leaf an entry id has."""

    __tablename__ = "entry"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    entry_id: str = key(TEXT)
    number: int = column()
    leaf_index: int = column()


class Account(SQLModel, table=True):
    """An account as it was opened; nothing here ever changes."""

    __tablename__ = "account"
    __table_args__ = (Index("account_by_id", "book_id", "account_id", unique=True), CLUSTERED)

    book_id: int = key()
    account_no: int = key()
    account_id: str = column(TEXT)
    kind: str = column(TEXT)
    floor: int | None = column(nullable=True)
    ceiling: int | None = column(nullable=True)
    leaf_index: int = column()


class Balance(SQLModel, table=True):
    """What the journal sums to, kept with every group under the account's own limits."""

    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("floor IS NULL OR posted - held >= floor", "balance_floor"),
        CheckConstraint("ceiling IS NULL OR posted <= ceiling", "balance_ceiling"),
        CheckConstraint("held >= 0", "balance_held"),
        CLUSTERED,
    )

    book_id: int = key()
    account_no: int = key()
    posted: int = column()
    held: int = column()
    floor: int | None = column(nullable=True)
    ceiling: int | None = column(nullable=True)


class Line(SQLModel, table=True):
    """The journal once more in the order of statements, derived behind the writer's back.

    ``minutes`` are signed: positive where the account received.
    """

    __tablename__ = "line"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    account_no: int = key()
    leaf_index: int = key()
    place: int = key()
    number: int = column()
    other_no: int = column()
    minutes: int = column()
    kind: str = column(TEXT)
    effective_on: str = column(TEXT)
    recorded_ms: int = column()


class LineMark(SQLModel, table=True):
    """Up to which leaf (exclusive) the lines have been derived."""

    __tablename__ = "line_mark"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    leaf_index: int = column()


class HoldPlaced(SQLModel, table=True):
    """A hold as it was placed."""

    __tablename__ = "hold_placed"
    __table_args__ = (
        CheckConstraint("minutes > 0", "hold_minutes_positive"),
        Index("hold_by_payer", "book_id", "payer_no", "expires_ms"),
        CLUSTERED,
    )

    book_id: int = key()
    hold_id: str = key(TEXT)
    payer_no: int = column()
    payee_no: int = column()
    minutes: int = column()
    expires_ms: int = column()
    leaf_index: int = column()


class HoldEnded(SQLModel, table=True):
    """How a hold ended; its primary key lets it end once."""

    __tablename__ = "hold_ended"
    __table_args__ = (
        CheckConstraint("state IN ('settled', 'released', 'expired')", "hold_end_states"),
        CLUSTERED,
    )

    book_id: int = key()
    hold_id: str = key(TEXT)
    state: str = column(TEXT)
    settled_minutes: int = column()
    leaf_index: int = column()


class Reversal(SQLModel, table=True):
    """Which entry undid which; its primary key lets an entry be reversed once."""

    __tablename__ = "reversal"
    __table_args__ = (
        Index("reversal_by_reversing", "book_id", "reversing_id", unique=True),
        CLUSTERED,
    )

    book_id: int = key()
    reversed_id: str = key(TEXT)
    reversing_id: str = column(TEXT)
    leaf_index: int = column()


class IdempotencyKey(SQLModel, table=True):
    """One attempt of one submitter and what was decided of it, for ever.

    ``answer`` holds ids and codes; ``refused`` is 1 where it is the code and facts of a refusal.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (CheckConstraint("refused IN (0, 1)", "idempotency_refused"), CLUSTERED)

    book_id: int = key()
    submitter: str = key(TEXT)
    key: str = key(TEXT)
    content_hash: bytes = column(BYTES)
    refused: int = column()
    answer: bytes = column(BYTES)
    leaf_index: int = column()


class SigningKey(SQLModel, table=True):
    """A signing key, the sequence number of its next submission and its last text's hash."""

    __tablename__ = "signing_key"
    __table_args__ = (CheckConstraint("next_seq >= 0", "signing_key_seq"), CLUSTERED)

    book_id: int = key()
    name: str = key(TEXT)
    vkey: str = column(TEXT)
    role: str = column(TEXT)
    next_seq: int = column()
    previous_hash: str = column(TEXT)
    leaf_index: int = column()


class KeyEnded(SQLModel, table=True):
    """A key that was revoked or replaced; its primary key lets it end once."""

    __tablename__ = "key_ended"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    name: str = key(TEXT)
    leaf_index: int = column()


class LogEnd(SQLModel, table=True):
    """The last leaf of a log that its root keys have ended."""

    __tablename__ = "log_end"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    leaf_index: int = column()


class PeriodClosing(SQLModel, table=True):
    """A closed month and its bounds in UTC milliseconds; its primary key lets it close once.

    What the closing states of it stands in the leaf.
    """

    __tablename__ = "period_closing"
    __table_args__ = (
        CheckConstraint("from_ms < until_ms", "period_closing_bounds"),
        CLUSTERED,
    )

    book_id: int = key()
    period: str = key(TEXT)
    from_ms: int = column()
    until_ms: int = column()
    leaf_index: int = column()


class Policy(SQLModel, table=True):
    """A profile version that entries of the book may name."""

    __tablename__ = "policy"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    version: str = key(TEXT)
    leaf_index: int = column()


APPEND_ONLY: tuple[str, ...] = (
    "leaf", "movement", "entry", "account", "hold_placed", "hold_ended", "reversal",
    "idempotency_key", "policy", "key_ended", "log_end", "period_closing",
)  # fmt: skip
"""Tables that refuse UPDATE, DELETE and TRUNCATE, and on SQLite the replacement of a row."""

LEDGER_TABLES: tuple[str, ...] = (
    "head", *APPEND_ONLY, "balance", "line", "line_mark", "signing_key",
)  # fmt: skip
