"""Days as clerks write them: read strictly, and given a year only when the file itself has one."""

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from timebank.registers.cells import Cell, Unreadable, arabic, show, tidy

_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheet serials after February 1900
_SERIALS = range(20_000, 80_000)  # 1954 to 2119: beyond that, a bare number is no date

_WEEKDAY = re.compile(
    r"[ /,]?(?:[(\[]?(?:星期|周|礼拜)(?P<named>[一二三四五六日天])[)\]]?"
    r"|[(\[](?P<bare>[一二三四五六日天])[)\]])"
)
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6}
_AROUND = " ,.。;'"  # what stands before or behind a date and is no part of it
_CLOCK_TAIL = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$| ?[上下]午$")
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>\d{4}|\d{2}) ?年 ?(?P<m>\d{1,2}) ?月 ?(?P<d>\d{1,2}) ?[日号]?",
        r"(?P<y>\d{4})(?:[-/.、,]+ ?| )(?P<m>\d{1,2})(?:[-/.、,]+ ?| )(?P<d>\d{1,2})[日号]?",
        r"(?P<y>\d{4})[-/.年] ?(?P<m>\d{1,2})[-/.月] ?(?P<d>\d{1,2})[日号]?",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<y>\d{2})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})",
        r"(?P<m>\d{1,2}) ?月 ?(?P<d>\d{1,2}) ?[日号]?",
        r"(?P<m>\d{1,2}) ?[-/.] ?(?P<d>\d{1,2})[日号]?",
        r"(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<d>\d{1,2}) ?[日号]",
    )
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as written: the year, and for "5日" the month too, may be left to the register.

    ``weekday`` (0 is Monday) is what a short day says of itself, to be checked once it is whole.
    """

    day: int
    month: int | None = None
    year: int | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """When a register says that it was kept, to complete days that are written short.

    ``month`` is absent for a register of a whole year, and ``years`` holds several only when
    the register states several; none at all means that it contradicts itself.
    """

    years: tuple[int, ...]
    month: int | None = None

    @property
    def year(self) -> int:
        """The year that the register names, or that most of its full dates carry."""
        return self.years[0]


@lru_cache(maxsize=16_384)
def _read_text(text: str) -> Day:
    bare = tidy(text)
    weekday = _WEEKDAY.search(bare)
    bare = arabic(_WEEKDAY.sub(" ", bare)).strip(_AROUND)
    bare = _CLOCK_TAIL.sub("", bare)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", bare):
        return _read_number(float(bare))
    found = next((m for p in _PATTERNS if (m := p.fullmatch(bare))), None)
    if found is None:
        raise Unreadable("不像日期，请写成 2023-03-05 这样的形式")
    parts = found.groupdict()
    year = int(parts["y"]) if parts.get("y") else None
    if year is not None and year < 100:
        year += 2000
    month = int(parts["m"]) if parts.get("m") else None
    day = _checked(year, month, int(parts["d"]))
    if weekday is None:
        return day
    stated = _WEEKDAYS[weekday["named"] or weekday["bare"]]
    if day.year is None or day.month is None:
        return replace(day, weekday=stated)
    _check_weekday(date(day.year, day.month, day.day), stated)
    return day


def _check_weekday(day: date, stated: int | None) -> None:
    if stated is not None and day.weekday() != stated:
        raise Unreadable("日期与所写的星期不符，请核对")


def _checked(year: int | None, month: int | None, day: int) -> Day:
    if year is not None and not 1900 <= year <= 2199:
        raise Unreadable("年份不对")
    if month is not None and not 1 <= month <= 12:
        raise Unreadable("没有这个月份")
    longest = 31 if month is None else calendar.monthrange(year or 2000, month)[1]
    if not 1 <= day <= longest:
        raise Unreadable("没有这一天")
    return Day(day, month, year)


def _read_number(number: float) -> Day:
    """A serial day, 20230305, or 3.25 for 25 March; 3.1 cannot be told from 3.10 any more."""
    if int(number) in _SERIALS:
        found = _EPOCH + timedelta(days=int(number))
        return Day(found.day, found.month, found.year)
    text = show(number)
    if not re.fullmatch(r"\d{8}|\d{1,2}\.\d{1,2}", text):
        raise Unreadable("不像日期，请写成 2023-03-05 这样的形式")
    if len(text) == 8:
        return _read_text(text)
    month, day = text.split(".")
    if len(day) == 1:
        try:
            _checked(None, int(month), int(day) * 10)
        except Unreadable:
            return _checked(None, int(month), int(day))
        raise Unreadable(
            f"按数字输入，表格去掉了末尾的0，分不清是{month}月{day}日还是{month}月{day}0日"
        )
    return _checked(None, int(month), int(day))


def read_day(cell: Cell) -> Day:
    """The day in a date cell, with as much of the date as was written.

    Raises:
        Unreadable: no day of the calendar, a weekday that is not that day's, or a number such
            as 3.1 that a sheet keeps alike for 1 March and 10 March.
    """
    if isinstance(cell, date):  # a datetime is one too
        return _checked(cell.year, cell.month, cell.day)
    if isinstance(cell, str):
        return _read_text(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _read_number(float(cell))
    raise Unreadable("不像日期，请写成 2023-03-05 这样的形式")


def complete(day: Day, anchor: Anchor | None) -> date:
    """The full date: a short one takes the year in which it lies nearest to the register's month.

    A short day more than three months from that month, or in a register of a whole year, takes
    the stated year itself.  The answer depends on the file alone, so that the same file read a
    year later names the same days.

    Raises:
        Unreadable: nothing in the register says which year, or which month, was meant.
    """
    if day.year is not None and day.month is not None:
        return date(day.year, day.month, day.day)
    if anchor is not None and not anchor.years:
        raise Unreadable("标题写的年份与其他行的日期不符，请写明年份")
    if anchor is None:
        raise Unreadable("没有年份，表头、标题和其他行也没有写明年份")
    month = day.month or anchor.month
    if month is None:
        raise Unreadable("只有日，没有月份")
    year = _year_for(month, anchor)
    if day.day > calendar.monthrange(year, month)[1]:
        raise Unreadable("没有这一天")
    found = date(year, month, day.day)
    _check_weekday(found, day.weekday)
    return found


def _year_for(month: int, anchor: Anchor) -> int:
    if anchor.month is None:
        if len(anchor.years) > 1:
            raise Unreadable("登记表写了不止一个年份，请写明年份")
        return anchor.year
    centre = anchor.year * 12 + anchor.month
    if len(anchor.years) > 1:
        return min(anchor.years, key=lambda year: abs(year * 12 + month - centre))
    nearest = min((anchor.year - 1, anchor.year, anchor.year + 1),
                  key=lambda year: abs(year * 12 + month - centre))  # fmt: skip
    return nearest if abs(nearest * 12 + month - centre) <= 3 else anchor.year


_STATED_MONTH = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2}) ?年(?:度)? ?(?:(?P<m>\d{1,2}) ?月)?"
    r"|(?<!\d)(?P<y2>(?:19|20)\d{2}) ?[-/.] ?(?P<m2>\d{1,2})(?!\d)"
    r"|(?<!\d)(?P<y3>(?:19|20)\d{2}) ?-(?= ?(?:19|20)\d{2} ?年)"
    r"|(?<!\d)(?P<y4>\d{2}) ?年 ?(?P<m4>\d{1,2}) ?月"
)
_STATED_MONTH_ALONE = re.compile(r"(?<![\d年.])(?P<m>\d{1,2}) ?月(?:份|台账|$)")


def stated_month(text: str) -> Anchor | None:
    """The year or years, and the month if there is one, that a title or heading states."""
    years: list[int] = []
    month: int | None = None
    for match in _STATED_MONTH.finditer(arabic(tidy(text))):
        parts = match.groupdict()
        year = int(next(parts[key] for key in ("y", "y2", "y3", "y4") if parts[key]))
        year += 2000 if year < 100 else 0
        stated = int(parts["m"] or parts["m2"] or parts["m4"] or 0)
        if 1900 <= year <= 2199 and stated <= 12 and year not in years:
            years.append(year)
            month = month or stated or None
    return Anchor(tuple(years), month) if years else None


def month_alone(text: str) -> int | None:
    """The month that a sheet named "3月台账" stands for."""
    found = _STATED_MONTH_ALONE.search(arabic(tidy(text)))
    month = int(found["m"]) if found else 0
    return month if 1 <= month <= 12 else None
