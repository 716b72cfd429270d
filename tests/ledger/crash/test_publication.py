"""Publication goes wrong at each of its calls, without effect and with it, and is taken up again.

Whatever the moment: what was published stays, the folder verifies, and the next publication, by the
same process or by a fresh one, ends with the very files of one that nobody disturbed.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.book import read_head
from ledger.bundle import VKEY
from ledger.errors import StorageFault
from ledger.notes import parse_note
from ledger.publication import Publisher
from ledger.publish import publish_vkey
from ledger.trust_policy import parse_trust_policy
from ledger.verify import verify
from ledger.witness_state import Outcome, Witness
from ledger.witnessing import Witnesses
from tests.support import books
from tests.support.books import ORIGIN, SECOND, Book, finds
from tests.support.counts import count
from tests.support.failing_calls import Calls, Died, counted
from tests.support.log_builder import key_of
from tests.support.witnesses import answer, made_up_witness

pytestmark = [pytest.mark.crash, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
POOL, ANNA = "acct_pool", "acct_anna"
BEFORE, NOW = 250, 260

Files = dict[str, bytes]


@dataclass
class Grown:
    """A book of :data:`NOW` leaves, and the folder as it was at :data:`BEFORE`, at both or new."""

    book: Book
    key: Path
    starts: dict[str, Path]
    whole: Files

    def publisher(self, folder: Path, policy: str = "") -> Publisher:
        """A publisher of this process."""
        witnesses = Witnesses(parse_trust_policy(policy.encode())) if policy else None
        keys = finds(self.book.log_key, SECOND)
        return Publisher(self.book.database, folder, keys, witnesses=witnesses)

    def by_a_fresh_process(self, folders: list[Path], policy: str = "") -> list[str]:
        """What became of each folder in one more process."""
        given = {
            "url": self.book.database.url, "key": str(self.key), "policy": policy,
            "folders": [str(folder) for folder in folders],
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "tests.ledger.crash.republisher", json.dumps(given)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.splitlines()

    def copy(self, start: str, to: Path) -> Path:
        """A folder of this state, to be published into."""
        to.parent.mkdir(parents=True, exist_ok=True)
        if self.starts[start].exists():
            shutil.copytree(self.starts[start], to)
        return to


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    place = tmp_path_factory.mktemp("grown")
    with books.new_sqlite_book(place) as book:
        writer = book.writer()
        book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None)})
        log = place / "log"
        publisher = Publisher(book.database, log, finds(book.log_key, SECOND))
        starts = {"new": place / "nothing", "growing": place / "growing", "idle": place / "idle"}
        for size, name in ((BEFORE, "growing"), (NOW, "idle")):
            while read_head(book.database).size < size:
                book.post(writer, POOL, ANNA, 1)
            publisher.publish_now()
            shutil.copytree(log, starts[name])
        assert read_head(book.database).size == NOW
        book.log_key.save(place / "key")
        yield Grown(book, place / "key", starts, files_in(log))


def files_in(folder: Path) -> Files:
    """Every file by its path; of the checkpoint's lines, which keys they are of.

    ML-DSA takes dice, so two signatures of one text differ.
    """
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    if "checkpoint" in found:
        note = parse_note(found["checkpoint"])
        lines = sorted(f"{line.name} {line.key_id.hex()}" for line in note.lines)
        found["checkpoint"] = "\n".join([note.text, *lines]).encode()
    return found


def assert_stands(grown: Grown, before: Files, folder: Path) -> None:
    """Nothing that was published has changed, and what stands there verifies."""
    now = files_in(folder)
    for path, data in before.items():
        if path == "checkpoint":
            assert now[path] in (data, grown.whole[path])
        elif path in now or ".p/" not in path:
            assert now[path] == data, path
        else:
            assert now[path.partition(".p/")[0]].startswith(data)
    if "checkpoint" in now:
        assert verify(folder, vkey=str(grown.book.log_key.vkey)).findings == ()


@pytest.mark.parametrize("effect", [False, True], ids=["without_effect", "with_effect"])
@pytest.mark.parametrize("start", ["new", "growing", "idle"])
def test_a_call_that_fails_is_made_good_by_the_same_process_and_by_a_fresh_one(
    grown: Grown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, effect: bool
) -> None:
    before = files_in(grown.starts[start]) if start != "new" else {}
    left: list[Path] = []
    for at in calls_of(grown, start, tmp_path / "counting", monkeypatch):
        folder = grown.copy(start, tmp_path / f"fails-{at}" / "log")
        publisher = grown.publisher(folder)
        calls = Calls(folder, at, effect)
        with counted(monkeypatch, calls), expected_to_fail(calls):
            publisher.publish_now()
        assert_stands(grown, before, folder)
        if folder.exists():
            left.append(Path(shutil.copytree(folder, tmp_path / f"left-{at}" / "log")))

        again = Calls(folder, unsynced=calls.unsynced)
        with counted(monkeypatch, again):
            publisher.publish_now()
        assert files_in(folder) == grown.whole, calls.seen[at]
        assert again.checkpoint_too_early == [], calls.seen[at]
        assert again.unsynced == set(), calls.seen[at]

    assert grown.by_a_fresh_process(left) == ["published"] * len(left)
    for folder in left:
        assert files_in(folder) == grown.whole, folder


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("start", ["new", "growing", "idle"])
def test_a_process_that_dies_at_a_call_is_followed_by_one_that_ends_its_work(
    grown: Grown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, effect: bool
) -> None:
    before = files_in(grown.starts[start]) if start != "new" else {}
    left: list[Path] = []
    for at in calls_of(grown, start, tmp_path / "counting", monkeypatch):
        folder = grown.copy(start, tmp_path / f"dies-{at}" / "log")
        calls = Calls(folder, at, effect, dies=True)
        with counted(monkeypatch, calls), pytest.raises(Died):
            grown.publisher(folder).publish_now()
        assert_stands(grown, before, folder)
        left.append(folder)

    assert grown.by_a_fresh_process(left) == ["published"] * len(left)
    for folder in left:
        assert files_in(folder) == grown.whole, folder


@contextmanager
def expected_to_fail(calls: Calls) -> Iterator[None]:
    """A fault is told, but where the folder to be made is there, or an unread tile made again."""
    try:
        yield
    except StorageFault as fault:
        assert "went wrong" in str(fault)  # noqa: PT017  some faults are none
    else:
        assert calls.seen[calls.wrong_at] in ("mkdir", "read")
        assert calls.checkpoint_too_early == []


def calls_of(grown: Grown, start: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The calls that an undisturbed publication makes, by number: all, or some at random."""
    folder = grown.copy(start, place / "log")
    with counted(monkeypatch, Calls(folder)) as calls:
        grown.publisher(folder).publish_now()
    assert files_in(folder) == grown.whole
    assert (calls.checkpoint_too_early, calls.unsynced) == ([], set())
    assert {"mkdir", "open", "write", "flush", "fsync", "replace", "read"} <= set(calls.seen)
    assert ("unlink" in calls.seen) == ("rmdir" in calls.seen) == (start == "growing")
    made = len(calls.seen)
    print(f"{start}: {made} calls")
    return sorted(random.sample(range(made), count(made, 12)))


