"""ledger/publication.py: what is committed becomes public, by one process at a time."""

import hashlib
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from ledger.book import read_head
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.cosigners import Cosigner
from ledger.database import open_database, sqlite_url
from ledger.errors import BookNotFound, LogForked, StorageFault
from ledger.notes import parse_note
from ledger.publication import Publisher
from ledger.signatures import ML_DSA_44, unstamped
from ledger.sm2_signer import Sm2SigningKey
from ledger.trust_policy import parse_trust_policy
from ledger.verify import verify
from ledger.witnessing import Witnesses
from tests.support.books import ORIGIN, SECOND, Book, finds
from tests.support.witnesses import answer, cosigned, made_up_witness, our_witness
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
    publisher = Publisher(opened.database, folder, finds(opened.log_key))
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
    publisher = Publisher(opened.database, folder, finds(opened.log_key))
    publisher.publish_now()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = publisher.publish_now()

    assert again.old_size == again.new_size
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_public_checkpoint_bears_the_second_line_and_keeps_its_time(
    opened: Book, folder: Path
) -> None:
    seconds = [1_700_000_000]
    seed = hashlib.sha256(f"seed of cosigner {ORIGIN}".encode()).digest()
    second = Cosigner(ML_DSA_44, ORIGIN, seed, lambda: seconds[0])
    publisher = Publisher(opened.database, folder, finds(opened.log_key, second))
    publisher.publish_now()
    first = folder.joinpath("checkpoint").read_bytes()
    line = parse_note(first).lines_of(second.vkey)[0]
    assert unstamped(line.signature)[0] == 1_700_000_000
    assert folder.joinpath("vkey-mldsa").read_text("utf-8") == f"{second.vkey}\n"
    assert verify(folder, vkey=str(opened.log_key.vkey)).findings == ()
    assert public(opened, folder).size == read_head(opened.database).size

    seconds[0] += 60
    publisher.publish_now()
    assert folder.joinpath("checkpoint").read_bytes() == first
    opened.post(opened.writer(), POOL, ANNA, 1)
    publisher.publish_now()
    line = parse_note(folder.joinpath("checkpoint").read_bytes()).lines_of(second.vkey)[0]
    assert unstamped(line.signature)[0] == 1_700_000_060


@pytest.mark.parametrize("damage", ["no second line", "a false second line", "no first line"])
def test_a_line_that_lacks_or_is_false_is_made_again(
    opened: Book, folder: Path, damage: str
) -> None:
    Publisher(opened.database, folder, finds(opened.log_key, SECOND)).publish_now()
    file = folder / "checkpoint"
    note = parse_note(file.read_bytes())
    first, second = note.lines
    false = second._replace(signature=second.signature[:-1] + b"\0")
    lines = {"no second line": (first,), "a false second line": (first, false)}
    file.write_text(str(note._replace(lines=lines.get(damage, (second,)))), "utf-8")

    Publisher(opened.database, folder, finds(opened.log_key, SECOND)).publish_now()
    assert len(parse_note(file.read_bytes()).lines) == 2
    assert verify(folder, vkey=str(opened.log_key.vkey)).findings == ()


def test_an_sm2_key_appears_behind_the_first_public_checkpoint_with_its_line(
    opened: Book, folder: Path
) -> None:
    key = Sm2SigningKey.generate(ORIGIN)
    opened.enrol_cosigner(opened.writer(), key)
    with made_up_witness(lambda body: answer(503)) as (site, told):
        publisher = Publisher(
            opened.database, folder, finds(opened.log_key, SECOND, key),
            witnesses=policy_of(site.line() + "quorum w1\n"),
        )  # fmt: skip
        publisher.publish_now()
        assert not folder.joinpath("vkey-sm2").exists()
        told.say = lambda body: answer(200, cosigned(body, site.cosigner))
        publisher.publish_now()
    assert folder.joinpath("vkey-sm2").read_text("utf-8") == f"{key.vkey}\n"
    first = folder.joinpath("checkpoint").read_bytes()
    assert len(parse_note(first).lines_of(key.vkey)) == 1
    report = verify(folder, vkey=str(opened.log_key.vkey))
    assert (report.findings, report.not_checked) == ((), ())
    # Its signatures differ each time; those of an idle log stay as they are, also where the key
    # cannot be used.
    for held in ([SECOND, key], [SECOND]):
        Publisher(opened.database, folder, finds(opened.log_key, *held)).publish_now()
        assert folder.joinpath("checkpoint").read_bytes() == first


def test_without_a_second_key_the_log_is_published_with_one_line(
    opened: Book, folder: Path
) -> None:
    Publisher(opened.database, folder, finds(opened.log_key)).publish_now()
    assert len(parse_note(folder.joinpath("checkpoint").read_bytes()).lines) == 1
    assert not folder.joinpath("vkey-mldsa").exists()


def test_the_background_follows_the_writer_and_ends_with_everything_public(
    opened: Book, folder: Path
) -> None:
    publisher = Publisher(opened.database, folder, finds(opened.log_key), interval_ms=10)
    publisher.start()
    writer = opened.writer(on_commit=publisher.tell)
    for _ in range(20):
        opened.post(writer, POOL, ANNA, 1)
    publisher.stop()

    assert publisher.fault is None
    assert public(opened, folder).size == read_head(opened.database).size


def test_a_stopped_publisher_may_be_stopped_again(opened: Book, folder: Path) -> None:
    publisher = Publisher(opened.database, folder, finds(opened.log_key))
    publisher.stop()
    publisher.start()
    publisher.stop()
    publisher.stop()
    assert public(opened, folder).size == read_head(opened.database).size


