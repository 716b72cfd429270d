"""ledger/merkle.py: RFC 6962's tree, however it is grown."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    full_root,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_of,
)

# The eight inputs that implementations of RFC 6962 share, and the root of each beginning.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def recursive_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 2.1 writes it, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    both = recursive_root(leaves[:k]) + recursive_root(leaves[k:])
    return sha256(b"\x01" + both).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_shared_inputs_give_the_shared_roots(size):
    assert root_of(leaf_hashes(INPUTS[:size])).hex() == ROOTS[size - 1]


def test_the_empty_tree():
    assert root_of([]) == EMPTY_ROOT == sha256(b"").digest()
    assert leaf_hash(b"").hex() == ROOTS[0]


@given(st.lists(st.integers(0, 40), max_size=12))
def test_any_cut_into_groups_gives_the_root_of_the_whole(groups):
    leaves = [b"%d" % n for n in range(sum(groups))]
    frontier, at = Frontier(), 0
    for count in groups:
        before = frontier
        grown = frontier.append(leaf_hashes(leaves[at : at + count]))
        assert before == frontier, "a frontier is a value"
        frontier, at = Frontier.from_bytes(grown.to_bytes()), at + count
    assert frontier == Frontier().append(leaf_hashes(leaves))
    assert (frontier.size, frontier.root()) == (len(leaves), recursive_root(leaves))


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257])
def test_a_frontier_of_another_length_is_refused(size):
    data = Frontier().append(leaf_hashes([b"x"] * size)).to_bytes()
    assert len(data) == 8 + 32 * size.bit_count()
    for wrong in (data[:-1], data + b"\0", data[:7]):
        with pytest.raises(ValueError, match="frontier"):
            Frontier.from_bytes(wrong)


@pytest.mark.parametrize("height", range(4))
def test_a_full_tree_from_hashes_end_to_end(height):
    hashes = leaf_hashes(INPUTS[: 2**height])
    assert full_root(b"".join(hashes)) == root_of(hashes)


def test_leaf_and_node_cannot_stand_for_each_other():
    left, right = leaf_hashes([b"a", b"b"])
    assert leaf_hash(left + right) != node_hash(left, right)
