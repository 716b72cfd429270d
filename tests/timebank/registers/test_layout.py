"""timebank/registers/layout.py: columns and headers as stations really draw them."""

from datetime import datetime

import pytest

from tests.support.register_reading import FORMATS, HEADER, PLAIN, ROW, facts, read, the_row


def test_columns_in_any_order_under_other_names(tmp_path):
    rows = [
        ["备注", "时长（小时）", "服务项目", "老人姓名", "义工", "终止时间", "起始时间",
        "活动日期", "序 号"],
        [None, 1.25, "助餐", "杨玲英", "王　德", "9：45", "8：30", "2023.3.5", 1],
    ]  # fmt: skip
    assert the_row(read(tmp_path, rows)) == (2, *PLAIN)


@pytest.mark.parametrize(
    ("label", "cell"),
    [("时长（小时）", 1.25), ("时长(分钟)", 75), ("服务时长/分钟", 75), ("分钟数", 75.0),
     ("小时数", "1.25"), ("服务时长 （单位：小时）", "1.25"), ("服务时长", 1.25), ("服务时长", 75),
     ("时长(小时)", "75分钟"), ("时长（分钟）", "1小时15分")],
)  # fmt: skip
def test_the_unit_in_a_label_is_respected(tmp_path, label, cell):
    rows = [[*HEADER[:7], label], [*ROW[:7], cell]]
    assert the_row(read(tmp_path, rows)) == (2, *PLAIN)


def test_a_unit_in_the_label_that_contradicts_the_times(tmp_path):
    rows = [[*HEADER[:7], "时长（小时）"], [*ROW[:7], 75]]
    assert the_row(read(tmp_path, rows)) == (2, "duration_mismatch")


@pytest.mark.parametrize(
    "label", ["起止时间", "服务时间", "时间", "服务时段", "服务时间（起止）", "活动时间"]
)
def test_a_range_in_one_column(tmp_path, label):
    rows = [
        ["日期", label, "志愿者", "服务对象", "服务内容", "服务时长"],
        ["3月5日", "上午8:30-9:45", "王德", "杨玲英", "助餐", 1.25],
    ]
    assert the_row(read(tmp_path, [["2023年3月"], *rows])) == (3, *PLAIN)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "cell", ["2023-03-05 08:30-09:45", "2023年3月5日上午8:30-9:45", "3月5日 8:30-9:45"]
)
def test_date_and_range_in_one_column(tmp_path, suffix, cell):
    rows = [
        ["2023年台账"],
        ["服务时间", "志愿者", "服务对象", "服务内容"],
        [cell, "王德", "杨玲英", "助餐"],
    ]
    assert the_row(read(tmp_path, rows, suffix)) == (3, *PLAIN)


def test_a_moment_and_a_length_make_the_interval(tmp_path):
    rows = [
        ["服务时间", "时长", "志愿者", "服务对象", "服务内容"],
        [datetime.fromisoformat("2023-03-05T08:30"), "75分钟", "王德", "杨玲英", "助餐"],
    ]
    assert the_row(read(tmp_path, rows)) == (2, *PLAIN)


def test_dated_starts_and_ends(tmp_path):
    rows = [
        ["签到时间", "签退时间", "志愿者", "服务对象", "服务内容"],
        ["2023-03-05 08:30", "2023-03-05 09:45", "王德", "杨玲英", "助餐"],
        ["2023-03-05 23:30", "2023-03-06 00:30", "王德", "杨玲英", "陪护"],
        ["2023-03-05 23:30", "2023-03-04 23:45", "王德", "杨玲英", "陪护"],
        ["2023-03-05 23:30", "2023-03-07 23:45", "王德", "杨玲英", "陪护"],
    ]
    got = [facts(row) for row in read(tmp_path, rows).rows()]
    assert got[0] == (2, *PLAIN)
    assert got[1][1:4] == ("2023-03-05T23:30", "2023-03-06T00:30", 60)
    assert got[2:] == [(4, "end_before_start"), (5, "unreadable_time")]


def test_service_time_is_a_date_beside_columns_of_times(tmp_path):
    rows = [["服务时间", *HEADER[2:]], ["2023.3.5", *ROW[2:]]]
    assert the_row(read(tmp_path, rows)) == (2, *PLAIN)


