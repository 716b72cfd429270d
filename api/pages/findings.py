"""Findings as auditors read them and operators explain and close them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.pages.catalogue import Words
from api.pages.forms import Form, empty_form
from api.pages.render import Frame, draw, words_for
from timebank.reconciliation.findings import findings, sentences
from timebank.reconciliation.model import Finding, Severity
from timebank.reconciliation.registry import check_named
from timebank.stations.staff import offices_of

MOST_LISTED = 200
_COMMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) (\S+): (.*)")
_STAFF_ID = re.compile(r"staff_[0-9a-f]{32}", re.ASCII)
_GRAVEST_FIRST = (Severity.ALARM, Severity.WARNING, Severity.NOTE)


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding in the reader's language; ``said`` is one sentence a difference."""

    finding_id: str
    check: str
    subject: str
    severity: str
    state: str
    owner: str
    said: Sequence[str]
    comments: Sequence[str]
    found_ms: int
    last_seen_ms: int
    form: Form = field(default_factory=empty_form)


def finding_view(found: Finding, words: Words, offices: Mapping[str, str]) -> FindingView:
    """A finding for the screen; its check is named by what it compares, staff by their office."""
    check = check_named(found.check_name)
    name = found.check_name if check is None else words.of_pair(check.what_zh, check.what_en)
    return FindingView(
        found.finding_id,
        name,
        _named(_subject(found.subject, words), words, offices),
        found.severity.value,
        found.state.value,
        words.or_code("role", found.owner),
        [_named(words.of_pair(zh, en), words, offices) for zh, en in sentences(found)],
        [_comment(line, words, offices) for line in found.comment.splitlines()],
        found.found_ms,
        found.last_seen_ms,
    )


def _subject(subject: str, words: Words) -> str:
    """``account acct_1`` with the kind of thing in words; what is no such pair stays as it is."""
    kind, blank, name = subject.partition(" ")
    return f"{words.or_code('subject', kind)}{blank}{name}"


def _named(said: str, words: Words, offices: Mapping[str, str]) -> str:
    """What is said, with the office of each member of staff behind their id."""
    return _STAFF_ID.sub(
        lambda found: (
            f"{words.or_code('role', offices[found[0]])} {found[0]}"
            if found[0] in offices
            else found[0]
        ),
        said,
    )


def _comment(line: str, words: Words, offices: Mapping[str, str]) -> str:
    """A line of :func:`timebank.reconciliation.findings.with_line`, told by an office."""
    written = _COMMENT.match(line)
    if written is None:
        return line
    at, who, said = written.groups()
    office = words.or_code("role", offices.get(who, who))
    return words("finding.said", at=at, who=office, said=said)


def findings_page(
    request: Request,
    bank: timebank.bank.Bank,
    frame: Frame,
    *,
    may_change: bool,
    form: Form | None = None,
    refused_id: str = "",
    note: str = "",
    status: int = 200,
) -> Response:
    """The findings that are not closed, the gravest first and the newest of each."""
    words = words_for(request, bank)
    with bank.read() as connection:
        listed = findings(connection, most=MOST_LISTED)
        writers = {
            written[2]
            for one in listed
            for line in one.comment.splitlines()
            if (written := _COMMENT.match(line))
        }
        for one in listed:
            told = [one.subject, *(zh for zh, _en in sentences(one))]
            writers |= {who for text in told for who in _STAFF_ID.findall(text)}
        offices = offices_of(connection, writers)
    listed.sort(key=lambda one: _GRAVEST_FIRST.index(one.severity))
    return draw(
        request,
        bank,
        "findings.html",
        frame,
        status=status,
        findings=[finding_view(one, words, offices) for one in listed],
        may_change=may_change,
        form=form or empty_form(),
        refused_id=refused_id,
        note=note,
    )
