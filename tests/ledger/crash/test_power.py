"""The power fails: whatever was not synced is lost, and every acknowledged entry is there.

The negative controls run the same check on a ledger that does not sync, on one that syncs too
rarely and on a disk that lies, and must fail: a check that cannot fail shows nothing.
"""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.database import open_database, sqlite_url
from tests.ledger.crash.disk import TOLD, Disk, Record, read_records
from tests.ledger.crash.harness import judge, lost, prepare, quick_judge
from tests.support import books
from tests.support.counts import count
from tests.support.parts import need_program
from tests.support.soundness import faults_of

pytestmark = [pytest.mark.crash, pytest.mark.slow]

FILE = "book.sqlite3"
SOURCE = Path(__file__).with_name("shim.c")
# The log file moves into the database every fifty pages rather than every twenty thousand.
OFTEN = "PRAGMA wal_autocheckpoint = 50"


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """The recorder, compiled."""
    compiler = need_program("cc", "gcc")
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    subprocess.run(
        [compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl",
         "-lpthread"],
        check=True,
    )  # fmt: skip
    return library


class Outage:
    """A folder whose every operation was recorded while a poster worked in it."""

    def __init__(self, tmp_path: Path, shim: Path, start) -> None:
        self.tmp_path, self.shim, self.start = tmp_path, shim, start
        self.folder, self.before = tmp_path / "book", tmp_path / "before"
        self.log = tmp_path / "operations"
        self.records: list[Record] = []
        self.tried = 0
        self.folder.mkdir()
        with books.new_sqlite_book(self.folder) as book:
            prepare(book, tmp_path / "keys")
            self.log_key, self.url = book.log_key, book.database.url
        shutil.copytree(self.folder, self.before)

    def run(self, posts: int, *, pragmas=(OFTEN,), **environment: str) -> list[dict[str, object]]:
        """Record a poster from its start to its end, with all that it closes and cleans up."""
        poster = self.start(
            self.url,
            self.tmp_path / "keys",
            "power",
            threads=4,
            settings={"count": posts, "pragmas": list(pragmas)},
            environment={
                "LD_PRELOAD": str(self.shim), "SHIM_DIR": str(self.folder),
                "SHIM_LOG": str(self.log), **environment,
            },
        )  # fmt: skip
        answers = poster.finish()
        self.records = read_records(self.log)
        told = [json.loads(record.data) for record in self.records if record.op == TOLD]
        assert sorted(told, key=str) == sorted(answers, key=str)
        return answers

    def cuts(self, most: int, dice: random.Random) -> list[int]:
        """Moments right behind an answer, which are the worst ones, and any others."""
        told = [at for at, record in enumerate(self.records, 1) if record.op == TOLD]
        worst = dice.sample(told, min(len(told), most // 2))
        return sorted({*worst, *dice.sample(range(len(self.records)), most - len(worst))})

    def last_told(self) -> int:
        """Where the last answer stands among the records."""
        return max(at for at, record in enumerate(self.records) if record.op == TOLD)

    def lost_at(self, cuts: list[int], dice: random.Random | None) -> list[str]:
        """What is missing or broken after a power failure at each of ``cuts``."""
        disk, at, answers, wrong = Disk(str(self.folder), self.before), 0, [], []
        for cut in cuts:
            for record in self.records[at:cut]:
                disk.play(record)
                if record.op == TOLD:
                    answers.append(json.loads(record.data))
            at = cut
            for luck in (None, dice):
                wrong += self._lost_from(disk, answers, luck)
        return wrong

    def _lost_from(self, disk, answers, luck) -> list[str]:
        self.tried += 1
        remains = self.tmp_path / f"remains-{self.tried}"
        disk.power_off(remains, luck)
        database = open_database(sqlite_url(remains / FILE))
        try:
            with database.read() as connection:
                said = connection.execute(text("PRAGMA integrity_check")).scalars().all()
            found = [] if said == ["ok"] else list(said)
            found += lost(database, answers) + faults_of(database)
            if not found and self.tried % 10 == 1:
                judge(database, self.log_key, answers)
        except Exception as error:  # A database in ruins may fail in any way; it is never sound.
            found = [repr(error)]
        finally:
            database.dispose()
            shutil.rmtree(remains)
        return found


@pytest.fixture
def outage(tmp_path, shim, start):
    return Outage(tmp_path, shim, start)


def test_no_acknowledged_entry_is_lost_wherever_the_power_fails(outage):
    answers = outage.run(count(300, 40))
    dice = random.Random()
    cuts = outage.cuts(count(300, 24), dice)

    assert outage.lost_at(cuts, dice) == []
    assert any("answer" in told for told in answers)
    moved = [at for at, one in enumerate(outage.records) if one.path == f"{outage.folder}/{FILE}"]
    assert min(moved) < outage.last_told(), "no page moved from the log file under load"
    print(f"{len(cuts)} power failures, {outage.tried} disks, {len(answers)} answers, none lost")


CONTROLS = {
    "synchronous off": {"pragmas": (OFTEN, "PRAGMA synchronous = OFF")},
    "synced only with checkpoints": {"pragmas": (OFTEN, "PRAGMA synchronous = NORMAL")},
    "a disk that lies": {"SHIM_LIE": "1"},
}


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)
def test_the_same_check_fails_without_the_sync(outage, control):
    outage.run(40, **control)
    dice = random.Random()

    wrong = outage.lost_at(outage.cuts(8, dice), dice)
    assert any("is gone" in one for one in wrong)


@pytest.mark.parametrize("first", [1, 2, 5, 20])
def test_a_failed_sync_acknowledges_nothing_and_the_ledger_recovers(outage, first):
    answers = outage.run(20, SHIM_FAIL=f"{first}:3")
    faults = [told for told in answers if "fault" in told]
    dice = random.Random()

    assert 1 <= len(faults) <= 3 * 4 * 2
    assert len(answers) - len(faults) >= 40
    assert outage.lost_at(outage.cuts(count(60, 8), dice), dice) == []
    again(outage, faults)


def again(outage, faults):
    """Ask once more, as a client would: what was not acknowledged is decided now, and once."""
    database = open_database(outage.url)
    quick_judge(database, [])
    database.dispose()
    poster = outage.start(
        outage.url, outage.tmp_path / "keys", "power", threads=4, settings={"count": 20}
    )
    answers = poster.finish()
    assert {told["key"] for told in faults} <= {told["key"] for told in answers}
    assert not [told for told in answers if "fault" in told]
    database = open_database(outage.url)
    judge(database, outage.log_key, answers)
    database.dispose()


def test_a_full_disk_acknowledges_nothing_and_the_ledger_recovers(tmp_path, start):
    folder = tmp_path / "book"
    folder.mkdir()
    with books.new_sqlite_book(folder) as book:
        prepare(book, tmp_path / "keys")
        log_key, url = book.log_key, book.database.url
    most = max(path.stat().st_size for path in folder.iterdir()) + 100_000
    answers = start(
        url, tmp_path / "keys", "full", threads=4, settings={"count": 60, "bytes": most}
    ).finish()

    faults = [told for told in answers if "fault" in told]
    assert 5 <= len(faults) <= 5 + 4 * 4
    assert len(answers) == 240
    database = open_database(url)
    judge(database, log_key, answers)
    database.dispose()
    missed = {told["key"] for told in faults}
    second = start(url, tmp_path / "keys", "full", threads=4, settings={"count": 60}).finish()
    assert {told["key"] for told in second if "fault" in told} == set()
    assert missed <= {told["key"] for told in second}
    by_key = {told["key"]: told for told in second}
    for told in answers:
        if "answer" in told:
            assert by_key[told["key"]]["answer"] == told["answer"]
    database = open_database(url)
    judge(database, log_key, [*answers, *second])
    database.dispose()
