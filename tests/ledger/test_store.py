"""ledger/store.py: few or many rows, one or many keys, the same rows on both databases."""

import pytest
from sqlalchemy import text

from ledger.holds import Hold, HoldState
from ledger.journal import JournalEntry, Movement
from ledger.store import COLUMNS, Remembered, Store
from ledger.tables import LEDGER_TABLES
from tests.ledger.attacks.attacker import fill
from tests.support.books import POLICY, START_MS, TODAY
from timebank.tables import METADATA

POOL, ANNA, BERTA = "acct_pool", "acct_anna", "acct_berta"


@pytest.fixture
def filled(book):
    book.ids = fill(book)
    return book


@pytest.fixture
def store(filled):
    with filled.database.writing.connect() as connection:
        transaction = connection.begin()
        yield Store(connection)
        transaction.rollback()


def test_rows_are_handed_over_in_the_order_of_the_tables_columns():
    for table, names in COLUMNS.items():
        assert table in LEDGER_TABLES
        assert sorted(names) == sorted(METADATA.tables[table].columns.keys())


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 49, 50, 51, 100, 1001])
def test_any_number_of_rows_is_stored_whole_and_in_order(store, count):
    rows = [(1, 900 + n, bytes([n % 256]) * 3) for n in range(count)]
    store.append("leaf", rows)
    found = store.connection.execute(
        text("SELECT book_id, leaf_index, body FROM leaf WHERE leaf_index >= 900 ORDER BY 2")
    )
    assert [(book, index, bytes(body)) for book, index, body in found] == rows


@pytest.mark.parametrize("count", [1, 8])
def test_absent_limits_and_awkward_text_survive_every_way_in(store, count):
    kinds = ["a\tb", "a\\nb", "\\N", "", "%s ? %", "护理", "'; DROP TABLE leaf; --", '{"a"}']
    rows = [
        (1, 50 + n, f"acct_{n}", kinds[n], None if n % 2 else -5, None if n % 3 else 2**53 - 1, n)
        for n in range(count)
    ]
    store.append("account", rows)
    found = store.connection.execute(
        text("SELECT * FROM account WHERE account_no >= 50 ORDER BY account_no")
    )
    assert [tuple(row) for row in found] == rows


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_accounts_that_exist_among_those_asked_for(store, count):
    asked = [POOL, ANNA, BERTA][:count]
    found = store.accounts([*asked, "acct_none", "acct_'x", "", "acct_anna%"])

    assert {state.account_id for state in found} == set(asked)
    if count > 1:
        (anna,) = (state for state in found if state.account_id == ANNA)
        assert (anna.number, anna.kind, anna.floor, anna.ceiling) == (2, "member", 0, None)
        assert (anna.posted, anna.held) == (anna.stored_posted, anna.stored_held) == (75, 30)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_balances_are_added_to_never_set(store, count):
    changes = [(-7, 0, 1), (5, 2, 2), (2, 0, 3)][:count]
    before = dict(store.connection.execute(text("SELECT account_no, posted FROM balance")).all())
    store.add_to_balances(changes)
    after = dict(store.connection.execute(text("SELECT account_no, posted FROM balance")).all())

    assert {no: after[no] - before[no] for no in after if after[no] != before[no]} == {
        no: posted for posted, _, no in changes
    }


def test_the_database_refuses_a_sum_beyond_the_limits(store):
    driver = store.connection.dialect.loaded_dbapi
    with pytest.raises(driver.IntegrityError):
        store.add_to_balances([(-76, -30, 2)])


@pytest.mark.parametrize("others", [0, 1, 300])
def test_remembered_keys_are_found_by_submitter_and_key_together(store, others):
    noise = [(f"tester{n}", "adopt-policy") for n in range(others)]
    found = store.remembered([("tester", "adopt-policy"), ("tester", "key-none"), *noise])

    assert set(found) == {("tester", "adopt-policy")}
    known = found["tester", "adopt-policy"]
    assert (known.refused, known.answer, known.leaf_index) == (False, b"{}", 1)
    assert isinstance(known, Remembered)
    assert store.remembered([]) == {}


@pytest.mark.parametrize(
    ("name", "minutes", "state"),
    [
        ("open", 30, HoldState.PLACED),
        ("paid", 20, HoldState.SETTLED),
        ("freed", 10, HoldState.RELEASED),
    ],
)
def test_a_hold_comes_back_in_its_present_state(store, filled, name, minutes, state):
    hold_id = filled.ids[name]
    assert store.hold(hold_id) == Hold(hold_id, ANNA, BERTA, minutes, START_MS + 60_000, state)
    assert store.hold("hold_none") is None


def test_an_entry_comes_back_with_its_reversal(store, filled):
    undone, undoing = filled.ids["undone"], filled.ids["undoing"]

    assert store.entry(undone) == ("service", TODAY, (Movement(POOL, BERTA, 40),), undoing)
    assert store.entry(undoing) == ("reversal", TODAY, (Movement(BERTA, POOL, 40),), None)
    assert store.entry("entry_none") is None


def test_movements_of_an_entry_keep_their_order(book):
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (None, None), BERTA: (None, None)})
    moves = tuple(Movement(*((POOL, ANNA) if n % 3 else (BERTA, POOL)), 100 - n) for n in range(60))
    ids = []

    def decide(draft):
        ids.append(draft.post(JournalEntry("roster", moves, TODAY, POLICY), {}))
        return {}

    writer.write(book.action(decide))
    with book.database.writing.connect() as connection, connection.begin():
        assert Store(connection).entry(ids[0]).movements == moves


def test_keys_and_policies(store, filled):
    assert store.policies() == {POLICY}
    log, state = store.signing_keys().values()
    assert (log.role, log.vkey) == ("log", str(filled.log_key.vkey))
    assert (state.name, state.role) == (filled.operator, "operator")
    store.update_signing_keys([])
    store.update_signing_keys([state._replace(next_seq=state.next_seq + 2, previous_hash="f" * 64)])
    _log, after = store.signing_keys().values()
    assert (after.next_seq, after.previous_hash) == (state.next_seq + 2, "f" * 64)


def test_there_is_no_head_where_there_is_no_book(store):
    assert Store(store.connection, book_id=2).lock_head() is None
    assert store.lock_head().size > 1
