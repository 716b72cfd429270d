"""A statement as CSV, the way that Excel and WPS open it, streaming."""

import csv
import io
from collections.abc import Iterator

from timebank.expiry.model import Coming
from timebank.people.masks import NOT_SHOWN
from timebank.statements.model import Statement

_CSV_HEADER = (
    "凭证号", "服务日期", "入账时间", "种类", "对方科目", "收入分钟", "支出分钟", "余额分钟",
    "来源页", "补录分钟",
)  # fmt: skip
_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def as_csv(statement: Statement) -> Iterator[bytes]:
    """CSV as Excel and WPS read it: UTF-8 with a byte order mark, CRLF, minutes as integers.

    Opening (期初) and closing (期末) are the first and the last line; the first says in the column
    of the other side if the member asked to be forgotten.  What was recorded late has a column of
    its own, whose sum stands in the last line.  Before that line stands in words what will expire:
    it is no movement.
    """
    holder = NOT_SHOWN.get(statement.holder, "")
    yield b"\xef\xbb\xbf" + _row(_CSV_HEADER)
    yield _row(("", _day(statement.from_on), "", "期初", holder, "", "", statement.opening, "", ""))
    late = 0
    for line in statement.lines:
        late += line.late_minutes
        yield _row(
            (
                line.number,
                line.effective_on,
                line.recorded_at,
                line.kind_zh,
                line.other_zh,
                max(line.minutes, 0),
                max(-line.minutes, 0),
                line.balance,
                as_words(line.page),
                line.late_minutes,
            )
        )
    for one in statement.expiring:
        yield _row(("", one.due_on, "", coming_zh(one), "", "", "", statement.closing, "", ""))
    yield _row(("", _day(statement.to_on), "", "期末", "", "", "", statement.closing, "", late))


def coming_zh(one: Coming) -> str:
    """What will expire, in words for a cell or a line of paper."""
    day = one.due_on
    return f"{one.minutes} 分钟将于 {day.year}年{day.month}月{day.day}日 到期"


def as_words(said: str) -> str:
    """Free text as a cell that no spreadsheet takes for a formula: those get an apostrophe."""
    return f"'{said}" if said.startswith(_BEGIN_FORMULAS) else said


def _row(values: tuple[object, ...]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(values)
    return buffer.getvalue().encode()


def _day(day: object) -> str:
    return "" if day is None else str(day)
