"""Statements as files: one function a format, streaming, and FORMATS lists them all."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from timebank.people.masks import NOT_SHOWN
from timebank.statements.model import Statement, StatementLine

_CSV_HEADER = (
    "凭证号", "服务日期", "入账时间", "种类", "对方科目", "收入分钟", "支出分钟", "余额分钟",
)  # fmt: skip


def as_csv(statement: Statement) -> Iterator[bytes]:
    """CSV as Excel and WPS read it: UTF-8 with a byte order mark, CRLF, minutes as integers.

    Opening (期初) and closing (期末) are the first and the last line; the first says in the column
    of the other side if the member asked to be forgotten.
    """
    holder = NOT_SHOWN.get(statement.holder, "")
    yield b"\xef\xbb\xbf" + _row(_CSV_HEADER)
    yield _row(("", _day(statement.from_on), "", "期初", holder, "", "", statement.opening))
    for line in statement.lines:
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
            )
        )
    yield _row(("", _day(statement.to_on), "", "期末", "", "", "", statement.closing))


def as_json(statement: Statement) -> Iterator[bytes]:
    """One JSON object with ``opening``, ``lines`` and ``closing``, written as it is read."""
    head = orjson.dumps(
        {
            "account": statement.account_id,
            "account_kind": statement.account_kind,
            "number": statement.number,
            "holder": statement.holder,
            "from": statement.from_on,
            "to": statement.to_on,
            "opening": statement.opening,
            "closing": statement.closing,
            "held": statement.held,
        }
    )
    yield head[:-1] + b',"lines":['
    separator = b""
    for line in statement.lines:
        yield separator + orjson.dumps(line_as_json(line))
        separator = b","
    yield b"]}\n"


def line_as_json(line: StatementLine) -> dict[str, Any]:
    """A line as programs read it; minutes are signed."""
    return {
        "number": line.number,
        "place": line.place,
        "leaf_index": line.leaf_index,
        "kind": line.kind,
        "effective_on": line.effective_on,
        "recorded_at": line.recorded_at,
        "other": line.other_kind,
        "minutes": line.minutes,
        "balance": line.balance,
    }


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a statement: its name, media type and the function that streams it."""

    name: str
    media_type: str
    write: Callable[[Statement], Iterator[bytes]]


FORMATS: tuple[Format, ...] = (
    Format("csv", "text/csv; charset=utf-8", as_csv),
    Format("json", "application/json", as_json),
)
"""Every format; a new one is one function and one line here."""


def _row(values: tuple[object, ...]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(values)
    return buffer.getvalue().encode()


def _day(day: object) -> str:
    return "" if day is None else str(day)
