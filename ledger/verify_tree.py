"""The tree of a log as a verifier grows it: from the tiles of leaf hashes, or from the leaves."""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.merkle import EMPTY_ROOT, HASH_BYTES
from ledger.tiles import WIDTH, TileBuilder, TileFolder, TileRejected

Tile = tuple[int, int, bytes]
"""Level, number and bytes of a tile."""


class GrowingTree:
    """Tiles grown from leaf hashes, and the root that the tree had at an ``older`` size."""

    def __init__(self, older: int | None) -> None:
        self.size = 0
        self.older_root = EMPTY_ROOT if older == 0 else b""
        self._older = older
        self._builder = TileBuilder()

    def push(self, hashes: bytes) -> list[Tile]:
        """Add the leaf hashes of one bundle, end to end; answers each tile that fills up."""
        until = -1 if self._older is None else self._older - self.size
        self.size += len(hashes) // HASH_BYTES
        if 0 < until * HASH_BYTES <= len(hashes):
            part = TileBuilder(self._builder.edge)
            for _filled in part.push(hashes[: until * HASH_BYTES]):
                pass
            self.older_root = part.root()
        return list(self._builder.push(hashes))

    def partial_tiles(self) -> Iterator[Tile]:
        """The tiles of the right edge that are not full."""
        return self._builder.partial_tiles()

    def root(self) -> bytes:
        """The root over all leaf hashes so far."""
        return self._builder.root()


class TilesGive(NamedTuple):
    """The tree over the tiles of level 0; ``above`` are the full ones over them.

    They stand under the number of the bundle whose tile fills them.
    """

    tree: GrowingTree
    above: dict[int, list[Tile]]


def tree_in_tiles(tiles: TileFolder, size: int, older: int | None) -> TilesGive | None:
    """What the tiles of level 0 give; ``None`` where one is missing or has another length."""
    found = TilesGive(GrowingTree(older), {})
    try:
        for number in range(-(-size // WIDTH)):
            filled = found.tree.push(tiles.read(0, number, min(WIDTH, size - number * WIDTH)))
            if above := [tile for tile in filled if tile[0]]:
                found.above[number] = above
    except TileRejected:
        return None
    return found


def cut_hashes(data: bytes) -> list[bytes]:
    """Hashes that stand end to end."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
