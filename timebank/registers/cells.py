"""What one cell may hold, and the tidying that every parser of cells begins with."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""A cell as the sheet keeps it; ``None`` is a blank one."""

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─～〜﹣", "-") | {"~": "-", "∶": ":", "︰": ":"})
_NUMERAL = re.compile("[零〇○一二两三四五六七八九十廿卅]+")
_DIGITS = {c: str(n % 10) for n, c in enumerate("零一二三四五六七八九")} | {
    "〇": "0", "○": "0", "两": "2",
}  # fmt: skip
_TENS = {"十": "", "廿": "2", "卅": "3"}


class Unreadable(Exception):
    """A cell that cannot be read; ``why`` tells the clerk in Chinese what is wrong with it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def blank(cell: Cell) -> bool:
    """Whether nothing that a reader could see stands in the cell."""
    return cell is None or (
        isinstance(cell, str) and not cell.strip(" \t\r\n\u3000\xa0\ufeff\u200b")
    )


def tidy(text: str) -> str:
    """Full-width forms made narrow (NFKC), every dash a hyphen, runs of white space one space."""
    if text.isascii():  # half of all cells
        return " ".join(text.replace("~", "-").split())
    narrow = unicodedata.normalize("NFKC", text.translate(_DASHES)).translate(_DASHES)
    return " ".join(narrow.replace("\u200b", "").replace("\ufeff", "").split())


def packed(text: str) -> str:
    """Tidied text without any white space: how labels and words are compared."""
    return tidy(text).replace(" ", "")


def arabic(text: str) -> str:
    """Chinese numerals up to 99, and digit by digit (二〇二三), as Arabic ones."""
    return _NUMERAL.sub(lambda match: _number(match.group()), text)


def _number(word: str) -> str:
    ten = next((c for c in word if c in _TENS), None)
    if ten is None:
        return "".join(_DIGITS[c] for c in word)
    head, _, tail = word.partition(ten)
    if any(c in _TENS for c in tail) or len(head) > 1 or len(tail) > 1:
        return word
    tens = _DIGITS.get(head, "1") if ten == "十" else _TENS[ten]
    return tens + (_DIGITS[tail] if tail else "0")


def show(cell: Cell) -> str:
    """The cell as a clerk would type it: what explanations quote and error sheets repeat."""
    match cell:
        case None:
            return ""
        case str():
            return cell.strip()
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S" if cell.second else "%Y-%m-%d %H:%M")
        case time():
            return cell.strftime("%H:%M:%S" if cell.second else "%H:%M")
        case timedelta():
            minutes, seconds = divmod(round(cell.total_seconds()), 60)
            clock = f"{minutes // 60}:{minutes % 60:02d}"
            return f"{clock}:{seconds:02d}" if seconds else clock
        case _:
            return str(cell)
