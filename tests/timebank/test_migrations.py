"""timebank/migrations: the frozen statements make exactly the tables that the code describes."""

import re
from collections import Counter
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from ledger.database import Database, open_database, sqlite_url
from ledger.errors import StorageFault
from ledger.schema import (
    postgresql_append_only,
    postgresql_partitions,
    postgresql_triggers,
    sqlite_append_only,
    sqlite_triggers,
)
from tests.support.postgres import Server, fresh_database
from timebank.migrations import upgrade as upgrading
from timebank.migrations.frozen import every_statement
from timebank.migrations.upgrade import is_current, upgrade
from timebank.people.wrapped_keys import WrappedKeys
from timebank.tables import METADATA

APPEND_ONLY_KEYS = (
    ("order_detail", "order_id", "place"),
    ("order_step", "order_id", "place"),
    ("record_roster", "record_id"),
    ("suspension_step", "suspension_id", "place"),
    ("act_device", "subject_id", "act", "place"),
    ("campaign_signing", "activity_id", "person_id", "place"),
    ("campaign_edition", "campaign_id", "unit_code", "number"),
    ("call_back", "call_id"),
    ("call_draw", "week"),
    ("call_outcome", "call_id", "place"),
)
"""Tables of the time bank that refuse to be changed, each with its key."""


def frozen(dialect: str) -> Counter[str]:
    """Every statement of every migration's script for a database, spaces evened out.

    A table that a later one drops, after its rows moved, was never there.
    """
    found = Counter(" ".join(part.split()) for part in every_statement(dialect))
    for dropped in [one for one in found if one.startswith("DROP TABLE ")]:
        (made,) = [one for one in found if re.match(rf"CREATE TABLE {dropped[11:]} ", one)]
        gone = dropped[11:]
        del found[dropped], found[made]
        for part in list(found):
            if re.match(
                rf"CREATE INDEX \w+ ON {gone} |INSERT INTO \w+ SELECT \* FROM {gone}$", part
            ):
                del found[part]
    return found


def described(dialect: str) -> Counter[str]:
    """The same from the tables, the partitions and the triggers as the code has them."""
    spoken = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()
    made = []
    for table in METADATA.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=spoken)))
        made += [str(CreateIndex(index).compile(dialect=spoken)) for index in table.indexes]
    if dialect == "sqlite":
        made += sqlite_triggers() + sqlite_append_only("access", (("number",),))
        for table, *names in APPEND_ONLY_KEYS:
            made += sqlite_append_only(table, (tuple(names),))
    else:
        made += postgresql_partitions() + postgresql_triggers()
        made += [
            postgresql_append_only(table)
            for table in ("access", *(one[0] for one in APPEND_ONLY_KEYS))
        ]
    return Counter(" ".join(statement.split()) for statement in made)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_frozen_statements_say_what_the_code_says(dialect: str) -> None:
    assert described(dialect) - frozen(dialect) == Counter()
    assert frozen(dialect) - described(dialect) == Counter()


def first_version(owner: Database) -> None:
    """The tables of version 0001 with the keys of two people."""
    with owner.writing.begin() as connection:
        config = upgrading._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for person in ("person_a", "person_b"):
            connection.execute(
                text("INSERT INTO vault_key (book_id, person_id, wrapped) VALUES (1, :who, :key)"),
                {"who": person, "key": person.encode()},
            )


def moved(owner: Database, store: WrappedKeys) -> None:
    """Upgrade from the first version, and see every key in the store and nowhere else."""
    first_version(owner)
    assert not is_current(owner)
    with pytest.raises(StorageFault, match="store of their own"):
        upgrade(owner)
    store.put({"person_a": b"person_a"})  # As left behind by an attempt that broke off.

    upgrade(owner, wrapped_keys=store)
    upgrade(owner, wrapped_keys=store)

    assert is_current(owner)
    assert store.of(["person_a", "person_b"]) == {"person_a": b"person_a", "person_b": b"person_b"}
    with owner.read() as connection, pytest.raises(Exception, match="vault_key"):
        connection.execute(text("SELECT * FROM vault_key"))


def test_keys_of_the_first_version_move_into_their_store(tmp_path: Path) -> None:
    owner = open_database(sqlite_url(tmp_path / "book.sqlite3"))
    store = WrappedKeys.create(open_database(sqlite_url(tmp_path / "keys.sqlite3")))
    moved(owner, store)
    owner.dispose()
    store.dispose()


@pytest.mark.postgres
def test_on_a_server_too(postgres_server: Server, tmp_path: Path) -> None:
    with fresh_database(postgres_server) as place:
        owner = open_database(place.owner_url)
        store = WrappedKeys.create(open_database(sqlite_url(tmp_path / "keys.sqlite3")))
        moved(owner, store)
        owner.dispose()
        store.dispose()


def messages_move(owner: Database) -> None:
    """A message of the version before stands in the new table, and takes any event since."""
    with owner.writing.begin() as connection:
        config = upgrading._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0027")
        put = (
            "INSERT INTO {table} (book_id, number, event, way, person_id, station_code, subject, "
            "place, state, attempts, next_ms, error, made_ms, ended_ms, told_by, told_ms) VALUES "
            "(1, {number}, '{event}', 'sms', 'person_a', 'XFL', 'ordr_1', 2, 'waiting', 0, 1, '', "
            "1, NULL, '', NULL)"
        )
        before = put.format(table="outbox_message", number=1, event="visit_over")
        connection.execute(text(before))
        command.upgrade(config, "head")
        connection.execute(text(put.format(table="message", number=2, event="time_rests")))
        rows = connection.execute(text("SELECT number, event FROM message ORDER BY number")).all()
    assert [tuple(row) for row in rows] == [(1, "visit_over"), (2, "time_rests")]


def test_messages_move_into_a_table_that_takes_any_event(tmp_path: Path) -> None:
    owner = open_database(sqlite_url(tmp_path / "book.sqlite3"))
    messages_move(owner)
    owner.dispose()


@pytest.mark.postgres
def test_messages_move_on_a_server_too(postgres_server: Server) -> None:
    with fresh_database(postgres_server) as place:
        owner = open_database(place.owner_url)
        messages_move(owner)
        owner.dispose()
