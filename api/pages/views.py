"""What templates show: frozen values made from those of the time bank, nothing decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.pages.catalogue import Language, Words
from timebank.clock import from_milliseconds, local_datetime
from timebank.expiry.model import EXPIRED, Coming
from timebank.people.accesses import IDENTITY, PORTRAIT_FIELD, ShownAccess
from timebank.statements.model import Statement, StatementLine
from timebank.statements.purposes import LinePurpose

_NAMED = frozenset({*IDENTITY, PORTRAIT_FIELD})
"""What a look saw, where it was less than everything."""

LINES_ON_SCREEN = 500
"""Lines of a statement that a page shows; the file has all."""


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of an account: signed minutes, and what stood after it.

    ``why_href`` leads to how a service's minutes came about or why minutes expired, and is empty
    for any other entry;
    ``page`` is the page of an older scheme that the line came from, ``is_late`` whether its service
    was recorded late.
    """

    number: int
    on: str
    recorded_on: str
    what: str
    other: str
    minutes: int
    running: int
    why_href: str = ""
    page: str = ""
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class AccountView:
    """What an elder sees of their own account; minutes, newest line first.

    ``uses`` is the sentence that says how much there is and what it may be used for, ``further``
    what stands behind it, and ``held_for`` what the held minutes are for.
    """

    name: str
    number: str
    posted: int
    held: int
    available: int
    uses: str
    further: str
    held_for: Sequence[str]
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
    late: int
    lines: Sequence[LineView]
    is_cut: bool
    query: str
    expiring: Sequence[Coming] = ()


@dataclass(frozen=True, slots=True)
class LookView:
    """A look at one's own data, in plain words; ``stated`` is the reason that was given."""

    on: str
    at: str
    who: str
    why: str
    stated: str
    fields: Sequence[str]


def help_name(words: Words, class_code: str) -> str:
    """A class of service in an elder's words, or else in the station's."""
    known = words.or_code("help", class_code)
    return words.or_code("service_class", class_code) if known == class_code else known


def look_for_elder(access: ShownAccess, words: Words) -> LookView:
    """A look in an elder's words: an office, never a name or a login."""
    moment = local_datetime(from_milliseconds(access.accessed_ms))
    known = [words.or_code("data_field", field) for field in access.fields if field in _NAMED]
    if set(access.fields) - _NAMED:
        known = [words("look.everything")]
    return LookView(
        moment.date().isoformat(),
        moment.strftime("%H:%M"),
        words.or_code("role", access.role),
        words.or_code("purpose", access.purpose),
        access.stated.get("reason") or access.stated.get("proof", ""),
        known,
    )


def line_for_elder(
    line: StatementLine, words: Words, purpose: LinePurpose | None = None, why: str = ""
) -> LineView:
    """A line in an elder's words: what it was for, where that is known, else what it is called.

    ``why`` is the address that explains credited minutes, where there is such a page.
    """
    kind, why_href = line.kind, ""
    if why and kind == EXPIRED:
        why_href = f"{why}{line.leaf_index}"
    if kind != "reversal" and purpose is not None:
        if why and purpose.class_code and line.minutes > 0:
            why_href = f"{why}{line.leaf_index}"
        return _line(line, _purpose(line, purpose, words), words, why_href)
    if kind == "service" and line.minutes < 0:
        kind = "charge"
    known = words.or_code("what", kind)
    what = words("what.other") if known == kind else known
    return _line(line, what, words, why_href)


def _purpose(line: StatementLine, purpose: LinePurpose, words: Words) -> str:
    if purpose.class_code:
        known = help_name(words, purpose.class_code)
        return words("what.was_helped" if line.minutes < 0 else "what.helped", help=known)
    if purpose.transfer_kind == "gift":
        return words("what.gift_out" if line.minutes < 0 else "what.gift_in")
    if purpose.transfer_kind == "donation" and line.minutes < 0:
        return words("what.donation_out")
    return words.or_code("what", purpose.transfer_kind)


_EXPLAINED = ("service", EXPIRED)


def line_for_auditor(line: StatementLine, words: Words, query: str) -> LineView:
    """A line in an auditor's words, which keep the entry's own kind; ``query`` leads back."""
    what = line.kind_zh if words.language is Language.ZH else line.kind
    why = f"/audit/explanation?leaf={line.leaf_index}&{query}" if line.kind in _EXPLAINED else ""
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
        line.page,
        line.is_late,
    )


def statement_view(statement: Statement, words: Words, *, query: str) -> StatementView:
    """A statement for the screen, as ``query`` asked for it; all its lines are walked for the
    totals, and a few are kept.
    """
    received = given = late = count = 0
    shown: list[LineView] = []
    for line in statement.lines:
        count += 1
        received += max(line.minutes, 0)
        given += max(-line.minutes, 0)
        late += line.late_minutes
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
        late,
        shown,
        count > LINES_ON_SCREEN,
        query,
        statement.expiring,
    )


def _or_open(day: object, otherwise: str) -> str:
    return otherwise if day is None else str(day)


def _local_day(recorded_at: str) -> str:
    return local_datetime(datetime.fromisoformat(recorded_at)).date().isoformat()
