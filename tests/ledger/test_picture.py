"""ledger/picture.py: what a writer remembers holds only while nobody else wrote."""

import pytest
from sqlalchemy import text

from ledger.book import read_head
from ledger.database import open_database
from ledger.errors import FloorExceeded
from ledger.ids import is_id
from ledger.picture import GroupView, Picture
from ledger.store import Store
from tests.support.books import START_MS
from tests.support.soundness import assert_sound

POOL, ANNA, BERTA = "acct_pool", "acct_anna", "acct_berta"


@pytest.fixture
def opened(book):
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, None)})
    writer.close()
    yield book
    for left in book.writers:
        left.close()
    assert_sound(book.database, book.log_key)


def test_a_second_writer_makes_the_first_one_look_again(opened):
    first, second = opened.writer(), opened.writer()
    opened.post(first, POOL, ANNA, 60)
    opened.post(second, ANNA, BERTA, 60)  # Behind the back of the first one's picture.

    with pytest.raises(FloorExceeded) as refused:
        opened.post(first, ANNA, BERTA, 1)
    assert refused.value.facts["available"] == 0
    opened.post(first, BERTA, ANNA, 60)
    opened.post(second, ANNA, BERTA, 60)


def test_writers_take_turns_in_numbers_leaves_and_the_sequence_of_their_key(opened):
    writers = [opened.writer(), opened.writer(), opened.writer()]
    start = read_head(opened.database).size
    leaves = [opened.post(writers[turn % 3], POOL, ANNA, 1).leaf_index for turn in range(12)]

    assert leaves == list(range(start, start + 12))


def test_a_policy_of_one_writer_is_known_to_the_other(opened):
    first, second = opened.writer(), opened.writer()
    opened.post(first, POOL, ANNA, 1)

    def adopt(draft):
        draft.adopt_policy("plain-2027", {})
        return {}

    second.write(opened.action(adopt))

    def known(draft):
        return {"known": sorted(draft.view.policies)}

    answer = first.write(opened.action(known, rehearsal=True)).answer
    assert answer == b'{"known":["plain-2026","plain-2027"]}'


def picture_of(book):
    picture = Picture()
    with book.database.writing.connect() as connection, connection.begin():
        store = Store(connection)
        head = store.lock_head()
        picture.renew(store, head)
    return picture, head


def test_a_picture_is_true_for_one_size_and_root_only(opened):
    picture, head = picture_of(opened)
    assert picture.is_true_for(head)
    head.size += 1
    assert not picture.is_true_for(head)
    head.size -= 1
    head.root = bytes(32)
    assert not picture.is_true_for(head)


def test_a_forgotten_picture_is_true_for_nothing(opened):
    picture, head = picture_of(opened)
    picture.forget()
    assert not picture.is_true_for(head)


def test_a_picture_of_too_many_accounts_starts_afresh(opened, monkeypatch):
    monkeypatch.setattr("ledger.picture.MOST_ACCOUNTS_KEPT", 1)
    writer = opened.writer()
    for minutes in (1, 2, 3):
        opened.post(writer, POOL, ANNA, minutes)
    with opened.database.read() as connection:
        assert connection.execute(text("SELECT max(posted) FROM balance")).scalar_one() == 6


def test_ids_of_a_group_ascend_and_never_outgrow_their_shape(sqlite_book):
    database = open_database(sqlite_book.owner_url)
    with database.writing.connect() as connection, connection.begin():
        store = Store(connection)
        head = store.lock_head()
        views = [GroupView(store, Picture(), head, START_MS, flush=lambda: None) for _ in range(2)]
        made = [views[0].new_id("entry") for _ in range(3)]
        views[0]._ids = 2**20 - 2  # A thousand batches of a thousand rows, an id or more a row.
        made += [views[0].new_id("entry") for _ in range(4)]
        other = views[1].new_id("entry")
    database.dispose()

    assert all(is_id(one, "entry") for one in made)
    assert made == sorted(set(made))
    assert other not in made
