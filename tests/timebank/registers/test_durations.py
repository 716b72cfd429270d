"""timebank/registers/durations.py: lengths, exact to the minute."""

from datetime import time, timedelta
from fractions import Fraction

import pytest

from timebank.registers.cells import Unreadable
from timebank.registers.durations import Duration, Unit, read_duration


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("2小时30分", 150), ("2小时30分钟", 150), ("2小时30", 150), ("2小时半", 150),
        ("2个半小时", 150),
        ("两个半小时", 150), ("2.5小时", 150), ("2.5个小时", 150), ("２．５小时", 150),
        ("2小时 30分", 150),
        ("1.25小时", 75), ("1个半小时", 90), ("一个半小时", 90), ("半小时", 30), ("半个小时", 30),
        ("90分钟", 90), ("90分", 90), ("90 分钟", 90), ("1h30m", 90), ("1h", 60), ("1.5h", 90),
        ("1.5H", 90), ("90min", 90), ("90mins", 90), ("2hours", 120), ("1:30", 90),
        ("01:30:00", 90),
        ("1：30", 90), ("1时30分", 90), ("一刻钟", 15), ("三刻钟", 45), ("1小时一刻", 75),
        ("十五分钟", 15),
        ("2小时整", 120), ("1个钟头", 60), ("0.5小时", 30), (".5小时", 30), ("共2小时", 120),
        ("1小时15分", 75), ("三小时", 180), ("90'", 90),
        (time(1, 30), 90), (timedelta(hours=1, minutes=30), 90), (timedelta(hours=30), 1800),
    ],
    ids=str,
)  # fmt: skip
def test_lengths_that_name_their_unit(cell, minutes):
    assert read_duration(cell).exact == minutes
    assert read_duration(cell, Unit.MINUTES).exact == minutes  # the cell's own word wins


@pytest.mark.parametrize(
    "cell",
    [
        "", "半天左右", "半天", "约2小时", "2小时左右", "2-3小时", "一上午", "1.5小时30分",
        "若干", "全天",
        "-1", "0", 0.0, "0小时", True, None, "1:60", "1:30:30", "2天", "小时",
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_length(cell):
    with pytest.raises(Unreadable):
        read_duration(cell)


@pytest.mark.parametrize(
    ("cell", "unit", "times", "minutes"),
    [
        (1.25, Unit.HOURS, None, 75), ("1.25", Unit.HOURS, None, 75),
        (90.0, Unit.MINUTES, None, 90),
        (2, Unit.HOURS, 2, 120),
        # without a unit the times decide between the readings
        (1.25, None, 75, 75), (90.0, None, 90, 90), ("45", None, 45, 45), (1, None, 60, 60),
        (0.0625, None, 90, 90), (0.5, None, 30, 30), (0.5, None, 720, 720),
        (1.0, None, 1, 1),
        # without times the size decides
        (12, None, None, 720), (25, None, None, 25), (0.75, None, None, 45),
        # and a disagreement is reported in the likelier unit
        (3.5, None, 150, 210), (45, None, 60, 45),
    ],
)  # fmt: skip
def test_bare_figures(cell, unit, times, minutes):
    assert read_duration(cell, unit, times).exact == minutes


@pytest.mark.parametrize("cell", [13, 24, "15"])
def test_a_bare_figure_that_could_be_either_unit(cell):
    with pytest.raises(Unreadable, match="单位"):
        read_duration(cell)


@pytest.mark.parametrize(
    ("cell", "minutes", "agrees"),
    [
        ("0.33小时", 19, False), ("0.33小时", 20, True), ("0.33小时", 21, False),
        ("0.67小时", 40, True), ("0.66小时", 40, False), ("1.33小时", 80, True),
        ("0.333小时", 20, True), ("0.34小时", 20, False), ("0.3小时", 18, True),
        ("0.3小时", 20, False),
        ("0.8小时", 45, False), ("1.5小时", 90, True), ("1.5小时", 91, False),
        ("1.50小时", 90, True),
        ("1.58小时", 95, True), ("20分钟", 20, True), ("20分钟", 21, False),
        (0.33, 20, True), (0.3333333333333333, 20, True), (2.4999999999999996, 150, True),
        (1 / 3, 20, True), (1 / 3, 21, False), (1.1, 66, True),
    ],
)  # fmt: skip
def test_only_a_figure_of_two_decimals_may_be_a_rounding(cell, minutes, agrees):
    assert read_duration(cell, Unit.HOURS).agrees(minutes) is agrees


def test_whole_minutes_that_a_length_stands_for():
    assert Duration(Fraction(90)).minutes() == 90
    assert read_duration("0.33小时").minutes() == 20
    assert read_duration("0.34小时").minutes() is None
    assert read_duration("0.01小时").minutes() is None


def test_no_minute_is_lost_to_rounding_over_two_decimals():
    for minutes in range(1, 24 * 60 + 1):
        hours = f"{round(Fraction(minutes * 100, 60)) / 100:.2f}小时"
        assert read_duration(hours).minutes() == minutes
