"""Register upload: accepted and refused beside the sheet's own total, and the error sheet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.catalogue import Words
from api.pages.forms import Form, empty_form, key_in, new_key, refused_form, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.render import NO_STORE, draw, go, speech_for, words_for
from api.pages.shelf import Kept, Shelf
from api.pages.station import At, chosen, stations_of
from api.problems import RequestTooLarge, status_of
from api.uploads import saved_upload
from ledger.errors import Refusal
from timebank.attempts import part_key
from timebank.bank import REFUSALS
from timebank.errors import NotPermitted
from timebank.people.model import Member
from timebank.people.roster import people_in_file, register_members
from timebank.records.error_sheets import error_sheet as stored_sheet
from timebank.records.error_sheets import keep_error_sheet
from timebank.records.importing import import_register, write_refused
from timebank.records.parties import People, people_for_rehearsal
from timebank.records.queries import ShownBatch, batch_of
from timebank.registers import PersonMention
from timebank.stations.model import Actor

router = page_router()

_FIELDS = frozenset({"file", "members", "reason"})
_TYPED = frozenset({"reason", "rehearse", "station"})
LookUp = Callable[[Iterable[PersonMention]], tuple[dict[str, Member], dict[str, Member]]]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class RefusalView:
    """A row that was not accepted; ``sheet`` is named where there are several."""

    sheet: str
    row: int
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class ResultView:
    """What became of an import; minutes are ``None`` where the book does not keep them.

    ``members`` are the rows of a list of members that were refused, ``events`` the sheet, first row
    and volunteers of each record that waits for a signed roster.
    """

    title: str
    said: str
    sign: str
    accepted: int
    accepted_minutes: int
    refused: int
    refused_minutes: int | None
    already: int
    knows_total: bool
    stated_minutes: int | None
    refusals: tuple[RefusalView, ...]
    sheet_href: str
    members: tuple[RefusalView, ...] = ()
    events: tuple[tuple[str, int, int], ...] = ()


@router.get("/station/register")
def upload_page(request: Request, bank: Bank, actor: Clerk, at: At = "") -> Response:
    """Ask for a register."""
    return _ask(request, bank, actor, empty_form(rehearse="yes"), at)


@router.post("/station/register")
def upload(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Import the register, or rehearse it, and lead to what became of it."""
    typed = typed_in(posted, _TYPED)
    at = actor.station_code or typed.get("station", "")
    file, words = _file_in(posted, "file"), words_for(request, bank)
    if file is None:
        form = Form(new_key(), typed, {"file": words("register.no_file")})
        return _ask(request, bank, actor, form, at, status=422)
    try:
        name, kept = _import(bank, actor, at, file, _file_in(posted, "members"), posted, typed)
    except NotPermitted:
        raise
    except RequestTooLarge as refused:
        said = words("fault.too_large", megabytes=bank.settings.upload_max_bytes >> 20)
        form = refused_form(typed, refused, said, _FIELDS)
        return _ask(request, bank, actor, form, at, status=status_of(refused.code))
    except Refusal as refused:
        form = refused_form(typed, refused, speech_for(request).refusal(refused), _FIELDS)
        return _ask(request, bank, actor, form, at, status=status_of(refused.code))
    shelf_of(request, bank).put(name, kept)
    return go(f"/station/register/{name}")


@router.get("/station/register/{name}")
def result_page(request: Request, bank: Bank, actor: Clerk, name: str) -> Response:
    """What became of an import: in full while it is on the shelf, afterwards what the book keeps.

    Raises:
        UnknownBatch: neither knows it.
    """
    words = words_for(request, bank)
    kept = shelf_of(request, bank).get(name, actor.actor_id, bank.now_ms())
    if kept is not None:
        result = _of_result(kept, f"/station/register/{name}/sheet")
    else:
        with bank.read() as connection:
            result = _of_batch(batch_of(connection, actor, name), words)
    return draw(
        request,
        bank,
        "station/result.html",
        frame_of(request, "station", actor, "/station/register"),
        result=result,
    )


@router.get("/station/register/{name}/sheet")
def error_sheet(request: Request, bank: Bank, actor: Clerk, name: str) -> Response:
    """The refused rows as a workbook to mend: a rehearsal's from the shelf, others from the book.

    Raises:
        UnknownBatch: there is none, or not any more.
    """
    kept = shelf_of(request, bank).get(name, actor.actor_id, bank.now_ms())
    shelved = b"" if kept is None else kept.sheet
    content = shelved or stored_sheet(bank, actor, name)
    stem = "退回" if kept is None else f"{Path(kept.file_name).stem}-退回"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(stem)}.xlsx"}
    return Response(content, media_type=_XLSX, headers=NO_STORE | headers)


