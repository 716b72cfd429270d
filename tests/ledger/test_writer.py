"""ledger/writer.py: what is acknowledged is stored, and one refusal leaves its neighbours alone."""

import pytest

from ledger.balances import balance_of, recompute
from ledger.book import read_head
from ledger.errors import FloorExceeded, KeyReused
from tests.support.books import Book

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
