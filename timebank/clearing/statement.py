"""The clearing statement: a signed head that fits into a leaf, and the lines that its hash covers.

    <origin> clearing_statement/v1\\n
    <canonical JSON: closing from lines lines_hash month opening to>\\n
    \\n
    — <origin> <signature of the log's key>\\n
    \\n
    <canonical JSON of each line>\\n

The head alone says what is owed, under the log's key; whoever takes it in keeps it in their own log
word for word.  The lines prove nothing that the head does not, because it has their SHA-256.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from ledger.encoding import Json, decode, encode
from ledger.ids import is_id
from ledger.notes import Note, NoteRejected, Signer, Vkey, open_parsed, parse_note, sign_note
from timebank.clearing.model import Line, MonthAccount, Way
from timebank.clock import month_bounds
from timebank.errors.clearing import ClearingUnreadable

WORD = "clearing_statement/v1"
MOST_BYTES = 2**22
"""Bytes of a file that is read at all: some twenty thousand lines."""

_HEAD = {
    "closing": int, "from": str, "lines": int, "lines_hash": str, "month": str, "opening": int,
    "to": str,
}  # fmt: skip
_LINE = {"entry": str, "minutes": int, "on": str, "other": str, "way": str}
_MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True, slots=True)
class Head:
    """What the signed part says; ``hash``, SHA-256 of its text in hex, names the statement."""

    origin: str
    to: str
    month: str
    opening: int
    closing: int
    lines: int
    lines_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class ClearingStatement:
    """A statement as it was read, proven by nothing yet but its form; see :func:`believed`."""

    note: Note
    head: Head
    lines_text: str


def head_text(said: MonthAccount) -> str:
    """What is signed of a month; the same account gives the same bytes."""
    return _head_text(said, lines_text(said.lines))


def lines_text(lines: Sequence[Line]) -> str:
    """The lines as they stand below the head."""
    return "".join(f"{encode(line.as_json()).decode('utf-8')}\n" for line in lines)


def hash_of(text: str) -> str:
    """SHA-256 of a text in hex."""
    return sha256(text.encode("utf-8")).hexdigest()


def whole_file(head: str, lines: str, signers: Sequence[Signer]) -> str:
    """The file that is handed out; ``signers`` are the keys of the log that says it."""
    return f"{sign_note(head, *signers)}\n{lines}"


def read_head(note: Note) -> Head:
    """What a head says, whoever signed it.

    Raises:
        NoteRejected: it is no head of a clearing statement.
    """
    try:
        first, line, end = note.text.split("\n")
        origin, _, word = first.partition(" ")
        body: Any = decode(line.encode("utf-8"))
    except ValueError as error:  # OutOfProfile is one.
        raise NoteRejected("not a clearing statement") from error
    if end or word != WORD or not _is_of(body, _HEAD):
        raise NoteRejected("not a clearing statement")
    if body["from"] != origin or not is_month(body["month"]):
        raise NoteRejected("not a clearing statement")
    return Head(
        origin, body["to"], body["month"], body["opening"], body["closing"], body["lines"],
        body["lines_hash"], hash_of(note.text),
    )  # fmt: skip


def read_statement(data: bytes) -> ClearingStatement:
    """Read a file strictly.

    Raises:
        ClearingUnreadable: ``not_a_clearing``.
    """
    try:
        if len(data) > MOST_BYTES:
            raise NoteRejected("too long")
        parts = data.decode("utf-8").split("\n\n")
        if len(parts) != 3:
            raise NoteRejected("not a head and its lines")
        note = parse_note(f"{parts[0]}\n\n{parts[1]}\n")
        return ClearingStatement(note, read_head(note), parts[2])
    except ValueError as error:  # NoteRejected and UnicodeDecodeError are such.
        raise ClearingUnreadable(why="not_a_clearing") from error


def believed(statement: ClearingStatement, vkey: Vkey) -> MonthAccount:
    """What a statement says, once the log's key has signed it and its lines add up to it.

    Raises, the first that applies:
        ClearingUnreadable: ``signature``; ``lines_differ``, they are not the lines that were
            signed, or do not lead from opening to closing.
    """
    try:
        open_parsed(statement.note, [vkey])
    except NoteRejected as error:
        raise ClearingUnreadable(why="signature") from error
    head = statement.head
    try:
        lines = _lines_in(statement.lines_text)
    except ValueError as error:  # OutOfProfile is one.
        raise ClearingUnreadable(why="lines_differ") from error
    said = MonthAccount(head.origin, head.to, head.month, head.opening, lines)
    same = lines_text(lines) == statement.lines_text and hash_of(head_text(said)) == head.hash
    if not same or any(one.month != head.month for one in lines):
        raise ClearingUnreadable(why="lines_differ")
    return said


def kept_account(note: str, lines: str) -> MonthAccount:
    """What a statement says that was believed before, from the parts that were kept.

    Raises:
        ValueError: they are not what was kept.
    """
    head = read_head(parse_note(note))
    return MonthAccount(head.origin, head.to, head.month, head.opening, _lines_in(lines))


def is_month(text: str) -> bool:
    """Whether it is a month ``YYYY-MM`` of the calendar."""
    try:
        return bool(_MONTH.fullmatch(text)) and bool(month_bounds(text))
    except ValueError:
        return False


# Parts -------------------------------------------------------------------------------------


def _head_text(said: MonthAccount, lines: str) -> str:
    body: Json = {
        "closing": said.closing,
        "from": said.origin,
        "lines": len(said.lines),
        "lines_hash": hash_of(lines),
        "month": said.month,
        "opening": said.opening,
        "to": said.to,
    }
    return f"{said.origin} {WORD}\n{encode(body).decode('utf-8')}\n"


def _lines_in(text: str) -> tuple[Line, ...]:
    """The lines below a head.

    Raises:
        ValueError: one is not of its form.
    """
    found = []
    for row in text.split("\n")[:-1]:
        body: Any = decode(row.encode("utf-8"))
        if not _is_of(body, _LINE) or not _fits(body):
            raise ValueError("not a line of a clearing statement")
        way = Way(body["way"])
        found.append(Line(body["entry"], body["minutes"], body["on"], body["other"], way))
    return tuple(found)


def _fits(body: Any) -> bool:
    """Whether a book can have such a line: what goes out is above zero and what comes in below,
    the entry is an entry's id, the day one of the calendar, and the other side named as its way is.
    """
    minutes, other, way = body["minutes"], body["other"], Way(body["way"])
    signs = {Way.OUT: minutes > 0, Way.IN: minutes < 0}
    named = {Way.IN: is_id(other, "entry"), Way.NETTED: is_month(other)}
    return (
        is_id(body["entry"], "entry")
        and _is_day(body["on"])
        and signs.get(way, minutes != 0)
        and named.get(way, other == "")
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_of(body: Any, form: dict[str, type]) -> bool:
    """Whether it has exactly its members, each of its kind."""
    return (
        isinstance(body, dict)
        and body.keys() == form.keys()
        and all(type(body[name]) is kind for name, kind in form.items())
    )
