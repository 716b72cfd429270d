"""timebank/clock.py: days are those of the station's wall, instants are UTC."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.support.clock import FrozenClock
from timebank.clock import (
    LOCAL_ZONE,
    Clock,
    SystemClock,
    day_bounds,
    from_milliseconds,
    instant_of,
    local_date,
    local_datetime,
    milliseconds,
    month_bounds,
    seconds,
)

MIDNIGHT = datetime(2023, 3, 30, 16, 0, tzinfo=UTC)  # 31 March, 00:00, in Nanjing
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (MIDNIGHT - TICK, date(2023, 3, 30)),
        (MIDNIGHT, date(2023, 3, 31)),
        (MIDNIGHT + TICK, date(2023, 3, 31)),
    ],
    ids=["before", "at", "after"],
)
def test_a_day_begins_at_midnight_of_the_station(instant, day):
    assert local_date(instant) == day


def test_a_day_is_the_half_open_span_of_its_instants():
    first, after = day_bounds(date(2023, 3, 31))

    assert first == MIDNIGHT
    assert after == MIDNIGHT + timedelta(days=1)
    assert (first.tzinfo, after.tzinfo) == (UTC, UTC)


def test_local_time_and_instant_are_two_writings_of_one_moment():
    instant = instant_of(date(2023, 3, 30), time(14, 30))

    assert instant == datetime(2023, 3, 30, 6, 30, tzinfo=UTC)
    assert local_datetime(instant).strftime("%Y-%m-%d %H:%M") == "2023-03-30 14:30"


@pytest.mark.parametrize("read", [local_date, local_datetime, milliseconds, seconds])
def test_an_instant_without_a_zone_is_no_instant(read):
    with pytest.raises(ValueError, match="zone"):
        read(datetime(2023, 3, 30, 14, 30))  # noqa: DTZ001 - the fault under test


def test_a_time_of_day_with_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        instant_of(date(2023, 3, 30), time(14, 30, tzinfo=LOCAL_ZONE))


@pytest.mark.parametrize("ms", [-1, 0, 1, 1_677_978_123_456])
def test_milliseconds_go_there_and_back(ms):
    assert milliseconds(from_milliseconds(ms)) == ms


def test_what_is_smaller_than_a_millisecond_is_cut_never_rounded_up():
    assert milliseconds(from_milliseconds(5) - TICK) == 4


def test_the_system_clock_answers_in_utc():
    clock: Clock = SystemClock()

    assert clock.now().tzinfo is UTC


def test_a_frozen_clock_moves_only_when_told():
    clock: Clock = FrozenClock(MIDNIGHT)

    assert clock.now() == clock.now() == MIDNIGHT
    assert clock.move(TICK) == MIDNIGHT + TICK == clock.now()


def test_a_second_begins_on_the_second():
    whole = from_milliseconds(5_000)
    assert [seconds(at) for at in (whole - TICK, whole, whole + TICK)] == [4, 5, 5]


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("2023-03", date(2023, 3, 1), date(2023, 4, 1)),
        ("2023-12", date(2023, 12, 1), date(2024, 1, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
    ],
)
def test_a_month_is_the_half_open_span_of_its_days(name, first, after):
    assert month_bounds(name) == (day_bounds(first)[0], day_bounds(after)[0])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2023-13", "month must be in 1..12"),
        ("2023-00", "month must be in 1..12"),
        ("23-01", "Invalid isoformat"),
        ("2023-1", "Invalid isoformat"),
        ("", "Invalid isoformat"),
        ("9999-12", "year 10000"),
    ],
)
def test_what_is_no_month_has_no_bounds(name, said):
    with pytest.raises(ValueError, match=said):
        month_bounds(name)
