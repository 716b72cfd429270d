"""timebank/registers/register.py: which lines are services, when they were, why one is refused."""

from datetime import date, time, timedelta

import pytest

from tests.support.register_files import Grid, write
from tests.support.register_reading import FORMATS, HEADER, PLAIN, ROW, facts, read, the_row
from timebank.errors import HeaderNotFound
from timebank.registers import read_register


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_reads_alike(tmp_path, suffix):
    rows = [["幸福里社区2023年3月台账"], [], HEADER, ROW, [], ["合计", None, None, "75分钟"]]
    register = read(tmp_path, rows, suffix)

    assert the_row(register) == (4, *PLAIN)
    assert (register.title, register.year, register.month) == ("幸福里社区2023年3月台账", 2023, 3)
    assert register.stated_minutes == 75
    assert list(register.rows()) == list(register.rows())  # they can be read again


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_real_dates_times_and_lengths(tmp_path, suffix):
    row = [1, date(2023, 3, 5), time(8, 30), time(9, 45), "王德", "杨玲英", "助餐"]
    length = timedelta(hours=1, minutes=15)
    assert the_row(read(tmp_path, [HEADER, [*row, length]], suffix)) == (2, *PLAIN)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，"])
def test_text_in_every_encoding_with_every_delimiter(tmp_path, encoding, delimiter):
    rows = [["标题", "含，和;和,的"], HEADER, ROW]
    register = read(tmp_path, rows, ".csv", encoding=encoding, delimiter=delimiter)
    assert the_row(register) == (3, *PLAIN)


@pytest.mark.parametrize("above", [0, 1, 28, 29])
def test_the_header_stands_within_thirty_rows(tmp_path, above):
    assert the_row(read(tmp_path, [["说明"]] * above + [HEADER, ROW]))[0] == above + 2


def test_a_header_on_row_31_is_not_looked_for(tmp_path):
    with pytest.raises(HeaderNotFound):
        read(tmp_path, [["说明"]] * 30 + [HEADER, ROW])


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_merged_down_cells_hold_for_every_row(tmp_path, suffix):
    rows = [
        HEADER,
        ROW,
        [2, None, None, None, None, "吕晓海", "助餐", None],
        [3, None, "10:00", "11:00", "王德", "何国", "助餐", "1小时"],
        [4, None, "10:00", "11:00", "高子", "何国", "助餐", "1小时"],
    ]
    merges = [(1, 1, 3, 1), (1, 2, 2, 2), (1, 3, 2, 3), (1, 4, 2, 4), (1, 7, 2, 7)]
    got = [facts(row) for row in read(tmp_path, rows, suffix, merges).rows()]
    assert got[0] == (2, *PLAIN)
    assert got[1] == (3, *PLAIN[:4], ("吕晓海",), "助餐")
    assert got[2][1] == "2023-03-05T10:00"
    assert got[3] == (5, "missing_field")  # below the merged region


def test_blank_below_is_blank_in_text_but_ditto_marks_are_read(tmp_path):
    rows = [
        HEADER,
        ROW,
        [2, "〃", "10:00", "11:00", "同上", "同上", "″", "1小时"],
        [3, None, "12:00", "13:00", "王德", "杨玲英", "助餐", "1小时"],
    ]
    got = [facts(row) for row in read(tmp_path, rows, ".csv").rows()]
    assert got[1][1:] == ("2023-03-05T10:00", "2023-03-05T11:00", 60, *PLAIN[3:])
    assert got[2] == (4, "missing_field")


def test_lines_that_are_no_services(tmp_path):
    rows = [
        ["幸福里"], ["填报月份：2023年3月", None, None, "填报单位：幸福里社区服务站"], HEADER,
        ["第一组"], ROW, [None] * 8, [2, None, None, None, None, None, None, 0],
        ["小计", None, None, None, None, None, "1条", "1.25小时"], HEADER,
        [3, "3.6", "8:30", "9:45", "高子", "杨玲英", "助餐", "75分钟"],
        ["合  计", None, None, None, None, None, "2次", 2.5],
        ["备注：以上属实"], ["填表人：张三", None, None, "负责人：李四"], ["（盖章）"],
        [None, None, None, None, None, None, "2023年4月6日"],
    ]  # fmt: skip
    register = read(tmp_path, rows)
    got = [facts(row) for row in register.rows()]
    assert [row[0] for row in got[:2]] == [5, 10]
    assert got[1][1] == "2023-03-06T08:30"
    assert got[2:] == [(15, "missing_field")]  # cannot be told from a service with one cell
    assert register.organisation == "幸福里社区服务站"
    assert (register.stated_minutes, register.stated_count) == (150, 2)
    (sheet,) = register.sheets
    assert [line.row for line in sheet.passed_over] == [4, 12, 13, 14]
    assert [total.is_subtotal for total in sheet.totals] == [True, False]


