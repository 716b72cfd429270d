"""Files as grids of cells: workbooks through calamine, delimited text row by row.

A file is known by its first bytes, not by its name: exports named .xls are often something else.
Workbooks are held in memory, so their unpacked size is bounded; text of any length streams.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import python_calamine as calamine

from timebank.errors import UnreadableFile
from timebank.registers.cells import Cell, blank
from timebank.registers.delimited import TextFile
from timebank.registers.legacy import try_legacy
from timebank.registers.ods import merged_regions

MAX_UNPACKED_MIB = 96  # about 190,000 lines of nine columns; reading takes twice as much memory
MAX_CELLS = 4_000_000  # a dense grid up to the last used cell is allocated at once

Region = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged region, each (row, column) counted from 0."""

_T = TypeVar("_T")
_LOCKED = "文件设有打开密码，请去掉密码后再导入"
_ENCRYPTED = 0x1  # the bit of a member's flags, APPNOTE.TXT 4.4.4
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CELL_WITH_CONTENT = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; its rows begin at row 1 and column A, and may be read more than once.

    Cells merged downwards hold the value of the region's first cell.  Cells merged sideways are
    filled in by :meth:`across` only, which is right for headers and wrong for figures.
    """

    name: str
    hidden: bool
    _read: Callable[[], Iterator[tuple[Cell, ...]]] = field(repr=False)
    _regions: tuple[Region, ...] = ()

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Every row down to the last used one, blank ones included."""
        return self._read()

    def across(self, row: int, cells: Sequence[Cell]) -> tuple[Cell, ...]:
        """``cells`` of ``row`` (counted from 1) with sideways merged ones filled in."""
        filled = list(cells)
        for (top, left), (bottom, right) in self._regions:
            if top <= row - 1 <= bottom and right > left and left < len(filled):
                filled.extend([None] * (right + 1 - len(filled)))
                filled[left : right + 1] = [filled[left]] * (right + 1 - left)
        return tuple(filled)


def open_sheets(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a workbook in their order, or the single grid of a text file.

    Raises:
        UnreadableFile: no such file, an empty one, a web page, damaged or of another kind, a
            workbook beyond the bounds above or one that is encrypted; ``why`` says which.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise UnreadableFile(why="没有这个文件，或没有权限读取") from error
    if not head.strip(b"\0 \r\n\t"):
        raise UnreadableFile(why="文件是空的")
    if head.startswith(_ZIP):
        _check_archive(path)
        return _workbook(path)
    if head.startswith(_OLE):
        try_legacy(path)
        return _workbook(path)
    text = TextFile.open(path, head)
    return (Sheet("CSV", False, text.rows),)  # a file's name may change, and must decide nothing


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        why=f"文件太大，展开后超过 {MAX_UNPACKED_MIB} MiB，请另存为 CSV，CSV 不限行数"
    )


def _check_archive(path: Path) -> None:
    """Bound what calamine would allocate before it is asked to."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if any(member.flag_bits & _ENCRYPTED for member in members):
                raise UnreadableFile(why=_LOCKED)
            if sum(m.file_size for m in members) > MAX_UNPACKED_MIB << 20:
                raise _too_large()
            for member in members:
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename):
                    rows, columns = _extent(archive, member)
                    if rows * columns > MAX_CELLS:
                        raise _too_large()
    except _BROKEN as error:
        raise UnreadableFile(why="文件已损坏") from error


def _extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Last row and column that hold anything."""
    last_row, widest, tail = 0, b"", b""
    unpacked = 0
    with archive.open(member) as stream:
        while chunk := stream.read(1 << 20):
            unpacked += len(chunk)
            if unpacked > MAX_UNPACKED_MIB << 20:  # the directory of the archive may lie
                raise _too_large()
            text = tail + chunk
            for column, row in _CELL_WITH_CONTENT.findall(text):
                last_row = max(last_row, int(row))
                widest = max(widest, column, key=lambda name: (len(name), name))
            tail = text[-200:]
    width = 0
    for letter in widest:
        width = width * 26 + letter - ord("A") + 1
    return last_row, width


def _workbook(path: Path) -> tuple[Sheet, ...]:
    regions = merged_regions(path)  # first, because it bounds what calamine would allocate
    with path.open("rb") as file:  # by path, calamine would trust the suffix
        book = _guarded(partial(calamine.CalamineWorkbook.from_filelike, file), path)
    sheets = []
    for meta in book.sheets_metadata:
        if meta.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        loaded = _guarded(partial(book.get_sheet_by_name, meta.name), path)
        merged = tuple(loaded.merged_cell_ranges or regions.get(meta.name) or ())
        hidden = meta.visible is not calamine.SheetVisibleEnum.Visible
        sheets.append(Sheet(meta.name, hidden, _reader(loaded, merged), merged))
    return tuple(sheets)


def _guarded(step: Callable[[], _T], path: Path) -> _T:
    """Run a step of calamine; whatever it does with damaged bytes becomes a refusal."""
    try:
        return step()
    except calamine.PasswordError as error:
        raise UnreadableFile(why=_LOCKED) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        if _is_encrypted(path):
            raise UnreadableFile(why=_LOCKED) from error
        raise UnreadableFile(why="文件已损坏，或不是表格文件") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's panic derives from BaseException
            raise
        raise UnreadableFile(why="文件已损坏") from error


def _is_encrypted(path: Path) -> bool:
    """An encrypted .xlsx is an OLE container with a stream of this name."""
    with path.open("rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read(1 << 20)


def _reader(
    sheet: calamine.CalamineSheet, regions: tuple[Region, ...]
) -> Callable[[], Iterator[tuple[Cell, ...]]]:
    downward = sorted(
        (top, left, bottom) for (top, left), (bottom, _right) in regions if bottom > top
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        before = (None,) * (sheet.start or (0, 0))[1]
        waiting = list(reversed(downward))
        open_regions: list[tuple[int, int, Cell]] = []
        for index, line in enumerate(sheet.iter_rows()):
            cells = list(before) + [None if blank(cell) else cell for cell in line]
            open_regions = [region for region in open_regions if region[0] >= index]
            for _bottom, column, value in open_regions:
                if column < len(cells) and cells[column] is None:
                    cells[column] = value
            while waiting and waiting[-1][0] <= index:
                _top, left, bottom = waiting.pop()
                if left < len(cells):
                    open_regions.append((bottom, left, cells[left]))
            yield tuple(cells)

    return rows
