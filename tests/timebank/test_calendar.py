"""timebank/calendar.py: working days follow the published 调休, and a guess calls nobody late."""

import logging
from datetime import date, timedelta

import pytest

from timebank import calendar
from timebank.calendar import (
    is_back_dated,
    is_working_day,
    prepare_working_days,
    working_day_after,
    working_days_between,
)

UNKNOWN_YEAR = 2098


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2023, 4, 4), True),
        (date(2023, 4, 5), False),  # 清明
        (date(2023, 4, 23), True),  # a Sunday worked for the Labour Day week
        (date(2023, 4, 22), False),  # the Saturday before it is a Saturday
        (date(2023, 1, 27), False),  # a Friday off, worked on 29 January
        (date(2024, 2, 18), True),
        (date(2026, 2, 28), True),
        (date(2026, 1, 2), False),
        (date(2011, 12, 31), True),  # a Saturday that the table of 2012 made a working day
    ],
)
def test_offices_follow_the_published_table(day, works):
    assert is_working_day(day) is works


def test_every_year_from_2001_to_2026_is_known():
    assert all(is_working_day(date(year, 7, 3)) is not None for year in range(2001, 2027))


def test_a_year_without_a_table_has_no_answer():
    assert is_working_day(date(UNKNOWN_YEAR, 7, 3)) is None


@pytest.mark.parametrize(
    ("service_on", "recorded_on", "days"),
    [
        (date(2023, 3, 6), date(2023, 3, 5), 0),
        (date(2023, 3, 6), date(2023, 3, 6), 0),
        (date(2023, 3, 6), date(2023, 3, 7), 1),
        (date(2023, 3, 10), date(2023, 3, 13), 1),  # over a weekend
        (date(2023, 4, 4), date(2023, 4, 6), 1),  # over 清明
        (date(2023, 4, 20), date(2023, 4, 24), 3),  # a worked Sunday counts
        (date(2022, 12, 30), date(2023, 1, 3), 1),  # over the year's end
        (date(2023, 3, 30), date(2024, 3, 30), 250),
    ],
)
def test_working_days_from_a_service_to_its_recording(service_on, recorded_on, days):
    assert working_days_between(service_on, recorded_on) == days


def test_the_count_equals_a_walk_over_every_day():
    service_on = date(2022, 12, 20)
    walked = 0
    for step in range(1, 450):
        day = service_on + timedelta(days=step)
        walked += is_working_day(day) is True
        assert working_days_between(service_on, day) == walked


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        ("2023-04-06", 1, "2023-04-07"),
        ("2023-04-06", 2, "2023-04-10"),
        ("2023-04-22", 1, "2023-04-23"),  # A Sunday that is worked.
        ("2023-12-28", 1, "2023-12-29"),
        ("2023-12-28", 2, "2024-01-02"),  # The first was a holiday.
        ("2023-12-28", 3, "2024-01-03"),
        ("2023-01-01", 249, "2023-12-29"),
        ("2023-01-01", 250, "2024-01-02"),
    ],
)
def test_a_working_day_after_another(day: str, count: int, found: str) -> None:
    first = date.fromisoformat(day)
    last = working_day_after(first, count)
    assert last == date.fromisoformat(found)
    assert working_days_between(first, last) == count


def test_no_working_day_is_named_in_a_year_without_a_table() -> None:
    assert working_day_after(date(2050, 12, 30), 1) is None


@pytest.mark.parametrize(
    ("recorded_on", "late"),
    [(date(2023, 3, 17), False), (date(2023, 3, 20), False), (date(2023, 3, 21), True)],
    ids=["9", "10", "11"],
)
def test_late_begins_after_the_tenth_working_day(recorded_on, late):
    assert is_back_dated(date(2023, 3, 6), recorded_on, 10) is late


def test_the_rule_can_be_off():
    assert not is_back_dated(date(2003, 3, 6), date(2023, 3, 6), None)


def test_where_the_table_is_missing_nothing_is_late_and_somebody_is_told(caplog):
    service_on = date(UNKNOWN_YEAR, 3, 3)

    with caplog.at_level(logging.WARNING, "timebank.calendar"):
        late = is_back_dated(service_on, service_on + timedelta(days=300), 10)

    assert not late
    assert str(UNKNOWN_YEAR) in caplog.text


def test_a_span_that_begins_before_the_first_table_is_not_counted():
    assert working_days_between(date(1950, 1, 1), date(2023, 1, 1)) is None


@pytest.mark.parametrize("years_table_missing", [UNKNOWN_YEAR, 1950])
def test_within_ten_calendar_days_no_table_is_asked(years_table_missing, caplog):
    service_on = date(years_table_missing, 3, 3)

    assert not is_back_dated(service_on, service_on + timedelta(days=10), 10)
    assert not caplog.records


def test_the_year_after_the_recording_need_not_be_known():
    last_known = max(
        year for year in range(2026, 2090) if is_working_day(date(year, 7, 3)) is not None
    )

    assert working_days_between(date(last_known, 6, 1), date(last_known, 6, 30)) is not None


def test_what_was_prepared_is_not_read_again_for_a_late_service():
    calendar._year.cache_clear()
    prepare_working_days(date(2024, 1, 9))
    read = calendar._year.cache_info().misses

    assert working_days_between(date(2023, 12, 20), date(2024, 1, 9)) == 13
    assert calendar._year.cache_info().misses == read