@pytest.mark.parametrize(
    ("line", "minutes", "count"),
    [
        (["合计", None, None, None, None, None, None, "257小时"], 15420, None),
        (["合计：160条，257小时"], 15420, 160),
        (["合计", None, None, None, None, None, None, 2.5], 150, None),
        (["总计", None, None, None, "3人次", None, None, "2小时30分"], 150, 3),
        (["共计 90分钟"], 90, None),
        (["合计", None, None, None, None, None, None, "60条"], None, 60),
        (["合计", None, None, None, None, None, None, timedelta(hours=30)], 1800, None),
        (["本月合计", None, None, None, None, None, None, "19.83"], 1190, None),
    ],
)
def test_the_registers_own_total(tmp_path, line, minutes, count):
    register = read(tmp_path, [HEADER, ROW, line])
    assert (register.stated_minutes, register.stated_count) == (minutes, count)
    assert register.row_count == 1


def test_several_sheets_hidden_and_other_ones(tmp_path):
    path = write(
        tmp_path / "r.xlsx",
        Grid("说明", [["填表说明"]]),
        Grid("3月", [["2023年3月"], HEADER, ROW, ["合计", None, None, "75分钟"]]),
        Grid("旧", [HEADER, ROW], hidden=True),
        Grid("4月", [HEADER, [1, "4.5", *ROW[2:4], None, *ROW[5:]], ["合计", None, None, "1小时"]]),
        Grid("空", []),
    )
    register = read_register(path)
    got = [(row.sheet, facts(row)) for row in register.rows()]
    assert got == [("3月", (3, *PLAIN)), ("4月", (2, "missing_field"))]
    assert next(r for r in register.rows() if r.refusal).refusal.explanation == (
        "“4月”第2行：缺少“志愿者”"
    )
    assert [(s.name, s.why) for s in register.skipped] == [
        ("说明", "no_header"), ("旧", "hidden"), ("空", "empty"),
    ]  # fmt: skip
    assert register.has_several_sheets
    assert register.stated_minutes == 135


def test_a_second_table_below_the_first_with_its_own_columns(tmp_path):
    other = ["志愿者编号", "日期", "时段", "老人", "项目", "备注"]
    rows = [
        ["2023年3月"], HEADER, ROW, [], ["2024年1月"], other,
        ["V0001", "1.5", "14:00-15:00", "何国", "理发", None],
    ]  # fmt: skip
    got = [facts(row) for row in read(tmp_path, rows).rows()]
    assert got[0] == (3, *PLAIN)
    assert got[1] == (7, "2024-01-05T14:00", "2024-01-05T15:00", 60, ("V0001",), ("何国",), "理发")


@pytest.mark.parametrize(
    ("above", "name", "other", "expected"),
    [
        ([["2023年3月台账"]], "台账", None, "2023-04-04"),
        ([["幸福里台账"], ["填报月份：2023年3月"]], "台账", None, "2023-04-04"),
        ([["幸福里台账"], ["填报月份：", "2023年3月"]], "台账", None, "2023-04-04"),
        ([["年度：2023"]], "台账", None, "2023-04-04"),
        ([["幸福里台账"]], "2023年3月", None, "2023-04-04"),
        ([["幸福里台账"]], "台账", "2023-03-05", "2023-04-04"),
        ([["幸福里台账"]], "台账", None, None),
        ([["2023年1月"]], "台账", None, "2023-04-04"),
        ([["2023年度"]], "6月", None, "2023-04-04"),
    ],
)
def test_the_year_of_a_short_day(tmp_path, above, name, other, expected):
    rows = [*above, HEADER, [1, "4.4", *ROW[2:]]]
    if other:
        rows.append([2, other, *ROW[2:]])
    row = next(iter(read(tmp_path, rows, name=name).rows()))
    assert (row.service_on.isoformat() if row.service_on else None) == expected
    assert (row.refusal.code if row.refusal else None) == (None if expected else "unreadable_date")


def test_a_title_left_over_from_another_year_completes_nothing(tmp_path):
    full = [[n, f"2023-03-0{n}", *ROW[2:]] for n in (1, 2, 3)]
    rows = [["2021年3月台账"], HEADER, *full, [4, "3.9", *ROW[2:]]]
    got = list(read(tmp_path, rows).rows())
    assert got[-1].refusal.code == "unreadable_date"
    assert "标题" in got[-1].refusal.explanation
    assert [row.refusal for row in got[:3]] == [None] * 3


