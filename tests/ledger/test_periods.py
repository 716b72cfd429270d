"""ledger/periods.py: which months there are, which is next to close, and the root over balances."""

import hashlib

import pytest

from ledger.errors import PeriodClosedBefore, PeriodNotNext, PeriodNotOver
from ledger.merkle import EMPTY_ROOT
from ledger.periods import (
    MOST_AHEAD_MS,
    MOST_BEHIND_MS,
    Period,
    balances_root,
    check_turn,
    follows,
    name_after,
)
from tests.support.closings import month

JANUARY, FEBRUARY, MARCH = (
    Period(name, *month(name)) for name in ("2026-01", "2026-02", "2026-03")
)
UTC_FEBRUARY_MS, UTC_MARCH_MS = 1_769_904_000_000, 1_772_323_200_000
GENESIS_MS = JANUARY.from_ms + 5


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("2026-01", "2026-02"),
        ("2026-11", "2026-12"),
        ("2026-12", "2027-01"),
        ("1999-12", "2000-01"),
    ],
)
def test_the_month_after(name, after):
    assert name_after(name) == after


@pytest.mark.parametrize(
    "name", ["1969-12", "3000-01", "2026-00", "2026-13", "2026-1", "2026-012", "２026-01", "", "x"]
)
def test_what_is_no_month(name):
    with pytest.raises(ValueError, match="named YYYY-MM"):
        Period(name, *month("2026-01"))


@pytest.mark.parametrize(
    ("from_ms", "until_ms", "sound"),
    [
        (-MOST_AHEAD_MS - 1, 0, False),
        (-MOST_AHEAD_MS, 0, True),
        (-MOST_AHEAD_MS + 1, 0, True),
        (MOST_BEHIND_MS - 1, 0, True),
        (MOST_BEHIND_MS, 0, True),
        (MOST_BEHIND_MS + 1, 0, False),
        (0, -MOST_AHEAD_MS - 1, False),
        (0, -MOST_AHEAD_MS, True),
        (0, MOST_BEHIND_MS, True),
        (0, MOST_BEHIND_MS + 1, False),
    ],
)
def test_a_month_begins_and_ends_where_some_time_zone_has_it(from_ms, until_ms, sound):
    bounds = UTC_FEBRUARY_MS + from_ms, UTC_MARCH_MS + until_ms
    if sound:
        assert Period("2026-02", *bounds).first_on == "2026-02-01"
    else:
        with pytest.raises(ValueError, match="in no time zone"):
            Period("2026-02", *bounds)


def test_the_last_month_of_all_has_no_other_after_it():
    with pytest.raises(ValueError, match="named YYYY-MM"):
        Period("2999-13", 0, 1)
    ends_ms = 32_503_680_000_000
    assert Period("2999-12", ends_ms - 31 * 86_400_000, ends_ms).name == "2999-12"


@pytest.mark.parametrize(("genesis", "first"), [(-1, False), (0, True), (1, True)])
def test_the_first_month_to_close_is_that_of_the_first_leaf(genesis, first):
    assert follows(FEBRUARY, None, FEBRUARY.from_ms + genesis) is first
    assert follows(FEBRUARY, None, FEBRUARY.until_ms - 1 + genesis) is (genesis < 1)


def test_every_other_begins_where_the_last_one_ended():
    assert follows(FEBRUARY, JANUARY, 0)
    assert not follows(MARCH, JANUARY, 0)
    assert not follows(JANUARY, FEBRUARY, 0)
    shifted = Period("2026-02", FEBRUARY.from_ms + 1, FEBRUARY.until_ms)
    assert not follows(shifted, JANUARY, 0)


@pytest.mark.parametrize(("ms", "over"), [(-1, False), (0, True), (1, True)])
def test_a_month_is_closed_from_its_last_moment_on(ms, over):
    if over:
        check_turn(JANUARY, None, GENESIS_MS, JANUARY.until_ms + ms)
    else:
        with pytest.raises(PeriodNotOver):
            check_turn(JANUARY, None, GENESIS_MS, JANUARY.until_ms + ms)


def test_refusals_come_in_their_order():
    late = MARCH.until_ms
    for period in (JANUARY, FEBRUARY):
        with pytest.raises(PeriodClosedBefore) as raised:
            check_turn(period, FEBRUARY, GENESIS_MS, 0)
        assert raised.value.facts == {"period": period.name}
    with pytest.raises(PeriodNotNext):
        check_turn(MARCH, JANUARY, GENESIS_MS, 0)
    with pytest.raises(PeriodNotNext):
        check_turn(FEBRUARY, None, GENESIS_MS, late)
    check_turn(MARCH, FEBRUARY, GENESIS_MS, late)


def test_the_root_over_balances_is_that_of_rfc_6962():
    leaves = [
        b'{"account":"acct_a","held":0,"posted":-5}',
        b'{"account":"acct_b","held":2,"posted":5}',
    ]
    hashes = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    root = hashlib.sha256(b"\1" + b"".join(hashes)).digest()
    assert balances_root([("acct_a", -5, 0), ("acct_b", 5, 2)]) == root
    assert balances_root([("acct_a", -5, 0)]) == hashes[0]
    assert balances_root([]) == EMPTY_ROOT
