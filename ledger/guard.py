"""The guard at the start: nothing is signed that does not extend what was signed before.

A restored backup, a rewritten leaf or a lost tail would fork the log, and a fork can never be
mended.  So before a process writes, the stored leaves must give the head's root, and the public
checkpoint and tiles in the log's folder must be a beginning of them.  Where database and folder
were set back together only somebody outside can tell: the witnesses are asked how far they have
cosigned.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.database import Database
from ledger.errors import BookNotFound, LogForked, StorageFault
from ledger.log_keys import log_vkeys
from ledger.merkle import EMPTY_ROOT, HASH_BYTES, Frontier, leaf_hashes
from ledger.notes import NoteRejected, Signer, Vkey
from ledger.publication import read_leaves
from ledger.tiles import (
    ENTRIES,
    WIDTH,
    Level,
    TileBuilder,
    TileFolder,
    TileRejected,
    encode_bundle,
    tile_path,
)
from ledger.verify_leaves import leaves_held
from ledger.witnessing import Witnesses

_AT_ONCE = 4_096

_RESTORE = "do not write; bring back the newest copy of the database, or the lost leaves"
_OR_WRONG = "Only if you know that this witness is wrong: take it out of the policy"
_INVESTIGATE = "do not write; keep both for the auditor, and restore the copy that was published"
_MEND_FILE = (
    "the database has what was signed: keep the file for the auditor, have it made again from there"
)


class Guarded(NamedTuple):
    """What was found sound: the book's leaves and, of those, the public ones."""

    size: int
    public_size: int


class _Head(NamedTuple):
    origin: str
    size: int
    root: bytes
    frontier: bytes


