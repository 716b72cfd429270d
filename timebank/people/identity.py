"""What identifies a person, made comparable and checked: names, ID numbers, telephones, ages.

A desk types with full-width digits and inner spaces; a spreadsheet turns long numbers into floats.
Everything is folded by NFKC first, then judged.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from timebank.errors import (
    BirthDateDisagrees,
    IdNumberInvalid,
    IdNumberTypedAsNumber,
    NameInvalid,
    NumberInvalid,
    TelephoneInvalid,
)
from timebank.people.numbers import fits

MOST_NAME_CHARACTERS = 50

_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅●．", "·"))
_SPACES = re.compile(r"\s+")
_NAME_SIGNS = frozenset("·' -’")
_SEPARATORS = re.compile(r"[\s\-‐-―()]+")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+|[0-9]{17,18}\.0+", re.ASCII)
_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_FIXED = re.compile(r"0(10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}", re.ASCII)
_ABROAD = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}", re.ASCII)
_OLDEST_YEAR = 1850

# Provinces by GB/T 2260, then residence permits of Hong Kong, Macau and Taiwan residents, then
# permanent residence cards.  Counties are not judged: they are renamed and merged, and a number
# keeps the county of the day it was issued, which for elders is often long gone.
_REGION_CODES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
    " 71 81 82 83 91 92 93 94 95 96 97 98 99"
)
_REGIONS = frozenset(_REGION_CODES.split())


def fold(text: str) -> str:
    """``text`` in NFKC without invisible signs, its spaces single and none at the ends.

    A line break or tab inside a cell parts two words, so it becomes a space.
    """
    kept = []
    for sign in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(sign)
        if category != "Cf":
            kept.append(" " if category == "Cc" else sign)
    return _SPACES.sub(" ", "".join(kept)).strip()


def normal_name(text: str) -> str:
    """A name as it is kept: folded, middle dots alike, no space inside a Chinese name.

    "王　德" is "王德"; "Anna  Lee" keeps one space.
    """
    name = fold(text).translate(_DOTS)
    has_han = any("\u2e80" <= sign <= "\u9fff" or sign >= "\U00020000" for sign in name)
    return name.replace(" ", "") if has_han else name


def name_key(text: str) -> str:
    """What two writings of one name have in common: for the blind index and for comparison."""
    return normal_name(text).replace(" ", "").casefold()


def check_name(text: str) -> str:
    """Let a name pass and return it as it is kept.

    Raises:
        NameInvalid: empty, longer than fifty characters, or with digits or other signs.
    """
    name = normal_name(text)
    if not 0 < len(name) <= MOST_NAME_CHARACTERS or not all(map(_in_names, name)):
        raise NameInvalid(field="name", most=MOST_NAME_CHARACTERS)
    return name


def _in_names(sign: str) -> bool:
    category = unicodedata.category(sign)
    # Co: older systems keep rare name characters in the private use area.
    return sign in _NAME_SIGNS or category[0] in "LM" or category == "Co"


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A checked resident identity number and what it says of its holder; never printed."""

    number: str = field(repr=False)
    born_on: date = field(repr=False)
    gender: str = field(repr=False)


def check_id_number(given: object, today: date | None = None) -> IdNumber:
    """Let a resident identity number of 18 characters pass (GB 11643); ``X`` may be small.

    ``today`` also refuses a birth that lies ahead.

    Raises, the first that applies:
        IdNumberTypedAsNumber: a number, not text, or text that a spreadsheet made of one.
        IdNumberInvalid: ``why`` is ``length``, ``characters``, ``region``, ``date`` or
            ``checksum``.
    """
    if not isinstance(given, str):
        raise IdNumberTypedAsNumber(field="id_number")
    number = _SEPARATORS.sub("", fold(given)).upper()
    if _SCIENTIFIC.fullmatch(number):
        raise IdNumberTypedAsNumber(field="id_number")
    if len(number) != 18:
        raise IdNumberInvalid(field="id_number", why="length")
    if not (number.isascii() and number[:-1].isdigit() and number[-1] in "0123456789X"):
        raise IdNumberInvalid(field="id_number", why="characters")
    fits = ric.calc_check_digit(number) == number[-1]
    if not fits and number.endswith("000"):  # fifteen digits survive in a float, then come zeros
        raise IdNumberTypedAsNumber(field="id_number")
    if number[:2] not in _REGIONS:
        raise IdNumberInvalid(field="id_number", why="region")
    born_on = _born_on(number)
    if born_on is None or (today is not None and born_on > today):
        raise IdNumberInvalid(field="id_number", why="date")
    if not fits:
        raise IdNumberInvalid(field="id_number", why="checksum")
    return IdNumber(number, born_on, "男" if int(number[16]) % 2 else "女")


def _born_on(number: str) -> date | None:
    try:
        born_on: date = ric.get_birth_date(number)
    except (ValidationError, ValueError):
        return None
    return born_on if born_on.year >= _OLDEST_YEAR else None


def check_birth_date(identity: IdNumber, stated_on: date | None) -> date:
    """The birth date; where one is stated beside the ID number, both must agree.

    Raises:
        BirthDateDisagrees: they differ.
    """
    if stated_on is not None and stated_on != identity.born_on:
        raise BirthDateDisagrees(field="birth_date")
    return identity.born_on


def check_telephone(given: object) -> str:
    """Let a telephone number pass as digits: mobile, fixed line with area code, or "+…" abroad.

    A whole number from a spreadsheet passes, because eleven digits survive in a float.

    Raises:
        TelephoneInvalid: anything else.
    """
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise TelephoneInvalid(field="telephone")
    if isinstance(given, float):
        if not given.is_integer():
            raise TelephoneInvalid(field="telephone")
        given = int(given)
    number = _SEPARATORS.sub("", fold(str(given)))
    for prefix in ("+86", "0086"):
        number = number.removeprefix(prefix)
    if _FIXED.fullmatch("0" + number) and not _MOBILE.fullmatch(number):
        number = "0" + number  # +86 25 … drops the zero, and so does a spreadsheet
    if any(shape.fullmatch(number) for shape in (_MOBILE, _FIXED, _ABROAD)):
        return number
    raise TelephoneInvalid(field="telephone")


def check_number(text: str) -> str:
    """Let a member number pass, in capitals: 1 to 20 of A-Z, 0-9 and hyphen (MZ/T 061).

    A unified number needs its check digit; see :mod:`timebank.people.numbers`.

    Raises:
        NumberInvalid: anything else.
    """
    number = fold(text).replace(" ", "").upper()
    if not (_NUMBER.fullmatch(number) and fits(number)):
        raise NumberInvalid(field="number")
    return number


def age_on(born_on: date, day: date) -> int:
    """Full years on ``day``: a birthday counts from that day on, 29 February from 1 March.

    Negative before birth.
    """
    before_birthday = (day.month, day.day) < (born_on.month, born_on.day)
    return day.year - born_on.year - before_birthday
