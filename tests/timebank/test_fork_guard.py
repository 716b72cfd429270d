"""Whatever would fork the log is refused at the start, with what to do; nothing more is signed.

One row a way to come there.  What sets database and folder back together only a witness can tell:
see tests/ledger/test_guard.py.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.errors import LedgerFault, LogForked, StorageFault
from ledger.verify import verify
from tests.support.banks import TriedBank
from tests.timebank.commands.test_cli import run
from timebank.bank import Bank
from timebank.commands.serving import check_start

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "recover-a-server.md"


class Scene:
    """A bank with a published log, closed, and copies of it from before its last leaves."""

    def __init__(self, tried: TriedBank, place: Path) -> None:
        self.tried, self.settings = tried, tried.settings
        self.data, self.log = tried.settings.data, tried.settings.log_folder
        tried.people("V0001")
        tried.bank.publish()
        tried.bank.close()
        self.older = Path(shutil.copytree(self.data, place / "older"))
        self.grow("V0002")

    def grow(self, number: str) -> None:
        """One more member, published, by a process that ends then."""
        with self.opened() as bank:
            self.tried.bank = bank
            self.tried.people(number)
            bank.publish()

    def opened(self) -> Bank:
        """The book, in a new process."""
        return Bank.open(self.settings, self.tried.clock)

    def file(self, pattern: str) -> Path:
        """The newest file of the log that fits."""
        return max(self.log.glob(pattern), key=lambda path: (len(path.name), path.name))

    def change(self, pattern: str, change: Callable[[bytes], bytes]) -> None:
        """Change one file of the log."""
        path = self.file(pattern)
        path.write_bytes(change(path.read_bytes()))

    def restore_database(self) -> None:
        """Put the older database under the newer log."""
        for path in self.data.glob("timebank.sqlite3*"):
            path.unlink()
        for path in self.older.glob("timebank.sqlite3*"):
            shutil.copy(path, self.data / path.name)

    def other_server(self, *numbers: str) -> None:
        """Take the place of a second server: same keys, its own database, and this log's folder."""
        log = Path(shutil.copytree(self.log, self.older.with_name("public")))
        self.restore_database()
        shutil.rmtree(self.log)
        shutil.copytree(self.older / self.log.relative_to(self.data), self.log)
        for number in numbers:
            self.grow(number)
        shutil.rmtree(self.log)
        shutil.copytree(log, self.log)


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def lose_checkpoint(scene: Scene) -> None:
    scene.file("checkpoint").unlink()
    scene.restore_database()


def cut_database(scene: Scene) -> None:
    for path in scene.data.glob("timebank.sqlite3-*"):
        path.unlink()
    path = scene.data / "timebank.sqlite3"
    path.write_bytes(cut(path.read_bytes()))


@dataclass(frozen=True)
class Row:
    """What was done to a book that nobody has open, and the words by which it is refused."""

    what: str
    do: Callable[[Scene], None]
    says: str
    fault: type[LedgerFault] = LogForked


ROWS = (
    Row("restored backup", Scene.restore_database, r"old copy; do not write; bring back"),
    Row(
        "second server behind this one",
        lambda scene: scene.other_server(),
        r"old copy; do not write; bring back",
    ),
    Row(
        "second server as far as this one",
        lambda scene: scene.other_server("V0003"),
        r"not those that were published; do not write; keep both",
    ),
    Row(
        "second server ahead of this one",
        lambda scene: scene.other_server("V0003", "V0004"),
        r"not those that were published; do not write; keep both",
    ),
    Row(
        "changed hash tile",
        lambda scene: scene.change("tile/0/000.p/*", flipped),
        r"tile/0/000.p/\d+ is not what the leaves give; .* made again from there",
    ),
    Row(
        "changed entry bundle",
        lambda scene: scene.change("tile/entries/000.p/*", flipped),
        r"tile/entries/000.p/\d+ is not what the leaves give; .* made again from there",
    ),
    Row(
        "changed entry",
        lambda scene: scene.tried.behind(
            "UPDATE leaf SET body = CAST(body || ' ' AS BLOB) WHERE leaf_index = 3"
        ),
        r"not those that were published; do not write; keep both",
    ),
    Row(
        "database without its newest leaf",
        lambda scene: scene.tried.behind(
            "DELETE FROM leaf WHERE leaf_index = (SELECT max(leaf_index) FROM leaf)"
        ),
        r"the head counts \d+ leaves, \d+ are stored; do not write; keep both",
    ),
    Row(
        "database with a hole",
        lambda scene: scene.tried.behind("DELETE FROM leaf WHERE leaf_index = 3"),
        r"missing in the database; do not write; bring back",
    ),
    Row("database file cut in half", cut_database, r"malformed", StorageFault),
    Row(
        "public checkpoint cut in half",
        lambda scene: scene.change("checkpoint", cut),
        r"checkpoint is not this log's",
    ),
    Row(
        "public checkpoint emptied",
        lambda scene: scene.change("checkpoint", lambda data: b""),
        r"checkpoint is not this log's",
    ),
    Row(
        "public hash tile cut in half",
        lambda scene: scene.change("tile/0/000.p/*", cut),
        r"is not what the leaves give; .* made again from there",
    ),
    Row(
        "public bundle cut in half",
        lambda scene: scene.change("tile/entries/000.p/*", cut),
        r"is not what the leaves give; .* made again from there",
    ),
    Row(
        "public checkpoint gone and a restored backup",
        lose_checkpoint,
        r"leaves are in the folder's tiles, .* old copy; do not write; bring back",
    ),
)


