"""The receiving unit's two workbooks over all units: project lines, and figures by theme and unit.

Rows go to disk as they are written, so that a workbook of many units takes no more memory than one
of few; every text is written as text, and the same rows give the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from timebank.campaigns.figures import ByState, CampaignFigures
from timebank.campaigns.shown import ShownActivity, ShownCampaign, ShownUnit
from timebank.campaigns.table_reading import LABELS
from timebank.campaigns.table_writing import TITLE, Cell, activity_cells
from timebank.words import hours_text

ALL = "合计"
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's own clock has no zone
_FIGURES = ("单位代码", "单位", "主题", "状态", "场次", "受益人次", "时长（小时）", "志愿者",
            "队伍")  # fmt: skip


class _Sheet:
    """A sheet of its own workbook, written line by line."""

    def __init__(self, book: xlsxwriter.Workbook, name: str) -> None:
        self._sheet, self._row = book.add_worksheet(name), 0
        self._bold = book.add_format({"bold": True})

    def put(self, cells: Sequence[Cell], *, bold: bool = False) -> None:
        form = self._bold if bold else None
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(self._row, column, cell, form)
            elif cell is not None:
                self._sheet.write_number(self._row, column, cell, form)
        self._row += 1


class WholeTable:
    """The project lines of every unit, a unit at a time, each with its unit's code and name."""

    def __init__(self, sheet: _Sheet) -> None:
        self._sheet = sheet

    def add(
        self,
        unit: ShownUnit,
        activities: Sequence[ShownActivity],
        leaders: Mapping[str, Mapping[str, str]],
        figures: CampaignFigures,
    ) -> None:
        """Write a unit's lines, with what the ledger says of each."""
        for one in activities:
            posted = figures.activities.get(one.activity_id, ByState()).posted
            cells = activity_cells(one, leaders.get(one.activity_id, {}), posted)
            self._sheet.put((unit.unit_code, unit.name, *cells))


class WholeFigures:
    """Figures altogether, by theme and by unit; the three states stand in rows of their own."""

    def __init__(self, sheet: _Sheet) -> None:
        self._sheet = sheet

    def add_total(self, figures: CampaignFigures) -> None:
        """Write what all units came to, and each theme of them."""
        self._group("", ALL, ALL, figures.total)
        for theme, one in figures.themes.items():
            self._group("", ALL, theme, one)

    def add(self, unit: ShownUnit, figures: CampaignFigures) -> None:
        """Write what a unit came to, and each theme in which it has anything."""
        self._group(unit.unit_code, unit.name, ALL, figures.total)
        for theme, one in figures.themes.items():
            if any(state.activities for state in (one.posted, one.under_notice, one.pending)):
                self._group(unit.unit_code, unit.name, theme, one)

    def _group(self, code: str, unit: str, theme: str, by_state: ByState) -> None:
        for state, one in (
            ("已入账", by_state.posted),
            ("公示中", by_state.under_notice),
            ("待复核", by_state.pending),
        ):
            hours = Decimal(hours_text(one.minutes))
            counted = (one.activities, one.heads, hours, one.volunteers, one.teams)
            self._sheet.put((code, unit, theme, state, *counted))


@contextmanager
def whole_table(path: Path, campaign: ShownCampaign) -> Iterator[WholeTable]:
    """The workbook of every unit's lines; it is whole once the context is left."""
    with _workbook(path) as book:
        sheet = _Sheet(book, TITLE)
        sheet.put((f"{campaign.name} {TITLE}",), bold=True)
        sheet.put(("单位代码", "单位", *(labels[0] for labels in LABELS.values())), bold=True)
        yield WholeTable(sheet)


@contextmanager
def whole_figures(path: Path, campaign: ShownCampaign, until_on: str) -> Iterator[WholeFigures]:
    """The workbook of figures, which says up to which service day they count."""
    with _workbook(path) as book:
        sheet = _Sheet(book, "总结统计")
        sheet.put((f"{campaign.name} 总结统计",), bold=True)
        sheet.put((f"截至服务日期 {until_on}。已入账、公示中、待复核分列，不相加。",))
        sheet.put(_FIGURES, bold=True)
        yield WholeFigures(sheet)


@contextmanager
def _workbook(path: Path) -> Iterator[xlsxwriter.Workbook]:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "tmpdir": str(path.parent)}  # fmt: skip
    book = xlsxwriter.Workbook(path, options)
    book.set_properties({"created": _MADE_AT})
    yield book
    book.close()
