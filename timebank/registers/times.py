"""Times of day as clerks write them, and the interval that a start and an end make together."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from timebank.registers.cells import Cell, Unreadable, arabic, packed, show, tidy
from timebank.registers.dates import Day, read_day
from timebank.registers.durations import read_duration

DAY_MINUTES = 24 * 60
_SERIAL_SLACK = 5.0  # seconds: a serial rounded to four decimals is off by up to 4.4
_CLOCK_SLACK = 1.0

_WHY = "不像时间，请写成 14:30 这样的形式"


class Half(StrEnum):
    """Which half of the day a word such as 上午 names."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    NIGHT = "night"  # 晚上12点 is midnight, 下午12点 is noon
    AM = "am"  # 12 AM is midnight, 上午12点 is noon
    SMALL_HOURS = "small_hours"


_HALVES = {
    "上午": Half.MORNING, "早上": Half.MORNING, "早晨": Half.MORNING, "清晨": Half.MORNING,
    "早": Half.MORNING, "凌晨": Half.SMALL_HOURS, "中午": Half.NOON, "午间": Half.NOON,
    "下午": Half.AFTERNOON, "午后": Half.AFTERNOON, "傍晚": Half.AFTERNOON,
    "晚上": Half.NIGHT, "夜里": Half.NIGHT, "夜间": Half.NIGHT, "晚": Half.NIGHT,
    "am": Half.AM, "a.m.": Half.AM, "pm": Half.AFTERNOON, "p.m.": Half.AFTERNOON,
}  # fmt: skip
_HALF = "|".join(re.escape(word) for word in sorted(_HALVES, key=len, reverse=True))
_NEXT_DAY = r"次日|第2天|翌日|隔天|\+1"
_TIME = re.compile(
    rf"(?P<next>{_NEXT_DAY})? ?(?P<half>{_HALF})? ?(?P<next2>{_NEXT_DAY})?"
    r"(?P<hour>\d{1,2})"
    r"(?: ?[:;] ?(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.0+)?)?分?"
    r"|[.](?P<dotted>\d{2})"
    r"|(?: ?[点时] ?(?:(?P<minute2>\d{1,2}) ?分?|(?P<part>半|[13]刻|整|钟)?)))"
    rf" ?(?P<half2>{_HALF})?",
    re.IGNORECASE,
)
_PARTS = {"半": 30, "1刻": 15, "3刻": 45, "整": 0, "钟": 0}
_LENGTH_BEHIND = re.compile(r" ?[(]([^()]{1,9}(?:小时半?|分钟?|h))[)]$", re.IGNORECASE)
_DATE_PREFIX = re.compile(
    r"(?P<day>(?:\d{2,4} ?年 ?)?\d{1,2} ?月 ?\d{1,2} ?[日号]?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{8}"
    rf"|\d{{1,2}}[-/.]\d{{1,2}}(?= \d{{1,2}} ?[:点时]| ?(?:{_HALF})))"
    r"(?:[(]?(?:星期|周)[一二三四五六日天1-7][)]?)? ?[T,]? ?(?=\D{0,4}\d{1,2} ?[:.点时]| ?$)"
)


@dataclass(frozen=True, slots=True)
class WallTime:
    """One time of day on the station's wall, in minutes from midnight, 0 to 1440.

    ``hour`` is the figure as written, ``half`` the word beside it; both decide what the other
    end of the interval may borrow.  ``day`` stands where the cell held a date as well.
    """

    minute: int
    hour: int
    half: Half | None = None
    next_day: bool = False
    day: Day | None = None


def _in_half(hour: int, minute: int, half: Half | None) -> int:
    """Minutes from midnight, by the word beside the figure."""
    if half is None:
        if hour > 24 or (hour == 24 and minute):
            raise Unreadable(_WHY)
        return hour * 60 + minute
    if half in (Half.AM, Half.SMALL_HOURS) and hour == 12:
        hour = 0
    if half is Half.NIGHT and hour == 12:
        if minute:
            raise Unreadable("晚上12点以后请写“次日0:30”这样的形式")
        hour = 24
    if half is Half.MORNING and hour == 12 and minute:
        raise Unreadable("上午12点以后分不清是中午还是半夜，请写成 12:30 或 0:30")
    latest = {Half.MORNING: 12, Half.AM: 11, Half.SMALL_HOURS: 11, Half.NOON: 14}.get(half, 24)
    if half is Half.NOON and hour in (1, 2):
        hour += 12
    if half in (Half.AFTERNOON, Half.NIGHT) and hour < 12:
        hour += 12
    if hour > latest or (half is Half.NOON and hour < 10):
        raise Unreadable("时间与“上午/下午”的说法不符")
    return hour * 60 + minute


