"""ledger/lookup.py: leaves by index and by moment, and the facts that were signed about them."""

import pytest

from ledger.journal import JournalEntry, Movement
from ledger.leaf_parser import LeafRejected
from ledger.lookup import LogLookup
from tests.support.books import POLICY

POOL, ANNA = "acct_pool", "acct_anna"


def entry(minutes):
    return JournalEntry("service", (Movement(POOL, ANNA, minutes),), "2026-02-20", POLICY)


@pytest.fixture
def told(book):
    """Moments of one, of three and of two entries, the last two as rows of one batch."""
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None)})
    for count in (1, 3):
        book.now_ms += 1_000
        for minutes in range(1, count + 1):

            def decide(draft, minutes=minutes):
                return {"entry": draft.post(entry(minutes), {"do": "post", "minutes": minutes})}

            writer.write(book.action(decide))
    book.now_ms += 1_000

    def both(draft):
        return {"entries": [draft.post(entry(n), {"minutes": n}) for n in (70, 80)]}

    writer.write(book.action(both, batch="batch_" + "0" * 32))
    writer.close()
    return book


def test_every_leaf_is_found_by_index_and_by_moment(told):
    with told.database.read() as connection:
        log = LogLookup(connection)
        size = connection.exec_driver_sql("SELECT size FROM head").scalar_one()
        every = [log.leaf(index) for index in range(size)]
        moments = sorted({leaf.recorded_ms for leaf in every})
        assert [leaf for moment in moments for leaf in LogLookup(connection).of_moment(moment)] == (
            every
        )
        three = log.of_moment(told.now_ms - 1_000)
        assert [one.kind for one in three].count("service") == 3
        for moment in (0, moments[0] - 1, moments[-1] - 1, moments[-1] + 1):
            assert log.of_moment(moment) == []


def test_facts_come_from_the_own_submission_or_from_the_batch(told):
    with told.database.read() as connection:
        log = LogLookup(connection)
        alone = [one for one in log.of_moment(told.now_ms - 1_000) if one.kind == "service"]
        rows = [one for one in log.of_moment(told.now_ms) if one.kind == "service"]
        assert [log.facts(leaf)["minutes"] for leaf in alone] == [1, 2, 3]
        assert [log.facts(leaf)["minutes"] for leaf in rows] == [70, 80]
        assert {log.submission(leaf) for leaf in rows} == {"batch_" + "0" * 32}
        assert len({log.submission(leaf) for leaf in alone}) == 3


def test_what_is_not_there_is_rejected(told):
    with told.database.read() as connection:
        log = LogLookup(connection)
        with pytest.raises(LeafRejected):
            log.leaf(10_000)
        with pytest.raises(LeafRejected):
            log.facts(log.leaf(0))  # the genesis, which nobody submitted
