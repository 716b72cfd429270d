"""One migrated PostgreSQL database for a worker's tests of the ledger, emptied between them.

Making a database takes a second, emptying one a few milliseconds.  A test that alters the schema
is found out by the fingerprint, and the next test gets a new database.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ledger.database import open_database
from ledger.keys import SigningKey
from ledger.schema import fingerprint
from ledger.tables import LEDGER_TABLES
from tests.support import books, postgres
from timebank.migrations.upgrade import upgrade


class Migrated:
    """The worker's database: made when first asked for, made anew where a test altered it."""

    def __init__(self, server: postgres.Server) -> None:
        self.server = server
        self.stack = ExitStack()
        self.database: postgres.Database | None = None
        self.print = ""

    def emptied(self) -> postgres.Database:
        """The database without a single row."""
        if self.database is not None:
            with self.server.connect(self.database.name) as connection:
                # The triggers of an append-only table stop everybody but a replica.
                connection.execute("SET session_replication_role = replica")
                for table in LEDGER_TABLES:
                    connection.execute(f"DELETE FROM {table}".encode())
        if self.database is None or self.print_now() != self.print:
            self.stack.close()
            self.database = self.stack.enter_context(postgres.fresh_database(self.server))
            owner = open_database(self.database.owner_url)
            upgrade(owner, service_role=self.database.service_role)
            owner.dispose()
            self.print = self.print_now()
        return self.database

    def print_now(self) -> str:
        """The schema's fingerprint as its owner sees it."""
        assert self.database is not None
        owner = open_database(self.database.owner_url)
        with owner.read() as connection:
            seen = fingerprint(connection)
        owner.dispose()
        return seen


@pytest.fixture(scope="session")
def migrated(postgres_server: postgres.Server) -> Iterator[Migrated]:
    """The worker's one database."""
    held = Migrated(postgres_server)
    yield held
    held.stack.close()


@pytest.fixture
def postgres_book(migrated: Migrated) -> Iterator[books.Book]:
    """A new book on PostgreSQL, served by a role that owns no table."""
    place = migrated.emptied()
    database = open_database(place.service_url)
    log_key = SigningKey.generate(books.ORIGIN)
    operator_key = SigningKey.generate(f"{books.ORIGIN}/op")
    books.found_book(
        database, log_signer=log_key, operator_signer=operator_key, recorded_ms=books.START_MS
    )
    book = books.Book(database, log_key, operator_key, owner_url=place.owner_url)
    yield book
    for writer in book.writers:
        writer.close()
    database.dispose()
