"""Which leaf shows the truth, where a rule knows the file that is at fault and no leaf.

Everything in a bundle follows from the leaves, so a reader is always sent to one of them: the
genesis leaf for the log's key, the last one for a checkpoint, the first under a tile.
"""

from pathlib import Path

from ledger.bundle import files_of
from ledger.exports import EXPORTS
from ledger.merkle import HASH_BYTES
from ledger.tiles import ENTRIES, WIDTH, Level, parse_tile_path, split_bundle

GENESIS = 0
"""The leaf that names origin and log key; what follows from all leaves begins here."""

_FROM_GENESIS = frozenset({"vkey", *(kind.name for kind in EXPORTS)})


def leaf_of(path: str, prefix: str, size: int) -> int | None:
    """The leaf from which a whole file follows, in a log of ``size`` leaves; ``None`` without any.

    ``prefix`` leads from the folder to the log's files.  A tile follows from its first leaf; the
    checkpoint, the manifest and what nothing in the log speaks of, from the last.
    """
    if not size:
        return None
    inner = path.removeprefix(prefix)
    if inner in _FROM_GENESIS:
        return GENESIS
    tile = parse_tile_path(inner)
    if tile is None:
        return size - 1
    level, number, _width = tile
    return min(first_leaf(level, number), size - 1)


def first_leaf(level: Level, number: int, place: int = 0) -> int:
    """The first leaf under the item at ``place`` of a tile or bundle."""
    item = number * WIDTH + place
    return item if isinstance(level, str) else item << 8 * level


def place_in_tile(level: Level, tile: bytes, other: bytes) -> int:
    """The first item of a sound tile or bundle from which ``other`` differs; at most the last."""
    at = first_difference(tile, other)
    if level != ENTRIES:
        return min(at, len(tile) - 1) // HASH_BYTES
    entries, end = split_bundle(tile, WIDTH)[0], 0
    for place, entry in enumerate(entries):
        end += 2 + len(entry)
        if at < end:
            return place
    return len(entries) - 1


def first_difference(one: bytes, other: bytes) -> int:
    """Where two texts part; the length of the shorter one where it is the other's beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def leaves_held(log: Path) -> int:
    """How many leaves a folder has by the names of its bundles and tiles of leaf hashes alone."""
    tiles = [tile for path in files_of(log) if (tile := parse_tile_path(path)) is not None]
    ends = [number * WIDTH + width for level, number, width in tiles if level in (ENTRIES, 0)]
    return max(ends, default=0)
