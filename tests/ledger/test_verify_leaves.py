"""ledger/verify_leaves.py: whatever byte of a bundle changes, the file and a leaf are named."""

import json
import random
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from ledger.bundle import files_of, seal
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.encoding import encode_trusted
from ledger.notes import sign_note
from ledger.verify import verify
from tests.support.counts import count
from tests.support.log_builder import LogBuilder, key_of, little_log
from tests.support.true_leaves import (
    GENESIS,
    first_leaf_of,
    last_leaf_of,
    one_byte_changed,
    true_leaf,
)

LITTLE = little_log()
LAST = LITTLE.size - 1

FULL_COUNT, SCALED_COUNT = 1_000, 12
"""Changed bytes a file."""


@cache
def large_log() -> LogBuilder:
    """Three entry bundles, tiles of two levels and accounts that change in each of them."""
    log = little_log()
    pool, member = log.account("pool", None), log.account("member")
    while log.size < 560:
        log.batch([[(pool, member, 5)]] * 9)
    return log


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return LITTLE.write_bundle(tmp_path / "bundle")


@pytest.fixture(scope="module")
def large_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return large_log().write_bundle(tmp_path_factory.mktemp("large") / "bundle")


def little_paths() -> list[str]:
    tiles = [f"log/tile/{level}/000.p/{LITTLE.size}" for level in ("entries", 0)]
    sealing = ["manifest.json", "manifest.note", "log/checkpoint", "log/vkey"]
    exports = ["accounts.csv", "journal.csv", "journal.hledger", "journal.beancount"]
    return sorted(tiles + sealing + exports)


def assert_named(log: LogBuilder, folder: Path, path: str, changed: bytes) -> None:
    """Change one file, verify, and put it back."""
    target = folder.joinpath(path)
    data = target.read_bytes()
    target.write_bytes(changed)
    try:
        findings = verify(folder).findings
        assert {finding.file for finding in findings} == {path}, findings
        leaves = {finding.leaf for finding in findings}
        assert all(leaf is not None and 0 <= leaf < log.size for leaf in leaves), findings
        truth = true_leaf(log, path, data, changed)
        assert truth is None or truth in leaves, (truth, findings)
    finally:
        target.write_bytes(data)


# Every byte ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", little_paths())
def test_any_changed_byte_names_its_file_and_the_leaf_that_shows_the_truth(bundle, path):
    dice = random.Random(path)
    data = bundle.joinpath(path).read_bytes()
    for _ in range(count(FULL_COUNT, SCALED_COUNT)):
        assert_named(LITTLE, bundle, path, one_byte_changed(data, dice))


@pytest.mark.slow
def test_any_changed_byte_of_a_larger_bundle_names_file_and_leaf(large_bundle):
    dice = random.Random("large")
    paths = sorted(files_of(large_bundle))
    assert len(paths) == 4 + 4 + 3 + 3 + 1
    for turn in range(count(FULL_COUNT, 2 * len(paths))):
        path = paths[turn % len(paths)]
        data = large_bundle.joinpath(path).read_bytes()
        assert_named(large_log(), large_bundle, path, one_byte_changed(data, dice))


# Each row of the accounts ------------------------------------------------------------------------


@pytest.mark.parametrize("account", sorted(last_leaf_of(LITTLE)))
@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace(",", ",9", 3),
        lambda line: line + line,
        lambda line: "",
        lambda line: line[:-1] + "0\n",
    ],
    ids=["other_figures", "twice", "left_out", "more_held"],
)
def test_a_row_of_the_accounts_is_held_against_the_leaf_that_changed_it_last(
    bundle, account, change
):
    path = bundle.joinpath("accounts.csv")
    lines = path.read_text("utf-8").splitlines(keepends=True)
    number = next(i for i, line in enumerate(lines) if line.startswith(account))
    text = "".join([*lines[:number], change(lines[number]), *lines[number + 1 :]])
    truth = true_leaf(LITTLE, "accounts.csv", path.read_bytes(), text.encode())
    path.write_text(text, "utf-8", newline="\n")
    seal(bundle, LITTLE.checkpoint(), LITTLE.log_key)
    told = [(f.file, f.leaf, f.rule) for f in verify(bundle).findings]
    assert told == [("accounts.csv", truth, "export_differs")]


def test_every_kind_of_leaf_that_changes_an_account_is_known_as_its_last():
    kinds = {json.loads(LITTLE.leaves[index])["kind"] for index in last_leaf_of(LITTLE).values()}
    assert kinds >= {"hold", "reversal"}


