"""timebank/registers/dates.py: days as written, completed only by what the file says."""

from datetime import date, datetime

import pytest

from timebank.registers.cells import Unreadable
from timebank.registers.dates import Anchor, Day, complete, month_alone, read_day, stated_month

MARCH = Anchor((2023,), 3)
FIFTH = Day(5, 3, 2023)


@pytest.mark.parametrize(
    "cell",
    [
        date(2023, 3, 5), datetime.fromisoformat("2023-03-05"),
        datetime.fromisoformat("2023-03-05T14:30"),
        44990, 44990.0, 44990.604, "44990", 20230305.0, "20230305", "230305",
        "2023年3月5日", "2023年03月05日", "２０２３年３月５日", "2023 年 3 月 5 日", "2023年3月5号",
        "2023-03-05", "2023-3-5", "2023/3/5", "2023／3／5", "2023.3.5", "2023.03.05", "2023.3.5.",
        "23-03-05", "23/3/5", "23.3.5", "23年3月5日", " 2023-03-05 ", "2023-03-05 00:00:00",
        "2023-03-05T08:30", "2023年3月5日 星期日", "2023年3月5日(周日)", "2023年3月5日（星期天）",
        "二〇二三年三月五日", "2023年三月五日", "2023—03—05", "2023. 3. 5",
        "2023、3、5", "2023，3，5", "2023 3 5", "2023.3/5", "2023年3.5", "2023——3——5",
        "2023年3月5日。", "'2023-03-05", "2023/3/5（日）", "2023年3月5日上午", "2023年3月5日/周日",
    ],
    ids=str,
)  # fmt: skip
def test_full_dates(cell):
    assert read_day(cell) == FIFTH


@pytest.mark.parametrize(
    ("cell", "month", "day"),
    [
        ("3.5", 3, 5), ("3/5", 3, 5), ("3-5", 3, 5), ("3月5日", 3, 5), ("3月5号", 3, 5),
        ("3.10", 3, 10), ("3.1", 3, 1), ("3.25", 3, 25), ("03.05", 3, 5), ("0305", 3, 5),
        ("12月31日", 12, 31), ("三月五日", 3, 5), ("十二月三十一日", 12, 31), ("2.29", 2, 29),
        (3.25, 3, 25), (3.05, 3, 5), (3.4, 3, 4), (3.9, 3, 9), (12.31, 12, 31), (2.3, 2, 3),
    ],
    ids=str,
)  # fmt: skip
def test_short_days_leave_the_year_open(cell, month, day):
    assert read_day(cell) == Day(day, month, None)


def test_a_short_day_keeps_its_weekday_until_it_is_whole():
    assert complete(read_day("3月5日（周日）"), MARCH) == date(2023, 3, 5)
    with pytest.raises(Unreadable, match="星期"):
        complete(read_day("3月5日 星期六"), MARCH)


@pytest.mark.parametrize("cell", [3.1, 3.2, 3.3, 12.1, 2.1, 2.2], ids=str)
def test_a_number_that_lost_its_zero_is_refused_with_both_readings(cell):
    with pytest.raises(Unreadable, match="分不清"):
        read_day(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2023年2月30日", "2023-02-29", "2023-13-01", "2023-00-10", "2023-3-32", "2.30", "13.1",
        "2023年3月", "3月", "5", "3", "2023", 2023.0, 5.0, 3.0, "5/3/2023", "3/5/23",
        "3月5-6日", "3月5日、6日", "2023-03-05至2023-03-06", "上周三", "月初", "待定", "", "/",
        "1850-01-01", "2023年3月5日 星期一", "3月5日左右", "3、5",
        "2023/3/5（一）", True, 0.5, 305.0,
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_day(cell):
    with pytest.raises(Unreadable):
        read_day(cell)


@pytest.mark.parametrize(
    ("day", "anchor", "expected"),
    [
        (Day(5, 3), MARCH, date(2023, 3, 5)),
        (Day(5, 4), MARCH, date(2023, 4, 5)),
        (Day(31, 12), Anchor((2023,), 1), date(2022, 12, 31)),
        (Day(3, 1), Anchor((2022,), 12), date(2023, 1, 3)),
        # three months are a spill-over, four are another part of the stated year
        (Day(1, 12), MARCH, date(2022, 12, 1)),
        (Day(1, 11), MARCH, date(2023, 11, 1)),
        (Day(31, 12), Anchor((2023,)), date(2023, 12, 31)),
        (Day(1, 1), Anchor((2023,)), date(2023, 1, 1)),
        (Day(5), MARCH, date(2023, 3, 5)),
        (Day(5, 3, 2021), MARCH, date(2021, 3, 5)),
        (Day(29, 2), Anchor((2024,), 2), date(2024, 2, 29)),
        # rows of several years: the year that lies nearest to their commonest month
        (Day(3, 1), Anchor((2022, 2023), 12), date(2023, 1, 3)),
        (Day(30, 12), Anchor((2022, 2023), 12), date(2022, 12, 30)),
        (Day(5, 4), Anchor((2023, 2093), 3), date(2023, 4, 5)),
        (Day(3, 2), Anchor((2023, 2013), 11), date(2023, 2, 3)),
    ],
)
def test_short_days_take_the_year_of_the_register(day, anchor, expected):
    assert complete(day, anchor) == expected


@pytest.mark.parametrize(
    ("day", "anchor"),
    [
        (Day(5, 3), None),
        (Day(5), Anchor((2023,))),
        (Day(29, 2), Anchor((2023,), 2)),
        (Day(31), Anchor((2023,), 4)),
        (Day(5, 3), Anchor(())),
        (Day(5, 3), Anchor((2022, 2023))),
    ],
)
def test_days_that_nothing_completes(day, anchor):
    with pytest.raises(Unreadable):
        complete(day, anchor)


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("2023年3月志愿服务台账", MARCH),
        ("填报月份：2023年3月", MARCH),
        ("二〇二三年三月", MARCH),
        ("23年3月台账", MARCH),
        ("2023-03", MARCH),
        ("2023.3", MARCH),
        ("2023年度台账", Anchor((2023,))),
        ("2023年第一季度", Anchor((2023,))),
        ("2022年12月至2023年1月", Anchor((2022, 2023), 12)),
        ("2022-2023年度", Anchor((2022, 2023))),
        ("幸福里社区志愿服务登记台账", None),
        ("成立10年纪念", None),
        ("3月台账", None),
        ("电话 025-20231234", None),
    ],
)
def test_the_month_that_a_title_states(text, anchor):
    assert stated_month(text) == anchor


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("3月台账", 3),
        ("12月", 12),
        ("三月份", 3),
        ("2023年3月", None),
        ("13月", None),
        ("汇总", None),
    ],
)
def test_the_month_that_a_sheet_is_named_after(text, month):
    assert month_alone(text) == month
