"""ledger/publication.py: what is committed becomes public, by one process at a time."""

import threading
from pathlib import Path

import pytest
from filelock import FileLock

from ledger.book import read_head
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.database import open_database, sqlite_url
from ledger.errors import BookNotFound, LogForked, StorageFault
from ledger.publication import Publisher
from ledger.verify import verify
from tests.support.books import Book
from timebank.migrations.upgrade import upgrade

POOL, ANNA = "acct_pool", "acct_anna"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def opened(book: Book) -> Book:
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None)})
    writer.close()
    return book


def public(book: Book, folder: Path) -> Checkpoint:
    return open_checkpoint(folder.joinpath("checkpoint").read_bytes(), [book.log_key.vkey])


def test_what_is_committed_is_public_and_verifies(opened: Book, folder: Path) -> None:
    publisher = Publisher(opened.database, folder, opened.log_key)
    first = publisher.publish_now()
    writer = opened.writer()
    for _ in range(300):
        writer.submit(opened.posting(POOL, ANNA, 1))
    writer.close()
    second = publisher.publish_now()

    head = read_head(opened.database)
    assert (first.old_size, first.new_size, second.new_size) == (0, second.old_size, head.size)
    assert (public(opened, folder).size, public(opened, folder).root) == (head.size, head.root)
    report = verify(folder, vkey=str(opened.log_key.vkey))
    assert report.findings == ()
    assert report.entries == 300


def test_nothing_new_writes_no_tile(opened: Book, folder: Path) -> None:
    publisher = Publisher(opened.database, folder, opened.log_key)
    publisher.publish_now()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = publisher.publish_now()

    assert again.old_size == again.new_size
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_background_follows_the_writer_and_ends_with_everything_public(
    opened: Book, folder: Path
) -> None:
    publisher = Publisher(opened.database, folder, opened.log_key, interval_ms=10)
    publisher.start()
    writer = opened.writer(on_commit=publisher.tell)
    for _ in range(20):
        opened.post(writer, POOL, ANNA, 1)
    publisher.stop()

    assert publisher.fault is None
    assert public(opened, folder).size == read_head(opened.database).size


def test_a_stopped_publisher_may_be_stopped_again(opened: Book, folder: Path) -> None:
    publisher = Publisher(opened.database, folder, opened.log_key)
    publisher.stop()
    publisher.start()
    publisher.stop()
    publisher.stop()
    assert public(opened, folder).size == read_head(opened.database).size


def test_two_publishers_of_one_folder_take_turns(opened: Book, folder: Path) -> None:
    publishers = [
        Publisher(opened.database, folder, opened.log_key, interval_ms=10) for _ in range(2)
    ]
    writers = [opened.writer(on_commit=publisher.tell) for publisher in publishers]
    for publisher in publishers:
        publisher.start()
    threads = [
        threading.Thread(target=lambda w=writer: [opened.post(w, POOL, ANNA, 1) for _ in range(9)])
        for writer in writers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for publisher in publishers:
        publisher.stop()

    assert [publisher.fault for publisher in publishers] == [None, None]
    assert public(opened, folder).size == read_head(opened.database).size
    assert verify(folder).findings == ()


def test_who_finds_the_folder_taken_too_long_gives_up(opened: Book, folder: Path) -> None:
    folder.mkdir()
    publisher = Publisher(opened.database, folder, opened.log_key, lock_seconds=0)
    with (
        FileLock(folder.with_name(".log.publishing")),
        pytest.raises(StorageFault, match="another process"),
    ):
        publisher.publish_now()
    publisher.publish_now()


def test_a_file_that_differs_stops_publication_and_the_writer(opened: Book, folder: Path) -> None:
    Publisher(opened.database, folder, opened.log_key).publish_now()
    before = folder.joinpath("checkpoint").read_bytes()
    head = read_head(opened.database)
    tile = folder / "tile" / "0" / "000.p" / str(head.size + 1)
    tile.write_bytes(b"another past")
    halted = threading.Event()
    writer = opened.writer()

    def halt(fault: LogForked) -> None:
        writer.halt(fault)
        halted.set()

    publisher = Publisher(opened.database, folder, opened.log_key, interval_ms=10, on_fork=halt)
    opened.post(writer, POOL, ANNA, 1)
    publisher.start()
    assert halted.wait(60)
    publisher.stop()

    assert isinstance(publisher.fault, LogForked)
    assert folder.joinpath("checkpoint").read_bytes() == before
    with pytest.raises(LogForked):
        opened.post(writer, POOL, ANNA, 1)
    assert read_head(opened.database).size == head.size + 1


def test_a_disk_that_comes_back_is_written_to_again(opened: Book, folder: Path) -> None:
    folder.mkdir()
    blocked = folder / "tile"
    blocked.write_bytes(b"a file where a folder must be")
    publisher = Publisher(opened.database, folder, opened.log_key, interval_ms=10)
    with pytest.raises(StorageFault):
        publisher.publish_now()
    blocked.unlink()
    publisher.start()
    publisher.stop()
    assert publisher.fault is None
    assert public(opened, folder).size == read_head(opened.database).size


def test_tables_without_a_book_have_nothing_to_publish(sqlite_book: Book, tmp_path: Path) -> None:
    empty = open_database(sqlite_url(tmp_path / "empty.sqlite3"))
    upgrade(empty)
    with pytest.raises(BookNotFound):
        Publisher(empty, tmp_path / "log", sqlite_book.log_key).publish_now()
    empty.dispose()
