"""ledger/workers.py: other processes read what they are asked, and are not missed if they die."""

import subprocess
import sys
from contextlib import closing
from functools import cache

import pytest

from ledger import workers
from ledger.tiles import WIDTH, TileFolder
from ledger.verify_reading import BundleReader, first_look
from ledger.workers import Worker, readings
from tests.support.log_builder import LogBuilder

BUNDLES = 20
FEWEST = workers._FEW + 1


@cache
def long_log() -> LogBuilder:
    log = LogBuilder()
    issuance, wang = log.account("issuance", None), log.account("member")
    while log.size <= (BUNDLES - 1) * WIDTH:
        log.batch([[(issuance, wang, 5)]] * 200)
        log.fact()
    return log


def reader_of(folder, size: int | None = None) -> BundleReader:
    log = long_log()
    tiles = TileFolder(log.write_log(folder, size))
    size = size or log.size
    return BundleReader(tiles, size, first_look(tiles, size).keys)


def started(monkeypatch) -> list[Worker]:
    """Every worker from now on."""
    seen: list[Worker] = []

    class Seen(Worker):
        def __init__(self, reader: BundleReader) -> None:
            super().__init__(reader)
            seen.append(self)

    monkeypatch.setattr(workers, "Worker", Seen)
    return seen


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_every_bundle_comes_in_its_turn_whoever_reads_it(tmp_path, monkeypatch, cores):
    others, reader = started(monkeypatch), reader_of(tmp_path / "log")
    assert list(readings(reader, cores)) == [reader.read(n) for n in range(reader.bundles)]
    assert len(others) == cores - 1, "this process is one of them"
    assert all(one.child.returncode == 0 for one in others)


@pytest.mark.parametrize(("bundles", "count"), [(FEWEST - 1, 0), (FEWEST, 1), (FEWEST + 1, 1)])
def test_no_process_is_started_for_a_few_bundles(tmp_path, monkeypatch, bundles, count):
    others, reader = started(monkeypatch), reader_of(tmp_path / "log", bundles * WIDTH)
    assert len(list(readings(reader, 2))) == bundles
    assert len(others) == count


def test_a_process_reads_what_it_is_asked(tmp_path):
    reader = reader_of(tmp_path / "log")
    worker = Worker(reader)
    try:
        assert worker.hear() is None, "it says first that it has started"
        for number in (3, 0, 19):
            worker.ask(number)
        assert [worker.hear() for _ in range(3)] == [reader.read(n) for n in (3, 0, 19)]
        assert not worker.has_said()
    finally:
        worker.close()


@pytest.mark.parametrize("heard", [0, 1, 2])
def test_what_a_dead_process_leaves_undone_is_done_here(tmp_path, heard):
    reader = reader_of(tmp_path / "log")
    worker = Worker(reader)
    ahead = workers._Ahead(reader, [worker])
    worker.hear()
    taken = [ahead.take(number) for number in range(heard)]
    assert worker.asked or not heard
    worker.child.kill()
    worker.child.wait()
    taken += [ahead.take(number) for number in range(heard, reader.bundles)]
    assert taken == [reader.read(number) for number in range(reader.bundles)]
    assert worker.child.stdout is not None
    assert worker.child.stdout.closed


def test_where_no_process_can_be_started_all_is_read_here(tmp_path, monkeypatch):
    reader = reader_of(tmp_path / "log")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-such-program"))
    assert len(list(readings(reader, 2))) == reader.bundles


def test_processes_end_with_their_owner_and_are_silent(tmp_path):
    reader = reader_of(tmp_path / "log")
    program = (
        "from ledger.tiles import TileFolder; from ledger.workers import Worker, readings\n"
        "from ledger.verify_reading import BundleReader; from pathlib import Path\n"
        f"reader = BundleReader(TileFolder(Path({str(reader.tiles.folder)!r})), {reader.size})\n"
        "print('an unguarded module is not loaded again')\n"
        "worker = Worker(reader); worker.hear(); [worker.ask(n) for n in (0, 1, 2)]\n"
        "worker.close(); print(worker.child.returncode)\n"
        "worker = Worker(reader); worker.close(); print(worker.child.returncode)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert said.stdout.splitlines() == ["an unguarded module is not loaded again", "0", "0"]
    assert said.stderr == ""


def test_whoever_stops_early_leaves_no_process_behind(tmp_path, monkeypatch):
    others, reader = started(monkeypatch), reader_of(tmp_path / "log")
    with closing(readings(reader, 3)) as every:
        assert next(every) == reader.read(0)
        assert [one.child.poll() for one in others] == [None, None]
    assert all(one.child.returncode == 0 for one in others)
