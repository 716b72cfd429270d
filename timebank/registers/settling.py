"""What the columns hold whose label leaves it open (时间, 编号, 时段), decided by their cells."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time

from timebank.registers.cells import Cell, Unreadable, packed, show
from timebank.registers.dates import read_day
from timebank.registers.durations import read_duration
from timebank.registers.layout import Column, Layout
from timebank.registers.times import half_of, read_range, read_time
from timebank.registers.vocabulary import Role, key, vocabulary

_SIGNED = {
    Role.VOLUNTEER_SIGNED: (Role.VOLUNTEER, Role.VOLUNTEER_NUMBER, Role.VOLUNTEER_ID),
    Role.RECIPIENT_SIGNED: (Role.RECIPIENT, Role.RECIPIENT_NUMBER, Role.RECIPIENT_ID),
}


def settle(layout: Layout, sample: Sequence[Sequence[Cell]]) -> Layout:
    """The layout with every column whose label leaves its meaning open decided by its cells."""
    settled = layout
    # What a 登记日期 means depends on what the columns of times turn out to hold.
    for column in sorted(layout.columns, key=lambda column: column.role is Role.RECORDED):
        role = _settled(column, settled, sample)
        if role is not column.role:
            columns = tuple(replace(c, role=role) if c == column else c for c in settled.columns)
            settled = replace(settled, columns=columns)
    return settled


def _settled(column: Column, layout: Layout, sample: Sequence[Sequence[Cell]]) -> Role:
    match column.role:
        case Role.WHEN:
            return _meaning(column, layout, sample)
        case Role.NUMBER_OR_SERIAL:
            return _numbering(column, layout, sample)
        case Role.INTERVAL:
            return _half_day(column, layout, sample)
        case Role.DURATION:
            return _length(column, layout)
        case Role.RECORDED:
            return _recorded(layout, sample)
        case Role.VOLUNTEER_SIGNED | Role.RECIPIENT_SIGNED:
            named = _SIGNED[column.role]
            return Role.OTHER if any(layout.has(role) for role in named) else named[0]
    return column.role


def _recorded(layout: Layout, sample: Sequence[Sequence[Cell]]) -> Role:
    """The day of the service, unless that stands in a column of its own or with the times."""
    if layout.has(Role.DATE) or layout.has(Role.DAY):
        return Role.OTHER
    return Role.OTHER if dated_times(layout, sample) else Role.DATE


def dated_times(layout: Layout, sample: Sequence[Sequence[Cell]]) -> bool:
    """Whether the day stands with the times, in the same cells."""
    timed = layout.of(Role.START) + layout.of(Role.INTERVAL)
    return any(_carries_a_day(cell) for column in timed for cell in _cells(column, sample))


def _carries_a_day(cell: Cell) -> bool:
    if reads(read_range, cell):
        return read_range(cell)[0].day is not None
    return reads(read_time, cell) and read_time(cell).day is not None


def _half_day(column: Column, layout: Layout, sample: Sequence[Sequence[Cell]]) -> Role:
    """时段 says 上午 or 下午 where the times stand in columns of their own."""
    others = [*layout.of(Role.INTERVAL), *layout.of(Role.START), *layout.of(Role.WHEN)]
    cells = _cells(column, sample)
    halves = sum(half_of(cell) is not None for cell in cells)
    return Role.HALF_DAY if len(others) > 1 and halves * 2 > len(cells) else Role.INTERVAL


def _length(column: Column, layout: Layout) -> Role:
    """A running total beside the length of each line (累计时长) is no length of the line."""
    running = tuple(vocabulary().running_totals)
    if not key(column.label).startswith(running):
        return Role.DURATION
    plain = (c for c in layout.of(Role.DURATION) if not key(c.label).startswith(running))
    return Role.OTHER if any(plain) else Role.DURATION


def _cells(column: Column, sample: Sequence[Sequence[Cell]]) -> list[Cell]:
    return [row[column.index] for row in sample
            if column.index < len(row) and row[column.index] is not None]  # fmt: skip


def _numbering(column: Column, layout: Layout, sample: Sequence[Sequence[Cell]]) -> Role:
    if layout.has(Role.VOLUNTEER_NUMBER):
        return Role.SERIAL
    cells = [packed(show(cell)) for cell in _cells(column, sample)]
    lettered = sum(bool(re.search(r"[A-Za-z]", cell)) for cell in cells)
    if lettered * 2 > len(cells):
        return Role.VOLUNTEER_NUMBER
    return Role.VOLUNTEER_NUMBER if layout.has(Role.SERIAL) and cells else Role.SERIAL


def _meaning(column: Column, layout: Layout, sample: Sequence[Sequence[Cell]]) -> Role:
    counts = dict.fromkeys((Role.INTERVAL, Role.DURATION, Role.DATE, Role.START), 0)
    dated = layout.has(Role.DATE) or layout.has(Role.DAY)
    for cell in _cells(column, sample):
        if role := _reads_as(cell, dated=dated):
            counts[role] += 1
    best = max(counts, key=lambda role: counts[role])
    if counts[best]:
        return best
    timed = layout.has(Role.START) or layout.has(Role.INTERVAL)
    return Role.DATE if timed and not dated else Role.INTERVAL


def _reads_as(cell: Cell, *, dated: bool) -> Role | None:
    """What one cell of an open column can be; ``dated`` registers have a date column besides."""
    if reads(read_range, cell):
        return Role.INTERVAL
    if isinstance(cell, str) and re.search(r"小时|分钟|\d ?[hH]|min|半$", cell):
        return Role.DURATION if reads(read_duration, cell) else None
    moment = reads(read_time, cell) and read_time(cell).day is not None
    if moment and not (isinstance(cell, datetime) and cell.time() == time.min):
        return Role.START
    order = (Role.START, Role.DATE) if dated else (Role.DATE, Role.START)
    parsers = {Role.START: read_time, Role.DATE: read_day}
    role = next((role for role in order if reads(parsers[role], cell)), None)
    return role or (Role.DURATION if reads(read_duration, cell) else None)


def reads(parser: Callable[[Cell], object], cell: Cell) -> bool:
    """Whether the parser takes the cell."""
    try:
        parser(cell)
    except Unreadable:
        return False
    return True
