"""timebank/registers/times.py: times of day and the interval that two of them make."""

from datetime import date, datetime, time, timedelta

import pytest

from timebank.registers.cells import Unreadable
from timebank.registers.dates import Day
from timebank.registers.times import interval, read_range, read_time


@pytest.mark.parametrize(
    ("cell", "clock"),
    [
        ("8：30", "08:30"), ("8:30", "08:30"), ("08:30:00", "08:30"), ("８：３０", "08:30"),
        ("8点30分", "08:30"), ("8点30", "08:30"), ("8点半", "08:30"), ("8时30分", "08:30"),
        ("8点", "08:00"), ("8时", "08:00"), ("8点整", "08:00"), ("8点钟", "08:00"),
        ("8点5分", "08:05"), ("8点一刻", "08:15"), ("8点三刻", "08:45"), ("八点三十分", "08:30"),
        ("8；30", "08:30"), ("8∶30", "08:30"), ("8.30", "08:30"), ("0830", "08:30"),
        ("830", "08:30"),
        (" 8 : 30 ", "08:30"), ("上午8点30分", "08:30"), ("上午8:30", "08:30"),
        ("早上8点", "08:00"),
        ("早8点", "08:00"), ("上午 8：30", "08:30"), ("AM 8:30", "08:30"), ("8:30 AM", "08:30"),
        ("下午2点半", "14:30"), ("下午2:30", "14:30"), ("下午两点", "14:00"),
        ("下午14:30", "14:30"),
        ("2:30PM", "14:30"), ("午后3点", "15:00"), ("傍晚6点", "18:00"), ("晚上7点", "19:00"),
        ("中午12点", "12:00"), ("中午1点", "13:00"), ("中午11点半", "11:30"),
        ("下午12点", "12:00"), ("下午12点30分", "12:30"), ("上午12点", "12:00"),
        ("12:00 PM", "12:00"),
        ("12:00 AM", "00:00"), ("凌晨2点", "02:00"), ("23:59", "23:59"), ("0:00", "00:00"),
        (time(8, 30), "08:30"), (time(0, 0), "00:00"),
        (datetime.fromisoformat("1899-12-31T08:30"), "08:30"),
        (timedelta(hours=8, minutes=30), "08:30"),
        (0.354166, "08:30"), (0.35416666666666669, "08:30"), (0.3542, "08:30"), (0.0, "00:00"),
        ("0.354166", "08:30"), (830.0, "08:30"), (1430, "14:30"),
        (time(8, 29, 59, 999_600), "08:30"),
    ],
    ids=str,
)  # fmt: skip
def test_times(cell, clock):
    minute = read_time(cell).minute
    assert f"{minute // 60:02d}:{minute % 60:02d}" == clock


@pytest.mark.parametrize(("cell", "minute"), [("24:00", 1440), ("晚上12点", 1440), ("23:59", 1439)])
def test_the_end_of_the_day(cell, minute):
    assert read_time(cell).minute == minute


