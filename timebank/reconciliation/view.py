"""What a check may look at: one moment of the database, and the published folder beside it."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from ledger.log_keys import log_vkeys
from ledger.notes import Vkey
from ledger.tiles import TileFolder
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_datetime
from timebank.errors import NoProfileInForce
from timebank.jobs.plan import SCHEDULES, Schedule
from timebank.policy.eligibility import BULK_VOLUNTEERS, bulk_volunteers
from timebank.policy.model import Profile

ROWS_AT_ONCE = 2_000
"""Rows that a stream keeps in memory."""

_PLACE = re.compile(r"(?<![:\w]):(\w+)", re.ASCII)
_STREAMS = count(1)


def _nobody() -> Iterator[str]:
    return iter(())


class Head(NamedTuple):
    """The book's head row."""

    size: int
    root: bytes
    frontier: bytes
    entries: int
    accounts: int
    recorded_ms: int


@dataclass(frozen=True, slots=True)
class View:
    """One moment of a book.  ``published`` is the checkpoint that was public before that moment,
    so it can never be ahead of an honest database; one of ``log_keys`` must have signed it.
    """

    connection: Connection
    now_ms: int
    log_folder: Path | None = None
    log_keys: Sequence[Vkey] = ()
    published: bytes | None = None
    schedules: tuple[Schedule, ...] = SCHEDULES
    profiles: Sequence[Profile] = ()
    """What the book has adopted."""
    book_id: int = 1
    key_owners: Callable[[], Iterator[str]] = _nobody
    """Everybody who has a wrapped key, by id; the keys lie in a store of their own."""
    bulk_volunteers: int = BULK_VOLUNTEERS
    """Volunteers of one event from which its roster is asked for, by the policy of that moment."""
    streams: list[Any] = field(default_factory=list)
    """The driver's cursors that are not read to their end."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the book is in a file rather than on a server."""
        return self.connection.dialect.name == "sqlite"

    def rows(self, sql: str, **values: Any) -> Iterator[Any]:
        """The rows of a query as tuples, streamed; ``:book`` is filled in.

        Asks the driver itself: wrapping each of some million rows costs more than comparing it.
        """
        driver: Any = self.connection.connection.driver_connection
        named = {"book": self.book_id, **values}
        if self.is_sqlite:
            cursor = driver.execute(sql, named)
        else:
            cursor = driver.cursor(name=f"stream_{next(_STREAMS)}")
            cursor.execute(_PLACE.sub(r"%(\1)s", sql.replace("%", "%%")), named)
        self.streams.append(cursor)
        while part := cursor.fetchmany(ROWS_AT_ONCE):
            yield from part
        self.streams.remove(cursor)
        cursor.close()

    def close(self) -> None:
        """Let go of what was not read to its end."""
        while self.streams:
            self.streams.pop().close()

    def row(self, sql: str, **values: Any) -> Any:
        """The only row of a query."""
        return self.connection.execute(text(sql), {"book": self.book_id, **values}).one()

    def leaves(self) -> Iterator[tuple[int, bytes]]:
        """Every leaf's index and bytes, in order, streamed."""
        query = "SELECT leaf_index, body FROM leaf WHERE book_id = :book ORDER BY leaf_index"
        for index, body in self.rows(query):
            yield index, bytes(body)

    def head(self) -> Head:
        """Where the book says that it stands."""
        size, root, frontier, *rest = self.row(
            "SELECT size, root, frontier, entries, accounts, recorded_ms FROM head "
            "WHERE book_id = :book"
        )
        return Head(size, bytes(root), bytes(frontier), *rest)


def wall_time(ms: int) -> str:
    """A moment on the stations' clocks, to the minute, as findings tell it."""
    return local_datetime(from_milliseconds(ms)).strftime("%Y-%m-%d %H:%M")


@contextmanager
def view_of(bank: Bank) -> Iterator[View]:
    """A view of this moment of an open bank."""
    folder = bank.settings.log_folder
    published = TileFolder(folder).checkpoint_note()  # Before the moment: see View.
    with bank.read() as connection:
        if not bank.database.is_sqlite:
            # A check joins whole tables.  Where their statistics are old, the planner takes a large
            # table for a small one and looks up row by row: minutes instead of seconds.
            connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
        # What a check asks of another module is streamed as well; the connection is ours alone.
        connection.execution_options(yield_per=ROWS_AT_ONCE)
        view = View(
            connection,
            bank.now_ms(),
            folder,
            log_vkeys(connection),
            published,
            profiles=bank.profiles,
            key_owners=bank.wrapped_keys.owners,
            bulk_volunteers=_bulk_volunteers(bank),
        )
        try:
            yield view
        finally:
            view.close()


def _bulk_volunteers(bank: Bank) -> int:
    try:
        return bulk_volunteers(bank.profile_on(bank.today()))
    except NoProfileInForce:
        return BULK_VOLUNTEERS
