"""核验.html: what the page says of a bundle, and that it never says less than the command line."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.bundle import files_of, seal
from tests.ledger import test_chains as chains
from tests.ledger import test_registry as registry
from tests.ledger import test_replay as books
from tests.ledger import test_verify_periods as periods
from tests.support.counts import full_run
from tests.support.log_builder import LogBuilder, key_of, little_log, log_of_periods
from timebank.audit.verify_page import PAGE

if TYPE_CHECKING:
    from tests.support.browser import Browsers
    from tests.support.offline_auditor import OfflineAuditor

pytestmark = pytest.mark.browser

LITTLE = little_log()
KEY = str(LITTLE.log_key.vkey)
Change = Callable[[bytes], bytes]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sound bundle of 21 leaves with the page in it."""
    from tests.support.offline_auditor import write_bundle

    return write_bundle(LITTLE, tmp_path / "bundle")


def long_log(size: int) -> LogBuilder:
    """Leaves of every kind, then facts that are signed and refusals that are not."""
    log = little_log() if size > LITTLE.size else LogBuilder(bare=True)
    if not log.size:
        log.genesis()
        log.station = log.operator
    while log.size < size:
        log.fact() if log.size % 50 == 0 else log.refuse()
    return log


# What a person reads ---------------------------------------------------------------------------


def test_a_sound_bundle_passes_and_claims_no_more_than_it_shows(
    auditor: "OfflineAuditor", bundle: Path, tmp_path: Path
) -> None:
    since = tmp_path / "older"
    since.write_text(LITTLE.note(9), "utf-8", newline="\n")
    for known, claim in (
        ({}, "仅自相一致"),
        ({"vkey": KEY}, "已对照您给的公钥；未证明是否最新"),
        ({"since": since}, "延续您给的旧检查点；日志身份取自包内"),
        ({"vkey": KEY, "since": since}, "已对照您给的公钥，并延续您给的旧检查点"),
    ):
        told = auditor.verify(bundle, **known)
        assert "✓ 通过" in told.verdict
        assert claim in told.claim
        assert told.places == []
        assert ("身份：没有从别处得到的公钥" in told.text) == ("vkey" not in known)
        assert ("是否最新：没有旧检查点" in told.text) == ("since" not in known)
    assert "本页自己：被改过的核验页会说谎" in told.text


def test_the_page_in_the_bundle_opens_from_there(browsers: "Browsers", bundle: Path) -> None:
    from tests.support.offline_auditor import OfflineAuditor

    auditor = OfflineAuditor(browsers.start(offline=True), bundle / PAGE)
    assert "✓ 通过" in auditor.verify(bundle).verdict
    assert auditor.complaints == []


def test_a_dropped_folder_is_taken_like_a_chosen_one(
    own_auditor: "OfflineAuditor", bundle: Path, tmp_path: Path
) -> None:
    page = own_auditor.page
    own_auditor.open()
    own_auditor.drop(bundle / "manifest.json")
    assert "这不是账本包的文件夹" in page.inner_text("#notice")
    own_auditor.drop(bundle / "journal.csv", bundle)
    chosen = page.inner_text("#chosen")
    assert f"已选：bundle，{len(FILES)} 个文件。" in chosen
    own_auditor.choose(bundle)
    assert page.inner_text("#chosen") == chosen
    own_auditor.drop(bundle)
    page.click("#start")
    page.wait_for_selector("#result:not([hidden])")
    assert "✓ 通过" in page.inner_text("#verdict")


def test_a_dropped_folder_that_cannot_be_read_is_said_so(
    own_auditor: "OfflineAuditor", bundle: Path
) -> None:
    own_auditor.page.add_init_script(
        "DataTransferItem.prototype.getAsFileSystemHandle = () => Promise.reject(new Error('no'))"
    )
    own_auditor.open()
    own_auditor.drop(bundle)
    assert "请点“选文件夹”" in own_auditor.page.inner_text("#notice")
    assert "还没有选" in own_auditor.page.inner_text("#chosen")


