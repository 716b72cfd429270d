"""ledger/closing.py: a month is closed once, in order, when it is over, and takes nothing more."""

import json

import pytest

from ledger.closing import close_period, last_closed
from ledger.errors import (
    PeriodClosed,
    PeriodClosedBefore,
    PeriodNotNext,
    PeriodNotOver,
    SubmissionTooLarge,
)
from ledger.journal import JournalEntry, Movement
from ledger.periods import Period
from tests.support.books import POLICY, START_MS
from tests.support.closings import closing, month
from tests.support.soundness import assert_sound, every_row, leaves_of

POOL, ANNA, BERT = "acct_pool", "acct_anna", "acct_bert"
FEBRUARY, MARCH, APRIL = (Period(name, *month(name)) for name in ("2026-02", "2026-03", "2026-04"))
assert FEBRUARY.from_ms < START_MS < FEBRUARY.until_ms


class Office:
    """A book with a writer and three accounts."""

    def __init__(self, book):
        self.book, self.writer = book, book.writer()
        book.open_accounts(self.writer, {POOL: (None, None), ANNA: (0, None), BERT: (0, None)})

    def closes(self, period, **settings):
        decided = self.writer.write(self.closing(period, **settings))
        return json.loads(decided.answer)["closing"], decided.leaf_index

    def closing(self, period, **settings):
        return self.book.action(
            lambda draft: {"closing": close_period(draft, period, {"do": "close_period"})},
            **{"kind": "closing", **settings},
        )

    def posts(self, minutes, on="2026-02-25"):
        entry = JournalEntry("service", (Movement(POOL, ANNA, minutes),), on, POLICY)
        decide = lambda draft: {"entry": draft.post(entry, {})}  # noqa: E731
        return self.writer.write(self.book.action(decide))

    def leaf(self, index):
        with self.book.database.read() as connection:
            return json.loads(leaves_of(connection, index, 1)[0])

    def must_state(self, index, name):
        with self.book.database.read() as connection:
            return closing(leaves_of(connection, 0, index), name)


@pytest.fixture
def office(book):
    made = Office(book)
    yield made
    assert_sound(book.database, book.log_key)


def test_a_month_is_closed_with_everything_that_its_leaves_give(office):
    office.posts(90)
    hold = office.writer.write(
        office.book.action(
            lambda draft: {
                "hold": draft.place_hold(
                    payer=ANNA, payee=BERT, minutes=30, expires_ms=START_MS * 2, facts={}
                )
            }
        )
    )
    office.book.now_ms = FEBRUARY.until_ms
    office.posts(45)  # Recorded in March, though it counts in February.
    hold_id = json.loads(hold.answer)["hold"]
    settle = lambda draft: {  # noqa: E731
        "entry": draft.settle(
            hold_id, minutes=20, effective_on="2026-03-01", policy=POLICY, facts={}
        )
    }
    office.writer.write(office.book.action(settle))
    identifier, index = office.closes(FEBRUARY)
    leaf = office.leaf(index)
    assert (leaf["kind"], leaf["id"]) == ("closing", identifier)
    assert leaf["closing"] == office.must_state(index, "2026-02")
    assert (leaf["closing"]["minutes"], leaf["closing"]["last"]) == (90, 1)
    body = json.loads(leaf["sub"].splitlines()[1])
    assert (body["closing"], body["do"]) == (leaf["closing"], "close_period")
    office.book.now_ms = MARCH.until_ms + 5
    _, index = office.closes(MARCH)
    march = office.leaf(index)["closing"]
    assert march == office.must_state(index, "2026-03")
    assert (march["entries"], march["late"], march["minutes"]) == (2, 1, 65)


def test_an_empty_month_has_a_closing_too(office):
    office.book.now_ms = MARCH.until_ms
    office.closes(FEBRUARY)
    _, index = office.closes(MARCH)
    stated = office.leaf(index)["closing"]
    assert (stated["first"], stated["last"], stated["entries"], stated["minutes"]) == (
        None,
        None,
        0,
        0,
    )
    assert [row["kind"] for row in stated["kinds"]] == ["issuance", "member"]


def test_entries_beside_a_closing_in_one_group_go_into_the_next_month(office):
    office.book.now_ms = FEBRUARY.until_ms + 1
    posting = office.book.posting(POOL, ANNA, 7)
    futures = [office.writer.submit(one) for one in (posting, office.closing(FEBRUARY))]
    indexes = [future.result().leaf_index for future in futures]
    assert office.leaf(indexes[1])["closing"]["entries"] == 0


@pytest.mark.parametrize(
    ("period", "refusal"),
    [(FEBRUARY, PeriodClosedBefore), (APRIL, PeriodNotNext), (MARCH, PeriodNotOver)],
)
def test_out_of_turn_nothing_is_closed(office, period, refusal):
    office.book.now_ms = MARCH.until_ms - 1
    office.closes(FEBRUARY)
    before = every_row(office.book.database)["period_closing"]
    with pytest.raises(refusal):
        office.closes(period)
    assert every_row(office.book.database)["period_closing"] == before
    assert len(before) == 1


def test_a_repeated_key_gets_the_first_answer_again(office):
    office.book.now_ms = FEBRUARY.until_ms
    first = office.closes(FEBRUARY, key="close-2026-02")
    assert office.closes(FEBRUARY, key="close-2026-02") == first


def test_a_refused_closing_leaves_the_month_open(office):
    office.book.now_ms = FEBRUARY.until_ms

    def decide(draft):
        close_period(draft, FEBRUARY, {"more": "x" * 60_500})
        return {}

    with pytest.raises(SubmissionTooLarge):
        office.writer.write(office.book.action(decide, kind="closing"))
    assert office.closes(FEBRUARY)[0].startswith("closing_")


def test_a_closing_is_a_submission_of_its_own(office):
    office.book.now_ms = FEBRUARY.until_ms
    with pytest.raises(ValueError, match="of its own"):
        office.closes(FEBRUARY, batch="batch_" + "0" * 32)


def test_another_writer_knows_what_was_closed(office):
    office.book.now_ms = FEBRUARY.until_ms
    office.closes(FEBRUARY)
    office.writer = office.book.writer()
    with pytest.raises(PeriodClosedBefore):
        office.closes(FEBRUARY)


@pytest.mark.parametrize("ms", [-1, 0, 1])
def test_nothing_is_recorded_before_the_end_of_a_closed_period(sqlite_book, ms):
    """Moments never fall, so only a row that nobody wrote honestly lies in the future."""
    office = Office(sqlite_book)
    with office.book.database.writing.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO period_closing VALUES (1, ?, ?, ?, 0)",
            (FEBRUARY.name, FEBRUARY.from_ms, FEBRUARY.until_ms),
        )
    office.writer, office.book.now_ms = office.book.writer(), FEBRUARY.until_ms + ms
    before = every_row(office.book.database)
    if ms < 0:
        with pytest.raises(PeriodClosed) as raised:
            office.posts(1)
        assert raised.value.code == "period_closed"
        assert every_row(office.book.database) == before
    else:
        office.posts(1)


def test_the_newest_closed_period_is_told(office):
    told = []

    def look(draft):
        told.append(last_closed(draft.rows))
        return {}

    office.book.now_ms = MARCH.until_ms
    for period in (FEBRUARY, MARCH):
        office.writer.write(office.book.action(look, rehearsal=True, key=None))
        office.closes(period)
    office.writer.write(office.book.action(look, rehearsal=True, key=None))
    assert told == [None, FEBRUARY, MARCH]
