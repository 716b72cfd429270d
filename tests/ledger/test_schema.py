"""ledger/schema.py: the triggers cover every table, and their fingerprint misses no removal."""

import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import UniqueConstraint, make_url, text

from ledger.database import open_database, sqlite_url
from ledger.schema import _KEPT, _KEYS, LEAVES_PER_PARTITION, PARTITIONED, fingerprint, partitions
from ledger.tables import APPEND_ONLY, LEDGER_TABLES
from timebank.migrations.upgrade import upgrade
from timebank.tables import METADATA

DERIVED = {"line", "line_mark"}


def unique_keys(table):
    """Every unique key of a table beside its book, whether constraint or index."""
    keys = [table.primary_key.columns]
    keys += [index.columns for index in table.indexes if index.unique]
    keys += [made.columns for made in table.constraints if isinstance(made, UniqueConstraint)]
    return {frozenset(column.name for column in key) - {"book_id"} for key in keys}


@pytest.mark.parametrize("name", sorted(_KEYS | _KEPT))
def test_no_unique_key_is_left_by_which_a_row_could_be_replaced(name):
    guarded = _KEYS[name] if name in _KEYS else (_KEPT[name],)

    assert {frozenset(key) for key in guarded} == unique_keys(METADATA.tables[name])


def test_every_table_is_append_only_or_kept_or_derived():
    assert set(_KEYS) == set(APPEND_ONLY)
    assert set(LEDGER_TABLES) == set(_KEYS) | set(_KEPT) | DERIVED


def test_every_leaf_index_has_its_partition():
    assert [partitions(table)[-1] for table in PARTITIONED] == ["leaf_rest", "movement_rest"]
    assert partitions("entry") == []
    assert LEAVES_PER_PARTITION * (len(partitions("leaf")) - 1) == 100_000_000


def owners_print(book):
    owner = open_database(book.owner_url)
    with owner.read() as connection:
        seen = fingerprint(connection)
    owner.dispose()
    return seen


def alter(book, statement):
    """Run a statement as the owner, on a connection that the ledger knows nothing of."""
    if book.database.is_sqlite:
        connection = sqlite3.connect(make_url(book.owner_url).database, isolation_level=None)
        connection.execute(statement)
        connection.close()
    else:
        url = make_url(book.owner_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
            connection.execute(statement)


def test_the_fingerprint_says_the_same_of_two_databases_alike(sqlite_book, tmp_path: Path):
    other = open_database(sqlite_url(tmp_path / "other.sqlite3"))
    upgrade(other)
    with other.read() as connection:
        assert fingerprint(connection) == owners_print(sqlite_book)
    other.dispose()


def test_the_fingerprint_is_not_of_the_rows(book):
    before = owners_print(book)
    writer = book.writer()
    book.open_accounts(writer, {"acct_pool": (None, None)})

    assert owners_print(book) == before


SQLITE_CHANGES = [
    "DROP TRIGGER leaf_no_update",
    "DROP TRIGGER head_forward",
    "DROP TRIGGER balance_limits_stay",
    "DROP INDEX account_by_id",
    "CREATE TRIGGER extra AFTER INSERT ON leaf BEGIN UPDATE balance SET posted = 0; END",
    "CREATE TABLE leaf_copy (body BLOB)",
    "CREATE VIEW shown AS SELECT 1",
    "ALTER TABLE movement ADD COLUMN note TEXT",
]


@pytest.mark.parametrize("statement", SQLITE_CHANGES)
def test_every_alteration_of_an_sqlite_file_shows(sqlite_book, statement):
    before = owners_print(sqlite_book)
    alter(sqlite_book, statement)

    assert owners_print(sqlite_book) != before


def test_a_check_that_was_written_out_of_the_schema_shows(sqlite_book):
    before = owners_print(sqlite_book)
    path = make_url(sqlite_book.owner_url).database
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    changed = connection.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, 'minutes > 0', 'minutes > -9') "
        "WHERE name = 'movement'"
    )
    assert changed.rowcount == 1
    connection.close()

    assert owners_print(sqlite_book) != before


POSTGRES_CHANGES = [
    "DROP TRIGGER leaf_append_only ON leaf",
    "DROP TRIGGER leaf_00_append_only ON leaf_00",
    "ALTER TABLE movement DISABLE TRIGGER movement_append_only",
    "ALTER TABLE head ENABLE REPLICA TRIGGER head_forward",
    "ALTER TABLE balance DROP CONSTRAINT balance_floor",
    "DROP INDEX account_by_id",
    "ALTER TABLE movement DETACH PARTITION movement_rest",
    "ALTER TABLE movement ADD COLUMN note TEXT",
    "ALTER TABLE entry ALTER COLUMN number DROP NOT NULL",
    "ALTER TABLE entry SET UNLOGGED",
    "ALTER TABLE leaf ENABLE ROW LEVEL SECURITY",
    "CREATE RULE quiet AS ON INSERT TO entry DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE TABLE leaf_copy (body bytea)",
]


@pytest.mark.postgres
def test_every_alteration_of_a_postgresql_schema_shows(postgres_book):
    owner = open_database(postgres_book.owner_url)
    with owner.writing.connect() as connection:
        untouched = fingerprint(connection)
        connection.rollback()
        for statement in POSTGRES_CHANGES:
            with connection.begin() as attempt:
                connection.execute(text(statement))
                assert fingerprint(connection) != untouched, statement
                attempt.rollback()
        assert fingerprint(connection) == untouched
    owner.dispose()