def _one(text: str, day: Day | None = None) -> WallTime:
    found = _TIME.fullmatch(text)
    if found is None:
        if re.fullmatch(r"\d{3,4}", text) and int(text[-2:]) < 60:
            return WallTime(_in_half(int(text[:-2]), int(text[-2:]), None), int(text[:-2]), day=day)
        raise Unreadable(_WHY)
    parts = found.groupdict()
    if parts["half"] and parts["half2"]:
        raise Unreadable(_WHY)
    word = parts["half"] or parts["half2"]
    half = _HALVES[word.lower()] if word else None
    hour = int(parts["hour"])
    minute = int(parts["minute"] or parts["dotted"] or parts["minute2"] or 0)
    minute = _PARTS[parts["part"]] if parts["part"] else minute
    if minute > 59:
        raise Unreadable("分钟数超过59")
    if int(parts["second"] or 0):
        raise Unreadable("时间只记到分钟，请去掉秒")
    return WallTime(
        _in_half(hour, minute, half), hour, half, bool(parts["next"] or parts["next2"]), day
    )


def _without_date(text: str) -> tuple[str, Day | None]:
    """The text after a leading date, and that date."""
    found = _DATE_PREFIX.match(text)
    if not found or not text[found.end() :].strip():
        return text, None
    return text[found.end() :].strip(), read_day(found["day"])


def _prepared(text: str) -> str:
    bare = re.sub(r"(?<=\d)一(?=\d)", "-", tidy(text)).rstrip(" .。,;")
    for weekday in ("星期", "周"):  # 星期一 must not become 星期1 with a clock behind it
        bare = re.sub(rf"[(]?{weekday}[一二三四五六日天][)]?", " ", bare)
    return arabic(" ".join(bare.split()))


@lru_cache(maxsize=16_384)
def _time_of_text(text: str) -> WallTime:
    if re.fullmatch(r"0?\.\d{3,}", text.strip()):
        return _of_seconds(float(text) * 86_400)
    bare, day = _without_date(_prepared(text))
    return _one(bare, day)


@lru_cache(maxsize=16_384)
def _range_of_text(text: str) -> tuple[WallTime, WallTime]:
    prepared = _prepared(text)
    if length := _LENGTH_BEHIND.search(prepared):
        start, end = _range_of_text(prepared[: length.start()])
        begins, ends = interval(start, end)
        if not read_duration(length[1]).agrees(ends - begins):
            raise Unreadable("括号里的时长与起止时间不符")
        return start, end
    bare, day = _without_date(prepared)
    sides = [side.strip() for side in re.split(r" ?[-至到]+ ?", bare.lstrip("从自由 "))]
    if len(sides) == 4:  # the second side carries a date such as 2023-03-05
        sides = [sides[0], "-".join(sides[1:])]
    if len(sides) != 2 or not all(sides):
        raise Unreadable("一行只能写一段时间，请写成 14:00-15:30 这样的形式")
    first, second = sides
    if re.fullmatch(rf"(?:{_HALF})? ?\d{{1,2}}", first) and (unit := re.search("[点时:]", second)):
        first += ":00" if unit.group() == ":" else "点"  # 9-11点
    elif re.fullmatch(rf"(?:{_HALF})? ?\d{{1,2}}", second) and re.search("[点时:]", first):
        second += ":00"
    second, end_day = _without_date(second)
    start, end = _one(first, day), _one(second, end_day)
    if end.half is None and start.half is not None and 1 <= end.hour <= 12:
        end = replace(end, minute=_borrowed(end, start.half), half=start.half)
    return start, end


