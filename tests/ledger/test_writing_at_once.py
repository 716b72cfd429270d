"""ledger/writer.py: who finds nobody writing writes at once, in the caller's own thread."""

import threading
from typing import Any

import pytest

from ledger.balances import balance_of, recompute
from ledger.book import read_head
from ledger.draft import Action, Draft
from ledger.errors import LogForked
from ledger.writer import Writer
from tests.support.books import Book

POOL, ANNA = "acct_pool", "acct_anna"


@pytest.fixture
def writer(book: Book) -> Writer:
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None)})
    return writer


def posted(book: Book) -> int:
    with book.database.read() as connection:
        assert all(one.posted == one.journal_posted for one in recompute(connection))
        found = balance_of(connection, ANNA)
    assert found is not None
    return found.posted


def noting(threads: list[str]) -> Action:
    def decide(draft: Draft) -> dict[str, Any]:
        threads.append(threading.current_thread().name)
        return {}

    return Action(kind="housekeeping", decide=decide)


def test_a_single_caller_changes_no_thread(writer: Writer) -> None:
    threads: list[str] = []
    writer.write(noting(threads))
    writer.submit(noting(threads)).result()
    assert threads == [threading.current_thread().name, "ledger-writer"]


def test_nobody_overtakes_those_who_wait(writer: Writer) -> None:
    begun, free = threading.Event(), threading.Event()
    order: list[str] = []

    def wait(draft: Draft) -> dict[str, Any]:
        begun.set()
        assert free.wait(60)
        return {}

    first = writer.submit(Action(kind="housekeeping", decide=wait))
    assert begun.wait(60)
    waiting = [writer.submit(noting(order)) for _ in range(3)]
    late = threading.Thread(target=lambda: writer.write(noting(order)))
    late.start()
    free.set()
    late.join()
    assert first.done()
    assert [one.done() for one in waiting] == [True] * 3
    assert order == ["ledger-writer"] * 4


def test_many_callers_and_a_queue_lose_nothing(book: Book, writer: Writer) -> None:
    def post() -> None:
        for _ in range(10):
            book.post(writer, POOL, ANNA, 1)

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    queued = [writer.submit(book.posting(POOL, ANNA, 1)) for _ in range(20)]
    for thread in threads:
        thread.join()
    assert len({one.result().leaf_index for one in queued}) == 20
    assert posted(book) == 80


def test_an_interrupt_in_the_callers_thread_leaves_nothing_behind(
    book: Book, writer: Writer
) -> None:
    book.post(writer, POOL, ANNA, 5)
    action = book.posting(POOL, ANNA, 7)

    def decide(draft: Draft) -> dict[str, Any]:
        action.decide(draft)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        writer.write(book.action(decide))
    assert posted(book) == 5
    book.post(writer, POOL, ANNA, 1)
    assert posted(book) == 6


def test_a_halted_writer_answers_everybody_with_the_fault(book: Book, writer: Writer) -> None:
    size = read_head(book.database).size
    writer.halt(LogForked("planted"))
    with pytest.raises(LogForked, match="planted"):
        book.post(writer, POOL, ANNA, 1)
    assert isinstance(writer.submit(book.posting(POOL, ANNA, 1)).exception(), LogForked)
    assert read_head(book.database).size == size
