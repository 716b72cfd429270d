"""One leader: whichever process holds the lock runs the jobs, the others stand by.

Beside an SQLite file the lock is a file, on PostgreSQL an advisory lock of a session of its own;
both are let go by the system when the process dies.
"""

import threading
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from ledger.book import read_head
from ledger.database import Database
from timebank.bank import Bank

LOCK_FILE = "scheduler.lock"


class Leader(Protocol):
    """The right to run jobs by plan."""

    def hold(self) -> bool:
        """Take the lock or keep it; never waits.  False where another process has it."""
        ...

    def release(self) -> None:
        """Let somebody else lead."""
        ...


def leader_of(bank: Bank) -> Leader:
    """The lock of a bank's book, not yet held."""
    if bank.database.is_sqlite:
        return FileLeader(bank.settings.data / LOCK_FILE)
    return SessionLeader(bank.database, read_head(bank.database).book)


class FileLeader:
    """A lock file; the operating system frees it with the process."""

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path, timeout=0, thread_local=False)
        self._guard = threading.Lock()

    def hold(self) -> bool:
        """See :class:`Leader`."""
        with self._guard:
            if not self._lock.is_locked:
                try:
                    self._lock.acquire()
                except Timeout:
                    return False
            return True

    def release(self) -> None:
        """See :class:`Leader`."""
        with self._guard:
            self._lock.release(force=True)


class SessionLeader:
    """An advisory lock; PostgreSQL frees it with the session.

    A session that broke off is no longer the leader's: it must take the lock anew.
    """

    def __init__(self, database: Database, book: str) -> None:
        self._database = database
        self._key = int.from_bytes(sha256(book.encode()).digest()[:8], "big", signed=True)
        self._session: Connection | None = None
        self._guard = threading.Lock()

    def hold(self) -> bool:
        """See :class:`Leader`."""
        with self._guard:
            try:
                if self._session is not None:
                    self._session.execute(text("SELECT 1"))
                    return True
                return self._take()
            except SQLAlchemyError:
                self._drop()
                return False

    def release(self) -> None:
        """See :class:`Leader`."""
        with self._guard:
            self._drop()

    def _take(self) -> bool:
        session = self._database.reading.connect()
        try:
            # No transaction stays open behind the lock, and closing ends the session itself.
            session.execution_options(isolation_level="AUTOCOMMIT")
            session.detach()
            taken = session.execute(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}
            ).scalar_one()
        except BaseException:
            session.close()
            raise
        if taken:
            self._session = session
        else:
            session.close()
        return bool(taken)

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
