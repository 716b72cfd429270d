"""RFC 6962 tree hashing (section 2.1), and the right edge of a tree that grows.

leaf = SHA-256(0x00 ‖ bytes)    node = SHA-256(0x01 ‖ left ‖ right)    empty tree = SHA-256("")
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The tree's hash of one leaf; the prefix keeps a leaf from posing as a node."""
    return sha256(b"\x00" + leaf).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """:func:`leaf_hash` of each, for a whole group."""
    return [sha256(b"\x00" + leaf).digest() for leaf in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root of the tree over ``hashes``, which are leaf hashes or roots of equal full trees."""
    return Frontier().append(hashes).root()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the full subtrees at the right edge of a tree: all that growing it needs.

    ``nodes[level]`` is the root of the full subtree of 2^level leaves wherever that bit of ``size``
    is set, and empty bytes elsewhere.  A value: :meth:`append` returns the grown frontier, so a
    group that fails to commit leaves the old one standing.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = field(default=())

    def append(self, hashes: Sequence[bytes]) -> "Frontier":
        """The frontier after ``hashes`` were added at the right, in order; hashes each node once.

        Works a level at a time over the whole batch, which keeps the loop inside one comprehension.
        """
        nodes = list(self.nodes)
        row = list(hashes)
        level = 0
        while row:
            if level == len(nodes):
                nodes.append(b"")
            if nodes[level]:
                row.insert(0, nodes[level])
                nodes[level] = b""
            if len(row) & 1:
                nodes[level] = row.pop()
            row = parents_of(b"".join(row))
            level += 1
        return Frontier(self.size + len(hashes), tuple(nodes))

    def root(self) -> bytes:
        """The root hash of the tree of ``size`` leaves."""
        root = b""
        for node in self.nodes:
            if node:
                root = node_hash(node, root) if root else node
        return root or EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """``size`` as eight bytes big-endian, then the roots from the largest subtree down."""
        return self.size.to_bytes(8, "big") + b"".join(reversed(self.nodes))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frontier":
        """Read back :meth:`to_bytes`.

        Raises:
            ValueError: the length does not fit the size.
        """
        size = int.from_bytes(data[:8], "big")
        if len(data) != 8 + HASH_BYTES * size.bit_count():
            raise ValueError("not a tree frontier")
        nodes: list[bytes] = []
        end = len(data)
        for level in range(size.bit_length()):
            if size >> level & 1:
                nodes.append(data[end - HASH_BYTES : end])
                end -= HASH_BYTES
            else:
                nodes.append(b"")
        return cls(size, tuple(nodes))


def parents_of(joined: bytes) -> list[bytes]:
    """The nodes above an even row of hashes, given end to end so that each pair is one slice."""
    return [sha256(b"\x01" + joined[at : at + 64]).digest() for at in range(0, len(joined), 64)]


def full_root(joined: bytes) -> bytes:
    """The root over a power of two of hashes, given end to end; one tile in 255 calls."""
    while len(joined) > HASH_BYTES:
        joined = b"".join(parents_of(joined))
    return joined
