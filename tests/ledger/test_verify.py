"""ledger/verify.py: nothing of a bundle can change unseen; the file and a leaf are named."""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from ledger.bundle import files_of, seal
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.encoding import encode_trusted
from ledger.notes import NoteRejected, sign_note
from ledger.tiles import split_bundle
from ledger.verify import verify
from tests.support.log_builder import LogBuilder, key_of, little_log

LITTLE = little_log()


@cache
def small_log() -> LogBuilder:
    """Eight leaves: few enough that every byte of the bundle can be tried."""
    log = LogBuilder(bare=True)
    log.genesis()
    log.station = log.operator
    log.policy("plain-2023")
    issuance, wang = log.account("issuance", None), log.account("member")
    log.batch([[(issuance, wang, 90)]])
    log.entry([(wang, issuance, 15)])
    return log


@pytest.fixture
def bundle(tmp_path):
    return LITTLE.write_bundle(tmp_path / "bundle")


def large_log() -> LogBuilder:
    log = little_log()
    while log.size < 600:
        log.fact() if log.size % 50 == 0 else log.refuse()
    return log


def test_a_sound_bundle_has_no_finding_and_claims_no_more_than_it_shows(bundle, tmp_path):
    since = tmp_path / "older"
    since.write_text(LITTLE.note(9), "utf-8")
    vkey = str(LITTLE.log_key.vkey)
    claims = [
        (verify(bundle), "self-consistent only"),
        (verify(bundle, vkey=vkey), "verified against the given key; freshness not shown"),
        (verify(bundle, since=since), "the log's identity was taken from the folder"),
        (verify(bundle, vkey=vkey, since=since), "extends the given checkpoint"),
    ]
    for report, claim in claims:
        assert (report.ok, report.findings) == (True, ())
        assert claim in report.claim
        assert (report.size, report.judged_leaves, report.entries) == (LITTLE.size, LITTLE.size, 5)
    assert json.dumps(claims[0][0].as_json())


def test_progress_counts_the_leaves(tmp_path):
    seen = []
    log = large_log()
    folder = log.write_log(tmp_path / "log")
    assert verify(folder, progress=lambda done, total: seen.append((done, total))).ok
    assert seen == [(256, 600), (512, 600), (600, 600)]


def leaf_at(data: bytes, at: int) -> int:
    """Which entry of a bundle byte ``at`` belongs to, its length included."""
    end = 0
    for index, entry in enumerate(split_bundle(data, 256)[0]):
        end += 2 + len(entry)
        if at < end:
            return index
    raise AssertionError("beyond the last entry")


def paths_of_small_bundle() -> list[str]:
    tiles = [f"log/tile/{level}/000.p/{small_log().size}" for level in ("entries", 0)]
    sealing = ["manifest.json", "manifest.note", "log/checkpoint", "log/vkey"]
    exports = ["accounts.csv", "journal.csv", "journal.hledger", "journal.beancount"]
    return sorted(tiles + sealing + exports)


def test_every_file_of_the_small_bundle_is_attacked(tmp_path):
    assert sorted(files_of(small_log().write_bundle(tmp_path / "b"))) == paths_of_small_bundle()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(6))
@pytest.mark.parametrize("path", paths_of_small_bundle())
def test_no_byte_of_any_file_can_change(tmp_path, path, part):
    """All parts together try every byte; apart, they share the work among processes."""
    bundle = small_log().write_bundle(tmp_path / "bundle")
    target = bundle.joinpath(path)
    data = target.read_bytes()
    for at in range(part, len(data), 6):
        target.write_bytes(data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :])
        findings = verify(bundle).findings
        assert {finding.file for finding in findings} == {path}, f"byte {at}: {findings}"
        assert None not in {finding.leaf for finding in findings}, f"byte {at}: {findings}"
        if "entries" in path:
            leaves = {finding.leaf for finding in findings}
            assert leaf_at(data, at) in leaves, f"byte {at}: {findings}"


@pytest.mark.parametrize("path", paths_of_small_bundle())
@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: b"\0" + data,
        lambda data: data[: len(data) // 2] + data[len(data) // 2 + 1 :],
        lambda data: data.replace(b"\n", b"\r\n") + b"\r",
        lambda data: data * 2,
    ],
    ids=["emptied", "cut", "longer", "shifted", "one_out", "other_newlines", "doubled"],
)
def test_no_file_can_grow_or_shrink(tmp_path, path, change):
    bundle = small_log().write_bundle(tmp_path / "bundle")
    target = bundle.joinpath(path)
    target.write_bytes(change(target.read_bytes()))
    assert {finding.file for finding in verify(bundle).findings} == {path}


@pytest.mark.parametrize("path", paths_of_small_bundle())
def test_a_missing_file_is_named(tmp_path, path):
    bundle = small_log().write_bundle(tmp_path / "bundle")
    bundle.joinpath(path).unlink()
    assert {finding.file for finding in verify(bundle).findings} == {path}


