"""Registers as other stations lay them out: each is small, and its truth stands beside it."""

from datetime import date

import pytest

from tests.support.register_files import Grid, write
from tests.support.register_reading import facts, read, the_row
from timebank.registers import SkippedSheet, read_register
from timebank.registers.vocabulary import Role, role_of

WHOM = ("王德",), ("杨玲英",), "助餐"


def times_of(register):
    """Start and end of every row without the day, or the code of its refusal."""
    got = [facts(row) for row in register.rows()]
    return [row[1] if len(row) == 2 else (row[1][11:], row[2][11:]) for row in got]


@pytest.mark.parametrize(
    ("labels", "role"),
    [
        ("老人住址 志愿者住址 服务对象地址 门牌号", Role.PLACE),
        ("老人年龄 老人性别 志愿者性别 服务对象年龄 老人类别 服务对象类别", Role.OTHER),
        ("老人身体状况 天气 志愿者所属单位 体温 次数 家属签字", Role.OTHER),
        ("老年人姓名 被照护人 探访对象 接受服务老人 高龄老人", Role.RECIPIENT),
        ("志愿服务者 服务人员姓名 助老员姓名 低龄老人 服务提供者", Role.VOLUNTEER),
        ("上岗时间 入户时间 进门时间", Role.START),
        ("下岗时间 出户时间 服务完毕时间", Role.END),
        ("折合小时 累计小时 服务小时 合计(小时)", Role.DURATION),
        ("老年人编号 老人档案号", Role.RECIPIENT_NUMBER),
        ("志愿者签名", Role.VOLUNTEER_SIGNED),
        ("服务对象签字", Role.RECIPIENT_SIGNED),
    ],
)
def test_labels(labels, role):
    assert {label: (role_of(label) or (None,))[0] for label in labels.split()} == dict.fromkeys(
        labels.split(), role
    )


def test_what_is_said_about_people_names_nobody(tmp_path):
    rows = [
        ["志愿者", "性别", "年龄", "志愿者住址", "老人姓名", "老人性别", "老人年龄", "老人住址",
         "老人类别", "服务日期", "到达时间", "离开时间", "服务内容"],
        ["王德", "男", 66, "一村", "杨玲英", "女", 82, "二村3-201", "空巢", "2023-03-05", "8:30",
         "9:45", "助餐"],
    ]  # fmt: skip
    row = the_row(read(tmp_path, rows))
    assert row == (2, "2023-03-05T08:30", "2023-03-05T09:45", 75, *WHOM)


def test_people_who_signed_are_the_people_where_no_column_names_them(tmp_path):
    rows = [
        ["日期", "签到时间", "签退时间", "服务内容", "志愿者签名", "老人签名"],
        ["2023-03-05", "8:30", "9:45", "助餐", "王德", "杨玲英"],
    ]
    assert the_row(read(tmp_path, rows))[4:] == WHOM


def test_a_running_total_is_no_length_of_the_line(tmp_path):
    rows = [
        ["日期", "开始", "结束", "志愿者", "服务对象", "内容", "时长(小时)", "累计时长(小时)"],
        ["2023-03-05", "8:30", "9:30", *("王德", "杨玲英", "助餐"), 1, 1],
        ["2023-03-06", "8:30", "10:30", *("王德", "杨玲英", "助餐"), 2, 3],
        ["2023-03-07", "8:30", "10:30", *("王德", "杨玲英", "助餐"), 1, 4],
    ]
    got = [facts(row) for row in read(tmp_path, rows).rows()]
    assert [row[3] if len(row) > 2 else row[1] for row in got] == [60, 120, "duration_mismatch"]


def test_when_a_line_was_written_is_its_day_only_where_nothing_else_is(tmp_path):
    people = ["志愿者", "服务对象", "内容"]
    whom = ["王德", "杨玲英", "助餐"]
    for header, line in (
        (["登记日期", "服务日期", "时间"], ["2023-03-08", "2023-03-05", "8:30-9:45"]),
        (["登记日期", "时间"], ["2023-03-08", "2023-03-05 8:30-9:45"]),
        (["登记日期", "时间"], ["2023-03-05", "8:30-9:45"]),
    ):
        row = the_row(read(tmp_path, [header + people, line + whom]))
        assert row[1:4] == ("2023-03-05T08:30", "2023-03-05T09:45", 75)


