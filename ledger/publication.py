"""Publication: what was committed reaches the log's public folder within two seconds.

The writer tells how far the log has come; a thread of its own writes bundles, tiles and the
checkpoint behind it.  Under load it publishes once every interval, and nothing wakes it when
nothing was committed.  One process publishes into one folder at a time.
"""

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from ledger.book import read_head
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.database import Database
from ledger.errors import LedgerFault, LogForked, StorageFault
from ledger.notes import Signer
from ledger.publish import Published, publish, publish_vkey


class Publisher:
    """Publishes one book's log into ``folder``; ``log_signer`` is the log's own key.

    ``on_fork`` hears, once and in the publisher's thread, that what is public is not what is
    stored; whoever writes to the book must stop then.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        log_signer: Signer,
        *,
        interval_ms: int = 1_000,
        lock_seconds: int = 30,
        on_fork: Callable[[LogForked], None] = lambda fault: None,
    ) -> None:
        self._database = database
        self._folder = folder
        self._log_signer = log_signer
        self._interval = timedelta(milliseconds=interval_ms)
        # Beside the folder: inside it every file is part of the log.
        self._lock_file = folder.with_name(f".{folder.name}.publishing")
        self._lock_seconds = lock_seconds
        self._on_fork = on_fork
        self._grown = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.fault: LedgerFault | None = None
        """What stopped publication; ``None`` while it goes on."""

    def publish_now(self) -> Published:
        """Publish everything that is committed, and wait until it stands on the disk.

        Raises, the first that applies:
            BookNotFound: the database has no book.
            LogForked: what is published differs from what is stored; nothing is replaced.
            StorageFault: the disk or the database failed, or another process has held the folder
                too long.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._lock_file, timeout=self._lock_seconds):
                return self._publish()
        except Timeout as error:
            raise StorageFault("another process is publishing into this folder") from error
        except SQLAlchemyError as error:
            # The database may come back; whoever follows the writer tries again.
            raise StorageFault(f"the leaves cannot be read: {type(error).__name__}") from error

    def _publish(self) -> Published:
        head = read_head(self._database)
        checkpoint = Checkpoint(head.origin, head.size, head.root)
        note = sign_checkpoint(checkpoint, self._log_signer)
        publish_vkey(self._folder, self._log_signer.vkey)
        with self._database.read() as connection:
            return publish(
                self._folder, lambda start, count: read_leaves(connection, start, count), note
            )

    # In the background ---------------------------------------------------------------------

    def tell(self, size: int) -> None:
        """Say that the log has grown to ``size``; never waits."""
        self._grown.set()

    def start(self) -> None:
        """Publish what is committed already and follow the writer from now on."""
        self._thread = threading.Thread(target=self._follow, name="log-publisher", daemon=True)
        self._grown.set()
        self._thread.start()

    def stop(self) -> None:
        """Publish what is still unpublished, then end the thread."""
        if self._thread is not None:
            self._stopped.set()
            self._grown.set()
            self._thread.join()
            self._thread = None

    def _follow(self) -> None:
        while True:
            self._grown.wait()
            self._grown.clear()
            last_round = self._stopped.is_set()
            try:
                self.publish_now()
                self.fault = None
            except StorageFault as fault:
                # The disk may come back; the interval below is also the pause before the retry.
                self.fault = fault
                self._grown.set()
            except LedgerFault as fault:
                self.fault = fault
                if isinstance(fault, LogForked):
                    self._on_fork(fault)
                return
            if last_round:
                return
            self._stopped.wait(self._interval.total_seconds())


def read_leaves(connection: Connection, start: int, count: int) -> Iterable[bytes]:
    """The stored bytes of ``count`` leaves from index ``start``, in order; fewer at the end."""
    rows = connection.execute(
        text(
            "SELECT body FROM leaf WHERE book_id = 1 AND leaf_index >= :start "
            "AND leaf_index < :stop ORDER BY leaf_index"
        ),
        {"start": start, "stop": start + count},
    )
    return (bytes(row.body) for row in rows)