@pytest.mark.parametrize("path", ["extra.csv", "log/tile/0/001", "log/tile/1/000.p/1", "a/b"])
def test_an_additional_file_is_named(bundle, path):
    bundle.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
    bundle.joinpath(path).write_bytes(b"x")
    assert [(f.file, f.rule) for f in verify(bundle).findings] == [(path, "file_extra")]


def test_a_link_is_no_file(bundle, tmp_path):
    shutil.copy(bundle / "journal.csv", tmp_path / "elsewhere")
    bundle.joinpath("journal.csv").unlink()
    bundle.joinpath("journal.csv").symlink_to(tmp_path / "elsewhere")
    assert ("journal.csv", "file_kind") in [(f.file, f.rule) for f in verify(bundle).findings]


def test_a_linked_folder_is_one_file_too_many(bundle, tmp_path):
    bundle.joinpath("annex").symlink_to(tmp_path, target_is_directory=True)
    assert [(f.file, f.rule) for f in verify(bundle).findings] == [("annex", "file_extra")]


def test_a_folder_in_place_of_a_file_is_named(bundle):
    for path in ("journal.csv", "log/tile/0/000.p/21", "log/tile/entries/000.p/21"):
        bundle.joinpath(path).unlink()
        bundle.joinpath(path).mkdir()
        assert path in {finding.file for finding in verify(bundle).findings}


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2}, {"v": 1.0}, {"size": "21"}, {"size": 20}, {"root": 5}, {"more": 1},
        {"files": []}, {"files": {}}, {"files": {"a": 1}}, {"origin": "other.example"},
    ],
    ids=repr,
)  # fmt: skip
def test_a_manifest_of_another_form_is_named_though_the_log_signed_it(bundle, changes):
    path = bundle.joinpath("manifest.json")
    path.write_bytes(encode_trusted(json.loads(path.read_bytes()) | changes) + b"\n")
    note = sign_note(path.read_text("utf-8"), LITTLE.log_key)
    bundle.joinpath("manifest.note").write_text(note, "utf-8", newline="\n")
    assert "manifest.json" in {finding.file for finding in verify(bundle).findings}


def test_an_annex_that_the_manifest_names_is_covered_by_its_hash(bundle):
    bundle.joinpath("annex").mkdir()
    bundle.joinpath("annex/openings.csv").write_bytes(b"x")
    seal(bundle, LITTLE.checkpoint(), LITTLE.log_key)
    report = verify(bundle)
    assert (report.findings, report.hash_only) == ((), ("annex/openings.csv",))


@pytest.mark.parametrize("name", ["journal.csv", "accounts.csv", "journal.hledger"])
def test_a_file_forged_with_the_logs_own_key_is_still_compared_with_the_leaves(bundle, name):
    path = bundle.joinpath(name)
    path.write_bytes(path.read_bytes().replace(b"90", b"91", 1).replace(b"55", b"56", 1))
    seal(bundle, LITTLE.checkpoint(), LITTLE.log_key)
    report = verify(bundle)
    assert [(f.file, f.rule) for f in report.findings] == [(name, "export_differs")]
    if name != "accounts.csv":
        assert report.findings[0].leaf == 7


def test_another_key_is_another_log(bundle):
    other = str(key_of("timebank.example/other").vkey)
    rules = {(f.file, f.rule) for f in verify(bundle, vkey=other).findings}
    assert {("log/vkey", "vkey"), ("log/checkpoint", "checkpoint")} <= rules
    with pytest.raises(NoteRejected):
        verify(bundle, vkey="no key")


def test_a_log_rewritten_by_its_own_operator_is_caught_by_an_older_checkpoint(tmp_path):
    since = tmp_path / "older"
    since.write_text(LITTLE.note(10), "utf-8")
    forged = little_log()
    forged.leaves[8] = forged.leaves[8].replace(b",60]", b",66]").replace(b",-60]", b",-66]")
    folder = forged.write_log(tmp_path / "log")
    rules = [(f.file, f.rule) for f in verify(folder, since=since).findings]
    assert (str(since), "since") in rules


@pytest.mark.parametrize("size", [0, 1, 20, 21])
def test_since_any_earlier_size(tmp_path, size):
    since = tmp_path / "older"
    since.write_text(LITTLE.note(size), "utf-8")
    report = verify(LITTLE.write_log(tmp_path / "log"), since=since)
    assert report.findings == ()
    assert report.freshness


def test_since_a_later_size_is_a_rollback(tmp_path):
    since = tmp_path / "later"
    since.write_text(LITTLE.note(), "utf-8")
    report = verify(LITTLE.write_log(tmp_path / "log", 20), since=since)
    assert ("since", False) in [(f.rule, report.freshness) for f in report.findings]
    missing = verify(tmp_path / "log", since=tmp_path / "none")
    assert [f.rule for f in missing.findings] == ["file_missing"]


# Larger logs: several tiles and levels ----------------------------------------------------------


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    log = large_log()
    return log, log.write_log(tmp_path_factory.mktemp("large") / "log")