@pytest.mark.parametrize(
    "labels",
    [
        ("服务时间（起）", "服务时间（止）"), ("时间(开始)", "时间(结束)"), ("起", "止"),
        ("服务时间起", "服务时间止"), ("上门时间", "离开时间"), ("Start", "END"),
    ],
)  # fmt: skip
def test_start_and_end_under_many_names(tmp_path, labels):
    rows = [[*HEADER[:2], *labels, *HEADER[4:]], ROW]
    assert the_row(read(tmp_path, rows)) == (2, *PLAIN)


def test_whose_name_it_is_may_stand_in_brackets(tmp_path):
    rows = [[*HEADER[:4], "姓名（志愿者）", "姓名（老人）", *HEADER[6:]], ROW]
    assert the_row(read(tmp_path, rows)) == (2, *PLAIN)


def test_a_unit_makes_service_time_a_length(tmp_path):
    rows = [[*HEADER[:7], "服务时间（分钟）"], [*ROW[:7], 75]]
    assert the_row(read(tmp_path, rows)) == (2, *PLAIN)


def test_service_time_is_a_length_beside_columns_of_times(tmp_path):
    rows = [[*HEADER[:7], "服务时间"], [*ROW[:7], "1小时15分"]]
    assert the_row(read(tmp_path, rows)) == (2, *PLAIN)


def test_month_and_day_in_columns_of_their_own(tmp_path):
    rows = [["2023年度台账"], ["月", "日", *HEADER[2:]], [3, 5, *ROW[2:]]]
    assert the_row(read(tmp_path, rows)) == (3, *PLAIN)


def test_without_a_duration_column_the_times_decide(tmp_path):
    assert the_row(read(tmp_path, [HEADER[:7], ROW[:7]])) == (2, *PLAIN)


def test_without_an_end_column_the_length_decides(tmp_path):
    header = [*HEADER[:3], *HEADER[4:]]
    assert the_row(read(tmp_path, [header, [*ROW[:3], *ROW[4:]]])) == (2, *PLAIN)
    odd = [*ROW[:3], *ROW[4:7], "0.34小时"]
    assert the_row(read(tmp_path, [header, odd])) == (2, "unreadable_duration")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_header_of_two_rows(tmp_path, suffix):
    rows = [
        ["栖霞街道志愿服务台账"] + [None] * 9,
        [
            "序号",
            "服务日期",
            "服务时间",
            None,
            "志愿者",
            None,
            "服务对象",
            None,
            "服务内容",
            "时长",
        ],
        [None, None, "开始", "结束", "姓名", "编号", "姓名", "电话", None, None],
        [
            1,
            "2023-03-05",
            "8:30",
            "9:45",
            "王德",
            "V0001",
            "杨玲英",
            "13900000000",
            "助餐",
            "75分钟",
        ],
    ]
    merges = [(0, 0, 0, 9), (1, 2, 1, 3), (1, 4, 1, 5), (1, 6, 1, 7)]
    merges += [(1, c, 2, c) for c in (0, 1, 8, 9)]
    register = read(tmp_path, rows, suffix, merges if suffix != ".csv" else ())
    (row,) = register.rows()
    assert facts(row) == (4, *PLAIN[:3], ("V0001",), ("杨玲英",), "助餐")
    assert row.volunteers[0].name == "王德"
    assert register.title == "栖霞街道志愿服务台账"


def test_hours_and_minutes_in_two_columns(tmp_path):
    rows = [
        [*HEADER[:7], "服务时长", None],
        [None] * 7 + ["小时", "分钟"],
        [*ROW[:7], 1, 15],
        [2, "2023-03-05", "10:30", "11:30", "王德", "杨玲英", "助餐", 1, 0],
        [3, "2023-03-05", "12:30", "13:00", "王德", "杨玲英", "助餐", None, 30],
        [4, "2023-03-05", "14:30", "15:00", "王德", "杨玲英", "助餐", 1, 30],
    ]
    got = [facts(row) for row in read(tmp_path, rows, merges=[(0, 7, 0, 8)]).rows()]
    assert [row[3] if len(row) > 2 else row[1] for row in got] == [75, 60, 30, "duration_mismatch"]