def _of_seconds(seconds: float, slack: float = _SERIAL_SLACK) -> WallTime:
    minutes = round(seconds / 60)
    if abs(seconds - minutes * 60) > slack:
        raise Unreadable("时间只记到分钟，请去掉秒")
    if not 0 <= minutes <= DAY_MINUTES:
        raise Unreadable(_WHY)
    return WallTime(minutes, minutes // 60)


def read_time(cell: Cell) -> WallTime:
    """The time in a cell, with its date where the cell holds one.

    Raises:
        Unreadable: no time of day, one with seconds, or a bare number such as 8 or 8.3.
    """
    match cell:
        case str():
            return _time_of_text(cell)
        case datetime():
            day = None if cell.year < 1901 else Day(cell.day, cell.month, cell.year)
            return replace(_of_clock(cell.time()), day=day)
        case time():
            return _of_clock(cell)
        case timedelta():
            return _of_seconds(cell.total_seconds(), _CLOCK_SLACK)
        case bool() | date() | None:
            raise Unreadable(_WHY)
        case _:
            return _time_of_number(float(cell))


def _of_clock(clock: time) -> WallTime:
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6
    return _of_seconds(seconds, _CLOCK_SLACK)


def _time_of_number(number: float) -> WallTime:
    if 0 <= number < 1:
        return _of_seconds(number * 86_400)
    if number >= 20_000:
        return replace(_of_seconds((number % 1) * 86_400), day=read_day(float(int(number))))
    if number.is_integer() and number >= 100:
        return _one(show(number))
    raise Unreadable("只有数字，看不出是几点几分，请写成 14:30 这样的形式")


def read_range(cell: Cell) -> tuple[WallTime, WallTime]:
    """Start and end written in one cell, each with its own date where one is given.

    An end without 上午 or 下午 takes the word of its start (上午9点-11点).

    Raises:
        Unreadable: no two times, or more than one stretch of time.
    """
    if not isinstance(cell, str):
        raise Unreadable("没有起止两个时间，请写成 14:00-15:30 这样的形式")
    return _range_of_text(cell)


def half_of(cell: Cell) -> Half | None:
    """The half of the day that a cell with nothing but its word names (上午)."""
    return _HALVES.get(packed(cell).lower()) if isinstance(cell, str) else None


def half_in(label: str) -> Half | None:
    """The half of the day that a column's label names (上午开始)."""
    return next((half for word, half in _HALVES.items() if len(word) == 2 and word in label), None)


_LATE = {Half.NOON: range(1, 3), Half.AFTERNOON: range(1, 8), Half.NIGHT: range(5, 12)}


def in_half(
    start: WallTime, end: WallTime | None, half: Half | None
) -> tuple[WallTime, WallTime | None]:
    """The times as the word beside them means them: 2:00 to 4:00 in a line of the 下午.

    A figure that the word cannot mean, such as 14:00, stays as it is written.
    """
    if half is None or start.half is not None or start.hour not in _LATE.get(half, ()):
        return start, end
    if end is not None and end.half is None and 1 <= end.hour <= 11 and not end.next_day:
        end = _twelve_later(end, half)
    return _twelve_later(start, half), end


def _twelve_later(time: WallTime, half: Half) -> WallTime:
    return replace(time, minute=time.minute + DAY_MINUTES // 2, half=half)


def interval(start: WallTime, end: WallTime) -> tuple[int, int]:
    """Start and end in minutes from the midnight that the service's day begins with.

    A start without 上午 or 下午 before an end that has it is read only where a single reading
    is possible (8:30-下午5点).  An end beyond 1440 was written with 次日.

    Raises:
        Unreadable: the two words leave more than one reading.
    """
    begins, ends = start.minute, end.minute
    if start.half is None and end.half is not None and 1 <= start.hour <= 11:
        afternoon = begins + 12 * 60
        if end.half not in (Half.MORNING, Half.AM, Half.SMALL_HOURS) and afternoon < ends:
            raise Unreadable("开始时间分不清上午还是下午，请写明")
    if start.next_day:
        raise Unreadable("开始时间不能写“次日”")
    return begins, ends + (DAY_MINUTES if end.next_day else 0)


def _borrowed(end: WallTime, half: Half) -> int:
    minute = end.minute % 60
    if half is Half.NOON:
        half = Half.AFTERNOON
    if end.hour == 12 and half is not Half.NIGHT:
        return 12 * 60 + minute  # 上午11点-12点30分
    return _in_half(end.hour, minute, half)