@pytest.mark.parametrize(
    "cell",
    [
        "", "8", 8.0, 8.3, 8.5, "24:01", "25:00", "8:60", "8:3", "8点60分", "上午14:00", "中午5点",
        "上午12点30分", "晚上12点30分", "上午", "早上", "8:30:20", time(8, 30, 20), "2小时", "下午",
        "3月5日", "14:00-15:30", "约8点", "8点左右", None, True, date(2023, 3, 5), 99.0,
        "上午8点下午",
        0.3546, timedelta(hours=30), "30:00",
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_time(cell):
    with pytest.raises(Unreadable):
        read_time(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2023-03-05 08:30", "2023年3月5日8点30分",
        "2023/3/5 上午8:30", datetime.fromisoformat("2023-03-05T08:30"),
        44990.3541666667, "2023-03-05T08:30:00", "2023年3月5日（星期日）上午8:30",
    ],
    ids=str,
)  # fmt: skip
def test_a_time_with_its_date(cell):
    found = read_time(cell)
    assert (found.minute, found.day) == (510, Day(5, 3, 2023))


@pytest.mark.parametrize(
    ("cell", "begins", "ends"),
    [
        ("14:00-15:30", 840, 930), ("14:00~15:30", 840, 930), ("14:00～15:30", 840, 930),
        ("14:00至15:30", 840, 930), ("14:00—15:30", 840, 930), ("14:00——15:30", 840, 930),
        ("14：00－15：30", 840, 930), ("14:00 - 15:30", 840, 930), ("14:00–15:30", 840, 930),
        ("14:00到15:30", 840, 930), ("从14:00到15:30", 840, 930), ("14点-15点半", 840, 930),
        ("上午9点-11点", 540, 660), ("上午9:00-11:00", 540, 660), ("上午9点至上午11点", 540, 660),
        ("9点-11点", 540, 660), ("9-11点", 540, 660), ("9:00-11", 540, 660),
        ("上午9点-下午1点", 540, 780), ("下午2点-4点", 840, 960), ("下午2点-16:00", 840, 960),
        ("下午2:00-4:30", 840, 990), ("上午11点-12点", 660, 720), ("上午11点-12点30分", 660, 750),
        ("上午10点-中午12点", 600, 720), ("中午12点-2点", 720, 840), ("中午12点-3点", 720, 900),
        ("晚上7点-9点", 1140, 1260), ("晚上10点-12点", 1320, 1440), ("8:30-下午5点", 510, 1020),
        ("早8点到晚5点", 480, 1020), ("22:00-次日6:00", 1320, 1800),
        ("22:00-第二天6:00", 1320, 1800),
        ("8.30-10.30", 510, 630), ("22:00-24:00", 1320, 1440), ("下午12点-1点", 720, 780),
        ("9:00-11：00（2小时）", 540, 660), ("14:00-15:30（共1.5小时）", 840, 930),
        ("9：00一10：00", 540, 600), ("14：00-16：00。", 840, 960),
    ],
)  # fmt: skip
def test_ranges(cell, begins, ends):
    assert interval(*read_range(cell)) == (begins, ends)


@pytest.mark.parametrize(
    "cell",
    [
        "2023-03-05 14:00-15:30", "2023年3月5日14:00-15:30", "2023年3月5日 下午2点-3点半",
        "2023/3/5 14:00~15:30", "2023-03-05 14:00-2023-03-05 15:30",
    ],
)  # fmt: skip
def test_a_range_with_its_date(cell):
    start, end = read_range(cell)
    assert (start.day, interval(start, end)) == (Day(5, 3, 2023), (840, 930))


@pytest.mark.parametrize(
    "cell",
    ["3月5日 14:00-15:30", "3.5 14:00-15:30", "3/5 14:00-15:30", "3.5下午2:00—3:30",
     "3月5日（周日）14:00-15:30"],
)  # fmt: skip
def test_a_range_with_a_short_date(cell):
    start, end = read_range(cell)
    assert (start.day, interval(start, end)) == (Day(5, 3), (840, 930))


@pytest.mark.parametrize(
    "cell",
    ["", "14:00", "14:00-", "-15:30", "9-11", "8:00-10:00,14:00-16:00", "8:00-10:00-12:00",
     "上午-下午", "2小时", "2023-03-05", "全天", time(8, 30), None, 0.5,
     "9:00-11:00（3小时）", "9:00-11:00（上午）"],
    ids=str,
)  # fmt: skip
def test_what_is_no_range(cell):
    with pytest.raises(Unreadable):
        read_range(cell)


@pytest.mark.parametrize("cell", ["2:00-下午4点", "2:00-4:00PM", "次日8:00-9:00"])
def test_ranges_with_more_than_one_reading(cell):
    with pytest.raises(Unreadable):
        interval(*read_range(cell))


def test_an_end_in_a_column_of_its_own_borrows_no_half_day():
    # 下午2点 beside 10:30 is a mistake; read as 22:30 it would credit eight hours.
    assert interval(read_time("下午2点"), read_time("10:30")) == (840, 630)
    assert interval(read_time("下午2点"), read_time("4点")) == (840, 240)
