"""ledger/accounts.py: limits bind what is available from below and what is posted from above."""

import pytest

from ledger.accounts import AccountState, check_limits
from ledger.errors import CeilingExceeded, FloorExceeded, LimitsOutOfOrder, NotWholeMinutes
from ledger.units import MOST_INTEGER


def account(*, floor=0, ceiling=600, posted=0, held=0):
    return AccountState(1, "acct_anna", "member", floor, ceiling, posted, held)


def test_available_is_what_no_hold_has_set_aside():
    assert account(posted=90, held=30).available == 60


def test_a_new_state_remembers_what_the_database_has():
    state = account(posted=90, held=30)
    state.posted, state.held = 100, 0

    assert (state.stored_posted, state.stored_held) == (90, 30)


@pytest.mark.parametrize(("floor", "spendable"), [(0, 60), (-40, 100), (-1, 61)])
def test_available_minutes_go_down_to_the_floor_and_no_further(floor, spendable):
    state = account(floor=floor, posted=90, held=30)
    state.check_give(spendable - 1)
    state.check_give(spendable)
    with pytest.raises(FloorExceeded) as refused:
        state.check_give(spendable + 1)
    assert refused.value.facts == {
        "account": "acct_anna", "available": 60, "minutes": spendable + 1,
    }  # fmt: skip


@pytest.mark.parametrize("held", [0, 30])
def test_posted_minutes_go_up_to_the_ceiling_whatever_is_held(held):
    state = account(ceiling=600, posted=540, held=held)
    state.check_receive(59)
    state.check_receive(60)
    with pytest.raises(CeilingExceeded) as refused:
        state.check_receive(61)
    assert refused.value.facts == {"account": "acct_anna", "room": 60, "minutes": 61}


def test_an_unbounded_account_has_no_end():
    state = account(floor=None, ceiling=None)
    state.check_give(MOST_INTEGER)
    state.check_receive(MOST_INTEGER)


@pytest.mark.parametrize(
    ("floor", "ceiling"),
    [(0, 0), (0, None), (None, 0), (None, None), (-MOST_INTEGER, MOST_INTEGER), (-1, 1)],
)
def test_limits_that_allow_zero_pass(floor, ceiling):
    assert check_limits(floor, ceiling) == (floor, ceiling)


@pytest.mark.parametrize(
    ("floor", "ceiling", "refusal"),
    [
        (1.0, -1, NotWholeMinutes),
        (1, "600", NotWholeMinutes),
        (True, None, NotWholeMinutes),
        (-MOST_INTEGER - 1, None, NotWholeMinutes),
        (None, MOST_INTEGER + 1, NotWholeMinutes),
        (1, -1, LimitsOutOfOrder),
        (1, None, LimitsOutOfOrder),
        (None, -1, LimitsOutOfOrder),
    ],
)
def test_limits_that_no_account_can_have(floor, ceiling, refusal):
    with pytest.raises(refusal):
        check_limits(floor, ceiling)