def test_two_publishers_of_one_folder_take_turns(opened: Book, folder: Path) -> None:
    publishers = [
        Publisher(opened.database, folder, finds(opened.log_key), interval_ms=10) for _ in range(2)
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
    publisher = Publisher(opened.database, folder, finds(opened.log_key), lock_seconds=0)
    with (
        FileLock(folder.with_name(".log.publishing")),
        pytest.raises(StorageFault, match="another process"),
    ):
        publisher.publish_now()
    publisher.publish_now()


def test_a_file_that_differs_stops_publication_and_the_writer(opened: Book, folder: Path) -> None:
    Publisher(opened.database, folder, finds(opened.log_key)).publish_now()
    before = folder.joinpath("checkpoint").read_bytes()
    head = read_head(opened.database)
    tile = folder / "tile" / "0" / "000.p" / str(head.size + 1)
    tile.write_bytes(b"another past")
    halted = threading.Event()
    writer = opened.writer()

    def halt(fault: LogForked) -> None:
        writer.halt(fault)
        halted.set()

    publisher = Publisher(
        opened.database, folder, finds(opened.log_key), interval_ms=10, on_fork=halt
    )
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
    publisher = Publisher(opened.database, folder, finds(opened.log_key), interval_ms=10)
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
        Publisher(empty, tmp_path / "log", finds(sqlite_book.log_key)).publish_now()
    empty.dispose()


# Witnesses ----------------------------------------------------------------------------------


def policy_of(text: str, **bounds: timedelta) -> Witnesses:
    return Witnesses(parse_trust_policy(text.encode()), **bounds)


def test_a_witness_outage_keeps_the_last_public_checkpoint_and_nobody_from_posting(
    opened: Book, folder: Path
) -> None:
    with made_up_witness(lambda body: b"") as (site, told):
        told.say = lambda body: answer(200, cosigned(body, site.cosigner))
        publisher = Publisher(
            opened.database, folder, finds(opened.log_key, SECOND),
            witnesses=policy_of(site.line() + "quorum w1\n"),
        )  # fmt: skip
        publisher.publish_now()
        before = folder.joinpath("checkpoint").read_bytes()
        assert len(parse_note(before).lines) == 3
        publisher.publish_now()
        assert folder.joinpath("checkpoint").read_bytes() == before

        told.say = lambda body: answer(503)
        writer = opened.writer()
        for _ in range(300):
            writer.submit(opened.posting(POOL, ANNA, 1))
        opened.post(writer, POOL, ANNA, 1)
        told_of = publisher.publish_now()
        assert publisher.unwitnessed
        assert (told_of.old_size, told_of.new_size) == (public(opened, folder).size,) * 2
        assert folder.joinpath("checkpoint").read_bytes() == before
        assert verify(folder).findings == ()
        opened.post(writer, POOL, ANNA, 1)
        publisher.publish_now()

        told.say = lambda body: answer(200, cosigned(body, site.cosigner))
        publisher.publish_now()
        assert not publisher.unwitnessed
        assert public(opened, folder).size == read_head(opened.database).size
        assert verify(folder).findings == ()
        # Of the trees that were never public nothing is left but full tiles.
        assert not folder.joinpath("tile/0/000.p").exists()
        assert not folder.joinpath("tile/entries/000.p").exists()


def test_the_background_goes_on_asking_until_there_is_a_quorum(opened: Book, folder: Path) -> None:
    asked = threading.Event()
    with made_up_witness(lambda body: answer(500)) as (site, told):

        def say(body: bytes) -> bytes:
            if len(told.requests) < 3:
                return answer(500)
            asked.set()
            return answer(200, cosigned(body, site.cosigner))

        told.say = say
        publisher = Publisher(
            opened.database, folder, finds(opened.log_key), interval_ms=10,
            witnesses=policy_of(site.line() + "quorum w1\n"),
        )  # fmt: skip
        publisher.start()
        assert asked.wait(60)
        publisher.stop()
    assert publisher.fault is None
    assert not publisher.unwitnessed
    assert public(opened, folder).size == read_head(opened.database).size


def test_a_policy_that_comes_later_has_the_public_checkpoint_witnessed(
    opened: Book, folder: Path, tmp_path: Path
) -> None:
    Publisher(opened.database, folder, finds(opened.log_key)).publish_now()
    with our_witness(tmp_path / "w", opened.log_key.vkey) as site:
        witnesses = policy_of(site.line() + "quorum w1\n")
        Publisher(opened.database, folder, finds(opened.log_key), witnesses=witnesses).publish_now()
        note = parse_note(folder.joinpath("checkpoint").read_bytes())
        assert witnesses.policy.witnessed(note) == {"w1"}
        # Nor does a process without the policy take the lines away while the log is idle.
        Publisher(opened.database, folder, finds(opened.log_key)).publish_now()
        assert parse_note(folder.joinpath("checkpoint").read_bytes()) == note


def test_a_forking_witness_is_a_word_and_no_fault(opened: Book, folder: Path) -> None:
    with made_up_witness(lambda body: answer(422)) as (site, _told):
        witnesses = policy_of(site.line() + "quorum w1\n")
        publisher = Publisher(opened.database, folder, finds(opened.log_key), witnesses=witnesses)
        publisher.publish_now()
    assert publisher.unwitnessed
    assert [one.why for one in witnesses.standings()] == ["disagrees"]
    assert not folder.joinpath("checkpoint").exists()
