"""Reading the list of an older scheme: who had how much, by which page, as of which day.

The cells are read as registers' are, but for one thing: a bare figure must have its unit in the
column's label.  Nobody can tell 120 hours from 120 minutes by times that stand beside them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from timebank.errors import HeaderNotFound
from timebank.openings.model import MOST_MINUTES, MOST_PAGE_CHARACTERS
from timebank.registers.cells import Cell, Unreadable, blank, show, tidy
from timebank.registers.dates import complete, read_day
from timebank.registers.durations import Unit, read_duration
from timebank.registers.kinds import Kind, summary_of
from timebank.registers.layout import HEADER_WITHIN
from timebank.registers.mentions import RUINED, pair
from timebank.registers.model import PersonMention, RowRefusal
from timebank.registers.refusals import Code, place_of, refuse
from timebank.registers.sheets import Sheet, open_sheets
from timebank.registers.vocabulary import BRACKETS, key, role_of, vocabulary

WORDS = {
    "holder": "姓名或编号",
    "page": "来源页",
    "duration": "期初时长",
    "as_of": "截止日期",
}
"""How a refusal calls what a row must say."""

_NO_UNIT = "没有单位，请在表头写明，例如 期初时长（小时）"
_HEADING = re.compile(r"(?:截至|截止)(?:日期|时间|日)? ?:? ?(?P<day>\S+?)(?:止|$|[ ,;()])")
_FIRST_YEAR = 1970  # the earliest year that the books have


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """One line of a list, ``row`` counted from 1 as the sheet does.

    A line that could be read has every value; ``refusal`` says why another one could not.
    """

    sheet: str
    row: int
    raw: tuple[Cell, ...] = field(repr=False)
    place: str = ""
    holder: PersonMention | None = None
    page: str = ""
    minutes: int = 0
    stands_on: date | None = None
    refusal: RowRefusal | None = None


@dataclass(frozen=True, slots=True)
class OpeningList:
    """The lines of a list in sheet order; ``stated_minutes`` is its own 合计, where it has one."""

    title: str
    lines: tuple[OpeningLine, ...]
    stated_minutes: int | None


@dataclass(frozen=True, slots=True)
class _Head:
    row: int
    fields: dict[int, str]
    unit: Unit | None
    as_of: Cell

    def of(self, name: str, cells: Sequence[Cell]) -> list[Cell]:
        """The filled cells of that field."""
        return [
            cells[index]
            for index, field_name in self.fields.items()
            if field_name == name and index < len(cells) and not blank(cells[index])
        ]

    def first(self, name: str, cells: Sequence[Cell]) -> Cell:
        return next(iter(self.of(name, cells)), None)


def read_openings(path: Path | str) -> OpeningList:
    """The lines of a workbook or text file that has holders, pages and balances; hidden sheets not.

    A line is refused for, the first that applies: ``missing_field`` (holder, page, balance or
    day), ``id_number_typed_as_number``, ``ambiguous_member`` (it names several people),
    ``page_too_long``, ``unreadable_duration`` (also a bare figure without a unit),
    ``duration_out_of_range``, ``unreadable_date``.

    Raises, the first that applies:
        UnreadableFile: see ``open_sheets``.
        HeaderNotFound: no sheet has a header with a number or name, a page and a balance.
    """
    sheets = [sheet for sheet in open_sheets(Path(path)) if not sheet.hidden]
    headed = [(sheet, head) for sheet in sheets if (head := _head_of(sheet))]
    if not headed:
        raise HeaderNotFound(missing="、".join(WORDS[name] for name in ("holder", "page",
                                                                       "duration")))  # fmt: skip
    lines: list[OpeningLine] = []
    stated: list[int] = []
    for sheet, head in headed:
        for number, cells in _rows(sheet, head):
            if (total := _total(head, cells)) is not None:
                stated += total
                continue
            place = place_of(sheet.name, number, name_sheet=len(headed) > 1)
            lines.append(_line(sheet.name, number, cells, place, head))
    title = Path(path).stem
    return OpeningList(title, tuple(lines), sum(stated) if stated else None)


def _head_of(sheet: Sheet) -> _Head | None:
    words = vocabulary().openings
    heading: Cell = None
    for number, cells in zip(range(1, HEADER_WITHIN + 1), sheet.rows(), strict=False):
        labels = [
            (index, BRACKETS.sub("", key(cell)).strip(":"), cell)
            for index, cell in enumerate(cells)
            if isinstance(cell, str)
        ]
        fields: dict[int, str] = {}
        unit = None
        # Beside 志愿者编号 a bare 编号 counts the lines, so what says more goes first.
        for index, label, whole in sorted(labels, key=lambda one: -len(one[1])):
            name = words.get(label) or words.get(label.partition("/")[0])  # 余额/小时
            if name is None or (name != "page" and name in fields.values()):
                continue
            fields[index] = name
            if name == "duration":
                unit = _unit_of(whole)
        found = set(fields.values())
        if {"page", "duration"} <= found and found & {"number", "name", "id_number"}:
            return _Head(number, dict(sorted(fields.items())), unit, heading)
        for cell in cells:
            if isinstance(cell, str) and (stated := _HEADING.search(tidy(cell))):
                heading = stated["day"]
    return None


def _unit_of(label: str) -> Unit | None:
    known = role_of(label)
    return known[1] if known else None


def _rows(sheet: Sheet, head: _Head) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    words = vocabulary().openings
    for number, cells in enumerate(sheet.rows(), start=1):
        said = {
            name: cells[index]
            for index, name in head.fields.items()
            if index < len(cells) and not blank(cells[index])
        }
        if number <= head.row or not said or set(said) == {"as_of"}:
            continue
        if all(words.get(BRACKETS.sub("", key(show(cell)))) == n for n, cell in said.items()):
            continue  # The header again, at the top of a page.
        yield number, cells


def _total(head: _Head, cells: Sequence[Cell]) -> list[int] | None:
    """The minutes of a 合计 line, none for another line that is no row; ``None`` for a row."""
    if head.of("page", cells):
        return None
    leading = next(show(cell) for cell in cells if not blank(cell))
    kind = summary_of(leading)
    if kind is None:
        return None
    cell = head.first("duration", cells)
    try:
        return [_minutes(cell, head.unit)] if kind is Kind.TOTAL and not blank(cell) else []
    except Unreadable:
        return []


def _line(sheet: str, number: int, cells: tuple[Cell, ...], place: str, head: _Head) -> OpeningLine:
    def no(refusal: RowRefusal) -> OpeningLine:
        return OpeningLine(sheet, number, cells, place, refusal=refusal)

    page = " ".join(" ".join(show(cell).split()) for cell in head.of("page", cells))
    as_of = head.first("as_of", cells) or head.as_of
    said = {
        "holder": any(head.of(name, cells) for name in ("number", "name", "id_number")),
        "page": bool(page),
        "duration": bool(head.of("duration", cells)),
        "as_of": as_of is not None,
    }
    for name, there in said.items():
        if not there:
            return no(refuse(Code.MISSING_FIELD, place, field=WORDS[name]))
    try:
        holder = _holder(head, cells)
    except Unreadable as error:
        return no(refuse(Code.ID_NUMBER_TYPED_AS_NUMBER, place, field="身份证号", why=error.why))
    if holder is None:
        why = f"{place}：这一行写的不是一位持有人"
        return no(RowRefusal(Code.AMBIGUOUS_MEMBER, why, "每行只写一位持有人"))
    if len(page) > MOST_PAGE_CHARACTERS:
        return no(RowRefusal("page_too_long", f"{place}：来源页超过 {MOST_PAGE_CHARACTERS} 个字",
                             "只写存折编号和页码"))  # fmt: skip
    cell = head.first("duration", cells)
    try:
        minutes = _minutes(cell, head.unit)
    except Unreadable as error:
        return no(refuse(Code.UNREADABLE_DURATION, place, field=WORDS["duration"],
                         text=show(cell), why=f"（{error.why}）"))  # fmt: skip
    if minutes > MOST_MINUTES:
        return no(RowRefusal("duration_out_of_range", f"{place}：期初时长超过 {MOST_MINUTES} 分钟",
                             "核对时长和单位"))  # fmt: skip
    try:
        stands_on = complete(read_day(as_of), None)
        if stands_on.year < _FIRST_YEAR:
            raise Unreadable("年份不对")
    except Unreadable as error:
        return no(refuse(Code.UNREADABLE_DATE, place, field=WORDS["as_of"], text=show(as_of),
                         why=f"（{error.why}）"))  # fmt: skip
    return OpeningLine(sheet, number, cells, place, holder, page, minutes, stands_on)


def _minutes(cell: Cell, unit: Unit | None) -> int:
    found = read_duration(cell, unit or Unit.HOURS)
    if unit is None and found != read_duration(cell, Unit.MINUTES):
        raise Unreadable(_NO_UNIT)
    minutes = found.minutes()
    if minutes is None:
        raise Unreadable("不是整分钟")
    return minutes


def _holder(head: _Head, cells: Sequence[Cell]) -> PersonMention | None:
    """The one person whom a line names; ``None`` where it names several.

    Raises:
        Unreadable: an ID number that was typed as a number has lost its last digits.
    """
    number = head.first("number", cells) or head.first("id_number", cells)
    try:
        people = pair(head.first("name", cells), number)
    except Unreadable as error:
        if error.why == RUINED:
            raise
        return None
    return people[0] if len(people) == 1 else None
