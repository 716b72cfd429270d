"""Inclusion proofs out of what is stored, as soon as it is committed.

What is published already is taken from the folder's tiles; behind that the tree grows from the
stored leaves.  Neither is trusted: a proof leaves this module only if it leads to the signed root.
"""

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from ledger.checkpoint import Checkpoint
from ledger.errors import LogForked
from ledger.merkle import HASH_BYTES, full_root, leaf_hash, leaf_hashes, node_hash
from ledger.notes import NoteRejected, parse_note
from ledger.proofs import NodeSource, inclusion_proof, root_at, verify_inclusion
from ledger.publication import read_leaves
from ledger.tiles import WIDTH, TileFolder, TileRejected

_MOST_BLOCKS = 65_536
"""Roots of 256 leaves each that one process remembers: those of 16 million unpublished leaves."""

_BLOCK_LEVEL = 8


class StoredTree:
    """The tree of one book, whose log is published into ``folder``; may be shared by threads."""

    def __init__(self, folder: Path) -> None:
        self._tiles = TileFolder(folder)
        self._blocks: dict[int, bytes] = {}

    def prove(
        self, connection: Connection, index: int, checkpoint: Checkpoint
    ) -> tuple[bytes, tuple[bytes, ...]]:
        """The leaf at ``index`` and its inclusion proof in the tree of ``checkpoint``.

        Hashes at most 512 leaves and those that wait for publication, the latter once.

        Raises, the first that applies:
            ValueError: the tree has no such leaf.
            LogForked: the stored leaves do not give the checkpoint's root.
        """
        leaves = list(read_leaves(connection, index, 1))
        # First with the tiles; where they are damaged or missing the leaves alone can still tell.
        for public_size in dict.fromkeys((self._public_size(), 0)):
            node = self._nodes(connection, public_size)
            try:
                proof = inclusion_proof(index, checkpoint.size, node)
            except TileRejected:
                continue
            if leaves and verify_inclusion(
                index, checkpoint.size, leaf_hash(leaves[0]), proof, checkpoint.root
            ):
                return leaves[0], tuple(proof)
        raise LogForked(f"leaf {index} is not under the signed root of {checkpoint.size} leaves")

    def root(self, connection: Connection, size: int) -> bytes:
        """The root of the tree over the first ``size`` leaves, as hashed from what is stored.

        Raises:
            LogForked: the book has fewer leaves.
        """
        if size and not list(read_leaves(connection, size - 1, 1)):
            raise LogForked(f"the book has fewer than {size} leaves")
        try:
            return root_at(size, self._nodes(connection, self._public_size()))
        except TileRejected:  # The leaves alone can still tell.
            return root_at(size, self._nodes(connection, 0))

    def _public_size(self) -> int:
        try:
            note = self._tiles.checkpoint_note()
            return 0 if note is None else Checkpoint.parse(parse_note(note).text).size
        except (NoteRejected, OSError):
            return 0

    def _nodes(self, connection: Connection, public_size: int) -> NodeSource:
        published = self._tiles.nodes(public_size)

        @lru_cache(maxsize=4)
        def block(number: int) -> bytes:
            return b"".join(leaf_hashes(read_leaves(connection, number * WIDTH, WIDTH)))

        def node(level: int, index: int) -> bytes:
            if (index + 1) << level <= public_size:
                return published(level, index)
            if level > _BLOCK_LEVEL:
                return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))
            if level == _BLOCK_LEVEL:
                return self._blocks.get(index) or self._remember(index, full_root(block(index)))
            number, place = divmod(index << level, WIDTH)
            start = place * HASH_BYTES
            return full_root(block(number)[start : start + (HASH_BYTES << level)])

        return node

    def _remember(self, number: int, root: bytes) -> bytes:
        """Keep the root of a full block: leaves are only ever added behind it."""
        if len(self._blocks) < _MOST_BLOCKS:
            self._blocks[number] = root
        return root
