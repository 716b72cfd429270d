"""ledger/proofs.py: the proofs that implementations of RFC 6962 share, and all that is near them.

The vectors are those of Certificate Transparency's Merkle tree tests, over its eight inputs.
"""

from collections.abc import Iterator

import pytest

from ledger.merkle import leaf_hash, leaf_hashes, root_of
from ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    nodes_over,
    verify_consistency,
    verify_inclusion,
)
from tests.ledger.test_merkle import INPUTS

ROOTS = [root_of(leaf_hashes(INPUTS[:size])) for size in range(9)]
NODE = nodes_over(INPUTS)
LEAF_0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
NODE_0_1 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
NODE_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
NODE_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
NODE_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
NODE_0_3 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
NODE_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

INCLUSION = {
    (0, 1): [],
    (0, 8): [LEAF_1, NODE_2_3, NODE_4_7],
    (5, 8): [LEAF_4, NODE_6_7, NODE_0_3],
    (2, 3): [NODE_0_1],
    (1, 5): [LEAF_0, NODE_2_3, LEAF_4],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [LEAF_1, NODE_2_3, NODE_4_7],
    (6, 8): [NODE_4_5, NODE_6_7, NODE_0_3],
    (2, 5): [NODE_2_3, LEAF_4],
}
LEAVES = [(index, size) for size in range(1, 9) for index in range(size)]
GROWTHS = [(old, new) for new in range(1, 9) for old in range(1, new + 1)]


def flips(data: bytes) -> Iterator[bytes]:
    """Every change of one bit."""
    for bit in range(8 * len(data)):
        yield (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


def lengths(data: bytes) -> Iterator[bytes]:
    """Every shorter hash from either end, and longer ones."""
    for cut in range(len(data)):
        yield data[:cut]
        yield data[len(data) - cut :]
    yield from (data + b"\0", b"\0" + data, data + data)


def wrong_proofs(proof: list[bytes], near: list[bytes]) -> Iterator[list[bytes]]:
    """Every flip, truncation, extension, exchange; ``near`` are hashes that might fit."""
    for at, item in enumerate(proof):
        before, after = proof[:at], proof[at + 1 :]
        yield before
        yield after
        yield before + after
        yield from ([*before, other, *after] for other in (*flips(item), *lengths(item)))
        yield from (
            [*before, proof[other], *proof[at + 1 : other], item, *proof[other + 1 :]]
            for other in range(at + 1, len(proof))
        )
    for at in range(len(proof) + 1):
        yield from ([*proof[:at], extra, *proof[at:]] for extra in (*near, *proof, bytes(32), b""))


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_the_shared_inclusion_proofs(index, size):
    proof = [item.hex() for item in inclusion_proof(index, size, NODE)]
    assert proof == INCLUSION[index, size]


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_the_shared_consistency_proofs(old, new):
    assert [item.hex() for item in consistency_proof(old, new, NODE)] == CONSISTENCY[old, new]


@pytest.mark.parametrize(("index", "size"), LEAVES)
def test_nothing_near_an_inclusion_proof_holds(index, size):
    leaf, root = leaf_hash(INPUTS[index]), ROOTS[size]
    proof = inclusion_proof(index, size, NODE)
    assert verify_inclusion(index, size, leaf, proof, root)
    for wrong in wrong_proofs(proof, [leaf, root]):
        assert not verify_inclusion(index, size, leaf, wrong, root)
    for wrong in (*flips(leaf), *lengths(leaf)):
        assert not verify_inclusion(index, size, wrong, proof, root)
    for wrong in (*flips(root), *lengths(root)):
        assert not verify_inclusion(index, size, leaf, proof, wrong)
    for other in {*range(-2, 2 * size + 2), -index, ~index} - {index}:
        assert not verify_inclusion(other, size, leaf, proof, root)
    # An inclusion proof does not say how large its tree is; the checkpoint does, with its root.
    for other in {0, size // 2, 2 * size, 2 * size + 1} - {size}:
        assert not verify_inclusion(index, other, leaf, proof, root)
    for other in set(range(9)) - {size}:
        assert not verify_inclusion(index, other, leaf, proof, ROOTS[other])


@pytest.mark.parametrize(("old", "new"), GROWTHS)
def test_nothing_near_a_consistency_proof_holds(old, new):
    old_root, new_root = ROOTS[old], ROOTS[new]
    proof = consistency_proof(old, new, NODE)
    assert verify_consistency(old, new, old_root, new_root, proof)
    for wrong in wrong_proofs(proof, [old_root, new_root]):
        assert not verify_consistency(old, new, old_root, new_root, wrong)
    for wrong in (*flips(old_root), *lengths(old_root)):
        assert not verify_consistency(old, new, wrong, new_root, proof)
    for wrong in (*flips(new_root), *lengths(new_root)):
        assert not verify_consistency(old, new, old_root, wrong, proof)
    for other in set(range(-2, new + 3)) - {old}:
        assert not verify_consistency(other, new, old_root, new_root, proof)
    for other in set(range(-1, 9)) - {new}:
        assert not verify_consistency(old, other, old_root, ROOTS[max(other, 0)], proof)
    if old != new:
        assert not verify_consistency(new, old, new_root, old_root, proof)
