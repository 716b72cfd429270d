"""timebank/registers/error_sheet.py: what was refused comes back, can be mended, and returns."""

from datetime import date, time

import openpyxl
import pytest

from tests.support.register_files import Grid, write
from timebank.registers import read_register, write_error_sheet

HEADER = ["序号", "服务日期", "开始时间", "结束时间", "志愿者", "服务对象", "服务内容", "服务时长"]
ROWS = [
    [1, "3.5", "8:30", "9:30", "王德", "杨玲英", "助餐", "1小时"],
    [2, "3.6", "8:30", "9:30", "王德", None, "助餐", "1小时"],
    [3, 3.1, "8:30", "9:30", "王德", "杨玲英", "=1+1", "1小时"],
    [4, date(2023, 3, 7), time(8, 30), time(9, 30), "王德", "杨玲英", "助餐", 2.5],
    [5, "3.8", "同上", "9:30", "王德", "杨玲英", "助餐", "半天"],
]


def refused(register):
    return [(row, row.refusal) for row in register.rows() if row.refusal]


@pytest.fixture
def register(tmp_path):
    rows = [["幸福里社区2023年3月台账"], ["填报单位：幸福里"], HEADER, *ROWS]
    return read_register(write(tmp_path / "r.xlsx", Grid("3月", rows)))


def test_the_refused_rows_come_back_with_their_reasons(tmp_path, register):
    assert write_error_sheet(tmp_path / "e.xlsx", register, refused(register)) == 4
    sheet = openpyxl.load_workbook(tmp_path / "e.xlsx").active
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[0][0] == "幸福里社区2023年3月台账"
    assert lines[2] == [*HEADER, "原因", "代码", "怎么改", "原表行号"]
    assert [line[-3] for line in lines[3:]] == [
        "missing_field", "unreadable_date", "duration_mismatch", "unreadable_duration",
    ]  # fmt: skip
    assert lines[3][-4] == "第5行：缺少“服务对象”"
    assert [line[-1] for line in lines[3:]] == [5, 6, 7, 8]


def test_no_cell_becomes_a_formula(tmp_path, register):
    write_error_sheet(tmp_path / "e.xlsx", register, refused(register))
    sheet = openpyxl.load_workbook(tmp_path / "e.xlsx").active
    assert sheet["G5"].value is None or sheet["G5"].data_type == "s"
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_handed_in_unmended_every_row_is_refused_for_the_same_reason(tmp_path, register):
    first = refused(register)
    write_error_sheet(tmp_path / "e.xlsx", register, first)
    again = read_register(tmp_path / "e.xlsx")
    assert [row.refusal.code for row in again.rows()] == [refusal.code for _, refusal in first]
    write_error_sheet(tmp_path / "e2.xlsx", again, refused(again))
    third = read_register(tmp_path / "e2.xlsx")
    assert third.sheets[0].head.labels == again.sheets[0].head.labels
    assert [row.refusal.code for row in third.rows()] == [refusal.code for _, refusal in first]


def test_mended_it_is_accepted_on_the_same_days(tmp_path, register):
    write_error_sheet(tmp_path / "e.xlsx", register, refused(register))
    book = openpyxl.load_workbook(tmp_path / "e.xlsx")
    sheet = book.active
    sheet["F4"], sheet["B5"], sheet["H6"], sheet["H7"] = "何国", "3月10日", "1小时", "1小时"
    book.save(tmp_path / "e.xlsx")
    rows = list(read_register(tmp_path / "e.xlsx").rows())
    assert [row.refusal for row in rows] == [None] * 4
    assert [row.service_on for row in rows] == [date(2023, 3, day) for day in (6, 10, 7, 8)]


def test_each_sheet_of_the_register_has_one_and_its_year(tmp_path):
    path = write(
        tmp_path / "r.xlsx",
        Grid("2023年3月", [HEADER, ROWS[1]]),
        Grid("4月", [HEADER, ROWS[4]]),
    )
    register = read_register(path)
    write_error_sheet(tmp_path / "e.xlsx", register, refused(register))
    book = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert book.sheetnames == ["2023年3月", "4月"]
    assert book["2023年3月"]["A1"].value == "填报月份：2023年3月"
    again = read_register(tmp_path / "e.xlsx")
    assert [row.refusal.code for row in again.rows()] == ["missing_field", "unreadable_time"]


def test_an_open_column_says_what_it_holds(tmp_path):
    rows = [
        ["时间", "志愿者", "服务对象", "服务内容"],
        ["2023-03-05 8:30-9:30", "王德", "杨玲英", "助餐"],
        ["早上", "王德", "杨玲英", "助餐"],
    ]
    register = read_register(write(tmp_path / "r.csv", Grid("a", rows)))
    write_error_sheet(tmp_path / "e.xlsx", register, refused(register))
    again = read_register(tmp_path / "e.xlsx")
    assert again.sheets[0].head.labels[0] == "起止时间"
    assert [row.refusal.code for row in again.rows()] == ["unreadable_time"]


def test_nothing_refused_leaves_an_empty_table(tmp_path, register):
    assert write_error_sheet(tmp_path / "e.xlsx", register, []) == 0
    assert read_register(tmp_path / "e.xlsx").row_count == 0