def test_a_folder_is_dropped_where_the_browser_has_no_handles(
    own_auditor: "OfflineAuditor", bundle: Path
) -> None:
    """Firefox has entries alone.  Chrome opens none on a page from the disk, so they are played."""
    own_auditor.open()
    page = own_auditor.page
    page.set_input_files("#folder", bundle)
    page.evaluate(
        """() => {
          const files = [...document.getElementById("folder").files];
          const entryOf = (path, below) => below.length === 1 && below[0][0].length === 0
            ? { isFile: true, fullPath: path, file: (then) => then(below[0][1]) }
            : { isDirectory: true, fullPath: path, createReader: () => {
                const names = [...new Set(below.map(([parts]) => parts[0]))];
                return { readEntries: (then) => then(names.splice(0, 2).map((name) =>
                  entryOf(`${path}/${name}`, below.filter(([parts]) => parts[0] === name)
                    .map(([parts, file]) => [parts.slice(1), file])))) };
              } };
          const top = files.map((file) => [file.webkitRelativePath.split("/").slice(1), file]);
          const event = new Event("drop", { cancelable: true });
          event.dataTransfer = { items: [{ webkitGetAsEntry: () => entryOf("/dropped", top) }] };
          document.getElementById("folder").value = "";
          document.dispatchEvent(event);
        }"""
    )
    page.wait_for_selector("#chosen:has-text('dropped')")
    page.click("#start")
    page.wait_for_selector("#result:not([hidden])")
    assert "✓ 通过" in page.inner_text("#verdict")


def test_what_cannot_be_verified_is_said_and_never_passes(
    own_auditor: "OfflineAuditor", bundle: Path, tmp_path: Path
) -> None:
    page = own_auditor.page
    own_auditor.open()
    page.click("#start")
    assert "请先选账本包的文件夹" in page.inner_text("#notice")
    tmp_path.joinpath("photos").mkdir()
    tmp_path.joinpath("photos/a.txt").write_text("x")
    page.set_input_files("#folder", tmp_path / "photos")
    assert "这不是账本包的文件夹" in page.inner_text("#notice")
    page.set_input_files("#folder", bundle)
    page.fill("#vkey", "no key")
    page.click("#start")
    assert "填的公钥读不出来" in page.inner_text("#notice")
    assert not page.is_visible("#result")


def test_without_a_worker_the_page_works_in_slices(
    own_auditor: "OfflineAuditor", bundle: Path
) -> None:
    own_auditor.page.add_init_script("delete window.Worker")
    assert "✓ 通过" in own_auditor.verify(bundle).verdict


def test_a_keyboard_is_enough_and_the_faults_can_be_copied(
    own_auditor: "OfflineAuditor", bundle: Path
) -> None:
    file = bundle / "journal.csv"
    file.write_bytes(file.read_bytes().replace(b",90,", b",91,"))
    page = own_auditor.page
    own_auditor.open()
    for expected in ("folder", "vkey", "since", "own", "start"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == expected
    page.set_input_files("#folder", bundle)
    page.focus("#start")
    page.keyboard.press("Enter")
    page.wait_for_selector("#result:not([hidden])")
    assert page.evaluate("document.activeElement.id") == "result"
    # What would land on the clipboard, without touching the one of this machine.
    page.evaluate("document.addEventListener('copy', () => { window.copied = `${getSelection()}`"
                  " || document.activeElement.value; })")  # fmt: skip
    page.focus("#copy")
    page.keyboard.press("Enter")
    lines = page.evaluate("window.copied").splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["journal.csv leaf 7", "manifest_hash"],
        ["journal.csv leaf 7", "export_differs"],
    ]


@pytest.mark.parametrize("fault", [False, True], ids=["passed", "failed"])
def test_old_eyes_can_read_it_at_every_size(
    own_auditor: "OfflineAuditor", bundle: Path, fault: bool
) -> None:
    from tests.support.eyes import Eyes

    if fault:
        bundle.joinpath("journal.csv").write_bytes(b"x" * 300)
    eyes = Eyes(own_auditor.page, "file:")
    # The worker's own text is the one thing that is fetched and not on the disk.
    own_auditor.verify(bundle)
    eyes.look("核验.html")
    assert [one for one in eyes.complaints if "blob:" not in one] == []


