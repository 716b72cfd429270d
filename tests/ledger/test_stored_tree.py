"""ledger/stored_tree.py: a proof of any leaf, published or not, and none that would not verify."""

import shutil

import pytest
from sqlalchemy import event

from ledger.book import read_head
from ledger.checkpoint import Checkpoint
from ledger.errors import LogForked
from ledger.merkle import leaf_hash
from ledger.proofs import verify_inclusion
from ledger.publication import Publisher
from ledger.stored_tree import StoredTree
from tests.support.books import finds

POOL, ANNA = "acct_pool", "acct_anna"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "log"


@pytest.fixture
def opened(book):
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None)})
    return book


def grow(book, entries):
    writer = book.writers[-1]
    for future in [writer.submit(book.posting(POOL, ANNA, 1)) for _entry in range(entries)]:
        future.result()


def publish(book, folder):
    Publisher(book.database, folder, finds(book.log_key)).publish_now()


def head_of(book):
    head = read_head(book.database)
    return Checkpoint(head.origin, head.size, head.root)


def check(book, tree, head, indexes):
    with book.database.read() as connection:
        for index in indexes:
            leaf, proof = tree.prove(connection, index, head)
            assert verify_inclusion(index, head.size, leaf_hash(leaf), proof, head.root)
            assert b'"n":%d,' % index in leaf


@pytest.mark.parametrize("public", ["nothing", "a part", "all"])
def test_every_leaf_is_proven_however_much_is_public(opened, folder, public):
    grow(opened, 300)
    if public == "a part":
        publish(opened, folder)
    grow(opened, 300)
    if public == "all":
        publish(opened, folder)
    head, tree = head_of(opened), StoredTree(folder)

    check(opened, tree, head, {0, 1, 255, 256, 257, 300, 511, 512, head.size - 1})


def test_an_older_checkpoint_has_its_own_proofs(opened, folder):
    grow(opened, 20)
    early = head_of(opened)
    publish(opened, folder)
    grow(opened, 600)

    check(opened, StoredTree(folder), early, range(early.size))
    with opened.database.read() as connection, pytest.raises(ValueError, match="no leaf"):
        StoredTree(folder).prove(connection, early.size, early)


def test_few_leaves_are_read_however_long_the_log(opened, folder):
    grow(opened, 1_500)
    publish(opened, folder)
    grow(opened, 10)
    head, tree = head_of(opened), StoredTree(folder)
    asked = leaves_asked_for(opened)

    check(opened, tree, head, [700])
    assert sum(asked) <= 1 + 2 * 256


def test_what_waits_for_publication_is_hashed_once(opened, folder):
    grow(opened, 1_500)
    head, tree = head_of(opened), StoredTree(folder)
    check(opened, tree, head, [3, 700])  # Each leaves out the 256 leaves of its own.
    asked = leaves_asked_for(opened)

    check(opened, tree, head, [900])
    assert sum(asked) <= 1 + 2 * 256


def leaves_asked_for(book):
    """Counts, from now on, the leaves that each reading statement asks for."""
    asked = []

    def count(_connection, _cursor, sql, parameters, _context, _many):
        if "FROM leaf" in sql:
            values = list(parameters.values() if isinstance(parameters, dict) else parameters)
            asked.append(values[1] - values[0])

    event.listen(book.database.reading, "before_cursor_execute", count)
    return asked


@pytest.mark.parametrize("damage", ["tiles gone", "tile changed", "checkpoint gone", "nonsense"])
def test_damaged_tiles_cost_time_and_nothing_else(opened, folder, damage):
    grow(opened, 600)
    publish(opened, folder)
    tile = folder / "tile" / "0" / "001"
    if damage == "tiles gone":
        shutil.rmtree(folder / "tile")
    elif damage == "tile changed":
        tile.write_bytes(bytes(len(tile.read_bytes())))
    elif damage == "checkpoint gone":
        folder.joinpath("checkpoint").unlink()
    else:
        folder.joinpath("checkpoint").write_text("nonsense", "utf-8")
    head = head_of(opened)

    check(opened, StoredTree(folder), head, [0, 300, head.size - 1])


def test_another_root_gets_no_proof(opened, folder):
    grow(opened, 10)
    head = head_of(opened)
    forged = Checkpoint(head.origin, head.size, bytes(32))

    with opened.database.read() as connection, pytest.raises(LogForked, match="not under"):
        StoredTree(folder).prove(connection, 3, forged)


def test_a_tree_beyond_the_stored_leaves_gets_no_proof(opened, folder):
    head = head_of(opened)
    beyond = Checkpoint(head.origin, head.size + 300, head.root)

    with opened.database.read() as connection, pytest.raises(LogForked, match="not under"):
        StoredTree(folder).prove(connection, head.size + 299, beyond)
