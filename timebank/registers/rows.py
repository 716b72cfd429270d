"""One line of a register, read by the field rules: a fault becomes a refusal of the line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from timebank.registers.cells import Cell, Unreadable, show, tidy
from timebank.registers.dates import Anchor, complete, read_day
from timebank.registers.durations import Duration, read_duration
from timebank.registers.kinds import Line
from timebank.registers.layout import Column, Layout
from timebank.registers.mentions import RUINED, Recipients, pair, read_head_count, read_recipients
from timebank.registers.model import PersonMention, RegisterRow, TableHead
from timebank.registers.refusals import Code, place_of, refuse
from timebank.registers.times import (
    DAY_MINUTES,
    Half,
    WallTime,
    half_in,
    half_of,
    in_half,
    interval,
    read_range,
    read_time,
)
from timebank.registers.vocabulary import Role, key, vocabulary

_DITTO_STARTS = frozenset(word[0] for word in vocabulary().same_as_above) | {" ", "\u3000"}
_tidied = lru_cache(maxsize=16_384)(tidy)
_SHOWN = 40  # characters of a cell that an explanation repeats


class _Stop(Exception):
    """The first rule that the line breaks."""

    def __init__(self, code: Code, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(slots=True)
class RowReader:
    """Reads the lines of one sheet in their order; it remembers the last one for 同上."""

    sheet: str
    anchor: Anchor | None
    name_sheet: bool = False
    _above: tuple[Cell, ...] = ()
    _under: tuple[Layout, TableHead] | None = None

    def read(self, line: Line) -> RegisterRow:
        """The line as a row, with the first refusal that applies in the order of the codes."""
        cells = self._without_dittos(line.cells, line.layout)
        self._above = cells
        reading = _Reading(line.layout, cells, self.anchor)
        refusal = None
        try:
            reading.optional()
            reading.require()
            reading.values()
        except _Stop as stop:
            place = place_of(self.sheet, line.number, name_sheet=self.name_sheet)
            refusal = refuse(stop.code, place, **stop.facts)
        head = self._head(line.layout)
        return RegisterRow(self.sheet, line.number, cells, head, refusal=refusal, **reading.found)

    def _head(self, layout: Layout) -> TableHead:
        """One head for all rows of a table."""
        if self._under is None or self._under[0] is not layout:
            self._under = (layout, layout.head())
        return self._under[1]

    def _without_dittos(self, cells: tuple[Cell, ...], layout: Layout) -> tuple[Cell, ...]:
        words = vocabulary().same_as_above
        if not any(type(cell) is str and cell[:1] in _DITTO_STARTS for cell in cells):
            return cells  # nearly every line
        known = {column.index for column in layout.columns if column.role is not Role.NOTE}
        return tuple(
            self._above[index]
            if isinstance(cell, str)
            and index in known
            and index < len(self._above)
            and cell.strip()
            and (key(cell) in words or cell.strip() in words)
            else cell
            for index, cell in enumerate(cells)
        )


@dataclass(slots=True)
class _Reading:
    layout: Layout
    cells: Sequence[Cell]
    anchor: Anchor | None
    found: dict[str, Any] = field(default_factory=dict)

    def cell(self, column: Column | None) -> Cell:
        if column is None or column.index >= len(self.cells):
            return None
        return self.cells[column.index]

    def text(self, *roles: Role) -> str | None:
        cell = self.cell(self.layout.first(*roles))
        if cell is None:
            return None
        return tidy(show(cell)) if type(cell) is not str or cell.isascii() else _tidied(cell)

    def optional(self) -> None:
        found = self.found
        found["serial"] = self.text(Role.SERIAL)
        found["content"] = self.text(Role.CONTENT, Role.CATEGORY)
        found["category"] = self.text(Role.CATEGORY)
        found["place"] = self.text(Role.PLACE)
        found["note"] = self.text(Role.NOTE)
        heads = self.layout.first(Role.HEAD_COUNT)
        found["head_count"] = read_head_count(self.cell(heads)) if heads else None

    # What must be filled in -------------------------------------------------------------------

    def require(self) -> None:
        """Stop at the first required cell that is blank, or column that is not kept."""
        layout = self.layout
        dated_in = layout.first(Role.DATE)
        if dated_in is not None:
            self._filled(dated_in)
        elif layout.has(Role.DAY):
            for role in (Role.MONTH, Role.DAY):
                self._filled(layout.first(role), "月" if role is Role.MONTH else "日")
        self._require_interval()
        self._any("志愿者", Role.VOLUNTEER, Role.VOLUNTEER_NUMBER, Role.VOLUNTEER_ID)
        if self.found["head_count"] is None:
            self._any("服务对象", Role.RECIPIENT, Role.RECIPIENT_NUMBER, Role.RECIPIENT_ID)
        self._filled(layout.first(Role.CONTENT, Role.CATEGORY), "服务内容")
        if layout.has(Role.DURATION):
            self._any("服务时长", Role.DURATION)

    def _require_interval(self) -> None:
        layout = self.layout
        start, end = self._time_column(Role.START), self._time_column(Role.END)
        if start is None:
            self._filled(self._time_column(Role.INTERVAL), "开始时间")
            return
        self._filled(start)
        if end is None:
            if not layout.has(Role.DURATION) and not _is_range(self.cell(start)):
                raise _Stop(Code.MISSING_FIELD, field="结束时间")
        elif not _is_range(self.cell(start)):
            self._filled(end)

    def _filled(self, column: Column | None, name: str = "") -> None:
        if self.cell(column) is None:
            raise _Stop(Code.MISSING_FIELD, field=column.label if column else name)

    def _any(self, name: str, *roles: Role) -> None:
        columns = [column for role in roles for column in self.layout.of(role)]
        if all(self.cell(column) is None for column in columns):
            raise _Stop(Code.MISSING_FIELD, field=columns[0].label if columns else name)

    # What the cells say -----------------------------------------------------------------------

    def values(self) -> None:
        found = self.found
        dated = self._stated_day()
        times = self._times()
        start, column = times[0], self._time_column(Role.START, Role.INTERVAL)
        if dated is None:
            dated = self._completed(start.day, column)
        elif start.day is not None and self._completed(start.day, column) != dated:
            why = f"与{dated.isoformat()}不是同一天"
            raise self._unreadable(Code.UNREADABLE_DATE, column, why)
        found["service_on"] = dated
        begins, ends = self._interval(dated, times)
        stated = self._stated(ends - begins if ends is not None and ends > begins else None)
        if ends is None:  # no end in this register: its length makes it
            minutes = stated.minutes() if stated else None
            if minutes is None:
                why = "不是整分钟"
                raise self._unreadable(Code.UNREADABLE_DURATION, self._duration_column(), why)
            ends = begins + minutes
        midnight = datetime.combine(dated, time.min)
        found["starts_at"] = midnight + timedelta(minutes=begins)
        found["ends_at"] = midnight + timedelta(minutes=ends)
        found["stated_minutes"] = round(stated.exact) if stated else None
        if ends <= begins:
            raise _Stop(Code.END_BEFORE_START, start=_clock(begins), end=_clock(ends))
        found["minutes"] = ends - begins
        if stated and not stated.agrees(ends - begins):
            column = self._duration_column()
            raise _Stop(
                Code.DURATION_MISMATCH,
                field=column.label if column else "服务时长",
                text=self._all_durations(),
                minutes=ends - begins,
            )
        found["volunteers"] = self._volunteers()
        recipients = self._recipients()
        found["recipients"] = recipients.people
        found["public"] = recipients.public
        if found["head_count"] is None:
            found["head_count"] = recipients.head_count

    def _unreadable(self, code: Code, column: Column | None, why: str) -> _Stop:
        shown = show(self.cell(column))[:_SHOWN]
        label = column.label if column else ""
        return _Stop(code, field=label, text=shown, why=f"（{why}）" if why else "")

    def _stated_day(self) -> date | None:
        column = self.layout.first(Role.DATE)
        if column is None and self.layout.has(Role.DAY):
            parts = (self.text(role) or "" for role in (Role.YEAR, Role.MONTH, Role.DAY))
            year, month, day = (re.sub("[年月日号]|\\.0$", "", part) for part in parts)
            written = f"{month}月{day}日" if not year else f"{year}年{month}月{day}日"
            return self._completed_cell(written, self.layout.first(Role.DAY))
        return None if column is None else self._completed_cell(self.cell(column), column)

    def _completed_cell(self, cell: Cell, column: Column | None) -> date:
        try:
            return complete(read_day(cell), self.anchor)
        except Unreadable as error:
            raise self._unreadable(Code.UNREADABLE_DATE, column, error.why) from error

    def _completed(self, day: object, column: Column | None) -> date:
        if day is None:
            raise _Stop(Code.MISSING_FIELD, field="服务日期")
        try:
            return complete(day, self.anchor)  # type: ignore[arg-type]
        except Unreadable as error:
            raise self._unreadable(Code.UNREADABLE_DATE, column, error.why) from error

    def _time_column(self, *roles: Role) -> Column | None:
        """The column of the first role kept; of one for 上午 and one for 下午 the filled one."""
        columns = next((found for role in roles if (found := self.layout.of(role))), ())
        if len(columns) < 2:
            return columns[0] if columns else None
        halves = [column for column in columns if half_in(column.label)]
        filled = (column for column in halves if self.cell(column) is not None)
        return next(filled, columns[0])

    def _half(self, column: Column | None) -> Half | None:
        """上午 or 下午, where a column beside the times or their own label says it."""
        beside = half_of(self.cell(self.layout.first(Role.HALF_DAY)))
        return beside or (half_in(column.label) if column else None)

    def _times(self) -> tuple[WallTime, WallTime | None]:
        start, end = self._time_column(Role.START), self._time_column(Role.END)
        column = start or self._time_column(Role.INTERVAL)
        half = self._half(column)
        of_role = self.layout.of(column.role) if column else ()
        if sum(bool(half_in(c.label)) and self.cell(c) is not None for c in of_role) > 1:
            raise self._unreadable(Code.UNREADABLE_TIME, column, "一行只能写一段时间，请分成两行")
        try:
            if start is None or _is_range(self.cell(start)):
                return in_half(*read_range(self.cell(column)), half)
            begins = read_time(self.cell(start))
            column = end
            return in_half(begins, read_time(self.cell(end)) if end else None, half)
        except Unreadable as error:
            raise self._unreadable(Code.UNREADABLE_TIME, column, error.why) from error

    def _interval(
        self, dated: date, times: tuple[WallTime, WallTime | None]
    ) -> tuple[int, int | None]:
        start, end = times
        if end is None:
            return start.minute, None
        column = self._time_column(Role.END, Role.INTERVAL, Role.START)
        try:
            begins, ends = interval(start, end)
        except Unreadable as error:
            raise self._unreadable(Code.UNREADABLE_TIME, column, error.why) from error
        if end.day is not None:
            days = (self._completed(end.day, column) - dated).days
            ends += days * DAY_MINUTES
        if ends - begins > DAY_MINUTES:
            raise self._unreadable(Code.UNREADABLE_TIME, column, "一次服务不能超过24小时")
        return begins, ends

    def _duration_column(self) -> Column | None:
        filled = (c for c in self.layout.of(Role.DURATION) if self.cell(c) is not None)
        return next(filled, self.layout.first(Role.DURATION))

    def _all_durations(self) -> str:
        cells = (self.cell(column) for column in self.layout.of(Role.DURATION))
        return " ".join(show(cell) for cell in cells if cell is not None)[:_SHOWN]

    def _stated(self, minutes: int | None) -> Duration | None:
        """The stated length; of hours and minutes in two columns, their sum."""
        read: list[Duration] = []
        for column in self.layout.of(Role.DURATION):
            cell = self.cell(column)
            parts = len(self.layout.of(Role.DURATION)) > 1
            if cell is None or (parts and key(show(cell)) == "0"):
                continue
            try:
                read.append(read_duration(cell, column.unit, minutes))
            except Unreadable as error:
                raise self._unreadable(Code.UNREADABLE_DURATION, column, error.why) from error
        if len(read) < 2:
            return read[0] if read else None
        if minutes is not None and all(part.agrees(minutes) for part in read):
            return read[0]
        return Duration(sum((part.exact for part in read), start=read[0].exact * 0))

    def _people(self, named: Role, numbered: Role, identified: Role) -> tuple[PersonMention, ...]:
        columns = self.layout.of(named)
        name: Cell
        if len(columns) == 1:
            name = self.cell(columns[0])
        else:
            names = (self.cell(column) for column in columns)
            name = "、".join(show(cell) for cell in names if cell is not None) or None
        number = self.cell(self.layout.first(numbered))
        if number is None:
            number = self.cell(self.layout.first(identified))
        column = self.layout.first(named, numbered, identified)
        try:
            if people := pair(name, number):
                return people
        except Unreadable as error:
            code = Code.ID_NUMBER_TYPED_AS_NUMBER if error.why == RUINED else Code.MISSING_FIELD
            if code is Code.MISSING_FIELD:
                raise _Stop(
                    code, field=f"{column.label if column else ''}（{error.why}）"
                ) from error
            raise _Stop(code, field=column.label if column else "", why=error.why) from error
        if named is Role.VOLUNTEER or self.found["head_count"] is None:  # nothing but separators
            raise _Stop(Code.MISSING_FIELD, field=column.label if column else "")
        return ()

    def _volunteers(self) -> tuple[PersonMention, ...]:
        return self._people(Role.VOLUNTEER, Role.VOLUNTEER_NUMBER, Role.VOLUNTEER_ID)

    def _recipients(self) -> Recipients:
        columns = self.layout.of(Role.RECIPIENT)
        if len(columns) == 1:
            cell = self.cell(columns[0])
            if self.found["head_count"] and key(show(cell)) in vocabulary().nothing:
                return Recipients(public="")
            found = self._public(cell)
            if found.public is not None:
                return found  # a number beside a group says nothing
        people = self._people(Role.RECIPIENT, Role.RECIPIENT_NUMBER, Role.RECIPIENT_ID)
        return Recipients(people) if people else Recipients(public="")

    def _public(self, cell: Cell) -> Recipients:
        try:
            return read_recipients(cell)
        except Unreadable:
            return Recipients()  # the people parser says why


_RANGE_MARK = re.compile("[-‐‑‒–—―−─～~〜－至到]")


def _is_range(cell: Cell) -> bool:
    if not isinstance(cell, str) or not _RANGE_MARK.search(cell):
        return False  # nearly every cell: raising for each would cost more than the reading
    try:
        read_range(cell)
    except Unreadable:
        return False
    return True


def _clock(minute: int) -> str:
    day, rest = divmod(minute, DAY_MINUTES)
    return f"{'次日' if day else ''}{rest // 60:02d}:{rest % 60:02d}"
