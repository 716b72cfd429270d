"""Lengths of service as clerks write them, exact to the minute; no float takes part."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from timebank.registers.cells import Cell, Unreadable, arabic, tidy

_WHY = "看不懂时长，请写成 1.5小时、90分钟 或 1小时30分"
_DAY_MINUTES = 24 * 60


class Unit(StrEnum):
    """What a bare figure counts, as the header of its column says."""

    HOURS = "hours"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Duration:
    """A stated length: exact minutes, and how many decimals its figure of hours had.

    ``decimals`` is 0 for everything that is not a decimal figure of hours; only a figure with
    two or more may stand for the rounding of another number of minutes.
    """

    exact: Fraction
    decimals: int = 0

    def agrees(self, minutes: int) -> bool:
        """Whether the length can be meant to state ``minutes``: exactly, or rounded as above."""
        if self.exact == minutes:
            return True
        if self.decimals < 2:
            return False
        scale = 10 ** min(self.decimals, 9)
        return _rounded(Fraction(minutes, 60) * scale) == _rounded(self.exact / 60 * scale)

    def minutes(self) -> int | None:
        """The whole minutes that the length stands for, or None when no whole number agrees."""
        near = int(self.exact)
        return next((m for m in (near, near + 1) if m > 0 and self.agrees(m)), None)


def _rounded(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)  # half up


_FIGURE = r"(?:\d+(?:\.\d*)?|\.\d+)"
_HOUR = r"(?:个)?(?:小时|钟头|钟|时|hours?|hrs?|h)"
_MINUTE = r"(?:分钟|分|minutes?|mins?|min|m|')"
_TEXT = re.compile(
    rf"(?:(?P<hours>{_FIGURE}) ?(?P<half>个半|半)? ?{_HOUR}(?P<half2>半)?"
    rf"|(?P<only>半个?) ?{_HOUR})?"
    rf" ?(?:(?P<minutes>\d+) ?{_MINUTE}?|(?P<quarter>[13])刻钟?)?整?",
    re.IGNORECASE,
)
_MINUTES = re.compile(rf"(?P<minutes>\d+(?:\.0+)?) ?{_MINUTE}整?", re.IGNORECASE)
_CLOCK = re.compile(r"(?P<hours>\d{1,2}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?")


@lru_cache(maxsize=16_384)
def _worded(text: str) -> Duration | Decimal:
    """A length with its unit, or the bare figure."""
    bare = arabic(tidy(text).replace(" ", "").replace("時", "时").rstrip("。.,;"))
    bare = bare.removeprefix("共").removeprefix("计")
    if re.fullmatch(_FIGURE, bare):
        return Decimal(bare)
    if clock := _CLOCK.fullmatch(bare):
        if int(clock["seconds"] or 0):
            raise Unreadable("时长只记到分钟")
        return Duration(Fraction(int(clock["hours"]) * 60 + int(clock["minutes"])))
    if minutes := _MINUTES.fullmatch(bare):
        return Duration(Fraction(Decimal(minutes["minutes"])))
    found = _TEXT.fullmatch(bare)
    if not bare or found is None or not (found["hours"] or found["only"] or found["quarter"]):
        raise Unreadable(_WHY)
    figure = found["hours"] or "0"
    more = 30 * bool(found["half"] or found["half2"] or found["only"])
    more += int(found["minutes"] or 0) + 15 * int(found["quarter"] or 0)
    if (found["half"] or found["half2"] or found["minutes"]) and "." in figure:
        raise Unreadable(_WHY)  # 1.5小时30分: which of the two is meant?
    return _of_hours(Decimal(figure), more)


def _of_hours(figure: Decimal, more_minutes: int = 0) -> Duration:
    decimals = max(0, -int(figure.as_tuple().exponent))
    return Duration(Fraction(figure) * 60 + more_minutes, decimals)


def read_duration(cell: Cell, unit: Unit | None = None, minutes: int | None = None) -> Duration:
    """The length in a cell; ``unit`` is the column's, ``minutes`` what the times say.

    A bare figure takes the column's unit.  In a column without one it counts hours, unless
    only minutes, or a fraction of a day, agree with the times; with no times to compare, up to
    12 counts hours and above 24 minutes.

    Raises:
        Unreadable: no length, none above zero, or a bare figure that could be either unit.
    """
    found = _raw(cell)
    if isinstance(found, Decimal):
        found = _in_unit(found, unit, minutes)
    if found.exact <= 0:
        raise Unreadable("时长必须大于0")
    return found


def _raw(cell: Cell) -> Duration | Decimal:
    match cell:
        case str():
            return _worded(cell)
        case time():
            if cell.second:
                raise Unreadable("时长只记到分钟")
            return Duration(Fraction(cell.hour * 60 + cell.minute))
        case timedelta():
            seconds = round(cell.total_seconds())
            if seconds % 60:
                raise Unreadable("时长只记到分钟")
            return Duration(Fraction(seconds, 60))
        case bool() | date() | datetime() | None:
            raise Unreadable(_WHY)
        case _:
            try:  # A sum of floats leaves noise beyond the tenth decimal.
                return Decimal(repr(round(cell, 10) + 0)).normalize() + 0
            except InvalidOperation:  # pragma: no cover - calamine yields finite numbers only
                raise Unreadable(_WHY) from None


def _in_unit(figure: Decimal, unit: Unit | None, minutes: int | None) -> Duration:
    as_hours, as_minutes = _of_hours(figure), Duration(Fraction(figure))
    if unit is Unit.HOURS:
        return as_hours
    if unit is Unit.MINUTES:
        return as_minutes
    if minutes is None:
        if 12 < figure <= 24:
            raise Unreadable("没有单位，分不清是小时还是分钟")
        return as_hours if figure <= 12 else as_minutes
    day = Fraction(figure) * _DAY_MINUTES
    as_day = Duration(Fraction(round(day)))
    if as_hours.agrees(minutes):
        return as_hours
    if as_minutes.agrees(minutes):
        return as_minutes
    if figure < 1 and abs(day - minutes) * 12 <= 1 and as_day.agrees(minutes):
        return as_day
    return as_hours if figure <= 24 else as_minutes
