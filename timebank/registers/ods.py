"""Merged regions of an OpenDocument sheet, which calamine does not report."""

import zipfile
import zlib
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from timebank.errors import UnreadableFile

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_BROKEN = (ElementTree.ParseError, zlib.error, EOFError, OSError, RuntimeError, ValueError)
_MAX_REPEATED = 4_000_000

Regions = dict[str, list[tuple[tuple[int, int], tuple[int, int]]]]


def merged_regions(path: Path) -> Regions:
    """First and last cell, counted from 0, of every merged region of every sheet, by its name.

    Empty for any other kind of file.

    Raises:
        UnreadableFile: the document is damaged, or repeats cells beyond any real register.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if "content.xml" not in archive.namelist():
                return {}
            with archive.open("content.xml") as content:
                return _regions(content)
    except (zipfile.BadZipFile, zipfile.LargeZipFile):
        return {}  # .xls
    except _BROKEN as error:
        raise UnreadableFile(why="文件已损坏") from error


def _regions(content: IO[bytes]) -> Regions:
    found: Regions = {}
    name, row, used = "", 0, 0
    spans: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for event, element in ElementTree.iterparse(content, events=("start", "end")):
        if event == "start" and element.tag == f"{_TABLE}table":
            name, row, spans = element.get(f"{_TABLE}name", ""), 0, []
        elif event == "end" and element.tag == f"{_TABLE}table-row":
            repeated = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            filled = _row(element, row, spans)
            used += filled * repeated
            if used > _MAX_REPEATED:
                raise UnreadableFile(why="同一内容重复得太多")
            row += repeated
            element.clear()
        elif event == "end" and element.tag == f"{_TABLE}table":
            found[name] = spans
            element.clear()
    return found


def _row(
    element: ElementTree.Element, row: int, spans: list[tuple[tuple[int, int], tuple[int, int]]]
) -> int:
    """Add the regions that begin in this row; returns how many of its cells hold something."""
    column, filled = 0, 0
    for cell in element:
        if cell.tag not in _CELLS:
            continue
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        down = int(cell.get(f"{_TABLE}number-rows-spanned", "1"))
        right = int(cell.get(f"{_TABLE}number-columns-spanned", "1"))
        if down > 1 or right > 1:
            spans.append(((row, column), (row + down - 1, column + right - 1)))
        column += repeated
        if len(cell):
            filled = column
    return filled
