"""timebank/jobs/plan.py: what is due follows from the hour alone; a long absence costs nothing."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from timebank.clock import LOCAL_ZONE, milliseconds
from timebank.jobs.plan import RECONCILE, SCHEDULES, Schedule, due_ms, latest_planned

TICK = timedelta(microseconds=1)
HALF_PAST_TWO = datetime(2023, 4, 6, 2, 30, tzinfo=LOCAL_ZONE)


@pytest.mark.parametrize(
    ("now", "planned"),
    [
        (HALF_PAST_TWO - TICK, HALF_PAST_TWO - timedelta(days=1)),
        (HALF_PAST_TWO, HALF_PAST_TWO),
        (HALF_PAST_TWO + TICK, HALF_PAST_TWO),
    ],
    ids=["just before", "on the minute", "just after"],
)
def test_a_day_has_one_planned_time_on_the_stations_clock(now: datetime, planned: datetime) -> None:
    assert latest_planned(RECONCILE, now.astimezone(UTC)) == planned.astimezone(UTC)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: one.name)
def test_every_schedule_is_planned_as_often_as_it_says(schedule: Schedule) -> None:
    """Two days' planned times, or twelve, are as far apart as `longest_gap`, and never further."""
    at = HALF_PAST_TWO - timedelta(days=2)
    end = at + max(timedelta(days=2), 12 * schedule.longest_gap)
    times = [latest_planned(schedule, at)]
    while times[-1] < end:
        times.append(latest_planned(schedule, times[-1] + schedule.longest_gap))
    gaps = {later - earlier for earlier, later in pairwise(times)}
    assert max(gaps) == schedule.longest_gap


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda one: one.name)
def test_a_planned_time_is_known_by_whole_milliseconds(schedule: Schedule) -> None:
    now_ms = milliseconds(HALF_PAST_TWO) + 123
    planned_ms = due_ms(schedule, now_ms)
    assert planned_ms % 1_000 == 0
    assert due_ms(schedule, planned_ms) == planned_ms
    assert due_ms(schedule, planned_ms - 1) < planned_ms


def test_names_are_unique_and_patience_is_never_shorter_than_a_gap() -> None:
    assert len({schedule.name for schedule in SCHEDULES}) == len(SCHEDULES)
    for schedule in SCHEDULES:
        assert schedule.patience > timedelta()
        assert schedule.rests is None or schedule.rests >= schedule.longest_gap


def test_a_schedule_that_lies_about_its_gap_is_told_so() -> None:
    rare = Schedule("rare", RECONCILE.trigger, timedelta(hours=1), timedelta(hours=1))
    with pytest.raises(ValueError, match="rare"):
        latest_planned(rare, HALF_PAST_TWO - TICK)
