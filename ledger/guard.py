"""The guard at the start: nothing is signed that does not extend what was signed before.

A restored backup, a rewritten leaf or a lost tail would fork the log, and a fork can never be
mended.  So before a process writes, the stored leaves must give the head's root, and the public
checkpoint in the log's folder must be a beginning of them.  Where database and folder were set back
together only somebody outside can tell: the witnesses are asked how far they have cosigned.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.database import Database
from ledger.errors import BookNotFound, LogForked
from ledger.log_keys import log_vkeys
from ledger.merkle import EMPTY_ROOT, Frontier, leaf_hashes
from ledger.notes import NoteRejected, Signer, Vkey
from ledger.publication import read_leaves
from ledger.tiles import TileFolder, TileRejected
from ledger.witnessing import Witnesses

_AT_ONCE = 4_096

_RESTORE = "do not write; bring back the newest copy of the database, or the lost leaves"
_OR_WRONG = "Only if you know that this witness is wrong: take it out of the policy"
_INVESTIGATE = "do not write; keep both for the auditor, and restore the copy that was published"


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
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Guarded:
    """Let a book pass whose leaves give its head and begin with the public log.

    Thorough, every stored leaf is hashed: some 3 µs each, in flat memory.  Otherwise the leaves
    that are public already are taken from the folder's hash tiles, which a short command can
    afford; a changed old leaf is then left for the next thorough start or reconciliation.
    ``origin`` is the name of the log, ``progress`` hears (leaves done, leaves in all).

    Raises, the first that applies:
        BookNotFound: the database has no book.
        LogForked: the public checkpoint is not this log's, or the leaves are fewer or others.
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
        known = None if thorough or public is None else _public_frontier(log_folder, public)
        if thorough or public is not None:
            _check_leaves(connection, head, public, known or Frontier(), progress)
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
    progress: Callable[[int, int], None],
) -> None:
    """Grow the tree from ``known`` to the head, and stop by at the public size."""
    frontier = known
    for start, count in _steps(known.size, head.size, 0 if public is None else public.size):
        progress(start, head.size)
        leaves = list(read_leaves(connection, start, count))
        if len(leaves) != count:
            raise LogForked(f"leaves from {start} are missing in the database; {_RESTORE}")
        frontier = frontier.append(leaf_hashes(leaves))
        if public is not None and frontier.size == public.size and frontier.root() != public.root:
            raise LogForked(
                f"the first {public.size} leaves are not those that were published; {_INVESTIGATE}"
            )
    progress(head.size, head.size)
    if frontier.root() != head.root:
        raise LogForked(f"the stored leaves do not give the head's root; {_INVESTIGATE}")


def _steps(start: int, stop: int, mark: int) -> Iterator[tuple[int, int]]:
    """Spans of leaves that end at ``mark`` where one would run over it."""
    while start < stop:
        end = min(start + _AT_ONCE, stop)
        if start < mark < end:
            end = mark
        yield start, end - start
        start = end