@pytest.mark.parametrize("end", ["release", "expiry", "settlement"])
def test_the_end_of_a_hold_is_the_last_change_of_its_payer(tmp_path, end):
    log = LogBuilder()
    pool, wang = log.account("pool", None), log.account("member")
    log.entry([(pool, wang, 60)])
    hold = log.hold(wang, pool, 30, lasts_ms=600_000 if end != "expiry" else 1_000)
    if end == "settlement":
        log.entry([(wang, pool, 30)], "settlement", of=hold)
    else:
        log.end(hold, end)
    log.fact()
    bundle = log.write_bundle(tmp_path / "bundle")
    path = bundle.joinpath("accounts.csv")
    path.write_bytes(path.read_bytes().replace(b",0\n", b",1\n").replace(b",1\n", b",0\n", 1))
    told = {(f.leaf, f.rule) for f in verify(bundle).findings}
    assert told == {(log.size - 2, "export_differs"), (log.size - 2, "manifest_hash")}


# Whole files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", little_paths())
@pytest.mark.parametrize(
    "change",
    [lambda data: b"", lambda data: data[: len(data) // 2], lambda data: data * 2],
    ids=["emptied", "halved", "doubled"],
)
def test_a_file_of_another_length_names_a_leaf(bundle, path, change):
    assert_named(LITTLE, bundle, path, change(bundle.joinpath(path).read_bytes()))


@pytest.mark.parametrize("path", little_paths())
def test_a_missing_file_names_the_leaf_from_which_it_follows(bundle, path):
    bundle.joinpath(path).unlink()
    truth = LAST if path.startswith("manifest") else first_leaf_of(LITTLE, path)
    assert {(f.file, f.leaf) for f in verify(bundle).findings} == {(path, truth)}


@pytest.mark.parametrize("path", [path for path in little_paths() if "manifest" not in path])
@pytest.mark.parametrize("moved", [False, True], ids=["duplicated", "renamed"])
def test_a_copy_names_the_file_whose_bytes_it_has(bundle, path, moved):
    (shutil.move if moved else shutil.copy)(bundle / path, bundle / "other")
    findings = verify(bundle).findings
    truth = first_leaf_of(LITTLE, path)
    assert ("other", truth, "file_extra") in {(f.file, f.leaf, f.rule) for f in findings}
    assert all(f.leaf == truth for f in findings)
    assert {f.file for f in findings} == ({"other", path} if moved else {"other"})
    assert path in next(f.evidence for f in findings if f.rule == "file_extra")


def test_a_file_that_nothing_speaks_of_names_the_last_leaf(bundle):
    bundle.joinpath("extra.csv").write_bytes(b"x")
    assert [(f.file, f.leaf) for f in verify(bundle).findings] == [("extra.csv", LAST)]


def test_two_files_exchanged_are_both_named(large_bundle, tmp_path):
    bundle = Path(shutil.copytree(large_bundle, tmp_path / "bundle"))
    first, second = (bundle / f"log/tile/entries/{number}" for number in ("000", "001"))
    data = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(data)
    told = {(f.file, f.leaf) for f in verify(bundle).findings}
    assert {("log/tile/entries/000", 0), ("log/tile/entries/001", 256)} <= told


# Keys, checkpoints, manifests that are sound in themselves ----------------------------------------


def test_another_key_in_the_folder_is_held_against_the_genesis_leaf(bundle):
    bundle.joinpath("log/vkey").write_text(f"{key_of('a.example/b').vkey}\n", newline="\n")
    findings = verify(bundle).findings
    assert {(f.file, f.leaf) for f in findings} == {("log/vkey", GENESIS)}
    assert {f.rule for f in findings} == {"vkey", "manifest_hash"}


def test_a_checkpoint_over_other_leaves_names_the_last_leaf_that_it_covers(bundle):
    head = Checkpoint(LITTLE.log_key.name, LITTLE.size, bytes(32))
    note = sign_checkpoint(head, LITTLE.log_key)
    bundle.joinpath("log/checkpoint").write_text(note, "utf-8", newline="\n")
    told = {(f.file, f.leaf, f.rule) for f in verify(bundle).findings}
    assert ("log/checkpoint", LAST, "root") in told


def test_a_tree_that_parts_from_its_checkpoint_names_the_first_leaf_where_it_does(tmp_path):
    log = little_log()
    folder = log.write_log(tmp_path / "log")
    for level, at in (("entries", 5), ("0", 32 * 9 + 1)):
        path = folder.joinpath(f"tile/{level}/000.p/{log.size}")
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(data)
    told = {(f.file, f.leaf, f.rule) for f in verify(folder).findings}
    assert ("checkpoint", 0, "root") in told


def test_a_checkpoint_that_claims_more_names_the_first_leaf_that_is_not_there(large_bundle):
    log = large_log()
    head = Checkpoint(log.log_key.name, 700, bytes(32))
    path = large_bundle.joinpath("log/checkpoint")
    was = path.read_bytes()
    path.write_text(sign_checkpoint(head, log.log_key), "utf-8", newline="\n")
    told = {(f.file, f.leaf, f.rule) for f in verify(large_bundle).findings}
    path.write_bytes(was)
    assert ("log/checkpoint", 512, "root") in told


@pytest.mark.parametrize(
    ("changes", "rule", "leaf"),
    [
        ({"size": 9}, "manifest_tree", 9),
        ({"root": "A" * 43 + "="}, "manifest_tree", LAST),
        ({"v": 2}, "manifest_form", LAST),
    ],
    ids=["smaller", "other_root", "other_form"],
)
def test_a_manifest_that_the_log_signed_names_where_it_parts(bundle, changes, rule, leaf):
    path = bundle.joinpath("manifest.json")
    path.write_bytes(encode_trusted(json.loads(path.read_bytes()) | changes) + b"\n")
    note = sign_note(path.read_text("utf-8"), LITTLE.log_key)
    bundle.joinpath("manifest.note").write_text(note, "utf-8", newline="\n")
    told = {(f.file, f.leaf, f.rule) for f in verify(bundle).findings}
    assert ("manifest.json", leaf, rule) in told


def test_a_manifest_that_leaves_a_tile_out_names_its_first_leaf(large_bundle, tmp_path):
    bundle = Path(shutil.copytree(large_bundle, tmp_path / "bundle"))
    path = bundle.joinpath("manifest.json")
    manifest = json.loads(path.read_bytes())
    del manifest["files"]["log/tile/0/001"]
    path.write_bytes(encode_trusted(manifest) + b"\n")
    note = sign_note(path.read_text("utf-8"), large_log().log_key)
    bundle.joinpath("manifest.note").write_text(note, "utf-8", newline="\n")
    told = {(f.file, f.leaf, f.rule) for f in verify(bundle).findings}
    assert ("manifest.json", 256, "manifest_form") in told


# Published logs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace(b"\n21\n", b"\n22\n"),
        lambda note: note.replace(b"\n21\n", b"\n9999\n"),
        lambda note: b"no note",
        lambda note: note.replace(b"u", b"v"),
    ],
    ids=["a_size_too_large", "an_absurd_size", "unreadable", "other_root"],
)
def test_an_unbelieved_checkpoint_names_the_last_leaf_that_is_there(
    tmp_path: Path, change: Callable[[bytes], bytes]
):
    folder = LITTLE.write_log(tmp_path / "log")
    path = folder.joinpath("checkpoint")
    path.write_bytes(change(path.read_bytes()))
    told = {(f.file, f.leaf) for f in verify(folder).findings}
    assert ("checkpoint", LAST) in told
    assert all(leaf is not None and leaf <= LAST for _file, leaf in told)


