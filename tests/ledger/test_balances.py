"""ledger/balances.py: stored balances read quickly, recomputed from nothing, and never set."""

import pytest

from ledger.balances import balance_of, balances, recompute
from ledger.journal import JournalEntry, Movement
from tests.support.books import POLICY, START_MS, TODAY

IDS = ("acct_pool", "acct_b", "acct_b1", "acct_a_2", "acct_a2", "acct_a0")


@pytest.fixture
def opened(book):
    writer = book.writer()
    book.open_accounts(writer, {name: (None if name == "acct_pool" else 0, None) for name in IDS})
    return book


def test_a_new_account_has_nothing(opened):
    with opened.database.read() as connection:
        found = balance_of(connection, "acct_b")
    assert (found.account_no, found.kind, found.floor, found.ceiling) == (2, "member", 0, None)
    assert (found.posted, found.held, found.available) == (0, 0, 0)


def test_an_unknown_account_has_no_balance(opened):
    with opened.database.read() as connection:
        assert balance_of(connection, "acct_none") is None
        assert balance_of(connection, "ACCT_B") is None


def test_posted_held_and_available(opened):
    writer = opened.writer()
    opened.post(writer, "acct_pool", "acct_b", 90)

    def hold(draft):
        return {
            "hold": draft.place_hold(
                payer="acct_b",
                payee="acct_a2",
                minutes=30,
                expires_ms=START_MS + 1,
                facts={},
            )
        }

    writer.write(opened.action(hold))
    with opened.database.read() as connection:
        found = balance_of(connection, "acct_b")
        again = {line.account_id: line for line in recompute(connection)}
    assert (found.posted, found.held, found.available) == (90, 30, 60)
    assert again["acct_b"] == ("acct_b", 90, 30, 90, 30)
    assert again["acct_pool"] == ("acct_pool", -90, 0, -90, 0)
    assert again["acct_b1"] == ("acct_b1", 0, 0, 0, 0)


def test_accounts_come_by_the_bytes_of_their_ids(opened):
    with opened.database.read() as connection:
        assert [found.account_id for found in balances(connection)] == sorted(IDS)


def test_reading_balances_leaves_the_connection_as_it_was(opened):
    with opened.database.read() as connection:
        assert len(list(balances(connection))) == len(IDS)
        assert "yield_per" not in connection.get_execution_options()


def test_a_reader_sees_one_moment(opened):
    writer = opened.writer()
    with opened.database.read() as connection:
        before = balance_of(connection, "acct_b")
        opened.post(writer, "acct_pool", "acct_b", 90)
        assert balance_of(connection, "acct_b") == before
        assert all(line.journal_posted == 0 for line in recompute(connection))


def test_an_entry_of_several_movements_counts_each(opened):
    moves = (Movement("acct_pool", "acct_b", 5), Movement("acct_pool", "acct_a2", 7))

    def decide(draft):
        draft.post(JournalEntry("service", moves, TODAY, POLICY), {})
        return {}

    opened.writer().write(opened.action(decide))
    with opened.database.read() as connection:
        found = {line.account_id: line.journal_posted for line in recompute(connection)}
    assert (found["acct_pool"], found["acct_b"], found["acct_a2"]) == (-12, 5, 7)
