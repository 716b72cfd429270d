"""ledger/writer.py: what is acknowledged is stored, and one refusal leaves its neighbours alone."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, make_url, text

from ledger.balances import balance_of, recompute
from ledger.book import read_head
from ledger.database import open_database, sqlite_url
from ledger.draft import Action, Draft
from ledger.errors import BookNotFound, FloorExceeded, KeyReused, LogForked, StorageFault
from ledger.merkle import Frontier
from ledger.writer import Decided, Writer
from tests.support.books import POLICY, Book
from tests.support.soundness import assert_sound
from timebank.migrations.upgrade import upgrade

POOL, ANNA, BERTA = "acct_pool", "acct_anna", "acct_berta"


def posted(book: Book, account: str) -> int:
    with book.database.read() as connection:
        found = balance_of(connection, account)
        assert found is not None
        for line in recompute(connection):
            assert (line.posted, line.held) == (line.journal_posted, line.journal_held)
        return found.posted


@pytest.fixture
def opened(book: Book) -> Book:
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, 100)})
    writer.close()
    return book


def test_an_acknowledged_entry_moves_both_balances(opened: Book) -> None:
    writer = opened.writer()
    decided = opened.post(writer, POOL, ANNA, 45)

    assert (posted(opened, ANNA), posted(opened, POOL)) == (45, -45)
    head = read_head(opened.database)
    assert (head.entries, head.size) == (1, decided.leaf_index + 1)
    assert decided.checkpoint.splitlines()[1] == str(head.size)


def test_the_same_key_gives_the_same_bytes_and_other_content_is_refused(opened: Book) -> None:
    writer = opened.writer()
    first = opened.post(writer, POOL, ANNA, 45, key="once")
    again = opened.post(opened.writer(), POOL, ANNA, 45, key="once")

    assert (again.answer, again.leaf_index, again.replayed) == (*first[:2], True)
    with pytest.raises(KeyReused):
        opened.post(writer, POOL, ANNA, 46, key="once")
    assert posted(opened, ANNA) == 45


def test_a_refusal_is_remembered_and_leaves_a_leaf(opened: Book) -> None:
    writer = opened.writer()
    with pytest.raises(FloorExceeded):
        opened.post(writer, ANNA, BERTA, 1, key="poor")
    size = read_head(opened.database).size
    opened.post(writer, POOL, ANNA, 45)
    with pytest.raises(FloorExceeded) as again:
        opened.post(writer, ANNA, BERTA, 1, key="poor")

    assert again.value.facts == {"account": ANNA, "available": 0, "minutes": 1}
    assert read_head(opened.database).size == size + 1


def test_one_refusal_in_a_group_leaves_its_neighbours_alone(opened: Book) -> None:
    writer = opened.writer()
    futures = [writer.submit(opened.posting(POOL, BERTA, minutes)) for minutes in (60, 41, 40, 1)]
    refused = [future.exception() is not None for future in futures]

    assert refused == [False, True, False, True]
    assert posted(opened, BERTA) == 100


def stating(book: Book, identifier: str, **settings: Any) -> Action:
    def decide(draft: Draft) -> dict[str, Any]:
        draft.state(identifier, {})
        return {}

    return book.action(decide, **settings)


def opening(book: Book, account: str, kind: str = "member", **settings: Any) -> Action:
    def decide(draft: Draft) -> dict[str, Any]:
        draft.open_account(account, kind, floor=0, ceiling=None, facts={})
        return {}

    return book.action(decide, **settings)


def companion(book: Book, statement: str) -> Action:
    def decide(draft: Draft) -> dict[str, Any]:
        draft.state("rec_spoilt", {})
        draft.add(text(statement))
        return {}

    return book.action(decide)


def as_one_group(
    writer: Writer, actions: list[Action], meanwhile: Callable[[], object] = lambda: None
) -> list[Decided | BaseException]:
    """Queue actions behind one that waits, so that they form a group; answers what became."""
    begun, free = threading.Event(), threading.Event()

    def wait(draft: Draft) -> dict[str, Any]:
        begun.set()
        assert free.wait(60)
        return {}

    first = writer.submit(Action(kind="housekeeping", decide=wait))
    assert begun.wait(60)
    meanwhile()
    futures = [writer.submit(action) for action in actions]
    free.set()
    first.exception()
    return [future.exception() or future.result() for future in futures]


SPOILERS = {
    "a unique key": f"INSERT INTO policy (book_id, version, leaf_index) VALUES (1, '{POLICY}', 1)",
    "an unknown table": "INSERT INTO nowhere (x) VALUES (1)",
    "a check": "UPDATE balance SET held = -1",
    "a trigger": "DELETE FROM leaf",
}


@pytest.mark.parametrize("statement", SPOILERS.values(), ids=SPOILERS)
def test_what_the_database_refuses_fails_alone_and_spares_its_group(
    opened: Book, statement: str
) -> None:
    actions = [opened.posting(POOL, ANNA, minutes) for minutes in range(1, 11)]
    actions[5] = companion(opened, statement)
    became = as_one_group(opened.writer(), actions)

    faults = [one for one in became if isinstance(one, BaseException)]
    assert [type(fault) for fault in faults] == [StorageFault]
    assert became[5] is faults[0]
    assert posted(opened, ANNA) == 55 - 6
    assert_sound(opened.database, opened.log_key)


def test_a_key_that_cannot_even_be_looked_up_fails_alone(opened: Book) -> None:
    actions = [opened.posting(POOL, ANNA, 1), opened.posting(POOL, ANNA, 2, key="\ud800")]
    first, second = as_one_group(opened.writer(), actions)

    assert isinstance(first, Decided)
    assert isinstance(second, Exception)
    assert posted(opened, ANNA) == 1


def test_text_that_only_copy_refuses_is_a_fault_of_storage(postgres_book: Book) -> None:
    writer = postgres_book.writer()
    postgres_book.open_accounts(writer, {POOL: (None, None)})
    book = postgres_book
    actions = [stating(book, f"rec_{n}", submitter="a\0b" if n == 7 else "a") for n in range(12)]
    became = as_one_group(writer, actions)

    assert [place for place, one in enumerate(became) if isinstance(one, BaseException)] == [7]
    assert isinstance(became[7], StorageFault)


def test_a_listener_that_breaks_is_reported_and_stops_nothing(opened: Book) -> None:
    heard: list[int] = []

    def listen(size: int) -> None:
        heard.append(size)
        raise ZeroDivisionError

    writer = opened.writer(on_commit=listen)
    told: list[type[BaseException] | None] = []
    before = threading.excepthook
    threading.excepthook = lambda report: told.append(report.exc_type)
    try:
        opened.post(writer, POOL, ANNA, 1)
        opened.post(writer, POOL, ANNA, 1)
        writer.close()
    finally:
        threading.excepthook = before
    assert told == [ZeroDivisionError] * 2
    assert heard == sorted(heard)
    assert heard[-1] == read_head(opened.database).size


def test_a_closed_writer_finishes_its_queue_and_takes_no_more(opened: Book) -> None:
    writer = opened.writer()
    futures = [writer.submit(opened.posting(POOL, ANNA, 1)) for _ in range(20)]
    writer.close()
    writer.close()

    assert all(future.done() for future in futures)
    assert posted(opened, ANNA) == 20
    with pytest.raises(StorageFault):
        opened.post(writer, POOL, ANNA, 1)


def test_groups_are_never_larger_than_allowed(opened: Book) -> None:
    actions = [opened.posting(POOL, ANNA, 1) for _ in range(7)]
    became = as_one_group(opened.writer(most_in_group=3), actions)

    sizes = [int(one.checkpoint.splitlines()[1]) for one in became if isinstance(one, Decided)]
    first = sizes[0]
    assert sizes == [first] * 3 + [first + 3] * 3 + [first + 4]


def test_a_caller_who_gives_up_before_the_group_is_never_decided(opened: Book) -> None:
    writer, free = opened.writer(), threading.Event()

    def wait(draft: Draft) -> dict[str, Any]:
        assert free.wait(60)
        return {}

    writer.submit(Action(kind="housekeeping", decide=wait))
    given_up = writer.submit(opened.posting(POOL, ANNA, 1))
    assert given_up.cancel()
    free.set()
    opened.post(writer, POOL, ANNA, 2)
    assert posted(opened, ANNA) == 2


def test_another_root_over_what_was_signed_stops_the_writer(opened: Book) -> None:
    """A backup that was restored under a running writer and grew on: same size, other leaves."""
    writer = opened.writer()
    opened.post(writer, POOL, ANNA, 1)
    owner = open_database(opened.owner_url)
    with owner.writing.connect() as connection, connection.begin():
        if opened.database.is_sqlite:
            connection.execute(text("DROP TRIGGER head_forward"))
        else:
            connection.execute(text("ALTER TABLE head DISABLE TRIGGER head_forward"))
        head = connection.execute(text("SELECT size, frontier FROM head")).one()
        hashes = [bytes([n]) * 32 for n in range(head.size)]
        other = Frontier().append(hashes)
        connection.execute(
            text("UPDATE head SET root = :root, frontier = :frontier"),
            {"root": other.root(), "frontier": other.to_bytes()},
        )
    owner.dispose()

    with pytest.raises(LogForked):
        opened.post(writer, POOL, ANNA, 1)
    assert read_head(opened.database).size == head.size


def test_a_book_that_is_not_there_is_a_fault_of_every_item(opened: Book, tmp_path: Path) -> None:
    empty = open_database(sqlite_url(tmp_path / "empty.sqlite3"))
    upgrade(empty)
    writer = Writer(empty, log_signer=opened.log_key, signers={}, now_ms=lambda: opened.now_ms)
    futures = [writer.submit(opened.posting(POOL, ANNA, 1)) for _ in range(3)]
    writer.close()
    empty.dispose()

    assert [type(future.exception()) for future in futures] == [BookNotFound] * 3


@pytest.mark.postgres
def test_an_outage_fails_a_group_at_once_and_the_next_try_succeeds(
    postgres_book: Book, migrated: Any
) -> None:
    book, writer = postgres_book, postgres_book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None)})
    role, tries = make_url(book.database.url).username, []
    event.listen(book.database.writing, "do_connect", lambda *_: tries.append(1))
    actions = [book.posting(POOL, ANNA, 1) for _ in range(10)]

    def cut(server: Any) -> None:
        server.execute(f'ALTER ROLE "{role}" NOLOGIN'.encode())
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role,)
        )

    with migrated.server.connect() as server:
        became = as_one_group(writer, actions, lambda: cut(server))
        server.execute(f'ALTER ROLE "{role}" LOGIN'.encode())
    assert [type(one) for one in became] == [StorageFault] * 10
    assert len(tries) <= 3  # For the group, and for two of its items.
    for action in actions:
        assert not writer.write(action).replayed
    assert posted(book, ANNA) == 10
