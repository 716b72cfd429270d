"""ledger/tiles.py: C2SP paths and widths, bundles, and proofs read from published tiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.merkle import HASH_BYTES, leaf_hash, leaf_hashes, root_of
from ledger.proofs import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from ledger.tiles import (
    ENTRIES,
    TileBuilder,
    TileFolder,
    TileRejected,
    decode_bundle,
    encode_bundle,
    parse_tile_path,
    split_bundle,
    tile_path,
    tiles_of,
)
from tests.support.log_builder import LogBuilder


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        ((0, 0, 256), "tile/0/000"),
        ((0, 0, 1), "tile/0/000.p/1"),
        ((1, 999, 255), "tile/1/999.p/255"),
        ((0, 1000, 256), "tile/0/x001/000"),
        ((63, 1_234_067, 256), "tile/63/x001/x234/067"),
        ((ENTRIES, 1_234_067, 8), "tile/entries/x001/x234/067.p/8"),
    ],
)
def test_paths_as_the_specification_writes_them(tile, path):
    assert tile_path(*tile) == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/0/0000", "tile/0/x000/000", "tile/00/000", "tile/64/000", "tile/-1/000",
        "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p", "tile/0/001/000",
        "tile/0/x001/x002", "tile/entries/000.p/999", "tile/data/000", "checkpoint", "tile/0/000/",
        "tile/0/000\n", "tile/０/000",
    ],
)  # fmt: skip
def test_other_paths_name_no_tile(path):
    assert parse_tile_path(path) is None


def test_the_tiles_of_the_specifications_example():
    tiles = list(tiles_of(70_000))
    count = {level: [t for t in tiles if t[0] == level] for level in (ENTRIES, 0, 1, 2)}
    assert [len(count[level]) for level in (ENTRIES, 0, 1, 2)] == [274, 274, 2, 1]
    assert (count[0][-1], count[1][-1], count[2][-1]) == ((0, 273, 112), (1, 1, 17), (2, 0, 1))


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        (0, []),
        (1, [(ENTRIES, 0, 1), (0, 0, 1)]),
        (255, [(ENTRIES, 0, 255), (0, 0, 255)]),
        (256, [(ENTRIES, 0, 256), (0, 0, 256), (1, 0, 1)]),
        (257, [(ENTRIES, 0, 256), (ENTRIES, 1, 1), (0, 0, 256), (0, 1, 1), (1, 0, 1)]),
    ],
)
def test_the_tiles_at_the_first_boundary(size, tiles):
    assert list(tiles_of(size)) == tiles


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_a_bundle_reads_back(entries):
    data = encode_bundle(entries)
    assert decode_bundle(data, len(entries)) == entries
    assert split_bundle(data + b"\0", len(entries)) == (entries, 1)
    for width in (len(entries) - 1, len(entries) + 1):
        with pytest.raises(TileRejected):
            decode_bundle(data, width)
    for cut in range(len(data)):
        with pytest.raises(TileRejected):
            decode_bundle(data[:cut], len(entries))


@pytest.mark.parametrize("size", [0, 1, 2])
def test_an_entry_of_many_bytes(size):
    entry = b"x" * (65_534 + size)
    if size < 2:
        assert decode_bundle(encode_bundle([entry]), 1) == [entry]
        return
    with pytest.raises(OverflowError):
        encode_bundle([entry])


@given(st.lists(st.integers(1, 700), max_size=4), st.integers(0, 256))
def test_tiles_grown_in_steps_are_those_of_the_whole(steps, start):
    """The right edge alone is enough to go on, and gives the root at each stop."""
    hashes = leaf_hashes(b"%d" % n for n in range(sum(steps)))
    tiles: dict[tuple[int, int, int], bytes] = {}
    builder, done = TileBuilder(), 0
    for step in steps:
        while step:
            take = min(step, 256 - done % 256)
            for level, number, tile in builder.push(b"".join(hashes[done : done + take])):
                tiles[level, number, 256] = tile
            done, step = done + take, step - take
        builder = TileBuilder(builder.edge)
        assert builder.root() == root_of(hashes[:done])
    for level, number, tile in builder.partial_tiles():
        tiles[level, number, len(tile) // HASH_BYTES] = tile
    assert set(tiles) == {tile for tile in tiles_of(done) if tile[0] != ENTRIES}
    for (level, number, _width), tile in tiles.items():
        first = number * 256 ** (level + 1)
        span = 256**level
        assert tile[:HASH_BYTES] == root_of(hashes[first : first + span])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    log = LogBuilder()
    while log.size < 600:
        log.refuse()
    return log, TileFolder(log.write_log(tmp_path_factory.mktemp("log")))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 600])
def test_proofs_from_published_tiles_hold(folder, size):
    log, tiles = folder
    node = tiles.nodes(600)
    root = log.checkpoint(size).root
    for index in {0, size // 2, size - 1}:
        proof = inclusion_proof(index, size, node)
        assert verify_inclusion(index, size, leaf_hash(log.leaves[index]), proof, root)
        proof = consistency_proof(index, size, node)
        assert verify_consistency(index, size, log.checkpoint(index).root, root, proof)


@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 512, 599])
def test_leaves_are_read_from_their_bundle(folder, index):
    log, tiles = folder
    assert tiles.entry(index, 600) == log.leaves[index]


def test_a_tile_that_is_missing_or_short_is_rejected(folder, tmp_path):
    with pytest.raises(TileRejected, match="missing"):
        TileFolder(tmp_path).read(0, 0, 5)
    tmp_path.joinpath("tile/0").mkdir(parents=True)
    tmp_path.joinpath("tile/0/000").write_bytes(bytes(31))
    with pytest.raises(TileRejected, match="31 bytes"):
        TileFolder(tmp_path).read(0, 0, 256)
    assert TileFolder(tmp_path).checkpoint_note() is None
