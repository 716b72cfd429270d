"""ledger/lines.py: a statement is the copied lines and the journal's tail, none lost or twice."""

import threading

import pytest
from sqlalchemy import event

from ledger.draft import Action
from ledger.journal import JournalEntry, Movement
from ledger.lines import Line, derive_lines, lines_of, sum_of
from ledger.store import Store
from tests.support.books import POLICY, START_MS

POOL, ANNA, BERTA = "acct_pool", "acct_anna", "acct_berta"
ANNA_NO = 2
DAYS = ["2026-02-20", "2026-02-25", "2026-02-10", "2026-02-25", "2026-01-31", "2026-03-01"]
GIVEN = [60, 45, 30, -20, 15, -5]
NUMBERS = list(range(1, len(GIVEN) + 1))


def write(book, writer, effective_on, minutes):
    giver, receiver = (POOL, ANNA) if minutes > 0 else (ANNA, BERTA)
    move = Movement(giver, receiver, abs(minutes))
    entry = JournalEntry("service", (move,), effective_on, POLICY)

    def decide(draft):
        draft.post(entry, {})
        return {}

    writer.write(book.action(decide))


@pytest.fixture
def told(book):
    """A book of six entries, each recorded a second after the one before, back-dated or not."""
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, None)})
    for effective_on, minutes in zip(DAYS, GIVEN, strict=True):
        book.now_ms += 1_000
        write(book, writer, effective_on, minutes)
    writer.close()
    return book


def derive(book):
    with book.database.writing.connect() as connection, connection.begin():
        Store(connection).lock_head()
        return derive_lines(connection)


def lines(book, account_no=ANNA_NO, **bounds):
    with book.database.read() as connection:
        return list(lines_of(connection, account_no, **bounds))


def total(book, **bounds):
    with book.database.read() as connection:
        return sum_of(connection, ANNA_NO, **bounds)


def numbers(book, **bounds):
    return [line.number for line in lines(book, **bounds)]


def test_a_line_is_signed_and_names_the_other_side(told):
    found = lines(told)

    assert [(line.number, line.minutes) for line in found] == list(zip(NUMBERS, GIVEN, strict=True))
    assert found[0][1:] == (0, 1, 1, 60, "service", "2026-02-20", START_MS + 1_000)
    assert found[3][1:] == (0, 4, 3, -20, "service", "2026-02-25", START_MS + 4_000)
    assert isinstance(found[0], Line)


@pytest.mark.parametrize("derived_after", [0, 1, 3, 5, 6])
def test_the_copy_and_the_tail_meet_without_gap_or_overlap(book, derived_after):
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, None)})
    for done, (effective_on, minutes) in enumerate(zip(DAYS, GIVEN, strict=True)):
        if done == derived_after:
            reached = derive(book)
        write(book, writer, effective_on, minutes)
    if derived_after == len(GIVEN):
        reached = derive(book)

    with book.database.read() as connection:
        copied = connection.exec_driver_sql("SELECT count(*) FROM line").scalar_one()
    assert copied == 2 * derived_after
    assert numbers(book) == NUMBERS
    assert [line.leaf_index < reached for line in lines(book)].count(True) == derived_after
    assert total(book) == sum(GIVEN)
    assert total(book, effective_until="2026-02-20") == 60 + 30 + 15


def test_deriving_twice_copies_nothing_twice(told):
    assert derive(told) == derive(told)
    assert numbers(told) == NUMBERS


@pytest.fixture(params=[False, True], ids=["tail", "copy"])
def asked(request, told):
    """The same book whose lines were copied or not: the answers must not differ."""
    if request.param:
        derive(told)
    return told


def test_effective_on_or_before_a_day(asked):
    for until, minutes in (
        ("2026-01-30", 0), ("2026-01-31", 15), ("2026-02-01", 15),
        ("2026-02-24", 105), ("2026-02-25", 130), ("2026-02-26", 130),
        ("2026-02-28", 130), ("2026-03-01", 125), ("2999-12-31", 125),
    ):  # fmt: skip
        assert total(asked, effective_until=until) == minutes, until


def test_every_pair_of_effective_and_known(asked):
    known = [START_MS + 1_000 * second + off for second in range(8) for off in (-1, 0, 1)]
    for until in sorted({*DAYS, "2026-02-01"}):
        for moment in known:
            expected = sum(
                minutes
                for second, (day, minutes) in enumerate(zip(DAYS, GIVEN, strict=True), start=1)
                if day <= until and START_MS + 1_000 * second < moment
            )
            found = total(asked, effective_until=until, known_before_ms=moment)
            assert found == expected, (until, moment)


