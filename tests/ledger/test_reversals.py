"""ledger/reversals.py: a reversal gives every minute back, once, and is never itself undone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import AlreadyReversed, NotReversible
from ledger.journal import JournalEntry, Movement
from ledger.reversals import reverse

ACCOUNTS = st.sampled_from(["acct_a", "acct_b", "acct_c", "acct_d"])
MOVEMENTS = st.lists(st.builds(Movement, ACCOUNTS, ACCOUNTS, st.integers(1, 600)), min_size=1)


CARE = (Movement("acct_a", "acct_b", 45),)


def entry_of(kind="service", movements=CARE):
    return JournalEntry(kind, tuple(movements), "2026-02-25", "plain-2025")


def undo(entry, reversed_by=None):
    return reverse(
        "entry_1", entry, reversed_by=reversed_by, effective_on="2026-03-01", policy="plain-2026"
    )


def sums(*entries):
    totals = dict.fromkeys(("acct_a", "acct_b", "acct_c", "acct_d"), 0)
    for entry in entries:
        for account, minutes in entry.postings:
            totals[account] += minutes
    return totals


@given(MOVEMENTS)
def test_entry_and_reversal_together_move_nothing(movements):
    entry = entry_of(movements=movements)

    assert set(sums(entry, undo(entry)).values()) == {0}


def test_the_last_movement_goes_back_first_so_that_limits_hold_on_the_way():
    entry = entry_of(movements=[Movement("acct_a", "acct_b", 45), Movement("acct_b", "acct_c", 40)])

    assert undo(entry).movements == (("acct_c", "acct_b", 40), ("acct_b", "acct_a", 45))


def test_a_reversal_names_what_it_undoes_and_counts_today_under_todays_policy():
    undoing = undo(entry_of())

    assert (undoing.kind, undoing.of) == ("reversal", "entry_1")
    assert (undoing.effective_on, undoing.policy) == ("2026-03-01", "plain-2026")


def test_a_settlement_can_be_reversed():
    assert undo(entry_of("settlement")).of == "entry_1"


def test_an_entry_is_reversed_only_once():
    with pytest.raises(AlreadyReversed) as refused:
        undo(entry_of(), reversed_by="entry_2")
    assert refused.value.facts == {"entry": "entry_1", "by": "entry_2"}


def test_a_reversal_is_never_reversed_and_says_so_first():
    with pytest.raises(NotReversible):
        undo(entry_of("reversal"), reversed_by="entry_2")
