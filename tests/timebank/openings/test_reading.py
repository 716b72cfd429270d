"""timebank/openings/reading.py: lists of older schemes, and what is wrong with their lines."""

import re
import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.support.openings import HEADER, ROWS, write_list
from timebank.errors import HeaderNotFound, UnreadableFile
from timebank.openings.model import MOST_MINUTES, MOST_PAGE_CHARACTERS, State
from timebank.openings.reading import OpeningLine, read_openings


def one(tmp_path: Path, header: tuple[str, ...], *cells: object) -> OpeningLine:
    (line,) = read_openings(write_list(tmp_path, [cells], header)).lines
    return line


def test_a_list_is_read(tmp_path: Path) -> None:
    found = read_openings(write_list(tmp_path))
    first, second = found.lines
    assert (found.title, found.stated_minutes) == ("老账", None)
    assert first.holder is not None
    assert (first.holder.number, first.holder.name) == ("V0001", "王德福")
    assert (first.page, first.minutes) == ("存折 0071 第 12 页 王师傅经手", 150)
    assert (first.stands_on, first.row, first.place) == (date(2022, 12, 31), 2, "第2行")
    assert second.holder is not None
    assert (second.holder.number, second.holder.name, second.minutes) == ("V0002", None, 90)


def test_a_workbook_with_a_title_totals_and_two_columns_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "老账.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("存折")
        rows: list[list[Any]] = [
            ["幸福里旧时间银行 截至2022年12月31日止"],
            ["序号", "编号", "持有人", "存折编号", "页码", "余额（分钟）"],
            [1, "V0001", "王德福", 71, 12, 90],
            [2, "V0002", "李秀兰", "72", "封底", 61],
            ["合计", None, None, None, None, 151],
        ]
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        book.add_worksheet("空白")
    found = read_openings(path)
    assert [(line.page, line.minutes) for line in found.lines] == [("71 12", 90), ("72 封底", 61)]
    assert {line.stands_on for line in found.lines} == {date(2022, 12, 31)}
    assert found.stated_minutes == 151


@pytest.mark.parametrize(
    ("label", "cell", "minutes"),
    [
        ("期初时长（小时）", "2.5", 150),
        ("余额/小时", "193.75", 11_625),
        ("期初时长（分钟）", "120", 120),
        ("期初时长", "2小时", 120),
        ("期初时长", "120分钟", 120),
        ("期初时长", "1:30", 90),
        ("期初时长（小时）", "33.33", 2_000),
    ],
)
def test_lengths_are_read_as_registers_read_them(
    tmp_path: Path, label: str, cell: str, minutes: int
) -> None:
    header = ("编号", "来源页", label, "截止日期")
    line = one(tmp_path, header, "V0001", "3", cell, "2022-12-31")
    assert (line.refusal, line.minutes) == (None, minutes)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({0: "", 1: ""}, "missing_field"),
        ({2: ""}, "missing_field"),
        ({3: ""}, "missing_field"),
        ({4: ""}, "missing_field"),
        ({0: "", 1: "3.2E+17"}, "id_number_typed_as_number"),
        ({0: "", 1: "王德、李四"}, "ambiguous_member"),
        ({0: "V0001、V0002"}, "ambiguous_member"),
        ({2: "页" * (MOST_PAGE_CHARACTERS - 1)}, None),
        ({2: "页" * MOST_PAGE_CHARACTERS}, None),
        ({2: "页" * (MOST_PAGE_CHARACTERS + 1)}, "page_too_long"),
        ({3: "0"}, "unreadable_duration"),
        ({3: "-1"}, "unreadable_duration"),
        ({3: "0.01"}, "unreadable_duration"),
        ({3: "很多"}, "unreadable_duration"),
        ({3: f"{MOST_MINUTES - 1}分钟"}, None),
        ({3: f"{MOST_MINUTES}分钟"}, None),
        ({3: f"{MOST_MINUTES + 1}分钟"}, "duration_out_of_range"),
        ({4: "12-31"}, "unreadable_date"),
        ({4: "2022-02-30"}, "unreadable_date"),
        ({4: "1969-12-31"}, "unreadable_date"),
        ({4: "1970-01-01"}, None),
        ({4: "1970-01-02"}, None),
    ],
    ids=str,
)
def test_a_line_is_refused_for_what_it_says(
    tmp_path: Path, changed: dict[int, str], code: str | None
) -> None:
    cells = [changed.get(at, cell) for at, cell in enumerate(ROWS[0])]
    line = one(tmp_path, HEADER, *cells)
    assert (line.refusal and line.refusal.code) == code
    assert line.refusal is None or line.refusal.explanation.startswith("第2行：")


@pytest.mark.parametrize("figure", ["11", "12", "13", "120"])
def test_a_bare_figure_without_a_unit_is_refused(tmp_path: Path, figure: str) -> None:
    header = ("编号", "来源页", "期初时长", "截止日期")
    line = one(tmp_path, header, "V0001", "3", figure, "2022-12-31")
    assert line.refusal is not None
    assert line.refusal.code == "unreadable_duration"
    assert "没有单位" in line.refusal.explanation


def test_a_header_again_and_lines_of_nothing_are_passed_over(tmp_path: Path) -> None:
    rows = [ROWS[0], ("",) * 5, HEADER, ROWS[1], ("", "", "", "", "2022-12-31"),
            ("小计", "", "", "4", ""), ("填表人：李", "", "", "", "")]  # fmt: skip
    found = read_openings(write_list(tmp_path, rows))
    assert [line.row for line in found.lines] == [2, 5]
    assert found.stated_minutes is None


def test_a_file_without_such_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HeaderNotFound, match="来源页"):
        read_openings(write_list(tmp_path, header=("编号", "姓名", "备注", "时长", "日期")))
    with pytest.raises(UnreadableFile):
        read_openings(tmp_path / "nothing.csv")


def test_every_label_and_every_refusal_stands_on_the_page() -> None:
    page = Path(__file__).parents[3].joinpath("docs/reference/openings.md").read_text("utf-8")
    synonyms = resources.files("timebank.registers").joinpath("synonyms.toml")
    words = tomllib.loads(synonyms.read_text("utf-8"))["openings"].values()
    assert [word for group in words for word in group if word not in page] == []
    described = read_openings.__doc__ or ""
    codes = set(re.findall(r"``([a-z]+_[a-z_]+)``", described)) - {"open_sheets"}
    assert "page_too_long" in codes
    assert [code for code in codes if f"| `{code}` |" not in page] == []
    assert [state for state in State if f"| `{state.value}` |" not in page] == []