def shelf_of(request: Request, bank: timebank.bank.Bank) -> Shelf[Kept]:
    """The shelf of this process."""
    state: Any = request.app.state
    if not hasattr(state, "shelf"):
        state.shelf = Shelf(bank.settings.session_minutes * 60_000)
    shelf: Shelf[Kept] = state.shelf
    return shelf


def _import(
    bank: timebank.bank.Bank,
    actor: Actor,
    at: str,
    file: UploadFile,
    members: UploadFile | None,
    posted: FormData,
    typed: dict[str, str],
) -> tuple[str, Kept]:
    key, rehearse = key_in(posted), bool(typed.get("rehearse"))
    most = bank.settings.upload_max_bytes
    with TemporaryDirectory(prefix="register-") as folder:
        path = saved_upload(file, Path(folder).joinpath("register"), most)
        extra, roster = None, None
        if members is not None:
            file_of_members = saved_upload(members, Path(folder).joinpath("members"), most)
            roster = register_members(
                bank, actor, file_of_members, key=part_key(key, "members"), rehearsal=rehearse
            )
            if rehearse:
                extra = _with_strangers(bank, people_in_file(bank, file_of_members))
        result = import_register(
            bank,
            actor,
            at,
            path,
            key=key,
            reason=typed.get("reason", ""),
            dry_run=rehearse,
            extra=extra,
        )
        sheet = b""
        if not rehearse:
            keep_error_sheet(bank, path, result)
        elif result.refusals:
            target = Path(folder).joinpath("refused.xlsx")
            write_refused(path, result, target)
            sheet = target.read_bytes()
    name = result.batch_id or f"rehearsal_{key}"
    return name, Kept(actor.actor_id, path.name, result, sheet, bank.now_ms(), roster)


def _with_strangers(
    bank: timebank.bank.Bank, look_up: LookUp
) -> Callable[[Iterable[PersonMention]], People]:
    """Finds the people of a members file who are not registered yet, for a rehearsal."""

    def find(mentions: Iterable[PersonMention]) -> People:
        return people_for_rehearsal(bank, *look_up(mentions))

    return find


def _file_in(posted: FormData, field: str) -> UploadFile | None:
    found = posted.get(field)
    return found if isinstance(found, UploadFile) and found.filename else None


def _ask(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    at: str,
    *,
    status: int = 200,
) -> Response:
    stations = stations_of(bank, actor)
    return draw(
        request,
        bank,
        "station/register.html",
        frame_of(request, "station", actor, "/station/register"),
        status=status,
        form=form,
        stations=stations,
        station=chosen(stations, at),
        choose="/station/register",
        megabytes=bank.settings.upload_max_bytes >> 20,
    )


_SAID = {"awaiting_review": "awaiting", "under_notice": "noticed"}


def _of_result(kept: Kept, sheet_href: str) -> ResultView:
    result, roster = kept.result, kept.roster
    several = len({one.sheet for one in result.refusals}) > 1
    rows = (
        RefusalView(one.sheet if several else "", one.row, one.explanation, one.mend)
        for one in result.refusals
    )
    said = "rehearsed" if result.state == "dry_run" else _SAID.get(result.state, "posted")
    if said != "rehearsed" and not result.accepted:
        said = "nothing_new"
    return ResultView(
        result.title,
        said,
        "note" if said in ("rehearsed", "nothing_new") else "good",
        result.accepted,
        result.minutes,
        result.refused,
        result.refused_minutes,
        result.already_posted,
        True,
        result.stated_minutes,
        tuple(rows),
        sheet_href,
        tuple(
            RefusalView(sheet, row, one.explanation, one.mend)
            for sheet, row, one in (roster.refused if roster is not None else ())
        ),
        tuple((one.sheet if several else "", one.row, one.volunteers) for one in result.events),
    )


def _of_batch(batch: ShownBatch, words: Words) -> ResultView:
    several = len({sheet for sheet, _row, _code in batch.refusals}) > 1
    rows = (
        RefusalView(
            sheet if several else "", row, _said_of(code, words), words("register.mend_by_code")
        )
        for sheet, row, code in batch.refusals
    )
    return ResultView(
        batch.title,
        _SAID.get(batch.state, "posted"),
        "good",
        batch.accepted,
        batch.minutes,
        batch.refused,
        None,
        0,
        False,
        None,
        tuple(rows),
        f"/station/register/{batch.batch_id}/sheet",
    )


def _said_of(code: str, words: Words) -> str:
    """The sentence of a remembered refusal, whose facts nobody kept."""
    kind = REFUSALS.get(code)
    if kind is None:
        return code
    refusal = kind()
    return words.of_pair(refusal.in_chinese(), str(refusal))
