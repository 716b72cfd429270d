"""Project tables, figures and press lists as workbooks; every text is written as text.

No cell becomes a formula or a link, and the same rows give the same bytes.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from timebank.campaigns.figures import ByState, CampaignFigures, Figures
from timebank.campaigns.shown import ShownActivity, ShownPhotograph, ShownReport
from timebank.campaigns.table_reading import LABELS
from timebank.words import hours_text

TITLE = "志愿服务项目表"
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's own clock has no zone
_WIDTHS = {"serial": 6, "name": 28, "theme": 16, "served": 16, "when": 26, "location": 18,
           "leader": 10, "telephone": 14, "team": 18, "note": 18}  # fmt: skip
_EMPTY_ROWS = 200
_COUNTS = ("serial", "wanted", "attended", "heads")
_HIDDEN = "主题"

Cell = str | int | Decimal | None


@contextmanager
def _workbook(out: io.BytesIO) -> Iterator[xlsxwriter.Workbook]:
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"created": _MADE_AT})
    yield book
    book.close()


def _put(sheet: Worksheet, row: int, cells: Sequence[Cell], form: Any = None) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.write_string(row, column, cell, form)
        elif cell is not None:
            sheet.write_number(row, column, cell, form)


def template(themes: Sequence[str], title: str) -> bytes:
    """An empty project table: themes are chosen from a list, counts must be whole numbers."""
    out = io.BytesIO()
    with _workbook(out) as book:
        sheet = _headed(book, title)
        hidden = book.add_worksheet(_HIDDEN)
        hidden.hide()
        for at, theme in enumerate(themes):
            hidden.write_string(at, 0, theme)
        columns = {name: at for at, name in enumerate(LABELS)}
        source = f"={_HIDDEN}!$A$1:$A${max(len(themes), 1)}"
        rule = {"validate": "list", "source": source, "error_title": "服务类别",
                "error_message": "请从本次活动的主题里选择"}  # fmt: skip
        sheet.data_validation(2, columns["theme"], _EMPTY_ROWS, columns["theme"], rule)
        for name in _COUNTS:
            whole = {"validate": "integer", "criteria": ">=", "value": 0,
                     "error_title": LABELS[name][0], "error_message": "请填写整数"}  # fmt: skip
            sheet.data_validation(2, columns[name], _EMPTY_ROWS, columns[name], whole)
    return out.getvalue()


def project_table(
    title: str,
    activities: Sequence[ShownActivity],
    leaders: Mapping[str, Mapping[str, str]],
    figures: CampaignFigures,
    units: Mapping[str, str],
) -> bytes:
    """The table with what the ledger says of each line, and its figures on a second sheet.

    实到人数, 服务时长 and 受益人次 are those of posted records; what is under notice or pending
    stands on the second sheet.  ``units`` are names by code.
    """
    out = io.BytesIO()
    with _workbook(out) as book:
        sheet = _headed(book, title)
        for row, one in enumerate(activities, start=2):
            posted = figures.activities.get(one.activity_id, ByState()).posted
            _put(sheet, row, activity_cells(one, leaders.get(one.activity_id, {}), posted))
        _figures_sheet(book, figures, units)
    return out.getvalue()


def activity_cells(one: ShownActivity, leader: Mapping[str, str], posted: Figures) -> list[Cell]:
    """A line of the table with what the ledger says of it, in the order of its columns."""
    cells: dict[str, Cell] = {
        "serial": one.serial, "name": one.name, "theme": one.theme, "served": one.served,
        "when": when_text(one), "location": one.location, "wanted": one.wanted,
        "attended": posted.volunteers, "duration": Decimal(hours_text(posted.minutes)),
        "heads": posted.heads, "leader": leader.get("name", ""),
        "telephone": leader.get("telephone", ""), "team": one.team, "note": one.note,
    }  # fmt: skip
    return [cells[name] for name in LABELS]


def press_list(reports: Sequence[ShownReport], photographs: Sequence[ShownPhotograph]) -> bytes:
    """Press reports, and on a second sheet what each photograph shows."""
    out = io.BytesIO()
    with _workbook(out) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("有关报道")
        _put(sheet, 0, ("序号", "标题", "媒体", "日期", "链接"), bold)
        for at, one in enumerate(reports, start=1):
            _put(sheet, at, (at, one.title, one.outlet, one.published_on, one.link))
        sheet.set_column(1, 4, 30)
        captions = book.add_worksheet("照片说明")
        _put(captions, 0, ("照片", "说明", "肖像同意"), bold)
        for at, shown in enumerate(photographs, start=1):
            _put(captions, at, (f"{at}.jpg", shown.caption, "是" if shown.consent else "否"))
        captions.set_column(1, 1, 40)
    return out.getvalue()


def when_text(one: ShownActivity) -> str:
    """Day and times as the table reads them back."""
    if not one.starts_at:
        return one.held_on
    return f"{one.held_on} {one.starts_at[11:]}-{one.ends_at[11:]}"


def _headed(book: xlsxwriter.Workbook, title: str) -> Worksheet:
    sheet = book.add_worksheet(TITLE)
    bold = book.add_format({"bold": True})
    sheet.write_string(0, 0, title, bold)
    _put(sheet, 1, [labels[0] for labels in LABELS.values()], bold)
    for at, name in enumerate(LABELS):
        sheet.set_column(at, at, _WIDTHS.get(name, 10))
    sheet.freeze_panes(2, 0)
    return sheet


def _figures_sheet(
    book: xlsxwriter.Workbook, figures: CampaignFigures, units: Mapping[str, str]
) -> None:
    sheet = book.add_worksheet("统计")
    bold = book.add_format({"bold": True})
    _put(sheet, 0, (f"截至 {figures.until_on}",))
    _put(
        sheet,
        1,
        ("", "状态", "场次", "受益人次", "时长（小时）", "其中补录（小时）", "志愿者", "队伍"),
        bold,
    )
    row = 2
    groups = [("合计", figures.total), *figures.themes.items()]
    groups += [(units.get(code, code), one) for code, one in figures.units.items()]
    for name, by_state in groups:
        for state, one in (
            ("已入账", by_state.posted),
            ("公示中", by_state.under_notice),
            ("待复核", by_state.pending),
        ):
            hours, late = Decimal(hours_text(one.minutes)), Decimal(hours_text(one.late_minutes))
            people = (one.volunteers, one.teams)
            _put(sheet, row, (name, state, one.activities, one.heads, hours, late, *people))
            row += 1
    sheet.set_column(0, 0, 24)
