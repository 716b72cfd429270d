"""Published logs at the sizes where tiles fill and levels begin, before both verifiers.

tlog-scales makes proofs that ours has to accept, and the other way round.
"""

from functools import cache
from hashlib import sha256
from itertools import pairwise

import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from ledger.bundle import files_of
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle import leaf_hash
from ledger.proofs import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from ledger.tiles import WIDTH, TileFolder, tile_path, tiles_of
from ledger.verify import verify
from tests.support.log_builder import LogBuilder, little_log

SIZES = [0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000]
STEPS = [
    pytest.param(old, new, id=f"{old}-{new}", marks=[pytest.mark.slow] if new > 1_000 else [])
    for old, new in pairwise(SIZES)
]
EMPTY = sha256(b"").digest()


@cache
def long_log() -> LogBuilder:
    log = little_log()
    while log.size < SIZES[-1]:
        log.refuse()
    return log


def places(size: int) -> set[int]:
    """The first and the last leaf of bundles at both edges, and of the largest full subtrees."""
    near = {0, 1, 254, 255, 256, 257, size // 2, size - 257, size - 256, size - 2, size - 1}
    splits = {edge for bit in range(size.bit_length()) for edge in (2**bit - 1, 2**bit)}
    return {place for place in near | splits if 0 <= place < size}


def judged(folder, size: int) -> bytes:
    """The root of a published log, as tlog-scales computes it; every sampled leaf is in it."""
    reader, ours = TilesReader(LocalBackend(folder)), TileFolder(folder).nodes(size)
    head = reader.get_checkpoint()
    head.verify(Vkey.from_string(folder.joinpath("vkey").read_text("utf-8").strip()))
    assert head.size == size
    assert head.root_hash == reader.calculate_root_hash()
    for place in places(size):
        leaf = leaf_hash(reader.get_entry(place))
        InclusionProof(place, size, inclusion_proof(place, size, ours)).check(leaf, head.root_hash)
        theirs = reader.get_inclusion_proof(place, size).node_hashes
        assert verify_inclusion(place, size, leaf, theirs, head.root_hash)
    return head.root_hash


@pytest.mark.parametrize(("old", "new"), STEPS)
def test_a_log_grows_from_size_to_size_before_two_judges(tmp_path, old, new):
    log, folder, since = long_log(), tmp_path / "log", tmp_path / "since"
    log.write_log(folder, old)
    old_root = judged(folder, old)
    since.write_bytes(folder.joinpath("checkpoint").read_bytes())
    log.write_log(folder, new)
    new_root = judged(folder, new)

    proof = consistency_proof(old, new, TileFolder(folder).nodes(new))
    ConsistencyProof(old, new, proof).check(old_root, new_root)
    if old:  # tlog-scales makes no proof from nothing, and takes any root for that of no leaves.
        reader = TilesReader(LocalBackend(folder))
        reader.set_size(new)
        theirs = reader.get_consistency_proof(old, new).node_hashes
        assert verify_consistency(old, new, old_root, new_root, theirs)
    else:
        assert old_root == EMPTY
    report = verify(folder, vkey=str(log.log_key.vkey), since=since)
    assert (report.findings, report.judged_leaves, report.size) == ((), new, new)


@pytest.mark.parametrize(("_old", "new"), STEPS)
def test_the_files_of_a_size_are_those_of_the_specification(tmp_path, _old, new):
    folder = long_log().write_log(tmp_path / "log", new)
    expected = {tile_path(*tile) for tile in tiles_of(new)} | {"checkpoint", "vkey"}
    assert set(files_of(folder)) == expected
    top = max((level for level, _, _ in tiles_of(new) if isinstance(level, int)), default=-1)
    assert WIDTH**top <= new < WIDTH ** (top + 1)


def test_a_log_without_leaves_has_the_root_of_nothing_and_no_other(tmp_path):
    log = LogBuilder()
    folder = log.write_log(tmp_path / "log", 0)
    assert judged(folder, 0) == EMPTY
    assert verify(folder).ok
    assert set(files_of(folder)) == {"checkpoint", "vkey"}

    wrong = Checkpoint(log.checkpoint().origin, 0, bytes(32))
    folder.joinpath("checkpoint").write_text(sign_checkpoint(wrong, log.log_key), "utf-8")
    assert [finding.rule for finding in verify(folder).findings] == ["root"]
    assert not verify_consistency(0, 5, bytes(32), log.checkpoint(5).root, [])
    assert verify_consistency(0, 5, EMPTY, log.checkpoint(5).root, [])
