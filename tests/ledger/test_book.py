"""ledger/book.py: a book is founded once, and its first leaf names the keys it hangs on."""

import json
import threading

import pytest

from ledger.book import read_head
from ledger.database import open_database, sqlite_url
from ledger.errors import BookExists, BookNotFound
from ledger.keys import SigningKey
from ledger.leaf import Genesis
from ledger.leaf_parser import parse
from ledger.merkle import leaf_hash
from tests.support.books import ORIGIN, POLICY, SECOND, START_MS, found_book, root_keys
from tests.support.soundness import every_row, faults_of, leaves_of
from timebank.migrations.upgrade import upgrade


def test_a_new_book_is_one_leaf_that_names_its_keys(book):
    with book.database.read() as connection:
        (genesis,) = leaves_of(connection)
    head = read_head(book.database)

    roots = tuple(str(key.vkey) for key in root_keys())
    assert parse(genesis).body == Genesis(
        ORIGIN, str(book.log_key.vkey), str(book.operator_key.vkey), POLICY, roots, 2, None,
        (str(SECOND.vkey),),
    )  # fmt: skip
    assert (head.book, head.origin, head.size) == (json.loads(genesis)["id"], ORIGIN, 1)
    assert (head.entries, head.accounts, head.recorded_ms) == (0, 0, START_MS)
    assert head.root == leaf_hash(genesis)
    assert faults_of(book.database) == []


def test_a_book_is_founded_only_once(book):
    before = every_row(book.database)
    with pytest.raises(BookExists):
        found_book(
            book.database,
            log_signer=SigningKey.generate(ORIGIN),
            operator_signer=book.operator_key,
            recorded_ms=START_MS + 1,
        )
    assert every_row(book.database) == before


@pytest.fixture
def empty(tmp_path):
    database = open_database(sqlite_url(tmp_path / "empty.sqlite3"))
    upgrade(database)
    yield database
    database.dispose()


def test_empty_tables_hold_no_book(empty):
    with pytest.raises(BookNotFound):
        read_head(empty)


def found_at_once(database, founders):
    """Let several threads found a book in the same tables; answers what became of each."""
    became, start = [], threading.Barrier(founders)

    def found():
        start.wait()
        try:
            became.append(
                found_book(
                    database,
                    log_signer=SigningKey.generate(ORIGIN),
                    operator_signer=SigningKey.generate(f"{ORIGIN}/op"),
                    recorded_ms=START_MS,
                )
            )
        except BookExists as error:
            became.append(error)

    threads = [threading.Thread(target=found) for _ in range(founders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return became


def test_of_several_founders_at_once_one_wins_on_sqlite(empty):
    became = found_at_once(empty, 4)

    assert [type(one) for one in became].count(str) == 1
    assert faults_of(empty) == []


@pytest.mark.postgres
def test_of_several_founders_at_once_one_wins_on_postgresql(postgres_database):
    owner = open_database(postgres_database.owner_url)
    upgrade(owner, service_role=postgres_database.service_role)
    became = found_at_once(owner, 4)

    assert [type(one) for one in became].count(str) == 1
    assert len(became) == 4
    assert faults_of(owner) == []
    owner.dispose()


def test_a_name_that_no_leaf_can_hold_founds_nothing(empty):
    with pytest.raises(ValueError, match="cannot be the name"):
        found_book(
            empty,
            log_signer=SigningKey.generate(ORIGIN),
            operator_signer=SigningKey.generate("幸福里/op"),
            recorded_ms=START_MS,
        )
    with pytest.raises(BookNotFound):
        read_head(empty)
