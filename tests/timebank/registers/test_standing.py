"""timebank/registers/standing.py: cards, daily sheets, lists headed by what their lines share."""

import openpyxl
import pytest

from tests.support.register_files import Grid, write
from tests.support.register_reading import FORMATS, PLAIN, facts, read
from timebank.registers import Code, read_register, refuse, write_error_sheet

LINE = ["2023-03-05", "8:30", "9:45"]


def rows_of(register):
    return [facts(row) for row in register.rows()]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "above",
    [
        ["志愿者姓名：王德"],
        ["姓名：王德  性别：男  电话：025-1"],
        ["志愿者：", "王德"],
        ["志愿者姓名", "王德", "性别", "男"],
    ],
    ids=str,
)
def test_a_card_of_one_volunteer(tmp_path, suffix, above):
    rows = [
        ["志愿者服务记录卡"], above, [], ["日期", "开始", "结束", "服务对象", "内容"],
        [*LINE, "杨玲英", "助餐"], ["合计"], ["负责人签字："],
    ]  # fmt: skip
    assert rows_of(read(tmp_path, rows, suffix)) == [(5, *PLAIN)]


def test_a_card_of_one_elder_with_a_header_of_two_rows(tmp_path):
    rows = [
        ["居家养老服务记录卡"], ["老人姓名", "杨玲英", "编号", "E0001"], ["住址", "一村3-201"],
        ["日期", "服务时间", None, "志愿者", "服务内容", "老人签字"], [None, "开始", "结束"],
        [*LINE, "王德", "助餐", None],
    ]  # fmt: skip
    (row,) = read(tmp_path, rows, merges=[(3, 1, 3, 2)]).rows()
    assert facts(row) == (6, *PLAIN[:4], ("E0001",), "助餐")


def test_one_card_below_the_other(tmp_path):
    header = ["日期", "开始", "结束", "服务对象", "内容"]
    rows = [
        ["志愿者：王德  编号：V0001"], header, [*LINE, "杨玲英", "助餐"], ["小计"], [],
        ["志愿者：高俊"], header, [*LINE, "周国", "助浴"],
    ]  # fmt: skip
    first, second = read(tmp_path, rows).rows()
    assert [(one.number, one.name) for one in first.volunteers] == [("V0001", "王德")]
    assert [(one.number, one.name) for one in second.volunteers] == [(None, "高俊")]


def test_a_sheet_for_each_day(tmp_path):
    rows = [
        ["志愿服务登记表"], ["日期：2023年3月5日  星期日  天气：晴"],
        ["序号", "志愿者", "开始", "结束", "服务对象", "内容"],
        [1, "王德", "8:30", "9:45", "杨玲英", "助餐"],
    ]  # fmt: skip
    path = write(tmp_path / "r.xlsx", Grid("3.5", rows), Grid("3.6", rows[:3]))
    assert rows_of(read_register(path)) == [(4, *PLAIN)]


def test_a_list_that_people_sign(tmp_path):
    rows = [
        ["学雷锋活动签到表"], ["活动内容：助餐", None, "活动时间：2023年3月5日 8:30-9:45"],
        ["活动地点：广场", None, "服务对象：社区居民"], ["序号", "姓名", "联系电话", "签名"],
        [1, "王德", "138", "王德"], [2, "高俊", "138", None], [3], [4],
    ]  # fmt: skip
    found = list(read(tmp_path, rows).rows())
    assert [row.volunteers[0].name for row in found] == ["王德", "高俊"]
    assert [(row.minutes, row.public, row.content) for row in found] == [
        (75, "社区居民", "助餐")
    ] * 2


def test_a_column_of_the_table_wins_over_what_stands_above(tmp_path):
    rows = [
        ["志愿者：全体  服务对象：困难老人  日期：2023年4月1日"],
        ["日期", "开始", "结束", "志愿者", "服务对象", "内容"],
        [*LINE, "王德", "杨玲英", "助餐"], [*LINE, "王德", None, "助餐"],
        [*LINE, None, "周国", "助餐"], [None, *LINE[1:], "王德", "周国", "助餐"],
    ]  # fmt: skip
    assert rows_of(read(tmp_path, rows)) == [
        (3, *PLAIN), (4, "missing_field"), (5, "missing_field"), (6, "missing_field"),
    ]  # fmt: skip


def test_times_that_carry_their_day_need_none_from_above(tmp_path):
    rows = [
        ["日期：2023年4月1日"], ["时间", "志愿者", "服务对象", "内容"],
        ["2023-03-05 8:30-9:45", "王德", "杨玲英", "助餐"],
    ]  # fmt: skip
    assert rows_of(read(tmp_path, rows)) == [(3, *PLAIN)]


def test_the_error_sheet_of_a_card_can_be_mended(tmp_path):
    rows = [
        ["2023年3月服务记录"], ["志愿者姓名：王德  编号：V0001"],
        ["日期", "开始", "结束", "服务对象", "内容"], ["3.5", "8:30", "8:20", "杨玲英", "助餐"],
    ]  # fmt: skip
    register = read(tmp_path, rows)
    told = refuse(Code.END_BEFORE_START, "第4行", start="8:30", end="8:20")
    back = tmp_path / "back.xlsx"
    write_error_sheet(back, register, [(row, told) for row in register.rows()])
    assert rows_of(read_register(back)) == [(4, "end_before_start")]
    book = openpyxl.load_workbook(back)
    book.active["C4"] = "9:45"
    book.save(back)
    (row,) = read_register(back).rows()
    assert facts(row) == (4, *PLAIN[:3], ("V0001",), *PLAIN[4:])
    assert [(one.number, one.name) for one in row.volunteers] == [("V0001", "王德")]
