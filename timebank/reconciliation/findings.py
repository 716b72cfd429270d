"""Findings: differences as rows that somebody owns until they are gone.

Nothing is repaired here.  A difference that is seen again moves ``last_seen_ms``; one that is gone
is closed by the run that no longer saw it; one that was explained and then changes is open again.
What a lasting check finds is one finding for ever: closed by somebody, it is silent until the
facts change, and then open again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors import UnknownFinding
from timebank.reconciliation.model import (
    OPERATOR_OWNS,
    Difference,
    Fact,
    Finding,
    Severity,
    State,
    Words,
    sentence,
)
from timebank.reconciliation.registry import check_named
from timebank.reconciliation.tables import FINDING
from timebank.reconciliation.view import wall_time

BOOK = 1
LIVE = (State.OPEN.value, State.EXPLAINED.value)
MOST_DETAILS = 20
"""Differences of one subject that a finding spells out."""

COMMENT_MAX_CHARACTERS = 20_000
"""When a finding's comments grow beyond it, the oldest lines give way."""

GENERAL_WORDS: Words = {
    "check_broken": (
        "这项核对未能完成（{why}）；在查明之前不能认为它一致。",
        "The check broke off ({why}); until that is mended nothing is known of it.",
    ),
    "more": (
        "另有 {differences} 处差异没有逐条列出。",
        "{differences} more differences are not spelt out.",
    ),
}
"""Sentences that every check may need."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of findings: ids that are new, seen again, and closed by this run."""

    found: tuple[str, ...] = ()
    seen_again: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


@dataclass(slots=True)
class Seen:
    """What one check saw, one finding a subject.  Only a ``complete`` check closes what is gone.

    ``lasting``: see :class:`timebank.reconciliation.model.Check`.
    """

    severity: Severity
    complete: bool
    lasting: bool = False
    differences: dict[str, list[Difference]] = field(default_factory=dict)

    def add(self, difference: Difference) -> None:
        """Keep a difference with the others of its subject."""
        about = self.differences.setdefault(difference.subject, [])
        if len(about) < MOST_DETAILS:
            about.append(difference)


def note(bank: Bank, seen: Mapping[str, Seen], run: str) -> Noted:
    """Bring the findings up to what checks saw, in one transaction; ``run`` names who looked."""

    def change(draft: Draft) -> dict[str, Any]:
        noted = _Notes(draft, run)
        for name, what in seen.items():
            noted.take(name, what)
        return noted.store()

    body = bank.keep_house(change)
    return Noted(tuple(body["found"]), tuple(body["seen_again"]), tuple(body["closed"]))


class _Notes:
    """Works out which findings to add, to move on and to close."""

    def __init__(self, draft: Draft, run: str) -> None:
        self._draft = draft
        self._run = run
        rows = draft.query(
            select(FINDING).where(FINDING.c.book_id == BOOK, FINDING.c.state.in_(LIVE))
        )
        self._live = {(row.check_name, row.subject): row for row in rows}
        self._new: list[dict[str, Any]] = []
        self._moved: list[dict[str, Any]] = []
        self._closed: list[dict[str, Any]] = []

    def take(self, name: str, seen: Seen) -> None:
        """Compare what a check saw with what is live of it, and with what was closed by hand."""
        closed = self._closed_by_hand(name) if seen.lasting else {}
        for subject, about in seen.differences.items():
            severity = max((one.severity or seen.severity for one in about), key=_RANK.index)
            detail = _detail(about)
            known = self._live.pop((name, subject), None)
            if known is not None:
                self._moved.append(self._again(known, severity, detail))
            elif subject not in closed:
                self._new.append(self._row(name, subject, severity, detail))
            elif closed[subject].detail != detail:
                self._moved.append(self._again(closed[subject], severity, detail))
        if seen.complete:
            gone = [key for key in self._live if key[0] == name]
            for key in gone:
                self._closed.append(self._gone(self._live.pop(key)))

    def store(self) -> dict[str, Any]:
        """Hand all rows to the commit; answers the ids."""
        draft = self._draft
        if self._new:
            draft.add(insert(FINDING), self._new)
        for rows in (self._moved, self._closed):
            if rows:
                names = [name for name in rows[0] if name != "at_id"]
                changed = update(FINDING).where(
                    FINDING.c.book_id == BOOK, FINDING.c.finding_id == bindparam("at_id")
                )
                draft.add(changed.values({name: bindparam(name) for name in names}), rows)
        return {
            "found": [row["finding_id"] for row in self._new],
            "seen_again": [row["at_id"] for row in self._moved],
            "closed": [row["at_id"] for row in self._closed],
        }

    def _closed_by_hand(self, name: str) -> dict[str, Any]:
        """The newest closed finding of each subject, unless a run closed it."""
        query = select(FINDING).where(
            FINDING.c.book_id == BOOK,
            FINDING.c.check_name == name,
            FINDING.c.state == State.CLOSED.value,
        )
        rows = self._draft.query(query.order_by(FINDING.c.found_ms, FINDING.c.finding_id))
        newest = {row.subject: row for row in rows}
        return {
            subject: row
            for subject, row in newest.items()
            if not _is_broken(subject) and not _is_gone(row.comment)
        }

    def _row(self, name: str, subject: str, severity: Severity, detail: str) -> dict[str, Any]:
        return {
            "book_id": BOOK,
            "finding_id": self._draft.new_id("finding"),
            "check_name": name,
            "subject": subject,
            "severity": severity.value,
            "detail": detail,
            "owner": OPERATOR_OWNS,
            "state": State.OPEN.value,
            "comment": "",
            "found_ms": self._draft.recorded_ms,
            "last_seen_ms": self._draft.recorded_ms,
            "closed_ms": None,
        }

    def _again(self, known: Any, severity: Severity, detail: str) -> dict[str, Any]:
        state, comment = known.state, known.comment
        if state != State.OPEN.value and known.detail != detail:
            state = State.OPEN.value
            comment = self._say(comment, _AGAIN)
        return {
            "at_id": known.finding_id,
            "severity": severity.value,
            "detail": detail,
            "state": state,
            "comment": comment,
            "last_seen_ms": self._draft.recorded_ms,
            "closed_ms": None,
        }

    def _gone(self, known: Any) -> dict[str, Any]:
        return {
            "at_id": known.finding_id,
            "state": State.CLOSED.value,
            "comment": self._say(known.comment, _GONE),
            "closed_ms": self._draft.recorded_ms,
        }

    def _say(self, comment: str, words: str) -> str:
        return with_line(comment, self._draft.recorded_ms, self._run, words)


