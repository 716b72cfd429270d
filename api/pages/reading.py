"""From what a clerk typed to a stated service: days, times and people as registers write them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from ledger.errors import Refusal
from timebank.errors import (
    MissingField,
    UnreadableDate,
    UnreadableHeadCount,
    UnreadableTime,
)
from timebank.errors.spent import UnreadableMinutes
from timebank.records.model import MOST_MINUTES, StatedService, TimeSpent
from timebank.registers.cells import Unreadable
from timebank.registers.dates import read_day
from timebank.registers.durations import Unit, read_duration
from timebank.registers.mentions import read_recipients
from timebank.registers.times import WallTime, interval, read_time

_Choice = TypeVar("_Choice", bound=StrEnum)

MOST_HEADS = 100_000
MET, MISSED = "met", "missed"
"""Whether a short visit reached what it was for, as the form says it."""

SHOWN = 30
"""Characters of an unreadable text that its refusal repeats."""


def day_in(text: str, field: str, today: date) -> date:
    """The day that a field holds; without a year, the nearest such day.

    Raises, the first that applies:
        MissingField: nothing was typed.
        UnreadableDate: no day, or none of the calendar.
    """
    if not text:
        raise MissingField(field=field)
    try:
        day = read_day(text)
        return _completed(day.year, day.month, day.day, today)
    except (Unreadable, ValueError):
        raise UnreadableDate(field=field, given=text[:SHOWN]) from None


def choice_in(typed: Mapping[str, str], field: str, choices: type[_Choice]) -> _Choice:
    """Which of the offered values a field holds.

    Raises:
        MissingField: none of them.
    """
    try:
        return choices(typed.get(field, ""))
    except ValueError:
        raise MissingField(field=field) from None


def _completed(year: int | None, month: int | None, day: int, today: date) -> date:
    """The full day: of the years (or months) around today the nearest, so that 12月30日 in January
    is last year's and a day of next week stays in the future, where it is refused."""
    if year is not None and month is not None:
        return date(year, month, day)
    if month is not None:
        near = [date(today.year + step, month, day) for step in (-1, 0, 1)]
    else:
        first = today.replace(day=1)
        near = [(first - timedelta(days=1)).replace(day=day), today.replace(day=day)]
    return min(near, key=lambda found: abs(found - today))


def times_in(typed: Mapping[str, str], on: date) -> tuple[datetime, datetime]:
    """Start and end on a day, as local wall times; 次日 in the end is the next day.

    Raises, the first that applies:
        MissingField: start or end is empty.
        UnreadableTime: one of them is no time of day.
    """
    start, end = (time_in(typed.get(field, ""), field) for field in ("start", "end"))
    try:
        minutes = interval(start, end)
    except Unreadable:
        raise UnreadableTime(field="end", given=typed["end"][:SHOWN]) from None
    midnight = datetime.combine(on, time.min)
    starts_at, ends_at = (midnight + timedelta(minutes=one) for one in minutes)
    return starts_at, ends_at


def time_in(text: str, field: str) -> WallTime:
    """The time of day that somebody typed.

    Raises, the first that applies:
        MissingField: nothing was typed.
        UnreadableTime: no time can be read.
    """
    if not text:
        raise MissingField(field=field)
    try:
        return read_time(text)
    except Unreadable:
        raise UnreadableTime(field=field, given=text[:SHOWN]) from None


def faults_in(typed: Mapping[str, str], today: date) -> dict[str, Refusal]:
    """What is empty or unreadable by field, in the form's order: a clerk hears of all at once."""
    readers: dict[str, Callable[[str], object]] = {
        "volunteer": lambda text: _needed(text, "volunteer"),
        "recipient": lambda text: _needed(text, "recipient"),
        "date": lambda text: day_in(text, "date", today),
        "start": lambda text: time_in(text, "start"),
        "end": lambda text: time_in(text, "end"),
        "content": lambda text: _needed(text, "content"),
        "head_count": heads_in,
        "travel": lambda _text: minutes_in(typed, "travel"),
        "rest": lambda _text: minutes_in(typed, "rest"),
    }
    found: dict[str, Refusal] = {}
    for field, read in readers.items():
        try:
            read(typed.get(field, ""))
        except Refusal as refused:
            found[field] = refused
    return found


def _needed(text: str, field: str) -> None:
    if not text:
        raise MissingField(field=field)


def stated_in(typed: Mapping[str, str], today: date) -> StatedService:
    """The service that the fields of the form state.

    Raises, the first that applies:
        MissingField, UnreadableDate: see :func:`day_in`.
        MissingField, UnreadableTime: see :func:`times_in`.
        UnreadableHeadCount: the head-count is no whole number from 0 to :data:`MOST_HEADS`.
        UnreadableMinutes: travel or rest is no whole number of minutes up to a day.
    """
    on = day_in(typed.get("date", ""), "date", today)
    starts_at, ends_at = times_in(typed, on)
    text = typed.get("recipient", "")
    recipients = read_recipients(text)
    heads = heads_in(typed.get("head_count", ""))
    return StatedService(
        volunteers=tuple(filter(None, [typed.get("volunteer", "")])),
        recipients=tuple(person.text for person in recipients.people),
        starts_at=starts_at,
        ends_at=ends_at,
        content=typed.get("content", ""),
        public=recipients.public,
        head_count=heads if heads is not None else recipients.head_count or 0,
        note=typed.get("note", ""),
        reason=typed.get("reason", ""),
        spent=TimeSpent(
            minutes_in(typed, "travel"), minutes_in(typed, "rest"), typed.get("aim") != MISSED
        ),
    )


def minutes_in(typed: Mapping[str, str], field: str, most: int = MOST_MINUTES) -> int:
    """Whole minutes up to ``most``, a day by default, also as "1小时10分"; 0 for an empty field."""
    text = typed.get(field, "")
    if text in ("", "0"):
        return 0
    try:
        found = read_duration(text, Unit.MINUTES)
    except Unreadable:
        found = None
    if found is None or found.exact.denominator != 1 or found.exact > most:
        raise UnreadableMinutes(field=field, given=text[:SHOWN])
    return int(found.exact)


def heads_in(text: str) -> int | None:
    """People served, as a whole number up to :data:`MOST_HEADS`; nothing for an empty field.

    Raises:
        UnreadableHeadCount: anything else.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) <= MOST_HEADS):
        raise UnreadableHeadCount(field="head_count", most=MOST_HEADS)
    return int(text)
