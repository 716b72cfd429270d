"""ledger/proofs.py: true proofs hold for every size, and every kind of wrong one fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.merkle import leaf_hash, leaf_hashes, root_of
from ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    nodes_over,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [b"leaf %d" % n for n in range(40)]
ROOTS = [root_of(leaf_hashes(LEAVES[:size])) for size in range(len(LEAVES) + 1)]
NODE = nodes_over(LEAVES)
SIZES = range(1, 35)


def wrong_proofs(proof: list[bytes]) -> list[list[bytes]]:
    """Each hash with a flipped bit, cut short, missing, doubled; and one hash too many."""
    wrong = [[*proof, bytes(32)], [bytes(32), *proof]]
    for at, item in enumerate(proof):
        for changed in (
            [bytes([item[0] ^ 1]) + item[1:]],
            [item[:-1] + bytes([item[-1] ^ 0x80])],
            [item[:-1]],
            [item + b"\0"],
            [],
            [item, item],
        ):
            wrong.append(proof[:at] + changed + proof[at + 1 :])
    if len(proof) > 1:
        wrong.append(proof[::-1])
    return wrong


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_is_shown_to_be_in_its_tree_and_nothing_else(size):
    for index in range(size):
        leaf, proof = leaf_hash(LEAVES[index]), inclusion_proof(index, size, NODE)
        assert verify_inclusion(index, size, leaf, proof, ROOTS[size])
        for wrong in wrong_proofs(proof):
            assert not verify_inclusion(index, size, leaf, wrong, ROOTS[size])
        for other in (index - 1, index + 1, size, -1):
            assert not verify_inclusion(other, size, leaf, proof, ROOTS[size])
        assert not verify_inclusion(index, size, leaf_hash(b"other"), proof, ROOTS[size])
        assert not verify_inclusion(index, size, leaf, proof, ROOTS[size + 1])
        assert not verify_inclusion(index, 0, leaf, proof, ROOTS[size])


@pytest.mark.parametrize("new", SIZES)
def test_every_earlier_tree_is_shown_to_be_the_beginning_and_nothing_else(new):
    for old in range(new + 1):
        proof = consistency_proof(old, new, NODE)
        assert verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)
        for wrong in wrong_proofs(proof):
            assert not verify_consistency(old, new, ROOTS[old], ROOTS[new], wrong)
        if 0 < old < new:
            assert not verify_consistency(old, new, ROOTS[old], ROOTS[new + 1], proof)
            assert not verify_consistency(old, new, ROOTS[old - 1], ROOTS[new], proof)
            assert not verify_consistency(old, new, ROOTS[new], ROOTS[old], proof)
            assert not verify_consistency(new, old, ROOTS[new], ROOTS[old], proof)


@given(st.data())
def test_a_rewritten_past_has_no_proof(data):
    new = data.draw(st.integers(2, 40))
    old = data.draw(st.integers(1, new))
    changed = data.draw(st.integers(0, old - 1))
    forged = [b"forged" if n == changed else leaf for n, leaf in enumerate(LEAVES[:new])]
    proof = consistency_proof(old, new, nodes_over(forged))
    forged_root = root_of(leaf_hashes(forged))
    assert not verify_consistency(old, new, ROOTS[old], forged_root, proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_no_proof_of_a_leaf_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, NODE)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5)])
def test_no_proof_between_sizes_out_of_order(old, new):
    with pytest.raises(ValueError, match="no proof"):
        consistency_proof(old, new, NODE)
