"""Inclusion and consistency proofs, made from tree nodes and checked without the log.

A *node source* answers ``node(level, index)``: the root of the full subtree of 2^level leaves that
starts at leaf ``index * 2^level``.  Making a proof asks for O(log² size) nodes at most; checking
one is the two algorithms of RFC 9162 (2.1.3.2 and 2.1.4.2) to the letter.
"""

from collections.abc import Callable, Sequence

from ledger.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hashes, node_hash, parents_of

NodeSource = Callable[[int, int], bytes]


def inclusion_proof(index: int, size: int, node: NodeSource) -> list[bytes]:
    """The hashes that lead from leaf ``index`` up to the root of the tree of ``size`` leaves.

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    path.reverse()
    return path


def consistency_proof(old_size: int, new_size: int, node: NodeSource) -> list[bytes]:
    """The hashes that show the tree of ``old_size`` to be the beginning of that of ``new_size``.

    Empty where there is nothing to show: an empty old tree, or two equal sizes.

    Raises:
        ValueError: the sizes are out of order.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"no proof from {old_size} to {new_size} leaves")
    if old_size in (0, new_size):
        return []
    path: list[bytes] = []
    start, end, whole = 0, new_size, True
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(range_root(start, end, node))
    path.reverse()
    return path


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether ``proof`` shows the leaf hash ``leaf`` at ``index`` of the tree under ``root``."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    first, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            computed = node_hash(sibling, computed)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether ``proof`` shows that the old tree is the beginning of the new one."""
    if not 0 <= old_size <= new_size or not _are_hashes(old_root, new_root, *proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if not proof:
        return False
    # A full old tree is itself the first node, so the proof leaves it out.
    hashes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    first, last = old_size - 1, new_size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def range_root(start: int, end: int, node: NodeSource) -> bytes:
    """MTH(D[start:end]) of RFC 6962, where ``start`` is aligned as the algorithm makes it."""
    width = end - start
    if width & (width - 1) == 0 and start % width == 0:
        return node(width.bit_length() - 1, start // width)
    middle = start + _split(width)
    return node_hash(range_root(start, middle, node), range_root(middle, end, node))


def root_at(size: int, node: NodeSource) -> bytes:
    """The root of the tree of the first ``size`` leaves, made from its full nodes."""
    return range_root(0, size, node) if size else EMPTY_ROOT


def nodes_over(leaves: Sequence[bytes]) -> NodeSource:
    """A node source over leaves in memory; it keeps every full node."""
    rows = [leaf_hashes(leaves)]
    while len(rows[-1]) > 1:
        row = rows[-1]
        rows.append(parents_of(b"".join(row[: len(row) & ~1])))
    return lambda level, index: rows[level][index]


def _split(width: int) -> int:
    """The largest power of two that is smaller than ``width`` (RFC 6962, 2.1)."""
    return 1 << (width - 1).bit_length() - 1


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
