"""Triggers that keep the books shut, and the fingerprint that shows when one was removed.

The code never updates or deletes a journal row; these triggers say the same to everybody else who
opens the database.  The owner of an SQLite file can drop a trigger, so the writer compares the
schema's fingerprint at start and reconciliation compares it again.
"""

import hashlib

from sqlalchemy import Connection, text

from ledger.tables import APPEND_ONLY

_KEYS = {
    "leaf": ("leaf_index",),
    "movement": ("leaf_index", "place"),
    "entry": ("entry_id",),
    "account": ("account_no",),
    "hold_placed": ("hold_id",),
    "hold_ended": ("hold_id",),
    "reversal": ("reversed_id",),
    "idempotency_key": ("submitter", "key"),
    "policy": ("version",),
}

PARTITIONED = ("leaf", "movement")
LEAVES_PER_PARTITION = 10_000_000
PARTITIONS = 10


def sqlite_triggers(
    append_only: tuple[str, ...] = APPEND_ONLY, keys: dict[str, tuple[str, ...]] | None = None
) -> list[str]:
    """Statements that make tables append-only, and the head one that only moves forward.

    INSERT OR REPLACE deletes without firing delete triggers, so an insert whose key is taken is
    refused by a trigger of its own, before the conflict is resolved.
    """
    made = []
    for table in append_only:
        for verb in ("UPDATE", "DELETE"):
            made.append(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        same = " AND ".join(f"{name} = NEW.{name}" for name in (keys or _KEYS)[table])
        made.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE book_id = NEW.book_id AND {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    made += [
        (
            "CREATE TRIGGER head_no_delete BEFORE DELETE ON head "
            "BEGIN SELECT RAISE(ABORT, 'the head stays'); END"
        ),
        (
            "CREATE TRIGGER head_no_replace BEFORE INSERT ON head "
            "WHEN EXISTS (SELECT 1 FROM head WHERE book_id = NEW.book_id) "
            "BEGIN SELECT RAISE(ABORT, 'the head stays'); END"
        ),
        (
            "CREATE TRIGGER head_forward BEFORE UPDATE ON head WHEN NEW.size <= OLD.size "
            "OR NEW.entries < OLD.entries OR NEW.book_id <> OLD.book_id OR NEW.book <> OLD.book "
            "OR NEW.origin <> OLD.origin OR NEW.recorded_ms < OLD.recorded_ms "
            "BEGIN SELECT RAISE(ABORT, 'the head only moves forward'); END"
        ),
    ]
    return made


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
            "CREATE FUNCTION refuse_step_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF NEW.size <= OLD.size OR NEW.entries < OLD.entries OR NEW.book_id <> OLD.book_id "
            "OR NEW.book <> OLD.book OR NEW.origin <> OLD.origin "
            "OR NEW.recorded_ms < OLD.recorded_ms "
            "THEN RAISE EXCEPTION 'the head only moves forward'; END IF; RETURN NEW; END $$"
        ),
        (
            "CREATE TRIGGER head_forward BEFORE UPDATE ON head "
            "FOR EACH ROW EXECUTE FUNCTION refuse_step_back()"
        ),
        (
            "CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON head "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        ),
    ]
    for table in append_only:
        made.append(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        made += [
            f"CREATE TRIGGER {part}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {part} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            for part in partitions(table)
        ]
    return made


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
       || ' ' || a.attnotnull
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
