"""Triggers that keep the books shut, and the fingerprint that shows when one was removed.

The code never updates or deletes a journal row; these triggers say the same to everybody else who
opens the database.  The owner of an SQLite file can drop a trigger, so the writer compares the
schema's fingerprint at start and reconciliation compares it again.
"""

import hashlib

from sqlalchemy import Connection, text

from ledger.tables import APPEND_ONLY

_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "leaf": (("leaf_index",),),
    "movement": (("leaf_index", "place"),),
    "entry": (("entry_id",),),
    "account": (("account_no",), ("account_id",)),
    "hold_placed": (("hold_id",),),
    "hold_ended": (("hold_id",),),
    "reversal": (("reversed_id",), ("reversing_id",)),
    "idempotency_key": (("submitter", "key"),),
    "policy": (("version",),),
    "key_ended": (("name",),),
    "log_end": ((),),
    "period_closing": (("period",),),
}
"""Every unique key of a table beside its book: a replacement by any of them deletes a row."""

_KEPT = {"head": (), "balance": ("account_no",), "signing_key": ("name",)}
"""Tables that follow the journal: their rows change, and are neither deleted nor replaced."""

PARTITIONED = ("leaf", "movement")
LEAVES_PER_PARTITION = 10_000_000
PARTITIONS = 10


def sqlite_triggers(
    append_only: tuple[str, ...] = APPEND_ONLY,
    keys: dict[str, tuple[tuple[str, ...], ...]] | None = None,
) -> list[str]:
    """Statements that make tables append-only, and the head one that only moves forward.

    INSERT OR REPLACE deletes without firing delete triggers, so an insert whose key is taken is
    refused by a trigger of its own, before the conflict is resolved.
    """
    made = []
    for table in append_only:
        made += sqlite_append_only(table, (keys or _KEYS)[table])
    for table, key in _KEPT.items():
        made += [
            (
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} stays'); END"
            ),
            _no_replace(table, (key,), "stays"),
        ]
    made += [
        f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON {table} WHEN {wrong} "
        f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        for name, table, columns, wrong, said in _GUARDS
    ]
    return made


def sqlite_append_only(table: str, keys: tuple[tuple[str, ...], ...]) -> list[str]:
    """The triggers of one table, given each of its unique keys beside its book."""
    made = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    return [*made, _no_replace(table, keys, "is append-only")]


def _no_replace(table: str, keys: tuple[tuple[str, ...], ...], said: str) -> str:
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE "
        + " AND ".join(f"{name} = NEW.{name}" for name in ("book_id", *key))
        + ")"
        for key in keys
    )
    return (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE(ABORT, '{table} {said}'); END"
    )


_GUARDS = (
    (
        "head_forward", "head",
        "book_id, book, origin, size, root, frontier, entries, accounts, recorded_ms",
        ("NEW.size <= OLD.size OR NEW.entries < OLD.entries OR NEW.accounts < OLD.accounts "
        "OR NEW.book_id <> OLD.book_id OR NEW.book <> OLD.book OR NEW.origin <> OLD.origin "
        "OR NEW.recorded_ms < OLD.recorded_ms"),
        "the head only moves forward",
    ),
    (
        "balance_limits_stay", "balance", "book_id, account_no, floor, ceiling", "1 = 1",
        "limits are part of the account",
    ),
    (
        "signing_key_forward", "signing_key",
        "book_id, name, vkey, role, next_seq, previous_hash, leaf_index",
        ("NEW.next_seq <= OLD.next_seq OR NEW.book_id <> OLD.book_id OR NEW.name <> OLD.name "
        "OR NEW.vkey <> OLD.vkey OR NEW.role <> OLD.role OR NEW.leaf_index <> OLD.leaf_index"),
        "a key only moves forward",
    ),
)  # fmt: skip
"""Name, table, columns, what is wrong, what is said: how rows that follow the journal may move."""


def postgresql_triggers(append_only: tuple[str, ...] = APPEND_ONLY) -> list[str]:
    """The same for PostgreSQL, where statement triggers also see TRUNCATE.

    Unique keys already refuse a second row there; ``ON CONFLICT DO UPDATE`` is an update.
    """
    made = [
        (
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        ),
        (
            "CREATE FUNCTION refuse_step_back() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$"
        ),
    ]
    made += [
        f"CREATE TRIGGER {table}_stays BEFORE DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in _KEPT
    ]
    made += [
        f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW "
        f"WHEN ({wrong}) EXECUTE FUNCTION refuse_step_back('{said}')"
        for name, table, columns, wrong, said in _GUARDS
    ]
    for table in append_only:
        made += [postgresql_append_only(part) for part in (table, *partitions(table))]
    return made


def postgresql_append_only(table: str) -> str:
    """The trigger of one table or partition."""
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def partitions(table: str) -> list[str]:
    """Names of the PostgreSQL partitions of ``table``; the last one takes whatever comes later."""
    if table not in PARTITIONED:
        return []
    return [f"{table}_{part:02d}" for part in range(PARTITIONS)] + [f"{table}_rest"]


def postgresql_partitions() -> list[str]:
    """Statements that lay out the journal's range partitions by leaf index."""
    made = []
    for table in PARTITIONED:
        for part, name in enumerate(partitions(table)[:-1]):
            low, high = part * LEAVES_PER_PARTITION, (part + 1) * LEAVES_PER_PARTITION
            made.append(
                f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ({low}) TO ({high})"
            )
        made.append(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
    return made


_POSTGRESQL_PARTS = """
SELECT 'table ' || c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || ' ' || a.attnotnull || ' ' || c.relpersistence::text || ' ' || c.relrowsecurity
       || ' ' || coalesce(pg_get_expr(c.relpartbound, c.oid), '')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
UNION ALL
SELECT 'constraint ' || c.relname || ' ' || pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()
UNION ALL
SELECT 'trigger ' || c.relname || ' ' || t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = current_schema() AND NOT t.tgisinternal
UNION ALL
SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
SELECT 'rule ' || definition FROM pg_rules WHERE schemaname = current_schema()
UNION ALL
SELECT 'function ' || p.proname || ' ' || p.prosrc
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = current_schema()
"""

_SQLITE_PARTS = """
SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master
 WHERE name NOT LIKE 'sqlite_%'
"""


def fingerprint(connection: Connection) -> str:
    """Hex SHA-256 over the definition of every table, CHECK, index and trigger as it stands now."""
    query = _SQLITE_PARTS if connection.dialect.name == "sqlite" else _POSTGRESQL_PARTS
    parts = sorted(" ".join(str(part).split()) for (part,) in connection.execute(text(query)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
