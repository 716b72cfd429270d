"""ledger/database.py: durable by name on both databases, and readers cannot change a thing."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger.database import open_database, sqlite_url


def pragma(connection, name):
    return connection.execute(text(f"PRAGMA {name}")).scalar_one()


@pytest.mark.parametrize("way", ["writing", "reading"])
def test_sqlite_is_durable_on_every_connection(sqlite_book, way):
    for _ in range(2):
        with getattr(sqlite_book.database, way).connect() as connection:
            assert pragma(connection, "journal_mode") == "wal"
            assert pragma(connection, "synchronous") == 2  # FULL
            assert pragma(connection, "trusted_schema") == 0
            assert pragma(connection, "query_only") == (1 if way == "reading" else 0)


@pytest.mark.postgres
@pytest.mark.parametrize("way", ["writing", "reading"])
def test_postgresql_is_durable_on_every_connection(postgres_book, way):
    with getattr(postgres_book.database, way).connect() as connection:
        for name, value in (
            ("synchronous_commit", "on"),
            ("TimeZone", "UTC"),
            ("lock_timeout", "30s"),
            ("default_transaction_read_only", "on" if way == "reading" else "off"),
            (
                "transaction_isolation",
                "repeatable read" if way == "reading" else "read committed",
            ),
        ):
            assert connection.execute(text(f"SHOW {name}")).scalar_one() == value


@pytest.mark.postgres
def test_a_server_set_to_other_isolation_does_not_change_how_we_write(postgres_book):
    owner = open_database(postgres_book.owner_url)
    name = owner.writing.url.database
    with owner.writing.connect() as connection, connection.begin():
        connection.execute(
            text(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
        )
    owner.dispose()
    again = open_database(postgres_book.database.url)
    with again.writing.connect() as connection:
        shown = connection.execute(text("SHOW transaction_isolation")).scalar_one()
    again.dispose()
    owner = open_database(postgres_book.owner_url)
    with owner.writing.connect() as connection, connection.begin():
        connection.execute(text(f"ALTER DATABASE {name} RESET default_transaction_isolation"))
    owner.dispose()
    assert shown == "read committed"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO policy (book_id, version, leaf_index) VALUES (1, 'x', 0)",
        "UPDATE balance SET posted = posted",
        "DELETE FROM line",
        "DROP TABLE line",
        "CREATE TABLE mine (x INTEGER)",
    ],
)
def test_readers_cannot_change_a_thing(book, statement):
    with book.database.read() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))


def test_a_reader_sees_one_moment_whatever_is_committed_meanwhile(book):
    writer = book.writer()
    with book.database.read() as connection:
        before = connection.execute(text("SELECT size FROM head")).scalar_one()
        book.open_accounts(writer, {"acct_pool": (None, None)})
        assert connection.execute(text("SELECT size FROM head")).scalar_one() == before
        assert connection.execute(text("SELECT count(*) FROM account")).scalar_one() == 0
    with book.database.read() as connection:
        assert connection.execute(text("SELECT size FROM head")).scalar_one() > before


def test_readers_do_not_wait_for_a_writer(book):
    with book.database.writing.connect() as writing, writing.begin():
        writing.execute(text("UPDATE head SET size = size + 1"))
        with book.database.read() as connection:
            assert connection.execute(text("SELECT size FROM head")).scalar_one() == 1
        writing.rollback()


def test_each_kind_knows_what_it_is(book):
    assert book.database.is_sqlite == book.database.url.startswith("sqlite")


def test_no_other_kind_of_database_is_opened(tmp_path):
    with pytest.raises(ValueError, match="SQLite or PostgreSQL, not on mysql"):
        open_database("mysql://localhost/book")
    assert sqlite_url(tmp_path / "b").startswith("sqlite:////")


@pytest.mark.parametrize("way", ["writing", "reading"])
def test_what_goes_wrong_is_told_without_anybodys_values(book, way):
    with getattr(book.database, way).connect() as connection, pytest.raises(DBAPIError) as failed:
        connection.execute(text("SELECT nothing FROM nowhere WHERE name = :name"), {"name": "王德"})
    assert "王德" not in str(failed.value)