def test_moments_bound_from_below_inclusively_and_from_above_exclusively(asked):
    low, high = START_MS + 2_000, START_MS + 5_000
    assert numbers(asked, from_ms=low, before_ms=high) == [2, 3, 4]
    assert numbers(asked, from_ms=low - 1, before_ms=high - 1) == [2, 3, 4]
    assert numbers(asked, from_ms=low + 1, before_ms=high + 1) == [3, 4, 5]
    assert numbers(asked, from_ms=high, before_ms=low) == []


def test_a_sum_up_to_any_place_is_that_of_the_lines_before(asked):
    low, every = START_MS + 2_000, lines(asked)
    for line in every:
        for place in (-1, 0, 1):
            before = [one for one in every if one[:2] <= (line.leaf_index, place)]
            found = total(asked, up_to=(line.leaf_index, place))
            assert found == sum(one.minutes for one in before)
            late = sum(one.minutes for one in before if one.recorded_ms >= low)
            assert total(asked, up_to=(line.leaf_index, place), known_from_ms=low) == late


def test_pages_follow_one_another_without_gap(asked):
    for most in (1, 2, 5, 6, 7):
        for newest_first in (False, True):
            seen, after = [], None
            while page := lines(asked, after=after, most=most, newest_first=newest_first):
                assert len(page) <= most
                seen += page
                after = (page[-1].leaf_index, page[-1].place)
            assert [line.number for line in seen] == (NUMBERS[::-1] if newest_first else NUMBERS)


def test_movements_of_one_entry_are_lines_of_their_own_and_pages_may_cut_between(book):
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, None)})
    moves = tuple(Movement(POOL, ANNA, minutes) for minutes in (1, 2, 3))

    def decide(draft):
        draft.post(JournalEntry("service", moves, DAYS[0], POLICY), {})
        return {}

    writer.write(book.action(decide))
    found = lines(book)
    assert [(line.place, line.minutes, line.number) for line in found] == [
        (0, 1, 1), (1, 2, 1), (2, 3, 1),
    ]  # fmt: skip
    assert lines(book, after=(found[0].leaf_index, 0)) == found[1:]
    assert lines(book, after=(found[2].leaf_index, 2), newest_first=True) == found[1::-1]


def test_lines_are_streamed_and_leave_the_connection_as_it_was(told):
    with told.database.read() as connection:
        stream = lines_of(connection, ANNA_NO)
        assert next(stream).number == 1
        assert len(list(stream)) == 5
        assert "yield_per" not in connection.get_execution_options()


def test_an_unknown_account_has_no_lines(told):
    assert lines(told, account_no=77) == []
    assert total(told) == 125


def marked(book):
    """Up to where the lines reach, and how long the log is."""
    with book.database.read() as connection:
        mark = connection.exec_driver_sql("SELECT leaf_index FROM line_mark").scalar_one()
        return mark, connection.exec_driver_sql("SELECT size FROM head").scalar_one()


def test_a_closing_writer_leaves_a_short_tail(book, monkeypatch):
    monkeypatch.setattr("ledger.writer.QUIET_TAIL_LEAVES", 3)
    for _process in range(2):
        writer = book.writer()
        if not _process:
            book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, None)})
        write(book, writer, DAYS[0], 60)
        writer.close()
        mark, size = marked(book)
        assert mark == size
    assert numbers(book) == [1, 2]


def test_a_quiet_second_is_used(book, monkeypatch):
    monkeypatch.setattr("ledger.writer.QUIET_TAIL_LEAVES", 3)
    derived = threading.Event()

    def watch(_connection, _cursor, statement, *_rest):
        if statement.startswith("UPDATE line_mark"):
            derived.set()

    event.listen(book.database.writing, "after_cursor_execute", watch)
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, None)})
    assert derived.wait(60)
    assert writer.submit(Action("housekeeping", lambda draft: {})).result().leaf_index == -1
    assert marked(book)[0] == marked(book)[1]


def test_the_writer_derives_by_itself_once_the_tail_is_long(book, monkeypatch):
    monkeypatch.setattr("ledger.writer.TAIL_LEAVES", 3)
    writer = book.writer()
    book.open_accounts(writer, {POOL: (None, None), ANNA: (0, None), BERTA: (0, None)})
    write(book, writer, DAYS[0], 60)
    writer.close()
    mark, size = marked(book)
    assert 0 < mark <= size
    assert numbers(book) == [1]