@pytest.fixture
def scene(sqlite_bank: TriedBank, tmp_path: Path) -> Scene:
    return Scene(sqlite_bank, tmp_path / "copies")


def start(scene: Scene) -> None:
    """What ``timebank serve`` does before it answers anybody."""
    with scene.opened() as bank:
        check_start(bank)


def test_the_book_of_the_scene_is_sound(scene: Scene) -> None:
    start(scene)


@pytest.mark.parametrize("row", ROWS, ids=[row.what.replace(" ", "_") for row in ROWS])
def test_what_would_fork_the_log_is_refused_and_nothing_is_signed(scene: Scene, row: Row) -> None:
    row.do(scene)
    files = files_of(scene)
    with pytest.raises(row.fault, match=row.says) as told:
        start(scene)
    assert files_of(scene) == files
    if row.fault is LogForked:
        assert "recover-a-server" in str(told.value)
        assert "服务启动不了怎么办" in told.value.in_chinese()
    assert f"`{told.value.code}`" in HOW_TO.read_text("utf-8")


def files_of(scene: Scene) -> dict[Path, bytes]:
    """Every file of the log."""
    return {path: path.read_bytes() for path in scene.log.rglob("*") if path.is_file()}


def test_a_database_that_is_set_back_under_a_running_server_stops_its_writer(scene: Scene) -> None:
    with scene.opened() as bank:
        scene.tried.bank = bank
        with bank.read() as connection:
            head = connection.execute(text("SELECT size, root, frontier FROM head")).one()
        scene.tried.people("V0003")
        scene.tried.behind(
            "DELETE FROM leaf WHERE leaf_index >= :size",
            "UPDATE head SET size = :size, root = :root, frontier = :frontier",
            **head._mapping,
        )
        with pytest.raises(LogForked, match=r"were signed, \d+ are left"):
            scene.tried.people("V0004")


def test_two_processes_on_one_database_write_one_history(scene: Scene) -> None:
    """They take turns and neither forks; what is to be feared is a second database."""
    with scene.opened() as left, scene.opened() as right:
        for number, bank in enumerate([left, right] * 3, 3):
            scene.tried.bank = bank
            scene.tried.people(f"V{number:04}")
            bank.publish()
        check_start(left)
        check_start(right)
    start(scene)


def test_a_public_log_that_was_set_back_is_extended_again(scene: Scene) -> None:
    """The database still has what was published, so no history can part from it."""
    newest = files_of(scene)
    shutil.rmtree(scene.log)
    shutil.copytree(scene.older / scene.log.relative_to(scene.data), scene.log)
    start(scene)
    with scene.opened() as bank:
        bank.publish()
    told = files_of(scene)
    assert all(told[path] == data for path, data in newest.items() if path.name != "checkpoint")


def test_a_publisher_writes_over_no_file_of_another_history(scene: Scene) -> None:
    """Where a second server was never restarted, it is the folder that stops it."""
    scene.other_server("V0003")
    before = files_of(scene)
    with scene.opened() as bank, pytest.raises(LogForked, match="does not extend"):
        bank.publish()
    assert files_of(scene) == before


MENDED = ("changed hash tile", "changed entry bundle", "public hash tile cut in half",
          "public bundle cut in half")  # fmt: skip
"""Rows of which the database still has what was signed."""


@pytest.mark.parametrize("row", ROWS, ids=[row.what.replace(" ", "_") for row in ROWS])
def test_a_rebuild_mends_tiles_and_nothing_that_would_fork_the_log(scene: Scene, row: Row) -> None:
    whole = files_of(scene)
    row.do(scene)
    files = files_of(scene)
    asked = ("doctor", "--rebuild-published", "--data", scene.data, "--json")
    refused = run(*asked, code=1, input="n\n")
    assert files_of(scene) == files
    if row.what not in MENDED:
        assert run(*asked, "--yes", code=1).exit_code == 1
        assert files_of(scene) == files
        return
    assert "not_confirmed" in refused.stdout
    run(*asked, "--yes")
    assert files_of(scene) == whole
    start(scene)


def test_a_rebuild_makes_lost_files_and_a_damaged_key_again(scene: Scene) -> None:
    whole = files_of(scene)
    for path in scene.log.glob("tile/**/*"):
        if path.is_file():
            path.unlink()
    scene.change("vkey", flipped)
    with scene.opened() as bank, pytest.raises(LogForked, match="published with other bytes"):
        bank.publish()
    run("doctor", "--rebuild-published", "--data", scene.data, "--yes")
    now = files_of(scene)
    assert {path: whole[path] for path in now} == now  # Earlier partial tiles need not come back.
    assert verify(scene.log).findings == ()
    start(scene)