# Agreement with the command line ------------------------------------------------------------------


CHANGES: dict[str, Change] = {
    "first byte": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "middle byte": lambda data: _flipped(data, len(data) // 2),
    "last byte": lambda data: _flipped(data, len(data) - 1),
    "emptied": lambda data: b"",
    "cut": lambda data: data[:-1],
    "longer": lambda data: data + b"\n",
    "one out": lambda data: data[: len(data) // 2] + data[len(data) // 2 + 1 :],
    "other newlines": lambda data: data.replace(b"\n", b"\r\n") + b"\r",
    "doubled": lambda data: data * 2,
    "rows swapped": lambda data: b"\n".join(_swapped(data.split(b"\n"))),
    "newest row dropped": lambda data: b"\n".join(data.split(b"\n")[:-2]) + b"\n",
}


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]


def _swapped(rows: list[bytes]) -> list[bytes]:
    return [*rows[:1], *rows[2:3], *rows[1:2], *rows[3:]]


FILES = sorted(["accounts.csv", "journal.beancount",
    "journal.csv", "journal.hledger", "log/checkpoint", "log/tile/0/000.p/21",
    "log/tile/entries/000.p/21", "log/vkey", "manifest.json", "manifest.note", PAGE])  # fmt: skip


def test_every_file_of_the_bundle_is_attacked(bundle: Path) -> None:
    assert sorted(files_of(bundle)) == FILES


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES)
def test_both_name_the_same_places_of_a_changed_file(
    own_auditor: "OfflineAuditor", bundle: Path, path: str
) -> None:
    from tests.support.offline_auditor import agree

    target = bundle / path
    data = target.read_bytes()
    for name, change in CHANGES.items():
        changed = change(data)
        if changed == data:
            continue
        target.write_bytes(changed)
        places = agree(own_auditor, bundle)
        assert path in {file for file, _, _ in places}, name
    target.unlink()
    assert path in {file for file, _, _ in agree(own_auditor, bundle)}


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES)
def test_both_judge_a_change_that_the_logs_own_key_sealed(
    own_auditor: "OfflineAuditor", bundle: Path, path: str
) -> None:
    from tests.support.offline_auditor import agree

    if path.startswith("manifest"):
        path = "annex/openings.csv"  # the manifest itself cannot be sealed
        bundle.joinpath("annex").mkdir()
        bundle.joinpath(path).write_bytes(b"x,y\n")
    target = bundle / path
    data = target.read_bytes()
    for change in CHANGES.values():
        target.write_bytes(change(data))
        seal(bundle, LITTLE.checkpoint(), LITTLE.log_key)
        agree(own_auditor, bundle)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_both_find_every_planted_fault_of_books_submissions_and_keys(
    own_auditor: "OfflineAuditor", tmp_path: Path, part: int
) -> None:
    from tests.support.offline_auditor import agree, write_bundle

    families = ((books.FAULTS, books.Plant), (chains.FAULTS, chains.sound_log),
                (registry.FAULTS, LogBuilder), (periods.FAULTS, periods.Months))  # fmt: skip
    faults = [(fault, sound) for family, sound in families for fault in family]
    for (plant, rule, *_from_end), sound in faults[part::4]:
        planted = sound()
        plant(planted)
        log = planted if isinstance(planted, LogBuilder) else planted.log
        folder = write_bundle(log, tmp_path / plant.__name__)
        assert rule in {found for _, _, found in agree(own_auditor, folder)}, plant.__name__


