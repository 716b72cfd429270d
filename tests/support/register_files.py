"""Writing grids as the files that stations hand in: .xlsx, .xls, .ods and delimited text."""

import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import xlwt

Value = str | int | float | date | datetime | time | timedelta | None
Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 0."""


@dataclass(slots=True)
class Grid:
    """One sheet as it is to be written."""

    name: str
    rows: list[list[Value]]
    merges: list[Merge] = field(default_factory=list)
    hidden: bool = False


def write(path: Path, *grids: Grid, encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    """Write the grids in the format that the suffix names; text formats take one grid only."""
    match path.suffix:
        case ".xlsx":
            _xlsx(path, grids)
        case ".xls":
            _xls(path, grids)
        case ".ods":
            _ods(path, grids)
        case _:
            (grid,) = grids
            text = io.StringIO(newline="")
            writer = csv.writer(text, delimiter=delimiter)
            writer.writerows([[_text(value) for value in row] for row in grid.rows])
            path.write_bytes(text.getvalue().encode(encoding))
    return path


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds()) // 60
        return f"{minutes // 60}:{minutes % 60:02d}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _xlsx(path: Path, grids: tuple[Grid, ...]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        for row in grid.rows:
            sheet.append(row)
            for cell in sheet[sheet.max_row] if row else ():
                if isinstance(cell.value, str):
                    cell.data_type = "s"  # also what begins with "="
        for top, left, bottom, right in grid.merges:
            sheet.merge_cells(
                start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1
            )
        sheet.sheet_state = "hidden" if grid.hidden else "visible"
    book.save(path)


def _xls(path: Path, grids: tuple[Grid, ...]) -> None:
    book = xlwt.Workbook()
    formats = {
        datetime: xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm"),
        date: xlwt.easyxf(num_format_str="yyyy-mm-dd"),
        time: xlwt.easyxf(num_format_str="h:mm"),
        timedelta: xlwt.easyxf(num_format_str="[h]:mm"),
    }
    for grid in grids:
        sheet = book.add_sheet(grid.name)
        covered = set()
        for top, left, bottom, right in grid.merges:
            sheet.merge(top, bottom, left, right)
            covered |= {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
            covered.discard((top, left))
        for r, row in enumerate(grid.rows):
            for c, value in enumerate(row):
                if value is None or (r, c) in covered:
                    continue
                plain = value.total_seconds() / 86_400 if isinstance(value, timedelta) else value
                style = formats.get(type(value))
                sheet.write(r, c, plain, *([style] if style else []))
        sheet.visibility = int(grid.hidden)
    book.save(str(path))


_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:automatic-styles>"
    '<style:style style:name="shown" style:family="table">'
    '<style:table-properties table:display="true"/></style:style>'
    '<style:style style:name="hidden" style:family="table">'
    '<style:table-properties table:display="false"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
)
_ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def _ods(path: Path, grids: tuple[Grid, ...]) -> None:
    manifest = (
        '<?xml version="1.0"?><manifest:manifest'
        ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", _ODS_TYPE)
        body = "".join(_ods_table(grid) for grid in grids)
        archive.writestr("content.xml", _ODS_HEAD + body + _ODS_TAIL, zipfile.ZIP_DEFLATED)
        archive.writestr("META-INF/manifest.xml", manifest)


def _ods_table(grid: Grid) -> str:
    spans = {(t, left): (b - t + 1, r - left + 1) for t, left, b, r in grid.merges}
    covered = {
        (row, column)
        for top, left, bottom, right in grid.merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    } - set(spans)
    lines = []
    for r, row in enumerate(grid.rows):
        cells = []
        for c, value in enumerate(row):
            if (r, c) in covered:
                cells.append("<table:covered-table-cell/>")
                continue
            down, right = spans.get((r, c), (1, 1))
            span = (
                f' table:number-rows-spanned="{down}" table:number-columns-spanned="{right}"'
                if (r, c) in spans
                else ""
            )
            cells.append(_ods_cell(value, span))
        lines.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    style = "hidden" if grid.hidden else "shown"
    return (
        f'<table:table table:name="{escape(grid.name)}" table:style-name="{style}">'
        f"{''.join(lines)}</table:table>"
    )


def _ods_cell(value: Value, span: str) -> str:
    if value is None:
        return f"<table:table-cell{span}/>"
    match value:
        case str():
            kind = 'office:value-type="string"'
        case datetime() | date():
            kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        case time():
            stamp = value.strftime("PT%HH%MM%SS")
            kind = f'office:value-type="time" office:time-value="{stamp}"'
        case timedelta():
            minutes = round(value.total_seconds()) // 60
            stamp = f"PT{minutes // 60:02d}H{minutes % 60:02d}M00S"
            kind = f'office:value-type="time" office:time-value="{stamp}"'
        case _:
            kind = f'office:value-type="float" office:value="{value!r}"'
    return (
        f"<table:table-cell{span} {kind}><text:p>{escape(_text(value))}</text:p></table:table-cell>"
    )
