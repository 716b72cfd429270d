"""Delimited text (.csv, .tsv): its encoding and its delimiter are found, then it streams.

A spreadsheet's own text formats are read as it writes them: UTF-8 with or without a byte order
mark, UTF-16 with one ("Unicode text"), and GB18030, which contains GBK and GB2312.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from timebank.errors import UnreadableFile
from timebank.registers.cells import Cell, blank
from timebank.registers.vocabulary import role_of

_DELIMITERS = ",\t;，；|"
_SAMPLE_LINES = 40
_UNUSUAL = frozenset(" \t\r\n\u3000\xa0\ufeff\u200b='")  # may begin a blank or a formula
_FORMULA_TEXT = re.compile(r'="((?:[^"]|"")*)"')
_MAX_LINES_IN_CELL = 20  # more than that is a quotation mark without its partner


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file whose encoding and delimiter are known."""

    path: Path
    encoding: str
    delimiter: str

    @classmethod
    def open(cls, path: Path, head: bytes) -> "TextFile":
        """Find encoding and delimiter; ``head`` are the file's first bytes.

        Raises:
            UnreadableFile: a web page, other binary data, or no encoding that fits every byte.
        """
        if re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|meta|\?xml)", head.lower()):
            raise UnreadableFile(why="这其实是网页，请在表格软件里打开后另存为 xlsx")
        encoding = _encoding(path, head)
        with path.open(encoding=encoding, newline="") as file:
            lines = [line for _, line in zip(range(_SAMPLE_LINES), file, strict=False)]
        return cls(path, encoding, _delimiter(lines))

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Every record as a row, empty lines too, so that rows count as a spreadsheet counts them.

        Raises:
            UnreadableFile: a quotation mark without its partner.
        """
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            line = 0
            try:
                for record in reader:
                    if reader.line_num - line > _MAX_LINES_IN_CELL:
                        raise csv.Error
                    line = reader.line_num
                    yield tuple([_cell(cell) for cell in record])
            except csv.Error as error:
                where = f"第{reader.line_num}行附近的引号没有配对"
                raise UnreadableFile(why=where) from error


def _cell(text: str) -> Cell:
    if text and text[0] not in _UNUSUAL:
        return text
    if not text or blank(text):
        return None
    if text[0] in "='" and len(text) > 1:
        if found := _FORMULA_TEXT.fullmatch(text.strip()):
            return found[1].replace('""', '"') or None
        return text[1:] if text[0] == "'" else text
    return text


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in head:
        raise UnreadableFile(why="不是表格文件，也不是文本文件")
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(1 << 16):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableFile(why="文字编码既不是 UTF-8 也不是 GB18030")


def _delimiter(lines: list[str]) -> str:
    """The one under which some line names most columns; a comma where none does."""

    def named(delimiter: str) -> tuple[int, int]:
        best = 0
        width = 0
        for line in lines:
            cells = line.rstrip("\r\n").split(delimiter)
            best = max(best, sum(role_of(cell.strip('" ')) is not None for cell in cells))
            width = max(width, len(cells))
        return best, width

    best = max(_DELIMITERS, key=lambda d: (*named(d), -_DELIMITERS.index(d)))
    return best if named(best)[1] > 1 else ","