def test_another_key_and_a_rewritten_past_are_told_alike(
    auditor: "OfflineAuditor", bundle: Path, tmp_path: Path
) -> None:
    from tests.support.offline_auditor import agree, write_bundle

    other = str(key_of("timebank.example/other").vkey)
    assert ("log/vkey", 0, "vkey") in agree(auditor, bundle, vkey=other)
    since = tmp_path / "older"
    for text, rule in (
        (LITTLE.note(10), "since"),
        (LITTLE.note(21), "since"),
        (LITTLE.note(9).replace("9", "8"), "checkpoint"),
        ("x", "checkpoint"),
    ):
        since.write_text(text, "utf-8", newline="\n")
        forged = little_log()
        forged.leaves[8] = forged.leaves[8].replace(b",60]", b",66]").replace(b",-60]", b",-66]")
        folder = write_bundle(forged, tmp_path / "forged")
        assert rule in {one for _, _, one in agree(auditor, folder, since=since, vkey=KEY)}
        shutil.rmtree(folder)
    since.write_text(LITTLE.note(21), "utf-8", newline="\n")
    shorter = long_log(20)
    folder = write_bundle(shorter, tmp_path / "shorter")
    assert ("older checkpoint", 19, "since") in agree(auditor, folder, since=since)


@pytest.mark.parametrize("path", ["extra.csv", "log/tile/0/001", "log/tile/1/000.p/1", "a/b"])
def test_an_additional_file_is_told_alike(
    own_auditor: "OfflineAuditor", bundle: Path, path: str
) -> None:
    from tests.support.offline_auditor import agree

    bundle.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
    bundle.joinpath(path).write_bytes(b"x")
    ((file, _leaf, rule),) = agree(own_auditor, bundle)
    assert (file, rule) == (path, "file_extra")
    copied = bundle.joinpath("log/tile/0/000.p/21").read_bytes()
    bundle.joinpath(path).write_bytes(copied)
    assert agree(own_auditor, bundle) == [(path, 0, "file_extra")]


def test_both_derive_closed_months_again(own_auditor: "OfflineAuditor", tmp_path: Path) -> None:
    from tests.support.offline_auditor import agree, write_bundle

    log = log_of_periods()
    assert agree(own_auditor, write_bundle(log, tmp_path / "sound")) == []
    for name, value in (("until", 0), ("period", "2023-13"), ("more", 1), ("first", "1")):
        folder = write_bundle(LogBuilder(), tmp_path / name)
        shutil.rmtree(folder / "log")
        log = LogBuilder()
        at = log.close("2023-03", **{name: value})
        log.write_log(folder / "log")  # The readable files follow from the leaves before it.
        seal(folder, log.checkpoint(), log.log_key)
        assert [(leaf, rule) for _, leaf, rule in agree(own_auditor, folder)] == [(at, "leaf_form")]


# Sizes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257])
def test_both_read_logs_around_the_bounds_of_a_tile(
    own_auditor: "OfflineAuditor", tmp_path: Path, size: int
) -> None:
    from tests.support.offline_auditor import agree, write_bundle

    log = long_log(size)
    folder = write_bundle(log, tmp_path / "bundle")
    assert agree(own_auditor, folder) == []
    for path in sorted(files_of(folder / "log" / "tile")):
        target = folder / "log" / "tile" / path
        data = target.read_bytes()
        for at in (0, len(data) // 2, len(data) - 1):
            target.write_bytes(_flipped(data, at))
            assert agree(own_auditor, folder) != []
        target.write_bytes(data[: len(data) // 2])
        assert agree(own_auditor, folder) != []
        target.write_bytes(data)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_large_log_is_practical(own_auditor: "OfflineAuditor", tmp_path: Path) -> None:
    """Three levels of tiles; under TIMEBANK_FULL=1 each leaf beyond the first bears a signature."""
    from tests.support.offline_auditor import write_bundle

    if not full_run():
        log = long_log(3_000)
    else:
        log = little_log()
        while log.size < 65_537:
            log.fact()
    folder = write_bundle(log, tmp_path / "bundle")
    told = own_auditor.verify(folder, vkey=KEY, patience_ms=240_000)
    assert "✓ 通过" in told.verdict
    target = folder / "log" / "tile" / "entries" / "007"
    target.write_bytes(_flipped(target.read_bytes(), 5))
    told = own_auditor.verify(folder, patience_ms=240_000)
    entries = "log/tile/entries/007"
    assert told.places == [(entries, 1_792, "leaf_hash"), (entries, 1_792, "manifest_hash")]
