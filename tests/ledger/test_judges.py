"""Exported logs before a judge that we did not write: tlog-scales."""

import shutil
from pathlib import Path

import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint, ConsistencyProofInvalid, InclusionProofInvalid

from ledger.merkle import leaf_hash
from tests.support.log_builder import ORIGIN, LogBuilder, cosigner_of, little_log


def log_of(size):
    log = little_log()
    while log.size < size:
        log.refuse()
    return log


@pytest.fixture(scope="module", params=[21, 256, 257, 700])
def exported(request, tmp_path_factory) -> tuple[LogBuilder, Path]:
    log = log_of(request.param)
    return log, log.write_bundle(tmp_path_factory.mktemp("bundle") / "bundle")


def judge(bundle: Path, older: list[Checkpoint]) -> None:
    """Whatever tlog-scales can say of a log: signature, root, every entry, every older head."""
    reader = TilesReader(LocalBackend(bundle / "log"))
    head = reader.get_checkpoint()
    head.verify(Vkey.from_string(bundle.joinpath("log/vkey").read_text("utf-8").strip()))
    if reader.calculate_root_hash() != head.root_hash:
        raise InclusionProofInvalid("the tiles do not give the root")
    for index in range(head.size):
        proof = reader.get_inclusion_proof(index, head.size)
        proof.check(leaf_hash(reader.get_entry(index)), head.root_hash)
    for before in older:
        proof = reader.get_consistency_proof(before.size, head.size)
        proof.check(before.root_hash, head.root_hash)


def test_tlog_scales_verifies_the_exported_log(exported):
    log, bundle = exported
    sizes = {1, 20, log.size // 2, log.size - 1, log.size}
    judge(bundle, [Checkpoint.from_text(log.note(size)) for size in sorted(sizes)])


def test_tlog_scales_accepts_a_checkpoint_with_lines_that_it_does_not_know(tmp_path):
    log = log_of(21)
    log.cosigners = [cosigner_of(ORIGIN)]
    judge(log.write_bundle(tmp_path / "bundle"), [Checkpoint.from_text(log.note(20))])


@pytest.mark.parametrize("part", ["checkpoint", "tile/0", "tile/entries"])
def test_tlog_scales_rejects_a_tampered_log(exported, tmp_path, part):
    _, bundle = exported
    copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
    target = copy.joinpath("log", part)
    files = [target] if target.is_file() else [p for p in target.rglob("*") if p.is_file()]
    data = bytearray(files[0].read_bytes())
    data[30] ^= 1
    files[0].write_bytes(data)
    with pytest.raises(Exception):  # noqa: B017, PT011  whatever that library raises
        judge(copy, [])


def test_tlog_scales_rejects_another_past(exported):
    _, bundle = exported
    other = LogBuilder()
    while other.size < 20:
        other.refuse()
    with pytest.raises(ConsistencyProofInvalid):
        judge(bundle, [Checkpoint.from_text(other.note())])
