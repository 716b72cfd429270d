"""The refused rows as a workbook that a clerk can mend and hand in again.

It keeps the register's titles and columns, so the reader that refused the rows reads them back;
the columns 原因, 代码, 怎么改 and 原表行号 are passed over then.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from timebank.registers.cells import Cell, show
from timebank.registers.model import Register, RegisterRow, RowRefusal, TableHead

_ADDED = ("原因", "代码", "怎么改", "原表行号")
_WIDTHS = (48, 20, 36, 10)


@dataclass(slots=True)
class _Open:
    sheet: Worksheet
    bold: Format
    wrapped: Format
    next_row: int = 0
    head: TableHead | None = None

    def heading(self, text: str) -> None:
        self.sheet.write_string(self.next_row, 0, text)
        self.next_row += 1

    def table(self, head: TableHead) -> None:
        """Begin a table; the first one's header stays in sight."""
        width = len(head.kept)
        for column, index in enumerate(head.kept):
            self.sheet.write_string(self.next_row, column, head.labels[index], self.bold)
        for column, label in enumerate(_ADDED, start=width):
            self.sheet.write_string(self.next_row, column, label, self.bold)
        if self.head is None:
            self.sheet.freeze_panes(self.next_row + 1, 0)
        self.head = head
        self.next_row += 1

    def row(self, row: RegisterRow, refusal: RowRefusal) -> None:
        if self.head != row.head:
            self.table(row.head)
        kept = row.head.kept
        for column, index in enumerate(kept):
            cell = row.raw[index] if index < len(row.raw) else None
            if index == row.head.date_column and row.service_on is not None:
                cell = row.service_on  # completed: the mended file needs no heading for it
            self._cell(column, cell)
        for offset, text in enumerate((refusal.explanation, refusal.code, refusal.mend)):
            self.sheet.write_string(self.next_row, len(kept) + offset, text, self.wrapped)
        self.sheet.write_number(self.next_row, len(kept) + 3, row.row)
        self.next_row += 1

    def _cell(self, column: int, cell: Cell) -> None:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            self.sheet.write_number(self.next_row, column, cell)
        elif cell is not None:
            text = cell.isoformat() if type(cell) is date else show(cell)
            self.sheet.write_string(self.next_row, column, text)


def write_error_sheet(
    path: Path | str, register: Register, refused: Iterable[tuple[RegisterRow, RowRefusal]]
) -> int:
    """Write every refused row, in the given order, and return how many there were.

    Rows of one sheet must follow each other.  Memory stays flat.  Every text is written as text,
    so that no cell becomes a formula; a number stays a number, because one that was unreadable
    for being one (3.1 for 3.10) must not turn readable unmended.
    """
    written = 0
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    try:
        opened: dict[str, _Open] = {}
        for row, refusal in refused:
            if row.sheet not in opened:
                opened[row.sheet] = _begin(book, register, row.sheet)
            opened[row.sheet].row(row, refusal)
            written += 1
        if not opened:
            first = register.sheets[0]
            _begin(book, register, first.name).table(first.head)
    finally:
        book.close()
    return written


def _begin(book: xlsxwriter.Workbook, register: Register, name: str) -> _Open:
    """A sheet of its own for each sheet of the register, headed as that one was."""
    reading = next(sheet for sheet in register.sheets if sheet.name == name)
    sheet = book.add_worksheet(_sheet_name(name, {s.name.casefold() for s in book.worksheets()}))
    to = _Open(sheet, book.add_format({"bold": True}), book.add_format({"text_wrap": True}))
    for text in reading.headings:
        to.heading(text)
    if reading.year and not any(str(reading.year) in text for text in reading.headings):
        to.heading(f"填报月份：{reading.year}年{f'{reading.month}月' if reading.month else ''}")
    for column, width in enumerate(_WIDTHS, start=len(reading.head.kept)):
        sheet.set_column(column, column, width)
    return to


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that a workbook accepts: 31 characters, none of []:*?/\\, not used yet."""
    bare = re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ")[:28] or "退回"
    number = 2
    found = bare
    while found.casefold() in taken:
        found, number = f"{bare}{number}", number + 1
    return found
