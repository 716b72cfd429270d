"""The bare insert-only limit: one table, a time-ordered text key and prepared bytes, nothing else.

It writes the very bytes of leaves that the ledger has just written, through the same driver with
the same durability: ``executemany`` on SQLite, COPY on PostgreSQL.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import Any, cast

from ledger.database import Database

Row = tuple[str, bytes]
"""An entry's id and its leaf."""


class BareTable:
    """A table of its own on a database opened as the ledger opens its own."""

    def __init__(self, database: Database) -> None:
        self._sqlite = database.is_sqlite
        self._pooled = database.writing.raw_connection()
        self._driver = cast(Any, self._pooled.driver_connection)
        if self._sqlite:
            self._driver.execute(
                "CREATE TABLE bare (entry_id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID, STRICT"
            )
        else:
            self._driver.autocommit = True  # BEGIN and COMMIT are said here.
            self._driver.execute("CREATE TABLE bare (entry_id TEXT PRIMARY KEY, body BYTEA)")

    def write(self, rows: Sequence[Row], group: int) -> float:
        """Insert rows in groups of one commit each; answers the seconds it took."""
        groups = [rows[at : at + group] for at in range(0, len(rows), group)]
        begin = perf_counter()
        for part in groups:
            if self._sqlite:
                self._driver.execute("BEGIN IMMEDIATE")
                self._driver.executemany("INSERT INTO bare VALUES (?, ?)", part)
                self._driver.execute("COMMIT")
            else:
                self._copy(part)
        return perf_counter() - begin

    def close(self) -> None:
        """Give the connection back."""
        self._pooled.close()

    def _copy(self, rows: Sequence[Row]) -> None:
        if len(rows) == 1:  # A single INSERT is faster than COPY, and commits by itself.
            self._driver.execute("INSERT INTO bare VALUES (%s, %s)", rows[0])
            return
        with self._driver.cursor() as cursor:
            cursor.execute("BEGIN")
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute("COMMIT")