@pytest.mark.parametrize("index", [0, 255, 256, 400, 511, 512, 599])
def test_a_damaged_leaf_of_a_larger_log_is_named(published, tmp_path, index):
    folder = Path(shutil.copytree(published[1], tmp_path / "log"))
    number, place = divmod(index, 256)
    path = f"tile/entries/{number:03d}" + (".p/88" if number == 2 else "")
    data = bytearray(folder.joinpath(path).read_bytes())
    entries = split_bundle(bytes(data), 256)[0]
    data[sum(2 + len(entry) for entry in entries[:place]) + 5] ^= 1
    folder.joinpath(path).write_bytes(data)
    report = verify(folder)
    assert [(f.file, f.leaf, f.rule) for f in report.findings] == [(path, index, "leaf_hash")]
    assert report.judged_leaves == index


@pytest.mark.parametrize(
    ("path", "at", "leaf"),
    [
        ("tile/0/000", 0, 0),
        ("tile/0/001", 8191, 511),
        ("tile/0/002.p/88", 32, 513),
        ("tile/1/000.p/2", 40, 256),
    ],
)
def test_a_damaged_tile_is_named_and_the_leaves_are_not(published, tmp_path, path, at, leaf):
    folder = Path(shutil.copytree(published[1], tmp_path / "log"))
    data = bytearray(folder.joinpath(path).read_bytes())
    data[at] ^= 1
    folder.joinpath(path).write_bytes(data)
    report = verify(folder)
    assert [(f.file, f.leaf, f.rule) for f in report.findings] == [(path, leaf, "tile_hash")]
    assert report.judged_leaves == 600


def test_several_faults_are_all_named(published, tmp_path):
    folder = Path(shutil.copytree(published[1], tmp_path / "log"))
    for path in ("tile/entries/000", "tile/0/001", "tile/1/000.p/2"):
        data = bytearray(folder.joinpath(path).read_bytes())
        data[60] ^= 1
        folder.joinpath(path).write_bytes(data)
    folder.joinpath("tile/entries/001").unlink()
    folder.joinpath("vkey").write_text("x\n", "utf-8")
    named = {finding.file for finding in verify(folder).findings}
    assert {"tile/entries/000", "tile/entries/001", "vkey"} <= named


def test_a_log_folder_may_have_earlier_and_later_tiles(tmp_path):
    log = large_log()
    folder = log.write_log(tmp_path / "log", 300)
    log.write_log(folder, 310)
    folder.joinpath("tile/0/001.p/60").write_bytes(b"beyond the checkpoint")
    folder.joinpath("tile/0/.001.12-ab.tmp").write_bytes(b"left by a crash")
    assert verify(folder).findings == ()
    folder.joinpath("tile/0/001.p/44").write_bytes(bytes(44 * 32))
    folder.joinpath("tile/entries/001.p/44").write_bytes(b"x")
    folder.joinpath("notes.txt").write_bytes(b"x")
    assert sorted((f.file, f.rule) for f in verify(folder).findings) == [
        ("notes.txt", "file_extra"),
        ("tile/0/001.p/44", "tile_differs"),
        ("tile/entries/001.p/44", "tile_differs"),
    ]


def test_an_absurd_size_is_not_searched_for(tmp_path):
    log = little_log()
    folder = log.write_log(tmp_path / "log")
    head = Checkpoint(log.log_key.name, 2**53 - 1, bytes(32))
    folder.joinpath("checkpoint").write_text(sign_checkpoint(head, log.log_key), "utf-8")
    assert [f.rule for f in verify(folder).findings] == ["file_missing"]


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("x")])
def test_a_folder_without_a_log(tmp_path, make):
    make(tmp_path / "x")
    report = verify(tmp_path / "x")
    assert not report.ok
    assert (report.size, report.claim) == (0, "self-consistent only")


def test_the_empty_log(tmp_path):
    folder = LogBuilder(bare=True).write_log(tmp_path / "log")
    assert verify(folder).ok


def test_findings_are_spelled_out_up_to_a_bound(tmp_path):
    log = LogBuilder()
    while log.size < 1_200:
        log.append("fact", log.new_id("record"), {}, sub="x")
    report = verify(log.write_log(tmp_path / "log"))
    assert (len(report.findings), report.left_out) == (1_000, 1_200 - 3 - 1_000)


def test_the_verifier_needs_no_database():
    """What a stranger runs loads the standard library, orjson and cryptography, nothing else."""
    told = subprocess.run(
        [sys.executable, "-c", "import ledger.verify, sys; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    packages = {name.partition(".")[0] for name in told if not name.startswith("_")}
    foreign = packages - set(sys.stdlib_module_names) - {"ledger", "orjson", "cryptography"}
    assert {name for name in foreign if "pth" not in name and "distutils" not in name} <= {
        "sitecustomize", "usercustomize", "zope",
    }  # fmt: skip
