"""Wrapped data keys, in a store of their own beside the book.

What forgets a person is the loss of their key, so the keys must not lie in every old backup of the
book.  This store is small, is backed up for 35 days and no longer (decision 16), and opens nothing
without the vault's master key.  It is no part of the book's transactions: a key is here before the
person is in the book and goes after the book has let go of them, so that what breaks in between
leaves a key of nobody, never a person without a key.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Self

from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, delete, insert, select

from ledger.database import Database
from timebank.databases import storage_told

KEY_BACKUP_DAYS = 35
"""Days after which no backup of the store may be left."""

_AT_ONCE = 500
_ROWS_AT_ONCE = 2_000

_TABLE = Table(
    "wrapped_key",
    MetaData(),
    Column("person_id", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)
"""No book's number: ids of persons repeat in no two books."""


class WrappedKeys:
    """The store behind one URL; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def create(cls, database: Database) -> Self:
        """The store with its table made, if it was not there before."""
        with database.writing.begin() as connection:
            _TABLE.metadata.create_all(connection)
        return cls(database)

    def put(self, wrapped: Mapping[str, bytes]) -> None:
        """Keep new keys by person, durably before this returns; a key is never replaced.

        Raises:
            StorageFault: the store is away or full, or somebody has a key already; none is kept.
        """
        if wrapped:
            rows = [{"person_id": who, "wrapped": key} for who, key in wrapped.items()]
            with storage_told(), self._database.writing.begin() as connection:
                connection.execute(insert(_TABLE), rows)

    def of(self, person_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys of those people; whoever has none is left out.

        Raises:
            StorageFault: the store is away.
        """
        found: dict[str, bytes] = {}
        wanted = list(dict.fromkeys(person_ids))
        if not wanted:
            return found
        with storage_told(), self._database.read() as connection:
            for at in range(0, len(wanted), _AT_ONCE):
                part = wanted[at : at + _AT_ONCE]
                rows = connection.execute(select(_TABLE).where(_TABLE.c.person_id.in_(part)))
                found.update((row.person_id, bytes(row.wrapped)) for row in rows)
        return found

    def owners(self) -> Iterator[str]:
        """Everybody who has a key, by id, streamed."""
        with self._database.read() as connection:
            query = select(_TABLE.c.person_id).order_by(_TABLE.c.person_id)
            streamed = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
            yield from streamed.scalars()

    def destroy(self, person_ids: Iterable[str]) -> None:
        """Let keys go for ever; whose key is gone already stays as they are.

        An SQLite file is overwritten where the keys stood, and its write-ahead log is emptied.
        What a disk or a PostgreSQL server keeps besides is their operator's to clean.

        Raises:
            StorageFault: the store is away; ask again.
        """
        wanted = list(dict.fromkeys(person_ids))
        if not wanted:
            return
        sqlite = self._database.is_sqlite
        with storage_told():
            with self._database.writing.begin() as connection:
                if sqlite:
                    connection.exec_driver_sql("PRAGMA secure_delete = ON")
                for at in range(0, len(wanted), _AT_ONCE):
                    part = wanted[at : at + _AT_ONCE]
                    connection.execute(delete(_TABLE).where(_TABLE.c.person_id.in_(part)))
            if sqlite:
                with self._database.connect_by_hand() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def dispose(self) -> None:
        """Close every connection of this process."""
        self._database.dispose()
