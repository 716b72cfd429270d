"""Checks, what they compare, and the differences and findings that come of it: values only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ledger.encoding import Json

if TYPE_CHECKING:
    from timebank.reconciliation.view import View

Fact = int | str

OPERATOR_OWNS = "operator"
"""Who owns a finding until somebody else takes it."""


class Severity(StrEnum):
    """How much a difference matters; permanent words."""

    NOTE = "note"
    WARNING = "warning"
    ALARM = "alarm"


class Need(StrEnum):
    """What a check must be able to read."""

    TABLES = "tables"
    LEAVES = "leaves"
    FOLDER = "folder"


class State(StrEnum):
    """Where a finding stands: open, explained by somebody, or closed for good."""

    OPEN = "open"
    EXPLAINED = "explained"
    CLOSED = "closed"


class Result(StrEnum):
    """What one check of one run came to."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_CHECKABLE = "not_checkable"
    BROKEN = "broken"


class NotCheckable(Exception):
    """What the check would compare is not there; ``reason`` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Difference:
    """Two things that should agree and do not.

    ``subject`` says what in ids (``leaf 17``, ``account acct_…``), ``what`` is a permanent code of
    the check, ``facts`` are ids, codes and minutes.  ``severity`` stands in for the check's.
    """

    subject: str
    what: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    severity: Severity | None = None


Words = dict[str, tuple[str, str]]
"""By code: the sentence in Chinese and in English, facts in braces."""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of the books with themselves.

    ``run`` reads through a view and yields every difference; it repairs nothing.  ``words`` has a
    sentence for each code that it may yield.  ``lasting``: what it finds happened and cannot be
    mended, so a finding that somebody closed stays closed until the facts change.
    """

    name: str
    what_zh: str
    what_en: str
    needs: frozenset[Need]
    severity: Severity
    run: Callable[["View"], Iterator[Difference]]
    words: Words
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference with an owner and a state, as the table keeps it.

    ``detail`` is a list of what differs, each with its code and facts; ``comment`` grows by a line
    whenever somebody says something.  Moments are UTC milliseconds.
    """

    finding_id: str
    check_name: str
    subject: str
    severity: Severity
    detail: tuple[Mapping[str, Fact], ...]
    owner: str
    state: State
    comment: str
    found_ms: int
    last_seen_ms: int
    closed_ms: int | None

    def as_json(self) -> dict[str, Json]:
        """The finding for a program."""
        return {
            "finding_id": self.finding_id,
            "check": self.check_name,
            "subject": self.subject,
            "severity": self.severity.value,
            "detail": [dict(one) for one in self.detail],
            "owner": self.owner,
            "state": self.state.value,
            "comment": self.comment,
            "found_ms": self.found_ms,
            "last_seen_ms": self.last_seen_ms,
            "closed_ms": self.closed_ms,
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check came to: ``differences`` counts them all, ``reason`` says why not checked."""

    name: str
    result: Result
    differences: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One reconciliation: every check's result, and what is open or explained after it."""

    run_ms: int
    checks: tuple[Checked, ...]
    findings: tuple[Finding, ...]
    found: int
    seen_again: int
    closed: int

    @property
    def ok(self) -> bool:
        """Whether every check that could be made agrees, and none broke."""
        return all(check.result in (Result.AGREES, Result.NOT_CHECKABLE) for check in self.checks)

    @property
    def open_findings(self) -> int:
        """Findings that nobody has explained yet."""
        return sum(finding.state is State.OPEN for finding in self.findings)

    def as_json(self) -> dict[str, Json]:
        """The outcome for a program."""
        return {
            "ok": self.ok,
            "run_ms": self.run_ms,
            "checks": [
                {
                    "name": check.name,
                    "result": check.result.value,
                    "differences": check.differences,
                    "reason": check.reason,
                }
                for check in self.checks
            ],
            "findings": [finding.as_json() for finding in self.findings],
            "open_findings": self.open_findings,
            "found": self.found,
            "seen_again": self.seen_again,
            "closed": self.closed,
        }


def sentence(words: Words, what: str, facts: Mapping[str, Fact]) -> tuple[str, str]:
    """A difference in Chinese and in English; an unknown code shows itself."""
    zh, en = words.get(what, (what, what))
    shown = _Shown(facts)
    return zh.format_map(shown), en.format_map(shown)


class _Shown(dict[str, Fact]):
    """Facts for a sentence; what was not noted shows as an ellipsis."""

    def __missing__(self, _name: str) -> str:
        return "…"