@pytest.mark.parametrize("effect", [False, True], ids=["without_effect", "with_effect"])
def test_a_key_takes_the_place_of_the_former_one_wholly_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, effect: bool
) -> None:
    old, new = key_of(f"{ORIGIN}/old").vkey, key_of(f"{ORIGIN}/new").vkey
    folder, at, failed = tmp_path / "log", -1, True
    while failed:
        at, failed = at + 1, False
        shutil.rmtree(folder, ignore_errors=True)
        publish_vkey(folder, old)
        with counted(monkeypatch, Calls(folder, at, effect)):
            try:
                publish_vkey(folder, new, instead_of=[str(old)])
            except StorageFault:
                failed = True
        assert folder.joinpath(VKEY).read_text("utf-8") in (f"{old}\n", f"{new}\n")
        publish_vkey(folder, new, instead_of=[str(old)])
        assert files_in(folder) == {VKEY: f"{new}\n".encode()}
    assert at > 6


@pytest.mark.parametrize("cosigns", [False, True], ids=["without_effect", "with_effect"])
@pytest.mark.parametrize("start", ["new", "growing"])
def test_a_witness_whose_answer_is_lost_is_asked_again(
    grown: Grown, tmp_path: Path, start: str, cosigns: bool
) -> None:
    """Whether or not it put the new tree down, the old checkpoint stands until it has answered."""
    before = files_in(grown.starts[start]) if start != "new" else {}
    lost = True
    with made_up_witness(lambda body: b"") as (site, told):
        told.say = lambda body: say(body)
        policy = site.line() + "quorum w1\n"

        def say(body: bytes) -> bytes:
            if lost and not cosigns:
                return answer(502)
            verdict = witness.add_checkpoint(body)
            if lost:
                return answer(502)
            if verdict.outcome is Outcome.CONFLICT:
                size = "Content-Type: text/x.tlog.size"
                return answer(409, verdict.text.encode(), size)
            assert verdict.outcome is Outcome.COSIGNED
            return answer(200, verdict.text.encode())

        results = []
        for who in ("undisturbed", "same", "fresh"):
            witness = Witness(
                made(tmp_path / f"witness-{who}"), site.cosigner, [grown.book.log_key.vkey]
            )
            folder = grown.copy(start, tmp_path / who / "log")
            publisher = grown.publisher(folder, policy)
            lost = who != "undisturbed"
            publisher.publish_now()
            assert publisher.unwitnessed == lost
            if lost:
                assert files_in(folder).get("checkpoint") == before.get("checkpoint")
                assert_stands(grown, before, folder)
            lost = False
            if who == "fresh":
                assert grown.by_a_fresh_process([folder], policy) == ["published"]
            else:
                publisher.publish_now()
            results.append(files_in(folder))
        assert results[1] == results[0]
        assert results[2] == results[0]
        assert results[0].keys() == grown.whole.keys()


def made(folder: Path) -> Path:
    """The folder, newly made."""
    folder.mkdir()
    return folder
