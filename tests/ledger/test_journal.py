"""ledger/journal.py: an entry cannot be unbalanced, and says first what is wrong with it."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import (
    EmptyEntry,
    NotADate,
    NotAnEntryKind,
    NotWholeMinutes,
    SameAccount,
    TooManyPostings,
)
from ledger.journal import (
    LEAF_KINDS_WITHOUT_POSTINGS,
    MOST_MOVEMENTS,
    JournalEntry,
    Movement,
    Posting,
    check_entry,
)
from ledger.leaf_parser import _MEMBERS
from ledger.units import MOST_MINUTES

GIFT = Movement("acct_a", "acct_b", 30)


def entry_of(*movements, kind="gift", effective_on="2026-02-25"):
    return JournalEntry(kind, movements, effective_on, "plain-2026")


def test_postings_name_the_giver_first_and_keep_the_order_of_movements():
    entry = entry_of(GIFT, Movement("acct_b", "acct_c", 5))

    assert entry.postings == (
        Posting("acct_a", -30), Posting("acct_b", 30), Posting("acct_b", -5), Posting("acct_c", 5),
    )  # fmt: skip


NAMES = st.text("abc_", max_size=3)


@given(st.lists(st.builds(Movement, NAMES, NAMES, st.integers(1, MOST_MINUTES)), max_size=9))
def test_every_entry_balances_by_construction(movements):
    assert sum(minutes for _, minutes in entry_of(*movements).postings) == 0


def test_an_entry_cannot_be_changed_once_it_is_made():
    with pytest.raises(FrozenInstanceError):
        entry_of(GIFT).effective_on = "2026-01-01"
    with pytest.raises(AttributeError):
        entry_of(GIFT).movements[0].minutes = 31


@pytest.mark.parametrize("kind", sorted(LEAF_KINDS_WITHOUT_POSTINGS))
def test_words_that_the_log_reserves_are_no_kinds_of_entry(kind):
    with pytest.raises(NotAnEntryKind):
        check_entry(entry_of(GIFT, kind=kind))


def test_the_reader_reserves_no_word_that_the_writer_lets_pass():
    assert _MEMBERS.keys() <= LEAF_KINDS_WITHOUT_POSTINGS


@pytest.mark.parametrize(
    "kind", ["", "Service", "_x", "1st", "two words", "käse", "服务", "a" * 41, "a-b"]
)
def test_a_kind_is_a_lower_case_word(kind):
    with pytest.raises(NotAnEntryKind):
        check_entry(entry_of(GIFT, kind=kind))


@pytest.mark.parametrize("kind", ["service", "gift_2", "a", "a" * 40])
def test_any_other_lower_case_word_is_a_kind(kind):
    check_entry(entry_of(GIFT, kind=kind))


@pytest.mark.parametrize("count", [1, MOST_MOVEMENTS - 1, MOST_MOVEMENTS])
def test_up_to_the_most_movements(count):
    check_entry(entry_of(*[GIFT] * count))


def test_one_movement_more_is_too_many_and_none_is_too_few():
    with pytest.raises(TooManyPostings) as refused:
        check_entry(entry_of(*[GIFT] * (MOST_MOVEMENTS + 1)))
    assert refused.value.facts == {"postings": 1002, "most": 1000}
    with pytest.raises(EmptyEntry):
        check_entry(entry_of())


@pytest.mark.parametrize("minutes", [1, 2, MOST_MINUTES - 1, MOST_MINUTES])
def test_whole_minutes_within_bounds(minutes):
    check_entry(entry_of(Movement("acct_a", "acct_b", minutes)))


@pytest.mark.parametrize(
    "minutes", [0, -1, MOST_MINUTES + 1, True, 1.0, "60", None, float("nan")], ids=repr
)
def test_nothing_else_counts_as_minutes(minutes):
    with pytest.raises(NotWholeMinutes):
        check_entry(entry_of(Movement("acct_a", "acct_b", minutes)))


BAD_DAY, GOOD_DAY = "2026-02-29", "2028-02-29"
WRONG_MOVE = Movement("acct_a", "acct_a", 0)


@pytest.mark.parametrize(
    ("kind", "movements", "day", "refusal"),
    [
        # Each row mends the fault that the row above was refused for, and keeps the rest.
        ("hold", (), BAD_DAY, NotAnEntryKind),
        ("gift", (), BAD_DAY, EmptyEntry),
        ("gift", (WRONG_MOVE,) * 501, BAD_DAY, TooManyPostings),
        ("gift", (WRONG_MOVE,) * 500, BAD_DAY, NotADate),
        ("gift", (WRONG_MOVE,) * 500, GOOD_DAY, NotWholeMinutes),
        ("gift", (Movement("acct_a", "acct_a", 1),), GOOD_DAY, SameAccount),
    ],
)
def test_the_first_refusal_in_the_documented_order_wins(kind, movements, day, refusal):
    with pytest.raises(refusal):
        check_entry(entry_of(*movements, kind=kind, effective_on=day))
