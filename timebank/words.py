"""Minutes in the words that people read and hear: "12小时30分钟", "十二小时三十分钟", "12.5".

The books hold minutes only.  Hours are made here, from a sum of minutes and never summed
themselves, so that a page of rounded hours cannot disagree with its total.  There is no function
for money, because no amount of time has a price here.
"""

from fractions import Fraction

from timebank.policy.model import Profile

_DIGITS = "零一二三四五六七八九"
_TENS = ((1000, "千"), (100, "百"), (10, "十"))
_MYRIAD = 10_000
_MOST_SPOKEN = _MYRIAD**2


def minutes_zh(minutes: int) -> str:
    """``750`` as "12小时30分钟", ``45`` as "45分钟", ``-60`` as "负1小时"."""
    sign, hours, rest = _split(minutes)
    parts = [f"{hours}小时"] if hours else []
    if rest or not hours:
        parts.append(f"{rest}分钟")
    return ("负" if sign < 0 else "") + "".join(parts)


def minutes_en(minutes: int) -> str:
    """``750`` as "12 hours 30 minutes", ``61`` as "1 hour 1 minute"."""
    sign, hours, rest = _split(minutes)
    parts = [_counted(hours, "hour")] if hours else []
    if rest or not hours:
        parts.append(_counted(rest, "minute"))
    return ("minus " if sign < 0 else "") + " ".join(parts)


def minutes_spoken_zh(minutes: int) -> str:
    """``750`` as "十二小时三十分钟": the words beside the figures, and what a voice reads out.

    Bounds: less than 10^8 hours in either direction.
    """
    sign, hours, rest = _split(minutes)
    parts = [f"{_counting_zh(hours)}小时"] if hours else []
    if rest or not hours:
        parts.append(f"{_counting_zh(rest)}分钟")
    return ("负" if sign < 0 else "") + "".join(parts)


def hours_text(minutes: int, *, places: int = 2) -> str:
    """``minutes`` as hours in decimal figures, half away from zero at ``places``: 50 is "0.83".

    Trailing zeros are dropped.  The unit of a service certificate is the hour (Order 67 of the
    Ministry of Civil Affairs, art. 7); sum minutes first.
    """
    return _decimal(Fraction(minutes, 60), places)


def units_text(minutes: int, profile: Profile, *, places: int = 2) -> str:
    """``minutes`` in the unit that ``profile`` shows, for example "12.5 时间币"; display only."""
    return f"{_in_units(minutes, profile, places)} {profile.unit.name_zh.value}"


def units_en(minutes: int, profile: Profile, *, places: int = 2) -> str:
    """The same with the unit's English name, for example "12.5 time coins"."""
    return f"{_in_units(minutes, profile, places)} {profile.unit.name_en.value}"


def _in_units(minutes: int, profile: Profile, places: int) -> str:
    return _decimal(Fraction(minutes, profile.unit.minutes_per_unit.value), places)


def number_zh(number: int) -> str:
    """A whole number of 0 up to 10^8 − 1 in Chinese numerals: 12 is "十二", 1005 "一千零五".

    Raises:
        ValueError: the number is out of bounds.
    """
    if not 0 <= number < _MOST_SPOKEN:
        raise ValueError(f"{number} has no words here")
    myriads, rest = divmod(number, _MYRIAD)
    if not myriads:
        return _below_myriad(rest).removeprefix("一") if 10 <= rest < 20 else _below_myriad(rest)
    words = _below_myriad(myriads)
    if 10 <= myriads < 20:
        words = words.removeprefix("一")
    if not rest:
        return words + "万"
    gap = "零" if rest < _MYRIAD // 10 else ""
    return f"{words}万{gap}{_below_myriad(rest)}"


def _below_myriad(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    words, pending_zero = "", False
    for value, name in _TENS:
        digit, number = divmod(number, value)
        if digit:
            words += (_DIGITS[0] if pending_zero else "") + _DIGITS[digit] + name
            pending_zero = False
        elif words:
            pending_zero = True
    if number:
        words += (_DIGITS[0] if pending_zero else "") + _DIGITS[number]
    return words


def _counting_zh(number: int) -> str:
    return "两" if number == 2 else number_zh(number)  # 两小时, never 二小时


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _split(minutes: int) -> tuple[int, int, int]:
    hours, rest = divmod(abs(minutes), 60)
    return (-1 if minutes < 0 else 1), hours, rest


def _decimal(number: Fraction, places: int) -> str:
    scaled = abs(number) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    before, after = divmod(whole, 10**places)
    digits = f"{after:0{places}d}".rstrip("0") if places else ""
    sign = "-" if number < 0 and whole else ""
    return f"{sign}{before}.{digits}" if digits else f"{sign}{before}"
