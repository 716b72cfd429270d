"""Publication: what was committed reaches the log's public folder within two seconds.

The writer tells how far the log has come; a thread of its own writes bundles, tiles and the
checkpoint behind it.  Under load it publishes once every interval, and nothing wakes it when
nothing was committed.  One process publishes into one folder at a time.

A public checkpoint bears the log's line, those of its further keys (ML-DSA-44, SM2), and those of
the witnesses where a policy asks for them: then it is replaced only when they are a quorum.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from ledger.book import read_head
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.database import Database
from ledger.errors import LedgerFault, LogForked, StorageFault
from ledger.further_keys import FURTHER_KEYS
from ledger.log_keys import FindSigner, cosigners_at, log_vkeys, signers_at
from ledger.notes import NoteRejected, Signer, line_of, open_parsed, parse_note
from ledger.publish import Published, publish, publish_vkey
from ledger.tiles import TileFolder
from ledger.witnessing import Witnesses

_LONGEST_PAUSE = timedelta(seconds=30)
"""Between two attempts to have a tree witnessed."""


class Publisher:
    """Publishes one book's log into ``folder``; ``find_signer`` finds the log's own keys.

    Its further keys are found likewise, at each publication anew: one that a leaf brought in since
    the last signs the next.  ``witnesses`` are those that must have cosigned.
    ``on_fork`` hears, once and in the publisher's thread, that what is public is not what is
    stored; whoever writes to the book must stop then.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        find_signer: FindSigner,
        *,
        witnesses: Witnesses | None = None,
        interval_ms: int = 1_000,
        lock_seconds: int = 30,
        on_fork: Callable[[LogForked], None] = lambda fault: None,
    ) -> None:
        self._database = database
        self._folder = folder
        self._find_signer = find_signer
        self._witnesses = witnesses
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
        self.unwitnessed = False
        """Whether the last attempt ended without a quorum, so that an older checkpoint stands."""

    def publish_now(self, *, rebuild: bool = False) -> Published:
        """Publish everything that is committed, and wait until it stands on the disk.

        Without a quorum of witnesses the tiles are written and the public checkpoint stays.  With
        ``rebuild`` lost and damaged files are made again from the first leaf on; call the guard
        first, see :func:`ledger.guard.guard`.

        Raises, the first that applies:
            BookNotFound: the database has no book.
            LogForked: what is published differs from what is stored; nothing is replaced.
            StorageFault: the disk or the database failed, or another process has held the folder
                too long.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._lock_file, timeout=self._lock_seconds):
                return self._publish(rebuild)
        except Timeout as error:
            raise StorageFault("another process is publishing into this folder") from error
        except OSError as error:
            raise StorageFault(str(error)) from error
        except SQLAlchemyError as error:
            # The database may come back; whoever follows the writer tries again.
            raise StorageFault(f"the leaves cannot be read: {type(error).__name__}") from error

    def _publish(self, rebuild: bool) -> Published:
        head = read_head(self._database)
        checkpoint = Checkpoint(head.origin, head.size, head.root)
        public = TileFolder(self._folder).checkpoint_note()
        signers = signers_at(self._database, head.size, self._find_signer)
        cosigners = cosigners_at(self._database, head.size, self._find_signer)
        note = checkpoint_note(checkpoint, signers, cosigners, public)
        if public is None:
            publish_vkey(self._folder, signers[-1].vkey, rebuild=rebuild)
        done = publish(
            self._folder, self._read_leaves, note, complete=self._complete, rebuild=rebuild
        )
        if not self.unwitnessed:
            # After the checkpoint: whoever finds a key may expect its line.
            self._publish_keys(signers, cosigners, rebuild)
        return done

    def _publish_keys(
        self, signers: Sequence[Signer], cosigners: Sequence[Signer], rebuild: bool
    ) -> None:
        with self._database.read() as connection:
            former = [str(key) for key in log_vkeys(connection)]
        publish_vkey(self._folder, signers[-1].vkey, instead_of=former, rebuild=rebuild)
        for cosigner in cosigners:
            name = FURTHER_KEYS[cosigner.vkey.kind]
            publish_vkey(self._folder, cosigner.vkey, name, rebuild=rebuild)

    def _read_leaves(self, start: int, count: int) -> list[bytes]:
        # A connection for each tile: none stays open while witnesses are waited for.
        with self._database.read() as connection:
            return list(read_leaves(connection, start, count))

    def _complete(self, note: str) -> str | None:
        if self._witnesses is None:
            return note
        completed = self._witnesses.complete(note, TileFolder(self._folder))
        self.unwitnessed = completed is None
        return completed

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
        pause = self._interval
        while True:
            self._grown.wait()
            self._grown.clear()
            last_round = self._stopped.is_set()
            try:
                self.publish_now()
                self.fault = None
                pause = min(2 * pause, _LONGEST_PAUSE) if self.unwitnessed else self._interval
                if self.unwitnessed:
                    self._grown.set()
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
            self._stopped.wait(pause.total_seconds())


def checkpoint_note(
    checkpoint: Checkpoint,
    signers: Sequence[Signer],
    cosigners: Sequence[Signer],
    public: bytes | None,
) -> str:
    """The note over a tree, signed by every key that counts there and by ``cosigners``.

    ``public`` is a note that may be over this very tree: its lines are kept, so that an idle log
    gathers no new times.
    """
    wanted = [signer.vkey for signer in signers]
    keys = wanted + [cosigner.vkey for cosigner in cosigners]
    note = parse_note(sign_checkpoint(checkpoint, *signers))
    if public is not None:
        try:
            kept = parse_note(public)
            if kept.text == note.text and {*wanted} <= {*open_parsed(kept, keys)[1]}:
                note = kept
        except NoteRejected:
            pass  # Somebody damaged it; a sound one takes its place.
    for cosigner in cosigners:
        if note.lines_of(cosigner.vkey):
            continue
        note = note.with_lines(line_of(cosigner, note.text.encode("utf-8")))
    return str(note)


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
