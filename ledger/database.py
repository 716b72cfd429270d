"""How the two databases are opened: what durable means, who waits for whom, who may only read.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit returns after the log file is synced.
PostgreSQL runs with its own defaults, of which ``synchronous_commit = on`` is asked for by name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.pool import NullPool, QueuePool

from ledger.errors import ContentOutOfProfile

BUSY_SECONDS = 30
"""How long a second process waits for the first one's commit before it gives up."""

_WAL_PAGES = 20_000
"""Pages in the write-ahead log before they move to the main file: +38 % over the default 1,000."""

_BY_HAND = "AUTOCOMMIT"


@dataclass(frozen=True, slots=True)
class Database:
    """One database with a way in for the writer and one for readers, who cannot change a thing."""

    url: str
    writing: Engine
    reading: Engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded file rather than a PostgreSQL server."""
        return self.writing.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose queries all see one moment."""
        with self.reading.connect() as connection, connection.begin():
            yield connection

    def connect_by_hand(self) -> Connection:
        """A writing connection on which nobody says BEGIN or COMMIT but its user, to the driver.

        SQLAlchemy takes longer over both than SQLite does.
        """
        return self.writing.connect().execution_options(isolation_level=_BY_HAND)

    def dispose(self) -> None:
        """Close every connection of this process."""
        self.writing.dispose()
        self.reading.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{path}"


def open_database(url: str) -> Database:
    """Engines for ``url``: ``sqlite:///FILE`` or ``postgresql+psycopg://…``.

    Raises:
        ValueError: any other kind of database.
    """
    name = make_url(url).get_backend_name()
    if name == "sqlite":
        return Database(url, _sqlite(url, reading=False), _sqlite(url, reading=True))
    if name == "postgresql":
        return Database(url, _postgresql(url, reading=False), _postgresql(url, reading=True))
    raise ValueError(f"the books are kept on SQLite or PostgreSQL, not on {name}")


def _sqlite(url: str, *, reading: bool) -> Engine:
    pool: dict[str, Any] = (
        {"poolclass": QueuePool, "pool_size": 8, "max_overflow": 56}
        if reading
        else {"poolclass": NullPool}
    )
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,  # an error is logged, and its values may be somebody's name
        **pool,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # We say BEGIN ourselves; the driver's guesses are late.
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        cursor.execute("PRAGMA cache_size = -16384")
        cursor.execute("PRAGMA trusted_schema = OFF")
        if reading:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") == _BY_HAND:
            return
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: str, *, reading: bool) -> Engine:
    # The URL may carry options of its own, such as a search_path; ours come last and win.
    options = str(make_url(url).query.get("options", ""))
    options += " -c synchronous_commit=on -c timezone=UTC -c lock_timeout=30s"
    if reading:
        options += " -c default_transaction_read_only=on"
        # One moment for all queries of a reader, as WAL gives it on SQLite.
        options += " -c default_transaction_isolation=repeatable\\ read"
    else:
        # What follows the lock of the head must see the commit that it waited for.
        options += " -c default_transaction_isolation=read\\ committed"
    engine = create_engine(
        url,
        connect_args={"options": options, "connect_timeout": BUSY_SECONDS},
        hide_parameters=True,
        pool_size=8,
        max_overflow=24,
        pool_pre_ping=True,
    )
    if reading:
        event.listen(engine, "handle_error", _refuse_nul)
    return engine


def _refuse_nul(context: ExceptionContext) -> None:
    """Tell a reader who asks for a text that no column can hold; what is written is checked before.

    Raises:
        ContentOutOfProfile: the text has a NUL sign.
    """
    if "cannot contain NUL" in str(context.original_exception):
        raise ContentOutOfProfile(why="text") from context.original_exception
