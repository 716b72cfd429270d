"""Findings as auditors read them and operators explain and close them."""

from collections.abc import Sequence
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

MOST_LISTED = 200
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


def finding_view(found: Finding, words: Words) -> FindingView:
    """A finding for the screen; its check is named by what it compares."""
    check = check_named(found.check_name)
    name = found.check_name if check is None else words.of_pair(check.what_zh, check.what_en)
    return FindingView(
        found.finding_id,
        name,
        found.subject,
        found.severity.value,
        found.state.value,
        words.or_code("role", found.owner),
        [words.of_pair(zh, en) for zh, en in sentences(found)],
        found.comment.splitlines(),
        found.found_ms,
        found.last_seen_ms,
    )


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
    listed.sort(key=lambda one: _GRAVEST_FIRST.index(one.severity))
    return draw(
        request,
        bank,
        "findings.html",
        frame,
        status=status,
        findings=[finding_view(one, words) for one in listed],
        may_change=may_change,
        form=form or empty_form(),
        refused_id=refused_id,
        note=note,
    )