_GONE = "已不再出现，关闭 / no longer found, closed"
_AGAIN = "与说明时不同，重新打开 / differs from what was explained"


def _is_gone(comment: str) -> bool:
    """Whether a run closed the finding last, because it saw it no more."""
    said = [line for line in comment.splitlines() if line.endswith((_GONE, _AGAIN))]
    return bool(said) and said[-1].endswith(_GONE)


def _is_broken(subject: str) -> bool:
    """Whether the finding is about the check itself."""
    return subject.startswith("check ")


_RANK = (Severity.NOTE, Severity.WARNING, Severity.ALARM)


def with_line(comment: str, at_ms: int, who: str, words: str) -> str:
    """A finding's comments with one more line: when (station time), who, what."""
    lines = [*comment.splitlines(), f"{wall_time(at_ms)} {who}: {' '.join(words.split())}"]
    while len(lines) > 1 and sum(map(len, lines)) > COMMENT_MAX_CHARACTERS:
        del lines[0]
    return "\n".join(lines)


def _detail(about: Iterable[Difference]) -> str:
    told = [{"what": one.what, **one.facts} for one in about]
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def known_subjects(connection: Connection, name: str) -> frozenset[str]:
    """Whatever a check has found before, in any state."""
    query = select(FINDING.c.subject).where(FINDING.c.book_id == BOOK, FINDING.c.check_name == name)
    return frozenset(connection.execute(query.distinct()).scalars())


# Reading ---------------------------------------------------------------------------------------


def findings(
    connection: Connection,
    *,
    states: Sequence[State] = (State.OPEN, State.EXPLAINED),
    check_name: str | None = None,
    before: str | None = None,
    most: int = 100,
) -> list[Finding]:
    """Findings in those states, the newest first; ``before`` continues behind a finding's id."""
    query = select(FINDING).where(
        FINDING.c.book_id == BOOK, FINDING.c.state.in_([state.value for state in states])
    )
    if check_name is not None:
        query = query.where(FINDING.c.check_name == check_name)
    if before is not None:
        query = query.where(FINDING.c.finding_id < before)
    rows = connection.execute(query.order_by(FINDING.c.finding_id.desc()).limit(most))
    return [_finding(row) for row in rows]


def finding(connection: Connection, finding_id: str) -> Finding:
    """One finding.

    Raises:
        UnknownFinding: there is none of that id.
    """
    query = select(FINDING).where(FINDING.c.book_id == BOOK, FINDING.c.finding_id == finding_id)
    row = connection.execute(query).first()
    if row is None:
        raise UnknownFinding(finding=finding_id[:80])
    return _finding(row)


def sentences(found: Finding) -> list[tuple[str, str]]:
    """What a finding says, each difference in Chinese and in English."""
    check = check_named(found.check_name)
    words = GENERAL_WORDS if check is None else GENERAL_WORDS | check.words
    return [sentence(words, str(one.get("what", "")), one) for one in found.detail]


def _finding(row: Any) -> Finding:
    detail: list[dict[str, Fact]] = json.loads(row.detail)
    return Finding(
        row.finding_id,
        row.check_name,
        row.subject,
        Severity(row.severity),
        tuple(detail),
        row.owner,
        State(row.state),
        row.comment,
        row.found_ms,
        row.last_seen_ms,
        row.closed_ms,
    )
