"""ledger/verify_tree.py: the roots of today and of an older size, whatever grew the tree."""

import pytest

from ledger.merkle import HASH_BYTES, leaf_hash, root_of
from ledger.tiles import WIDTH, TileFolder
from ledger.verify_tree import GrowingTree, cut_hashes, tree_in_tiles
from tests.support.log_builder import LogBuilder

HASHES = [leaf_hash(b"%d" % n) for n in range(2 * WIDTH + 7)]
OLDER = [0, 1, 2, WIDTH - 1, WIDTH, WIDTH + 1, 2 * WIDTH, len(HASHES) - 1, len(HASHES)]


def grown(older: int | None) -> GrowingTree:
    tree = GrowingTree(older)
    for at in range(0, len(HASHES), WIDTH):
        tree.push(b"".join(HASHES[at : at + WIDTH]))
    return tree


@pytest.mark.parametrize("older", OLDER)
def test_it_keeps_the_root_of_an_older_size(older):
    tree = grown(older)
    assert tree.older_root == root_of(HASHES[:older])
    assert (tree.root(), tree.size) == (root_of(HASHES), len(HASHES))


@pytest.mark.parametrize("older", [None, len(HASHES) + 1])
def test_it_has_no_root_of_a_size_that_it_never_had(older):
    assert grown(older).older_root == b""


def test_the_tiles_of_a_log_give_its_tree_and_those_above(tmp_path):
    log = LogBuilder()
    while log.size < WIDTH + 3:
        log.refuse()
    tiles = TileFolder(log.write_log(tmp_path / "log"))
    given = tree_in_tiles(tiles, log.size, WIDTH)
    assert given is not None
    assert given.tree.root() == log.checkpoint().root
    assert given.tree.older_root == log.checkpoint(WIDTH).root
    assert given.above == {}, "the tile over the first 256 is not full yet"

    tiles.folder.joinpath("tile/0/000").unlink()
    assert tree_in_tiles(tiles, log.size, None) is None


def test_hashes_are_cut_where_they_meet():
    assert cut_hashes(b"") == []
    assert cut_hashes(b"".join(HASHES[:3])) == HASHES[:3]
    assert [len(one) for one in cut_hashes(bytes(HASH_BYTES + 1))] == [HASH_BYTES, 1]
