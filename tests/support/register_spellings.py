"""The many ways in which clerks write one and the same day, time, length or person.

Each function takes the fact and a source of chance and returns one spelling.  Nothing here calls
the reader under test; what a spelling means is known because it was made from the fact.
"""

from datetime import date, datetime, time, timedelta
from fractions import Fraction
from random import Random

from tests.support.register_files import Value

_DIGITS = "零一二三四五六七八九十"


def chinese(number: int) -> str:
    """0 to 59 in Chinese numerals."""
    if number <= 10:
        return _DIGITS[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def wide(text: str) -> str:
    """ASCII as full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def full_day(day: date, rng: Random, *, cells: bool) -> Value:
    """A day with its year; ``cells`` allows what only a spreadsheet can hold."""
    y, m, d = day.year, day.month, day.day
    weekday = "一二三四五六日"[day.weekday()]
    texts = [
        f"{y}年{m}月{d}日", f"{y}年{m:02d}月{d:02d}日", f"{y}-{m:02d}-{d:02d}", f"{y}/{m}/{d}",
        f"{y}.{m}.{d}", f"{y}{m:02d}{d:02d}", wide(f"{y}年{m}月{d}日"), f" {y}-{m}-{d} ",
        f"{y % 100}年{m}月{d}日", f"{y % 100}-{m:02d}-{d:02d}", f"{y}年{m}月{d}日 星期{weekday}",
        f"{y}年{m}月{d}日（周{weekday}）", f"{y}年{m}月{d}号",
    ]  # fmt: skip
    if cells:
        texts += [day, day, datetime.combine(day, time.min), (day - date(1899, 12, 30)).days]
    return rng.choice(texts)


def short_day(day: date, rng: Random, *, cells: bool) -> Value:
    """A day without its year."""
    m, d = day.month, day.day
    texts: list[Value] = [
        f"{m}月{d}日", f"{m}.{d}", f"{m}/{d}", f"{m}月{d}号", f"{m:02d}.{d:02d}", wide(f"{m}.{d}"),
        f"{chinese(m)}月{chinese(d)}日",
    ]  # fmt: skip
    if cells and d > 3 and d % 10:  # 3.1, 3.2, 3.3 and 3.20 do not survive as numbers
        texts.append(float(f"{m}.{d:02d}"))
    return rng.choice(texts)


def clock(minute: int, rng: Random, *, cells: bool) -> Value:
    """A time of day, complete in itself."""
    h, m = divmod(minute, 60)
    choices: list[Value] = [_plain_clock(h, m, rng), _spoken_clock(h, m, rng)]
    if cells:
        choices += [time(h, m), round(minute / 1440, 6)]
    return rng.choice(choices)


def _plain_clock(h: int, m: int, rng: Random) -> str:
    return rng.choice(
        [f"{h}:{m:02d}", f"{h}：{m:02d}", f"{h:02d}:{m:02d}", f"{h:02d}:{m:02d}:00", f"{h}点{m}分",
         f"{h}时{m:02d}分", wide(f"{h}:{m:02d}"), f" {h}:{m:02d} "]
    )  # fmt: skip


def _spoken_clock(h: int, m: int, rng: Random) -> str:
    word, hour = _half(h, rng)
    minutes = {0: ["", "整"], 30: ["半", "30分"]}.get(m, [f"{m}分", f"{m}"])
    if rng.random() < 0.3:
        return f"{word}{hour}:{m:02d}"
    if rng.random() < 0.2 and m:
        return f"{word}{chinese(hour)}点{chinese(m)}分"
    return f"{word}{hour}点{rng.choice(minutes)}"


def _half(h: int, rng: Random) -> tuple[str, int]:
    if h < 12:
        return rng.choice(["上午", "早上"] if h < 9 else ["上午"]), h
    if h == 12:
        return rng.choice(["中午", "下午"]), 12
    return rng.choice(["下午"] if h < 18 else ["下午", "晚上"]), h - 12


def time_range(begins: int, ends: int, rng: Random) -> str:
    """Start and end in one cell."""
    dash = rng.choice(["-", "~", "至", "—", "－", " - ", "到", "～", "——"])
    (h1, m1), (h2, m2) = divmod(begins, 60), divmod(ends, 60)
    if rng.random() < 0.6:
        return f"{_plain_clock(h1, m1, rng).strip()}{dash}{_plain_clock(h2, m2, rng).strip()}"
    second = _spoken_clock(h2, m2, rng)
    (word1, hour1), (_, hour2) = _half(h1, rng), _half(h2, rng)
    if (h1 < 12) == (h2 < 12) and h1 != 12 and h2 != 12:  # the second half-day is understood
        second = f"{hour2}点{m2}分" if m2 else f"{hour2}点"
    return f"{word1}{hour1}点{f'{m1}分' if m1 else ''}{dash}{second}"


def length(minutes: int, rng: Random, *, unit: str | None, cells: bool, bare: bool) -> Value:
    """A length; ``unit`` is what the column's label counts, ``bare`` allows a figure alone."""
    h, m = divmod(minutes, 60)
    texts: list[Value] = [f"{minutes}分钟", f"{minutes}分", f"{minutes}min", wide(f"{minutes}分钟")]
    if h and m:
        texts += [f"{h}小时{m}分", f"{h}小时{m}分钟", f"{h}h{m}m", f"{h}:{m:02d}", f"{h}小时 {m}分"]
    if h and not m:
        texts += [f"{h}小时", f"{h}个小时", f"{h}h", f"{chinese(h)}小时", f"{h}:00"]
    if minutes == 30:
        texts += ["半小时", "半个小时"]
    if h and m == 30:
        texts += [f"{h}个半小时", f"{h}小时半"]
    hours = _hours(minutes)
    texts += [f"{hours}小时", f"{hours}h"]
    if bare:
        figures: dict[str | None, list[Value]] = {
            "hours": [hours, float(hours)], "minutes": [str(minutes), minutes, float(minutes)],
        }  # fmt: skip
        texts += figures["minutes" if unit == "minutes" else "hours"] * 3
    if cells:
        texts += [timedelta(minutes=minutes)] + ([time(h, m)] if h < 24 else [])
    return rng.choice(texts)


def _hours(minutes: int) -> str:
    """Decimal hours: exact where two decimals suffice, else rounded to two."""
    exact = Fraction(minutes, 60)
    hundredths = (exact * 100).numerator // (exact * 100).denominator
    if Fraction(hundredths, 100) != exact:
        return f"{float(round(exact * 100)) / 100:.2f}"
    return f"{hundredths / 100:g}"


def person(name: str, number: str, rng: Random, how: str) -> str:
    """One person by name, by number or by both."""
    if how == "number":
        return rng.choice([number, number.lower(), wide(number), f" {number}"])
    if how == "both":
        return rng.choice([f"{name}({number})", f"{name}（{number}）", f"{number}{name}"])
    padded = f"{name[0]}　{name[1]}" if len(name) == 2 else name
    return rng.choice([name, name, padded, f"{name} ", f"{name}　", f" {name}"])


def several(people: list[str], rng: Random) -> str:
    """Several people in one cell."""
    return rng.choice(["、", ",", "，", "；", "/", "\n", "、 "]).join(people)
