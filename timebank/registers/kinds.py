"""Which lines of a sheet claim a service, and which are blank, sums, signatures or remarks."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice

from timebank.registers.cells import Cell, Unreadable, arabic, packed, show, tidy
from timebank.registers.dates import read_day
from timebank.registers.durations import Unit, read_duration
from timebank.registers.layout import HEADER_WITHIN, Layout, find_layout, header_again
from timebank.registers.model import StatedTotal
from timebank.registers.sheets import Sheet
from timebank.registers.standing import Standing, given_above
from timebank.registers.times import read_range, read_time
from timebank.registers.vocabulary import Role, key, vocabulary

_HEAD_ROWS = 260  # the header within 30, and enough lines below to see what open columns hold
_SAMPLE = 200

_CORE = (
    Role.DATE, Role.DAY, Role.START, Role.END, Role.INTERVAL, Role.VOLUNTEER,
    Role.VOLUNTEER_NUMBER, Role.VOLUNTEER_ID, Role.RECIPIENT, Role.RECIPIENT_NUMBER,
    Role.RECIPIENT_ID, Role.CONTENT,
)  # fmt: skip
_DAYS = {Role.DATE, Role.DAY}
_LONGEST_SUM = 20  # characters of a line that 小计 or 签字 may end
_LABELLED = re.compile(r"[^\d:]{2,12}:")


class Kind(StrEnum):
    """What a line of a sheet is."""

    ABOVE = "above"  # titles and headings over the table
    HEADER = "header"
    BLANK = "blank"
    SERVICE = "service"
    SUBTOTAL = "subtotal"
    TOTAL = "total"
    SIGNATURE = "signature"
    REMARK = "remark"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Line:
    """One line with the layout that it stands under; ``number`` counts from 1."""

    number: int
    kind: Kind
    cells: tuple[Cell, ...]
    layout: Layout


def walk(sheet: Sheet) -> Iterator[Line]:
    """Every line of a sheet with its kind; nothing at all where no header is found.

    A header repeated on a further page is passed over; one of a next table takes its place.
    """
    rows = iter(sheet.rows())
    ahead = deque(islice(rows, _HEAD_ROWS))
    head = list(islice(ahead, 0, HEADER_WITHIN + 1))
    found = find_layout(sheet, head) or find_layout(sheet, head, given_above(head))
    if found is None:
        return
    first = found.header_row + found.header_height - 1
    facts = Standing(head[: found.header_row - 1], max(map(len, ahead)))
    layout = facts.settled(found, list(islice(ahead, first, first + _SAMPLE)))
    number = skip = 0
    while ahead:
        cells = ahead.popleft()
        number += 1
        if (following := next(rows, None)) is not None:
            ahead.append(following)
        if number < layout.header_row and number <= first:
            yield Line(number, Kind.ABOVE, cells, layout)
        elif number <= first or skip:
            skip = max(0, skip - 1)
            yield Line(number, Kind.HEADER, cells, layout)
        else:
            kind = kind_of(cells, layout)
            if kind is Kind.HEADER and (again := header_again(cells, layout)):
                skip = layout.header_height - 1 if again is layout else 0
                if again is not layout:
                    layout = facts.settled(again, list(islice(ahead, _SAMPLE)))
            elif kind is Kind.SERVICE:
                cells = facts.behind(cells)
            else:
                facts.change(cells)
            yield Line(number, kind, cells, layout)


def kind_of(cells: Sequence[Cell], layout: Layout) -> Kind:
    """What a line below the header is, judged by its own cells alone.

    A line with a readable day and a readable time is a service whatever else it says, and a
    line that is none of the other kinds counts as one too: it may be refused, never dropped.
    """
    filled = [index for index, cell in enumerate(cells) if cell is not None]
    if not filled:
        return Kind.BLANK
    if _has(cells, layout, (Role.DATE, Role.DAY), read_day) and _has_time(cells, layout):
        return Kind.SERVICE
    leading = show(cells[filled[0]])
    if kind := summary_of(leading):
        return kind
    if header_again(cells, layout) is not None:
        return Kind.HEADER
    if key(leading).startswith(vocabulary().remarks):
        return Kind.REMARK
    core = {column.index: column.role for column in layout.columns if column.role in _CORE}
    said = [index for index in filled if index in core]
    if not said and not _states_length(cells, layout):
        alone = len(filled) == 1 and isinstance(cells[filled[0]], str)
        return Kind.SECTION if alone and not key(leading).isdigit() else Kind.BLANK
    if {core[index] for index in said} <= _DAYS and not _states_length(cells, layout):
        # A day of the calendar on which nothing happened, or the date under a signature.
        alone = len(said) == 1 and not _is_day(cells[said[0]])
        return Kind.SECTION if alone else Kind.BLANK
    if _LABELLED.match(tidy(leading)) and sum(":" not in tidy(show(cells[i])) for i in said) <= 2:
        return Kind.SIGNATURE
    if len(filled) == 1 and _is_section(cells[filled[0]], filled[0], layout):
        return Kind.SECTION
    return Kind.SERVICE


def _is_day(cell: Cell) -> bool:
    try:
        read_day(cell)
    except Unreadable:
        return False
    return True


def _has(cells: Sequence[Cell], layout: Layout, roles: tuple[Role, ...], parser: object) -> bool:
    column = layout.first(*roles)
    if column is None or column.index >= len(cells) or cells[column.index] is None:
        return False
    try:
        parser(cells[column.index])  # type: ignore[operator]
    except Unreadable:
        return False
    return True


def _has_time(cells: Sequence[Cell], layout: Layout) -> bool:
    return _has(cells, layout, (Role.START,), read_time) or _has(
        cells, layout, (Role.INTERVAL,), read_range
    )


def summary_of(leading: str) -> Kind | None:
    """Which kind of sum, signature or remark a line is that begins with this text, if it is one."""
    words = vocabulary()
    bare = key(leading)
    stem = re.split(r"(?<=.)[:\d(共约]", bare, maxsplit=1)[0]
    for candidate in (bare.rstrip(":"), stem):
        if candidate in words.subtotals:
            return Kind.SUBTOTAL
        if candidate in words.totals:
            return Kind.TOTAL
        if candidate in words.signatures:
            return Kind.SIGNATURE
    patterns = words.row_patterns if len(bare) <= _LONGEST_SUM else ()
    named = (kind for kind, pattern in patterns if pattern.search(bare.rstrip(":")))
    return next((Kind(kind) for kind in named), None)


def _states_length(cells: Sequence[Cell], layout: Layout) -> bool:
    """Whether the duration is filled in; a formula's zero in a line not yet used is not."""
    for column in layout.of(Role.DURATION):
        cell = cells[column.index] if column.index < len(cells) else None
        if cell is not None and key(show(cell)) not in ("0", "0:00", "00:00", "0.0", "0小时"):
            return True
    return False