def guard(
    database: Database,
    log_folder: Path,
    origin: str,
    *,
    thorough: bool = True,
    compare_files: bool = True,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Guarded:
    """Let a book pass whose leaves give its head and begin with the public log.

    Thorough, every stored leaf is hashed and every public file compared, in flat memory;
    ``compare_files=False`` leaves the tiles out, for whoever is about to mend them.  Otherwise
    the leaves that are public already are taken from the folder's hash tiles, which a short command
    can afford; a changed old leaf is then left for the next thorough start or reconciliation.
    ``origin`` is the name of the log, ``progress`` hears (leaves done, leaves in all).  A file that
    is missing can be made again and stops nobody.

    Raises, the first that applies:
        BookNotFound: the database has no book.
        LogForked: the public checkpoint is not this log's, the leaves are fewer or others, or a
            public file is not what they give.
        StorageFault: a public file cannot be read.
    """
    with database.read() as connection:
        head = _head(connection)
        if head.origin != origin:
            raise LogForked(f"the book is {head.origin}, the key is of {origin}")
        public = _public_checkpoint(log_folder, log_vkeys(connection))
        _check_head(connection, head)
        if public is not None and public.size > head.size:
            raise LogForked(
                f"{public.size} leaves are public, the database has {head.size}: it is an old "
                f"copy; {_RESTORE}"
            )
        if thorough and leaves_held(log_folder) > head.size:
            raise LogForked(
                f"{leaves_held(log_folder)} leaves are in the folder's tiles, the database has "
                f"{head.size}: it is an old copy; {_RESTORE}"
            )
        known = None if thorough or public is None else _public_frontier(log_folder, public)
        if thorough or public is not None:
            files = _PublicFiles(log_folder) if thorough and compare_files else None
            _check_leaves(connection, head, public, known or Frontier(), files, progress)
    return Guarded(head.size, 0 if public is None else public.size)


def guard_witnesses(witnesses: Witnesses, log_folder: Path, log_signer: Signer, size: int) -> None:
    """Let a book of ``size`` leaves pass that extends what its witnesses cosigned last.

    They are asked to cosign the public checkpoint again, and before the first one the empty tree,
    with which nothing can disagree: so nothing is signed that a later refusal would regret.  A
    witness that cannot be asked keeps nobody from starting.

    Raises:
        LogForked: a witness has cosigned more leaves than the book has, or others.
    """
    tiles = TileFolder(log_folder)
    public = tiles.checkpoint_note()
    empty = Checkpoint(log_signer.vkey.name, 0, EMPTY_ROOT)
    note = sign_checkpoint(empty, log_signer) if public is None else public.decode("utf-8")
    for name, answer in witnesses.ask(note, tiles).items():
        if answer.why == "ahead" and answer.size is not None and answer.size > size:
            raise LogForked(
                f"witness {name!r} cosigned {answer.size} leaves, the database has {size}: it is "
                f"an old copy; {_RESTORE}.  {_OR_WRONG}"
            )
        if answer.why == "disagrees":
            raise LogForked(
                f"witness {name!r} cosigned other leaves than these; {_INVESTIGATE}.  {_OR_WRONG}"
            )


def _public_checkpoint(log_folder: Path, keys: list[Vkey]) -> Checkpoint | None:
    note = TileFolder(log_folder).checkpoint_note()
    if note is None:
        return None
    try:
        return open_checkpoint(note, keys)
    except NoteRejected as error:
        raise LogForked(f"{log_folder / 'checkpoint'} is not this log's: {error}") from error


def _head(connection: Connection) -> _Head:
    row = connection.execute(
        text("SELECT origin, size, root, frontier FROM head WHERE book_id = 1")
    ).first()
    if row is None:
        raise BookNotFound
    return _Head(row.origin, row.size, bytes(row.root), bytes(row.frontier))


def _check_head(connection: Connection, head: _Head) -> None:
    """The head must agree with itself and with the last leaf."""
    try:
        frontier = Frontier.from_bytes(head.frontier)
    except ValueError as error:
        raise LogForked(f"the head's frontier cannot be read; {_INVESTIGATE}") from error
    if frontier.size != head.size or frontier.root() != head.root:
        raise LogForked(f"the head's root does not belong to its frontier; {_INVESTIGATE}")
    last = connection.execute(text("SELECT max(leaf_index) FROM leaf WHERE book_id = 1")).scalar()
    stored = 0 if last is None else last + 1
    if stored != head.size:
        raise LogForked(f"the head counts {head.size} leaves, {stored} are stored; {_INVESTIGATE}")


def _public_frontier(log_folder: Path, public: Checkpoint) -> Frontier | None:
    """The right edge of the public tree from its tiles; ``None`` where they do not give it."""
    node, size = TileFolder(log_folder).nodes(public.size), public.size
    try:
        edge = tuple(
            node(level, (size >> level) - 1) if size >> level & 1 else b""
            for level in range(size.bit_length())
        )
    except TileRejected:
        return None
    frontier = Frontier(size, edge)
    return frontier if frontier.root() == public.root else None


def _check_leaves(
    connection: Connection,
    head: _Head,
    public: Checkpoint | None,
    known: Frontier,
    files: "_PublicFiles | None",
    progress: Callable[[int, int], None],
) -> None:
    """Grow the tree from ``known`` to the head, and stop by at the public size."""
    frontier, public_size = known, 0 if public is None else public.size
    for start, count in _steps(known.size, head.size, public_size):
        progress(start, head.size)
        leaves = list(read_leaves(connection, start, count))
        if len(leaves) != count:
            raise LogForked(f"leaves from {start} are missing in the database; {_RESTORE}")
        hashes = leaf_hashes(leaves)
        frontier = frontier.append(hashes)
        if files is not None and start < public_size:
            files.compare(start, leaves, hashes)
        if public is not None and frontier.size == public.size:
            if frontier.root() != public.root:
                raise LogForked(
                    f"the first {public.size} leaves are not those that were published; "
                    f"{_INVESTIGATE}"
                )
            if files is not None:
                files.finish()
    progress(head.size, head.size)
    if frontier.root() != head.root:
        raise LogForked(f"the stored leaves do not give the head's root; {_INVESTIGATE}")


class _PublicFiles:
    """Holds the tiles and bundles below a public checkpoint against the leaves, as they go by.

    What differs is told at the end: only then is it known that the leaves are those published.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._builder = TileBuilder()
        self._differs = ""

    def compare(self, start: int, leaves: list[bytes], hashes: list[bytes]) -> None:
        """Take the next leaves, ``start`` at the first one of a bundle."""
        for at in range(0, len(leaves), WIDTH):
            bundle = leaves[at : at + WIDTH]
            number = (start + at) // WIDTH
            self._hold(ENTRIES, number, len(bundle), encode_bundle(bundle))
            for level, above, tile in self._builder.push(b"".join(hashes[at : at + WIDTH])):
                self._hold(level, above, WIDTH, tile)

    def finish(self) -> None:
        """Look at the tiles of the right edge, and tell.

        Raises:
            LogForked: a file is not what the leaves give.
        """
        for level, number, tile in self._builder.partial_tiles():
            self._hold(level, number, len(tile) // HASH_BYTES, tile)
        if self._differs:
            raise LogForked(f"{self._differs} is not what the leaves give; {_MEND_FILE}")

    def _hold(self, level: Level, number: int, width: int, expected: bytes) -> None:
        path = tile_path(level, number, width)
        found = self._read(path)
        if found is None and width < WIDTH:
            # A wider tree was written than was published; its tile must begin the same way.
            path = tile_path(level, number)
            found = self._read(path)
            found = found and found[: len(expected)]
        if found is not None and found != expected and not self._differs:
            self._differs = str(self._folder.joinpath(path))

    def _read(self, path: str) -> bytes | None:
        try:
            return self._folder.joinpath(path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageFault(f"{path}: {error.strerror}") from error


def _steps(start: int, stop: int, mark: int) -> Iterator[tuple[int, int]]:
    """Spans of leaves that end at ``mark`` where one would run over it."""
    while start < stop:
        end = min(start + _AT_ONCE, stop)
        if start < mark < end:
            end = mark
        yield start, end - start
        start = end
