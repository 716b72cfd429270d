"""ledger/units.py: whole minutes within bounds, real days, and nothing that looks like them."""

import pytest

from ledger.errors import NotADate, NotWholeMinutes
from ledger.units import (
    MOST_INTEGER,
    MOST_MINUTES,
    calendar_date,
    limit_minutes,
    positive_minutes,
)


@pytest.mark.parametrize("minutes", [1, 2, MOST_MINUTES - 1, MOST_MINUTES])
def test_positive_minutes_within_bounds_pass(minutes):
    assert positive_minutes(minutes) == minutes


@pytest.mark.parametrize("minutes", [0, -1, MOST_MINUTES + 1, True, 1.0, "1", None, "９"], ids=repr)
def test_anything_else_is_no_positive_minutes(minutes):
    with pytest.raises(NotWholeMinutes):
        positive_minutes(minutes)


@pytest.mark.parametrize("limit", [None, 0, -MOST_INTEGER, MOST_INTEGER])
def test_limits_of_either_sign_pass(limit):
    assert limit_minutes(limit) == limit


@pytest.mark.parametrize("limit", [MOST_INTEGER + 1, -MOST_INTEGER - 1, False, 0.0, "0"], ids=repr)
def test_anything_else_is_no_limit(limit):
    with pytest.raises(NotWholeMinutes):
        limit_minutes(limit)


@pytest.mark.parametrize("day", ["1970-01-01", "2024-02-29", "2999-12-31"])
def test_real_days_pass(day):
    assert calendar_date(day) == day


@pytest.mark.parametrize(
    "day",
    [
        "1969-12-31",
        "3000-01-01",
        "2023-02-29",
        "2023-3-5",
        "20230305",
        "2023-W10-7",
        "２023-03-05",
        5,
    ],
    ids=repr,
)
def test_other_spellings_and_days_are_refused(day):
    with pytest.raises(NotADate):
        calendar_date(day)