def _is_section(cell: Cell, index: int, layout: Layout) -> bool:
    """A line whose only text stands under a column that it cannot belong to."""
    column = next(column for column in layout.columns if column.index == index)
    text = show(cell)
    if column.role in (Role.DATE, Role.DAY, Role.START, Role.END, Role.INTERVAL):
        return isinstance(cell, str) and not re.search(r"\d", text)
    return len(packed(text)) > 15 or bool(re.search("[:：]", text))


_LENGTH = re.compile(r"\d+(?:\.\d+)? ?(?:个)?(?:小时|h)(?: ?\d+ ?分钟?)?|\d+ ?(?:分钟|min)", re.I)
_COUNT = re.compile(r"(?<![\d.])(\d+) ?(?:条|次|人次|场|笔|项|行)")


def stated_total(sheet: str, line: Line) -> StatedTotal:
    """What a 合计 or 小计 line states: minutes with a unit anywhere, else under the duration."""
    texts = [show(cell) for cell in line.cells if cell is not None]
    minutes = count = None
    for text in dict.fromkeys(arabic(tidy(text)) for text in texts):
        if minutes is None and (found := _LENGTH.search(text)):
            minutes = _whole_minutes(found.group())
        if count is None and (number := _COUNT.search(text)):
            count = int(number[1])
    if minutes is None:
        minutes = _under_duration(line)
    label = packed(texts[0])
    return StatedTotal(sheet, line.number, label, minutes, count, line.kind is Kind.SUBTOTAL)


def _under_duration(line: Line) -> int | None:
    for column in line.layout.of(Role.DURATION):
        cell = line.cells[column.index] if column.index < len(line.cells) else None
        if isinstance(cell, timedelta):
            return round(cell.total_seconds()) // 60
        if cell is None or _COUNT.search(show(cell)):
            continue
        unit = column.unit or Unit.HOURS
        if (minutes := _whole_minutes(cell, unit)) is not None:
            return minutes
    return None


def _whole_minutes(cell: Cell, unit: Unit | None = None) -> int | None:
    """A sum may carry the rounding of its lines, so it is shown to the nearest minute."""
    try:
        return round(read_duration(cell, unit).exact)
    except Unreadable:
        return None
