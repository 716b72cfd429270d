"""Working days in China, with the weekends that are worked and the weekdays that are not (调休).

The State Council decides each autumn how the next year's holidays are shifted.  Where a year's
decision is not known to the ``holidays`` library, a count of working days would be a guess, and a
guess must not call anybody late: the answer is ``None``, and the caller says so.
"""

import logging
from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from functools import cache

import holidays

_LOG = logging.getLogger(__name__)
_DAY = timedelta(days=1)
_SATURDAY = 5


def is_working_day(day: date) -> bool | None:
    """Whether offices work on ``day``; ``None`` where the year's 调休 table is not known."""
    year = _year(day.year)
    if year is None:
        return None
    at = bisect_left(year, day)
    return at < len(year) and year[at] == day


def working_days_between(service_on: date, recorded_on: date) -> int | None:
    """Working days after ``service_on``, up to and including ``recorded_on``.

    0 when both are the same day or the recording lies earlier.  The day of the service does not
    count (Civil Code of China, art. 201).  ``None`` where a year's 调休 table is missing; a warning
    says which year.
    """
    if recorded_on <= service_on:
        return 0
    first = service_on + _DAY
    count = 0
    for number in range(first.year, recorded_on.year + 1):
        year = _year(number)
        if year is None:
            _LOG.warning("working days of %d are not known; nothing is called late", number)
            return None
        count += bisect_right(year, recorded_on) - bisect_left(year, first)
    return count


def working_day_after(day: date, count: int) -> date | None:
    """The ``count``-th working day after ``day``; ``None`` where a year's 调休 table is missing."""
    number = day.year
    while (year := _year(number)) is not None:
        at = bisect_right(year, day) + count - 1
        if at < len(year):
            return year[at]
        count = at - len(year) + 1
        number += 1
    _LOG.warning("working days of %d are not known; nothing is called late", number)
    return None


def term_of(day: date, working_days: int) -> date:
    """The last day of a term that begins after ``day``, for what somebody must do by then.

    Where a year's 调休 table is missing, a working day counts as a day and a half, so that ten are
    two weeks at least: a term has to end.
    """
    return working_day_after(day, working_days) or day + timedelta(days=-(-working_days * 3 // 2))


def is_back_dated(service_on: date, recorded_on: date, most_working_days: int | None) -> bool:
    """Whether the service was recorded later than ``most_working_days`` working days after it.

    ``None`` switches the rule off; an unknown calendar calls nothing late.  The legal number is 10
    (Order 67 of the Ministry of Civil Affairs, art. 11).  Lateness runs to the recording, not to
    the posting.
    """
    if most_working_days is None or (recorded_on - service_on).days <= most_working_days:
        return False  # Not even calendar days are up, so the table is not needed.
    elapsed = working_days_between(service_on, recorded_on)
    return elapsed is not None and elapsed > most_working_days


def prepare_working_days(day: date) -> None:
    """Read the tables that a service recorded on ``day`` may need: its year's and the one before.

    The first look at a year takes a quarter of a second, which nobody in a group shall wait for.
    """
    for number in (day.year - 1, day.year):
        _year(number)


@cache
def _year(number: int) -> tuple[date, ...] | None:
    """The working days of one year in order, or ``None`` where its 调休 is not known."""
    table = holidays.country_holidays("CN", years=number)
    # The table also lists worked weekends of other years; every decided year has some of its own.
    swapped = {day for day in table.weekend_workdays if day.year == number}
    if not swapped:
        return None
    first = date(number, 1, 1)
    days = (first + timedelta(days=at) for at in range((date(number, 12, 31) - first).days + 1))
    return tuple(
        day for day in days if day in swapped or (day.weekday() < _SATURDAY and day not in table)
    )