def test_one_mistyped_year_does_not_mislead_the_others(tmp_path):
    rows = [HEADER] + [
        [n, day, *ROW[2:]]
        for n, day in enumerate(["2093-03-28", "2023-03-05", "2023-04-01", "3.9", "4.2"])
    ]  # fmt: skip,
    assert [str(row.service_on) for row in read(tmp_path, rows).rows()][3:] == [
        "2023-03-09",
        "2023-04-02",
    ]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        (1, None, "missing_field"), (2, None, "missing_field"), (3, None, "missing_field"),
        (4, None, "missing_field"), (5, None, "missing_field"), (6, None, "missing_field"),
        (7, None, "missing_field"), (1, "2023年2月30日", "unreadable_date"),
        (1, 3.1, "unreadable_date"), (2, "早饭后", "unreadable_time"),
        (3, "9:75", "unreadable_time"),
        (7, "半天左右", "unreadable_duration"), (3, "8:30", "end_before_start"),
        (3, "8:29", "end_before_start"), (3, "8:31", "duration_mismatch"),
        (7, "76分钟", "duration_mismatch"), (7, "74分钟", "duration_mismatch"),
        (7, "1.3小时", "duration_mismatch"),
        (4, 3.20113197912159561e17, "id_number_typed_as_number"),
    ],
)  # fmt: skip
def test_each_refusal_of_the_reader(tmp_path, column, cell, code):
    row = list(ROW)
    row[column] = cell
    assert the_row(read(tmp_path, [["2023年3月"], HEADER, row])) == (3, code)


def test_the_first_refusal_in_the_documented_order_wins(tmp_path):
    # Each row mends the fault that the row above was refused for, and keeps the rest.
    rows = [
        [1, "2.30", "早", "7:00", "王德", None, "助餐", "若干"],
        [1, "2.30", "早", "7:00", "王德", "杨玲英", "助餐", "若干"],
        [1, "3.5", "早", "7:00", "王德", "杨玲英", "助餐", "若干"],
        [1, "3.5", "8:00", "7:00", "王德", "杨玲英", "助餐", "若干"],
        [1, "3.5", "8:00", "7:00", "王德", "杨玲英", "助餐", "2小时"],
        [1, "3.5", "8:00", "9:00", 3.2e17, "杨玲英", "助餐", "2小时"],
        [1, "3.5", "8:00", "9:00", 3.2e17, "杨玲英", "助餐", "1小时"],
    ]
    got = [row.refusal.code for row in read(tmp_path, [["2023年3月"], HEADER, *rows]).rows()]
    assert got == [
        "missing_field", "unreadable_date", "unreadable_time", "unreadable_duration",
        "end_before_start", "duration_mismatch", "id_number_typed_as_number",
    ]  # fmt: skip


def test_nobody_in_particular_and_a_head_count(tmp_path):
    header = [*HEADER, "受益人次", "地点", "联系电话"]
    rows = [
        header,
        [*ROW[:5], "社区居民", "环境清洁", "75分钟", 50, "幸福路", None],
        [*ROW[:5], None, "环境清洁", "75分钟", "约30人", None, None],
        [*ROW[:5], None, "环境清洁", "75分钟", None, None, None],
    ]
    first, second, third = read(tmp_path, rows).rows()
    assert (first.public, first.head_count, first.recipients) == ("社区居民", 50, ())
    assert first.place == "幸福路"
    assert (second.public, second.head_count, second.recipients) == ("", 30, ())
    assert third.refusal.code == "missing_field"


@pytest.mark.parametrize("column", [4, 5])
def test_nothing_but_separators_is_nobody(tmp_path, column):
    row = list(ROW)
    row[column] = "、 ，"
    assert the_row(read(tmp_path, [HEADER, row])) == (2, "missing_field")


def test_overnight_only_when_it_says_so(tmp_path):
    rows = [
        HEADER,
        [1, "2023-03-05", "22:00", "次日6:00", "王德", "杨玲英", "陪护", "8小时"],
        [2, "2023-03-05", "22:00", "6:00", "王德", "杨玲英", "陪护", "8小时"],
    ]
    night, fault = (facts(row) for row in read(tmp_path, rows).rows())
    assert night[1:4] == ("2023-03-05T22:00", "2023-03-06T06:00", 480)
    assert fault == (3, "end_before_start")


def test_a_day_that_contradicts_the_date_column(tmp_path):
    rows = [HEADER, [1, "2023-03-05", "2023-03-06 8:30", "9:45", *ROW[4:]]]
    assert the_row(read(tmp_path, rows)) == (2, "unreadable_date")


def test_a_number_column_named_only_number(tmp_path):
    rows = [["编号", *HEADER[1:]], [1, *ROW[1:]]]
    assert the_row(read(tmp_path, rows)) == (2, *PLAIN)
    rows = [["编号", *HEADER[1:4], "姓名", *HEADER[5:]], ["V0001", *ROW[1:]]]
    assert the_row(read(tmp_path, rows))[4] == ("V0001",)


def test_a_row_filled_in_only_partly_is_refused_not_dropped(tmp_path):
    rows = [HEADER, ROW, [2, None, None, None, "王德", None, None, None]]
    assert [facts(row) for row in read(tmp_path, rows).rows()][1] == (3, "missing_field")
