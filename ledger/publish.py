"""Publishing: the log's new leaves as tiles and bundles, and last of all its checkpoint.

A published file never changes.  Whatever is written goes to a temporary file, to the disk, under
its name and its folder to the disk; a file that exists already must have the very same bytes, or
everything stops.  The checkpoint follows after all tiles that it needs are on the disk, and partial
tiles that have become full are gone.  So whoever is interrupted anywhere finds, by the checkpoint
that still stands, everything that is left to do.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ledger.bundle import VKEY
from ledger.checkpoint import Checkpoint
from ledger.errors import LogForked, StorageFault
from ledger.files import DurableFiles
from ledger.merkle import HASH_BYTES, Frontier, leaf_hashes
from ledger.notes import NoteRejected, Vkey, parse_note
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

ReadEntries = Callable[[int, int], Iterable[bytes]]
"""``read_entries(start, count)``: the stored bytes of ``count`` leaves from index ``start``."""

Complete = Callable[[str], str | None]
"""``complete(note)``: the note with the lines of others added, or ``None`` to publish none yet."""


@dataclass(frozen=True, slots=True)
class Published:
    """From which size to which the public log grew, and how many files were written for it."""

    old_size: int
    new_size: int
    files: int


def publish(
    folder: Path,
    read_entries: ReadEntries,
    checkpoint_note: str,
    *,
    complete: Complete = lambda note: note,
    durable: bool = True,
    rebuild: bool = False,
) -> Published:
    """Bring ``folder`` up to the tree that ``checkpoint_note`` signs, and publish that note.

    ``complete`` is asked for the note to publish when all that stands beneath it is on the disk;
    if it answers none, the public checkpoint stays and ``new_size`` is the old one.

    Continues from the folder's own checkpoint.  Where its right edge is missing, every file is made
    again from the first leaf: missing ones are written, existing ones compared.  With ``rebuild``
    those that differ are made again too and what they had is kept beside the folder, once the
    leaves are known to give the public checkpoint.  ``durable=False`` leaves out every fsync, for
    an export that can be repeated.  One process publishes into one folder at a time.

    Raises, the first that applies:
        LogForked: the folder has a later or other checkpoint, a file with other bytes, or the
            leaves do not give the root that was signed.  The public checkpoint stays as it was.
        StorageFault: the disk failed; call again.
    """
    target = Checkpoint.parse(parse_note(checkpoint_note).text)
    try:
        return _publish(folder, read_entries, checkpoint_note, target, complete, durable, rebuild)
    except OSError as error:
        raise StorageFault(str(error)) from error


def publish_vkey(
    folder: Path,
    vkey: Vkey,
    name: str = VKEY,
    *,
    instead_of: Collection[str] = (),
    durable: bool = True,
    rebuild: bool = False,
) -> None:
    """Put a verifier key of the log beside its checkpoint; readers compare it with theirs.

    It takes the place of one of ``instead_of``, keys that the log had before, and of no other but
    with ``rebuild``.

    Raises, the first that applies:
        LogForked: the folder has another key.
        StorageFault: the disk failed; call again.
    """
    files = DurableFiles(folder, durable=durable)
    try:
        if _text_of(folder / name) in {f"{former}\n" for former in instead_of} - {f"{vkey}\n"}:
            files.replace(name, f"{vkey}\n".encode())
        put = files.mend if rebuild else files.write
        put(name, f"{vkey}\n".encode())
        files.flush_folders()
    except OSError as error:
        raise StorageFault(str(error)) from error


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _publish(
    folder: Path,
    read_entries: ReadEntries,
    note: str,
    target: Checkpoint,
    complete: Complete,
    durable: bool,
    rebuild: bool,
) -> Published:
    old = _published_checkpoint(folder)
    if old is not None:
        _check_order(old, target)
        if rebuild:
            _check_beginning(old, read_entries)
    files = DurableFiles(folder, durable=durable)
    put = files.mend if rebuild else files.write
    edge = None if rebuild or old is None else _right_edge(folder, old)
    done, builder, last_tile = edge or (0, TileBuilder(), b"")
    for first in range(done, target.size, WIDTH):
        count = min(WIDTH, target.size - first)
        entries = list(read_entries(first, count))
        if len(entries) != count:
            raise LogForked(f"leaves from {first} are missing")
        hashes = b"".join(leaf_hashes(entries))
        if first == done and not hashes.startswith(last_tile):
            raise LogForked(f"leaves from {first} are not those that were published")
        put(tile_path(ENTRIES, first // WIDTH, count), encode_bundle(entries))
        if rebuild:
            for width in _earlier(folder, ENTRIES, first // WIDTH, count):
                put(tile_path(ENTRIES, first // WIDTH, width), encode_bundle(entries[:width]))
        for level, number, tile in builder.push(hashes):
            put(tile_path(level, number), tile)
    for level, number, tile in builder.partial_tiles():
        put(tile_path(level, number, len(tile) // HASH_BYTES), tile)
        for width in _earlier(folder, level, number, len(tile) // HASH_BYTES) if rebuild else ():
            put(tile_path(level, number, width), tile[: width * HASH_BYTES])
    if builder.root() != target.root:
        raise LogForked(f"the leaves do not give the root that was signed at {target.size}")
    files.remove_left_overs()
    files.flush_folders()
    _drop_completed(files, old.size if old else 0, target.size)
    completed = complete(note)
    if completed is None:
        size = old.size if old else 0
        return Published(size, size, files.written)
    files.replace("checkpoint", completed.encode("utf-8"))
    files.remove_left_overs()
    files.flush_folders()
    return Published(old.size if old else 0, target.size, files.written)


def _published_checkpoint(folder: Path) -> Checkpoint | None:
    note = TileFolder(folder).checkpoint_note()
    if note is None:
        return None
    try:
        return Checkpoint.parse(parse_note(note).text)
    except NoteRejected as error:
        raise LogForked(f"the public checkpoint cannot be read: {error}") from error


def _check_order(old: Checkpoint, new: Checkpoint) -> None:
    if old.origin != new.origin:
        raise LogForked(f"the folder belongs to {old.origin}")
    if old.size > new.size or (old.size == new.size and old.root != new.root):
        raise LogForked(f"checkpoint {new.size} does not extend the public one of {old.size}")


def _check_beginning(old: Checkpoint, read_entries: ReadEntries) -> None:
    """The leaves must give the public root before any public file is called damaged."""
    frontier = Frontier()
    for first in range(0, old.size, WIDTH):
        count = min(WIDTH, old.size - first)
        frontier = frontier.append(leaf_hashes(list(read_entries(first, count))))
    if frontier.size != old.size or frontier.root() != old.root:
        raise LogForked(f"the first {old.size} leaves are not those that were published")


def _earlier(folder: Path, level: Level, number: int, width: int) -> list[int]:
    """Widths of the earlier partial forms of a tile that still lie in the folder."""
    partial = folder.joinpath(f"{tile_path(level, number)}.p")
    names = [path.name for path in partial.iterdir()] if partial.is_dir() else []
    return [int(name) for name in names if name.isdecimal() and 0 < int(name) < width]


def _right_edge(folder: Path, old: Checkpoint) -> tuple[int, TileBuilder, bytes] | None:
    """Where to go on: the leaves in full bundles, the tiles over them, and the last tile's hashes.

    The leaves of the last tile are read again and must hash to it.  ``None`` where files are
    missing or do not give the published root.
    """
    reader = TileFolder(folder)
    edge: list[tuple[int, bytes]] = []
    items, level = old.size, 0
    try:
        while items:
            number, width = divmod(items, WIDTH)
            edge.append((number, reader.read(level, number, width) if width else b""))
            items, level = number, level + 1
    except TileRejected:
        return None
    if TileBuilder(edge).root() != old.root:
        return None
    if not edge:
        return 0, TileBuilder(), b""
    (number, last_tile), *above = edge
    return number * WIDTH, TileBuilder([(number, b""), *above]), last_tile


def _drop_completed(files: DurableFiles, old_size: int, new_size: int) -> None:
    """Delete the partial forms of those tiles that have become full; readers fall back to these.

    tlog-tiles allows it as soon as the full tile can be read.
    """
    levels: Iterator[tuple[Level, int]] = iter([(ENTRIES, 0), *((n, n) for n in range(8))])
    for name, level in levels:
        # More than one where tiles were written for trees that were never published.
        for number in range(old_size >> 8 * (level + 1), new_size >> 8 * (level + 1)):
            files.remove_folder(f"{tile_path(name, number)}.p")
    files.flush_folders()
