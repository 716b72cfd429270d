"""What templates show: frozen values made from those of the time bank, nothing decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.pages.catalogue import Language, Words
from timebank.clock import from_milliseconds, local_datetime
from timebank.people.accesses import IDENTITY, ShownAccess
from timebank.statements.model import Statement, StatementLine

LINES_ON_SCREEN = 500
"""Lines of a statement that a page shows; the file has all."""


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of an account: signed minutes, and what stood after it.

    ``why_href`` leads to how a service's minutes came about, and is empty for any other entry.
    """

    number: int
    on: str
    recorded_on: str
    what: str
    other: str
    minutes: int
    running: int
    why_href: str = ""


@dataclass(frozen=True, slots=True)
class AccountView:
    """What an elder sees of their own account; minutes, newest line first."""

    name: str
    posted: int
    held: int
    available: int
    lines: Sequence[LineView]


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement on the screen; ``is_cut`` where it has more than :data:`LINES_ON_SCREEN`."""

    title: str
    account_id: str
    first: str
    last: str
    opening: int
    received: int
    given: int
    closing: int
    lines: Sequence[LineView]
    is_cut: bool
    csv_href: str


@dataclass(frozen=True, slots=True)
class LookView:
    """A look at one's own data, in plain words; ``stated`` is the reason that was given."""

    on: str
    at: str
    who: str
    why: str
    stated: str
    fields: Sequence[str]


def look_for_elder(access: ShownAccess, words: Words) -> LookView:
    """A look in an elder's words: an office, never a name or a login."""
    moment = local_datetime(from_milliseconds(access.accessed_ms))
    known = [words.or_code("data_field", field) for field in access.fields if field in IDENTITY]
    if set(access.fields) - set(IDENTITY):
        known = [words("look.everything")]
    return LookView(
        moment.date().isoformat(),
        moment.strftime("%H:%M"),
        words.or_code("role", access.role),
        words.or_code("purpose", access.purpose),
        access.stated.get("reason") or access.stated.get("proof", ""),
        known,
    )


def line_for_elder(line: StatementLine, words: Words) -> LineView:
    """A line in an elder's words: whoever received is told so, whatever the entry is called."""
    kind = line.kind
    if kind == "service" and line.minutes < 0:
        kind = "charge"
    known = words.or_code("what", kind)
    what = words("what.other") if known == kind else known
    return _line(line, what, words)


def line_for_auditor(line: StatementLine, words: Words, query: str) -> LineView:
    """A line in an auditor's words, which keep the entry's own kind; ``query`` leads back."""
    what = line.kind_zh if words.language is Language.ZH else line.kind
    why = f"/audit/explanation?leaf={line.leaf_index}&{query}" if line.kind == "service" else ""
    return _line(line, what, words, why)


def _line(line: StatementLine, what: str, words: Words, why_href: str = "") -> LineView:
    other = line.other_zh if words.language is Language.ZH else line.other_kind
    return LineView(
        line.number,
        line.effective_on,
        _local_day(line.recorded_at),
        what,
        other,
        line.minutes,
        line.balance,
        why_href,
    )


def statement_view(statement: Statement, words: Words, *, query: str) -> StatementView:
    """A statement for the screen, as ``query`` asked for it; all its lines are walked for the
    totals, and a few are kept.
    """
    received = given = count = 0
    shown: list[LineView] = []
    for line in statement.lines:
        count += 1
        received += max(line.minutes, 0)
        given += max(-line.minutes, 0)
        if count <= LINES_ON_SCREEN:
            shown.append(line_for_auditor(line, words, query))
    return StatementView(
        statement.number or words.or_code("account_kind", statement.account_kind),
        statement.account_id,
        _or_open(statement.from_on, words("audit.beginning")),
        _or_open(statement.to_on, words("audit.now")),
        statement.opening,
        received,
        given,
        statement.closing,
        shown,
        count > LINES_ON_SCREEN,
        f"/audit/statement.csv?{query}",
    )


def _or_open(day: object, otherwise: str) -> str:
    return otherwise if day is None else str(day)


def _local_day(recorded_at: str) -> str:
    return local_datetime(datetime.fromisoformat(recorded_at)).date().isoformat()
