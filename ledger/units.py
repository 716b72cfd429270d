"""Minutes: the one unit of the books, always whole, never a float.

A movement has 1 up to :data:`MOST_MINUTES` minutes, so that the sum of four million of the largest
movements still stays within the integers that every JSON reader keeps exactly (RFC 7493, 2.2).
"""

from datetime import date
from functools import lru_cache

from ledger.errors import NotADate, NotWholeMinutes

MOST_MINUTES = 2**31 - 1
"""The longest single movement, about 4,000 years."""

MOST_INTEGER = 2**53 - 1
"""The largest integer, in either direction, that a signed document may hold."""


def positive_minutes(value: object) -> int:
    """Let 1 up to :data:`MOST_MINUTES` pass, and nothing that only looks like a whole number.

    Raises:
        NotWholeMinutes: a bool, float, text, zero, a negative number or one that is too large.
    """
    if type(value) is int and 0 < value <= MOST_MINUTES:
        return value
    raise NotWholeMinutes(minutes=repr(value)[:40])


def limit_minutes(value: object) -> int | None:
    """Let an account limit pass: ``None`` for unbounded, or a whole number of either sign.

    Raises:
        NotWholeMinutes: anything else, or a number beyond :data:`MOST_INTEGER`.
    """
    if value is None or (type(value) is int and -MOST_INTEGER <= value <= MOST_INTEGER):
        return value
    raise NotWholeMinutes(minutes=repr(value)[:40])


def calendar_date(text: object) -> str:
    """Let ``YYYY-MM-DD`` of a real day pass, as text; other ISO 8601 spellings are refused.

    The years 1970 to 2999 are those that every reader of the exported journal knows.

    Raises:
        NotADate: not text, not ten characters of that shape, or no day of those years.
    """
    if type(text) is str and _is_calendar_date(text):
        return text
    raise NotADate(on=repr(text)[:40])


@lru_cache(maxsize=1_024)  # A group's entries fall on few days, and each asks again.
def _is_calendar_date(text: str) -> bool:
    if not ("1970" <= text < "3000" and len(text) == 10 and text.isascii()):
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
