"""Audit: statements on the screen and as files, the export, findings, the latest checkpoint."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

import timebank.bank
from api.dependencies import Auditor, Bank
from api.pages.expiries import explained_expiry
from api.pages.explanation import explanation_page
from api.pages.findings import findings_page
from api.pages.forms import Form, empty_form, new_key
from api.pages.plumbing import frame_of, page_router
from api.pages.reading import day_in
from api.pages.render import NO_STORE, draw, words_for
from api.pages.views import statement_view
from api.streaming import begun
from ledger.book import read_head
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.errors import AccountNotFound
from ledger.log_keys import signers_at
from timebank.errors import MissingField, UnknownMember, UnreadableDate
from timebank.expiry.explaining import explain_expiry_of_leaf
from timebank.expiry.queries import coming_expiries
from timebank.records.explaining import explain_record
from timebank.records.queries import record_of_leaf
from timebank.statements.formats import format_named
from timebank.statements.origins import origins_of_account
from timebank.statements.statement import account_named, statement
from timebank.statements.writing import statement_for
from timebank.stations.model import Actor

router = page_router()

Text = Annotated[str, Query(max_length=100)]
First = Annotated[str, Query(alias="from", max_length=40)]


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """What everybody may hold against the book later: size, key, and the signed note itself."""

    size: int
    vkey: str
    note: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which statement was asked for; an open end is ``None``."""

    account_id: str
    first: date | None
    last: date | None


@router.get("/audit")
def home(request: Request, bank: Bank, actor: Auditor) -> Response:
    """Ask for an account and a period; offer the export; show the checkpoint."""
    return _home(request, bank, actor, empty_form())


@router.get("/audit/statement")
def statement_page(
    request: Request,
    bank: Bank,
    actor: Auditor,
    account: Text = "",
    first: First = "",
    until: Text = "",
) -> Response:
    """The statement of an account over days of recording, on the screen."""
    typed = {"account": account.strip(), "from": first.strip(), "until": until.strip()}
    words = words_for(request, bank)
    asked = _asked(bank, typed)
    if isinstance(asked, str):
        field, key = asked.split(" ")
        form = Form(new_key(), typed, {field: words(key)})
        return _home(request, bank, actor, form, status=422)
    query = _query(typed)
    with bank.read() as connection:
        found = statement(
            connection,
            asked.account_id,
            from_on=asked.first,
            to_on=asked.last,
            pages=origins_of_account(bank, connection, asked.account_id),
            expiring=coming_expiries(bank, connection, asked.account_id, asked.last),
        )
        view = statement_view(found, words, query=query)
    return draw(
        request,
        bank,
        "audit/statement.html",
        frame_of(request, "audit", actor, "/audit"),
        statement=view,
    )


@router.get("/audit/statement.csv")
@router.get("/audit/statement.pdf")
@router.get("/audit/statement.large-pdf")
def statement_file(
    request: Request,
    bank: Bank,
    actor: Auditor,
    account: Text = "",
    first: First = "",
    until: Text = "",
) -> Response:
    """The same statement as a file: CSV that streams however long it is, or one of the PDFs."""
    typed = {"account": account.strip(), "from": first.strip(), "until": until.strip()}
    asked = _asked(bank, typed)
    if isinstance(asked, str):
        return statement_page(request, bank, actor, account, first, until)
    form = format_named(request.url.path.partition(".")[2])

    def written() -> Iterator[bytes]:
        with statement_for(
            bank, form, lambda _rows: asked.account_id, from_on=asked.first, to_on=asked.last
        ) as found:
            yield from form.write(found)

    name = f"statement-{asked.account_id}.{form.suffix}"
    headers = NO_STORE | {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(begun(written()), media_type=form.media_type, headers=headers)


@router.get("/audit/explanation")
def explanation(
    request: Request,
    bank: Bank,
    actor: Auditor,
    leaf: Annotated[int, Query(ge=0, le=2**53)],
    account: Text = "",
    first: First = "",
    until: Text = "",
) -> Response:
    """How the minutes of the entry of that leaf came about, or why they expired.

    The rest names the statement that led here, and leads back to it.
    """
    frame = frame_of(request, "audit", actor, "/audit")
    asked = _query({"account": account, "from": first, "until": until})
    back = f"/audit/statement?{asked}" if asked else "/audit"
    with bank.read() as connection:
        gone = explain_expiry_of_leaf(bank, connection, actor, leaf)
        if gone is not None:
            return explained_expiry(request, bank, frame, gone, back=back)
        found = explain_record(bank, connection, actor, record_of_leaf(connection, leaf))
    return explanation_page(request, bank, frame, found, back=back)


@router.get("/audit/findings")
def findings(request: Request, bank: Bank, actor: Auditor) -> Response:
    """Every finding that is not closed, to read."""
    frame = frame_of(request, "audit", actor, "/audit/findings")
    return findings_page(request, bank, frame, may_change=False)


def _query(typed: dict[str, str]) -> str:
    return urlencode({name: value for name, value in typed.items() if value})


def _asked(bank: timebank.bank.Bank, typed: dict[str, str]) -> _Asked | str:
    """What was asked for, or the field that is wrong and the catalogue's key for why."""
    try:
        with bank.read() as connection:
            account_id = account_named(connection, typed["account"])
    except (AccountNotFound, UnknownMember):
        return "account audit.unknown_account"
    days: dict[str, date | None] = {}
    for field in ("from", "until"):
        try:
            days[field] = day_in(typed[field], field, bank.today())
        except MissingField:
            days[field] = None
        except UnreadableDate:
            return f"{field} audit.bad_day"
    first, last = days["from"], days["until"]
    if first is not None and last is not None and last < first:
        return "until audit.period_backwards"
    return _Asked(account_id, first, last)


def _home(
    request: Request, bank: timebank.bank.Bank, actor: Actor, form: Form, *, status: int = 200
) -> Response:
    return draw(
        request,
        bank,
        "audit/home.html",
        frame_of(request, "audit", actor, "/audit"),
        status=status,
        form=form,
        checkpoint=_checkpoint(bank),
    )


def _checkpoint(bank: timebank.bank.Bank) -> CheckpointView:
    head = read_head(bank.database)
    signers = signers_at(bank.database, head.size, bank.log_signer_of)
    note = sign_checkpoint(Checkpoint(head.origin, head.size, head.root), *signers)
    return CheckpointView(head.size, str(signers[-1].vkey), note)
