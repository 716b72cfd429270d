"""C2SP tiles: the tree and its leaves as files that never change.

    tile/<L>/<N>[.p/<W>]          up to 256 hashes, each the root of 256^L leaves
    tile/entries/<N>[.p/<W>]      up to 256 leaves, each behind its length as uint16 big-endian

``N`` is written in groups of three digits, all but the last with an ``x`` before it; ``.p/<W>`` is
there while the tile has only ``W`` of its 256 items.

Source: https://c2sp.org/tlog-tiles
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from ledger.merkle import HASH_BYTES, full_root, root_of
from ledger.proofs import NodeSource

WIDTH = 256
"""Items of a full tile or bundle."""

ENTRIES = "entries"
"""Stands in place of the level in the path of a bundle."""

Level = int | str

_PATH = re.compile(
    r"tile/(entries|0|[1-5]?[0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?",
    re.ASCII,
)


class TileRejected(ValueError):
    """A tile or bundle that is missing, of the wrong length, or cannot be cut into its items."""


def tile_path(level: Level, number: int, width: int = WIDTH) -> str:
    """The relative path of a tile, or of a bundle where ``level`` is :data:`ENTRIES`."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{name}" if width == WIDTH else f"tile/{level}/{name}.p/{width}"


def parse_tile_path(path: str) -> tuple[Level, int, int] | None:
    """Level, number and width of a relative path, or ``None`` where it names no tile."""
    shape = _PATH.fullmatch(path)
    if shape is None:
        return None
    level: Level = ENTRIES if shape[1] == ENTRIES else int(shape[1])
    number = int(shape[2].replace("/", "").replace("x", ""))
    width = int(shape[3] or WIDTH)
    known = width <= WIDTH and tile_path(level, number, width) == path
    return (level, number, width) if known else None


def tiles_of(size: int) -> Iterator[tuple[Level, int, int]]:
    """Every tile and bundle of a tree of ``size`` leaves, as (level, number, width)."""
    for level, items in [(ENTRIES, size), *_level_items(size)]:
        for number in range(items // WIDTH):
            yield level, number, WIDTH
        if items % WIDTH:
            yield level, items // WIDTH, items % WIDTH


def _level_items(size: int) -> Iterator[tuple[Level, int]]:
    level = 0
    while size:
        yield level, size
        size //= WIDTH
        level += 1


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """The bytes of an entry bundle; an entry has at most 65,535 bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The ``width`` entries of a bundle.

    Raises:
        TileRejected: the lengths do not add up to exactly these bytes.
    """
    entries, rest = split_bundle(data, width)
    if len(entries) != width or rest:
        raise TileRejected(f"{len(entries)} of {width} entries, {rest} bytes over")
    return entries


def split_bundle(data: bytes, width: int) -> tuple[list[bytes], int]:
    """As many of ``width`` entries as can be read, and how many bytes are left over."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < width:
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or at + 2 > len(data):
            break
        entries.append(data[at + 2 : end])
        at = end
    return entries, len(data) - at


class TileBuilder:
    """Grows the hash tiles of a tree from its leaf hashes, keeping only the right edge.

    ``edge[level]`` are the number and the hashes, end to end, of the tile that is being filled.
    """

    def __init__(self, edge: Iterable[tuple[int, bytes]] = ()) -> None:
        self.edge: list[tuple[int, bytes]] = list(edge)

    def push(self, hashes: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Add leaf hashes that at most fill the current tile; yields each tile that fills up."""
        level, carried = 0, hashes
        while carried:
            if level == len(self.edge):
                self.edge.append((0, b""))
            number, held = self.edge[level]
            tile = held + carried
            carried = b""
            self.edge[level] = number, tile
            if len(tile) == WIDTH * HASH_BYTES:
                yield level, number, tile
                self.edge[level] = number + 1, b""
                carried = full_root(tile)
            level += 1

    def partial_tiles(self) -> Iterator[tuple[int, int, bytes]]:
        """The tiles of the right edge that are not full."""
        for level, (number, tile) in enumerate(self.edge):
            if tile:
                yield level, number, tile

    def root(self) -> bytes:
        """The root of the whole tree, from its right edge alone."""
        below: list[bytes] = []
        for _number, tile in self.edge:
            row = [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)] + below
            below = [root_of(row)] if row else []
        return below[0] if below else root_of([])


class TileFolder:
    """Reads a published log: the folder that has ``checkpoint`` and ``tile/``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def checkpoint_note(self) -> bytes | None:
        """The published checkpoint as it stands, or ``None`` before the first."""
        try:
            return (self.folder / "checkpoint").read_bytes()
        except FileNotFoundError:
            return None

    def read(self, level: Level, number: int, width: int) -> bytes:
        """The bytes of one tile or bundle.

        A partial tile that is gone was replaced by a wider one: hashes are then cut from the full
        tile, and so are entries.

        Raises:
            TileRejected: no such file, one that cannot be read, or a hash tile of another length.
        """
        data = self._bytes(tile_path(level, number, width))
        if data is None and width < WIDTH:
            data = self._bytes(tile_path(level, number))
            if data is not None:
                if level == ENTRIES:
                    return encode_bundle(split_bundle(data, width)[0])
                data = data[: width * HASH_BYTES]
        if data is None:
            raise TileRejected(f"{tile_path(level, number, width)} is missing")
        if level != ENTRIES and len(data) != width * HASH_BYTES:
            raise TileRejected(f"{tile_path(level, number, width)} has {len(data)} bytes")
        return data

    def entry(self, index: int, size: int) -> bytes:
        """One leaf of a tree of ``size`` leaves, not compared with the tree.

        Raises:
            TileRejected: its bundle is missing or damaged.
        """
        number, place = divmod(index, WIDTH)
        width = min(WIDTH, size - number * WIDTH)
        return decode_bundle(self.read(ENTRIES, number, width), width)[place]

    def nodes(self, size: int) -> NodeSource:
        """A node source for proofs over the tree of ``size`` leaves; it keeps a few tiles.

        Raises when asked, not here:
            TileRejected: a tile is missing or has the wrong length.
        """

        @lru_cache(maxsize=64)
        def tile(level: int, number: int) -> bytes:
            items = size >> 8 * level
            return self.read(level, number, min(WIDTH, items - number * WIDTH))

        def node(level: int, index: int) -> bytes:
            tile_level, height = divmod(level, 8)
            number, place = divmod(index << height, WIDTH)
            start = place * HASH_BYTES
            return full_root(tile(tile_level, number)[start : start + (HASH_BYTES << height)])

        return node

    def _bytes(self, path: str) -> bytes | None:
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise TileRejected(f"{path}: {error.strerror}") from error