@pytest.mark.parametrize("label", ["时段", "上/下午", "午别"])
def test_a_column_that_says_which_half_of_the_day(tmp_path, label):
    rows = [
        ["日期", label, "起止时间", "志愿者", "服务对象", "内容"],
        ["2023-03-05", "上午", "8:30-10:00", "王德", "杨玲英", "助餐"],
        ["2023-03-05", "下午", "14:00-16:00", "王德", "杨玲英", "助餐"],
        ["2023-03-06", "下午", "2:00-4:00", "王德", "杨玲英", "助餐"],
        ["2023-03-07", "晚上", "7:00-8:30", "王德", "杨玲英", "助餐"],
        ["2023-03-08", "下午", "4:00-2:00", "王德", "杨玲英", "助餐"],
        ["2023-03-09", None, "9:00-10:00", "王德", "杨玲英", "助餐"],
    ]
    assert times_of(read(tmp_path, rows)) == [
        ("08:30", "10:00"), ("14:00", "16:00"), ("14:00", "16:00"), ("19:00", "20:30"),
        "end_before_start", ("09:00", "10:00"),
    ]  # fmt: skip


def test_morning_and_afternoon_in_columns_of_their_own(tmp_path):
    rows = [
        ["日期", "志愿者", "服务对象", "内容", "上午", None, "下午", None],
        [None, None, None, None, "开始", "结束", "开始", "结束"],
        ["2023-03-05", "王德", "杨玲英", "助餐", "8:30", "10:00", None, None],
        ["2023-03-06", "王德", "杨玲英", "助餐", None, None, "2:00", "4:00"],
        ["2023-03-07", "王德", "杨玲英", "助餐", "8:30", "10:00", "14:00", "16:00"],
        ["2023-03-08", "王德", "杨玲英", "助餐", None, None, None, None],
        ["2023-03-09", "王德", "杨玲英", "助餐", None, None, "14:00", None],
    ]
    merges = [(0, c, 1, c) for c in range(4)] + [(0, 4, 0, 5), (0, 6, 0, 7)]
    assert times_of(read(tmp_path, rows, merges=merges)) == [
        ("08:30", "10:00"), ("14:00", "16:00"), "unreadable_time", "missing_field",
        "missing_field",
    ]  # fmt: skip


def test_a_range_under_morning_or_afternoon(tmp_path):
    rows = [
        ["日期", "上午", "下午", "志愿者", "服务对象", "内容"],
        ["2023-03-05", "8:30-10:00", None, "王德", "杨玲英", "助餐"],
        ["2023-03-06", None, "2点-4点", "王德", "杨玲英", "助餐"],
    ]
    assert times_of(read(tmp_path, rows)) == [("08:30", "10:00"), ("14:00", "16:00")]


HEADER = ["日期", "开始", "结束", "志愿者", "服务对象", "内容", "时长(h)"]
LINE = ["2023-03-05", "8:30", "9:30", *("王德", "杨玲英", "助餐"), 1]
NEXT = ["2023-03-06", "8:30", "9:30", *("王德", "杨玲英", "助餐"), 1]


@pytest.mark.parametrize(
    "line",
    [
        ["过次页", *[None] * 5, 1], ["承前页", *[None] * 5, 1],
        [*[None] * 3, "王德 汇总", None, None, 1],
        ["第一周小计", *[None] * 5, 1], ["第二周合计", *[None] * 5, 1], ["平均", *[None] * 5, 1],
        [*[None] * 5, "小计：", 1], ["三月合计", *[None] * 5, 1], ["总 计", *[None] * 5, 1],
        ["分管领导：", None, "负责人签字："], ["主任签字：", None, None, "社区盖章："],
        ["社区（盖章）"],
        ["联系电话：025-88888888"], ["时间：2023年3月31日"], ["2023年3月31日"], ["第1页 共1页"],
        ["（此页无正文）"], ["审核意见：情况属实，同意入账。"], ["3月7日"], ["三月份"],
        [None, None, None, "日期：2023年3月31日"], ["经办：", "小李", None, "日期：", "3月31日"],
    ],
    ids=lambda line: "".join(str(cell) for cell in line if cell),
)  # fmt: skip
def test_lines_that_are_no_services(tmp_path, line):
    rows = [["2023年3月台账"], HEADER, LINE, line, NEXT]
    assert [row.row for row in read(tmp_path, rows).rows()] == [3, 5]