@pytest.mark.parametrize(
    ("path", "at", "leaf"),
    [("tile/0/001.p/42", 33, 257), ("tile/entries/001.p/42", -1, 297), ("tile/0/001.p/42", 0, 256)],
)
def test_an_earlier_tile_names_the_leaf_at_which_it_parts(tmp_path, path, at, leaf):
    log = large_log()
    folder = log.write_log(tmp_path / "log", 298)
    log.write_log(folder, 309)
    data = bytearray(folder.joinpath(path).read_bytes())
    data[at] ^= 1
    folder.joinpath(path).write_bytes(data)
    told = [(f.file, f.leaf, f.rule) for f in verify(folder).findings]
    assert told == [(path, leaf, "tile_differs")]


def test_a_past_that_is_not_extended_names_the_last_leaf_of_that_past(tmp_path):
    since = tmp_path / "older"
    since.write_text(LITTLE.note(10), "utf-8", newline="\n")
    forged = little_log()
    forged.leaves[8] = forged.leaves[8].replace(b",60]", b",66]").replace(b",-60]", b",-66]")
    findings = verify(forged.write_log(tmp_path / "log"), since=since).findings
    assert (str(since), 9, "since") in {(f.file, f.leaf, f.rule) for f in findings}


def test_a_log_without_leaves_has_none_to_name(tmp_path):
    folder = LogBuilder(bare=True).write_log(tmp_path / "log")
    folder.joinpath("vkey").write_text("x\n")
    assert {f.leaf for f in verify(folder).findings} == {None}