@pytest.mark.parametrize(
    "line",
    [
        ["2023-03-31", *[None] * 5, 1], ["2023-03-31", None, None, "王德"], ["3月40日", *LINE[1:]],
        ["待补：", *LINE[1:]], [None, *LINE[1:]], ["2023-03-31", "8:30"],
    ],
    ids=lambda line: "".join(str(cell) for cell in line if cell),
)  # fmt: skip
def test_a_line_that_says_more_is_refused_and_not_dropped(tmp_path, line):
    rows = [["2023年3月台账"], HEADER, LINE, line, NEXT]
    assert [bool(row.refusal) for row in read(tmp_path, rows).rows()] == [False, True, False]


def test_sums_of_weeks_are_no_total(tmp_path):
    rows = [
        HEADER, LINE, ["第一周合计", *[None] * 5, 1], NEXT, ["第二周合计", *[None] * 5, 1],
        ["3月合计", *[None] * 5, 2],
    ]  # fmt: skip
    assert read(tmp_path, rows).stated_minutes == 120


def test_a_header_over_a_row_of_units(tmp_path):
    rows = [
        ["志愿者", "服务日期", "服务时间", None, "服务时长", "服务对象", "服务内容"],
        [None, "(年月日)", "开始(时:分)", "结束(时:分)", "(分)", None, None],
        ["王德", "2023.03.05", "8:30", "9:45", 75, "杨玲英", "助餐"],
    ]
    (row,) = read(tmp_path, rows, merges=[(0, 2, 0, 3)]).rows()
    assert facts(row) == (3, "2023-03-05T08:30", "2023-03-05T09:45", 75, *WHOM)


def test_a_summary_is_not_counted_again(tmp_path):
    rows = [["2023年3月"], HEADER, LINE, ["合计", *[None] * 5, 1]]
    total = [["志愿者", "服务日期", "次数", "时长(h)"], ["王德", "3月", 1, 1], ["合计", None, 1, 1]]
    path = write(tmp_path / "r.xlsx", Grid("3月", rows), Grid("汇总", total))
    register = read_register(path)
    assert [row.row for row in register.rows()] == [3]
    assert register.skipped == (SkippedSheet("汇总", "summary"),)
    assert register.stated_minutes == 60
    # alone, or under another name, its lines are lines
    path = write(tmp_path / "s.xlsx", Grid("3月", rows), Grid("附表", total))
    assert [row.refusal and row.refusal.code for row in read_register(path).rows()] == [
        None,
        "missing_field",
    ]


def test_a_section_names_the_month_of_what_follows(tmp_path):
    rows = [
        ["2023年度台账"],
        HEADER,
        ["一月份"],
        ["5日", *LINE[1:]],
        ["二月份"],
        ["5日", *LINE[1:]],
    ]
    assert [facts(row)[1][:10] for row in read(tmp_path, rows).rows()] == [
        "2023-01-05",
        "2023-02-05",
    ]


def test_the_date_under_the_signatures_is_the_last_to_give_the_year(tmp_path):
    rows = [
        ["志愿服务台账"],
        HEADER,
        ["3.5", *LINE[1:]],
        ["填表人：小李", None, "日期：2023年4月1日"],
    ]
    (row,) = read(tmp_path, rows).rows()
    assert row.service_on == date(2023, 3, 5)
    rows = [["2022年志愿服务台账"], *rows[1:]]
    (row,) = read(tmp_path, rows).rows()
    assert row.service_on == date(2022, 3, 5)


def test_nothing_beside_a_head_count_is_nobody_in_particular(tmp_path):
    rows = [
        ["日期", "时间", "志愿者", "服务对象", "受益人次", "内容"],
        *([f"2023-03-0{day}", "9:00-10:00", "王德", whom, heads, "宣传"]
          for day, (whom, heads) in enumerate(
              [("-", 30), ("无", "30人次"), ("/", 30), (None, 30), ("—", None), ("/", None)], 1)),
    ]  # fmt: skip
    found = [row.refusal and row.refusal.code for row in read(tmp_path, rows).rows()]
    assert found == [None, None, None, None, "missing_field", "missing_field"]
