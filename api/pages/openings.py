"""Older passbooks at the station: check a list, submit it, file slips, approve, send back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import Query
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import (
    LONGEST_TEXT,
    Form,
    empty_form,
    key_in,
    new_key,
    refused_form,
    typed_in,
)
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.render import draw, go, speech_for, words_for
from api.pages.shelf import Shelf
from api.pages.station import At, chosen, stations_of
from api.problems import RequestTooLarge, status_of
from api.uploads import saved_upload
from ledger.errors import Refusal
from timebank.errors import NotPermitted
from timebank.openings.actions import Signed, confirm_openings, return_opening, reverse_opening
from timebank.openings.approving import approve_openings
from timebank.openings.importing import OpeningResult, import_openings
from timebank.openings.model import State
from timebank.openings.queries import (
    ShownList,
    ShownOpening,
    list_of,
    lists_listed,
    openings_listed,
)
from timebank.stations.model import Actor, Role

router = page_router()

ROOM = "/station/openings"
ROWS_SHOWN = 20
"""Rows of a list on one page: each may have a field, and a form has at most forty."""

LISTS_SHOWN = 50
CHECKED_SHOWN = 200
_SLIP = "slip-"
_REASON = frozenset({"reason"})
_APPROVERS = (Role.REVIEWER, Role.OPERATOR)
_IMPORTERS = (Role.CLERK, Role.OPERATOR)

Done = Annotated[str, Query(max_length=20)]
After = Annotated[int, Query(ge=0, le=2**53)]
InState = Annotated[str, Query(alias="state", max_length=20)]


@dataclass(frozen=True, slots=True)
class Checked:
    """A list that was checked and not handed in: its bytes, and what it would come to."""

    actor_id: str
    station_code: str
    file_name: str
    content: bytes = field(repr=False)
    result: OpeningResult
    kept_ms: int

    @property
    def weight(self) -> int:
        """Bytes that count against the shelf's bound."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class RowView:
    """A row with the form that sends it back or reverses it."""

    row: ShownOpening
    form: Form
    is_wrong: bool = False


@router.get("/station/openings")
def openings_page(request: Request, bank: Bank, actor: Clerk, at: At = "") -> Response:
    """Ask for a list, and show those that were handed in."""
    return _ask(request, bank, actor, empty_form(), at)


@router.post("/station/openings")
def check(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Check a list, write nothing, and lead to what it would come to."""
    at = actor.station_code or typed_in(posted, frozenset({"station"})).get("station", "")
    file, words = posted.get("file"), words_for(request, bank)
    if not isinstance(file, UploadFile) or not file.filename:
        form = Form(new_key(), {}, {"file": words("opening.no_file")})
        return _ask(request, bank, actor, form, at, status=422)
    key, most = key_in(posted), bank.settings.upload_max_bytes
    try:
        with TemporaryDirectory(prefix="openings-") as folder:
            path = saved_upload(file, Path(folder).joinpath("list"), most)
            result = import_openings(bank, actor, at, path, key=key, dry_run=True)
            content = path.read_bytes()
    except NotPermitted:
        raise
    except RequestTooLarge as refused:
        said = words("fault.too_large", megabytes=most >> 20)
        form = refused_form({}, refused, said, frozenset({"file"}))
        return _ask(request, bank, actor, form, at, status=status_of(refused.code))
    except Refusal as refused:
        said = speech_for(request).refusal(refused)
        form = refused_form({}, refused, said, frozenset({"file"}))
        return _ask(request, bank, actor, form, at, status=status_of(refused.code))
    checked = Checked(actor.actor_id, at, path.name, content, result, bank.now_ms())
    _shelf(request, bank).put(key, checked)
    return go(f"{ROOM}/check/{key}")


@router.get("/station/openings/check/{name}")
def checked_page(request: Request, bank: Bank, actor: Clerk, name: str) -> Response:
    """What a list would come to, while it is on the shelf."""
    kept = _shelf(request, bank).get(name, actor.actor_id, bank.now_ms())
    if kept is None:
        return _gone(request, bank, actor)
    sheets = {one.sheet for one in kept.result.taken}
    several = len(sheets | {one.sheet for one in kept.result.refusals}) > 1
    return draw(
        request,
        bank,
        "station/opening_check.html",
        frame_of(request, "station", actor, ROOM),
        name=name,
        form=empty_form(),
        result=kept.result,
        several=several,
        most=CHECKED_SHOWN,
    )


@router.post("/station/openings/check/{name}")
def submit(request: Request, bank: Bank, actor: Clerk, name: str, posted: Posted) -> Response:
    """Hand in the list that was checked."""
    kept = _shelf(request, bank).get(name, actor.actor_id, bank.now_ms())
    if kept is None:
        return _gone(request, bank, actor)
    with TemporaryDirectory(prefix="openings-") as folder:
        path = Path(folder).joinpath(kept.file_name)
        path.write_bytes(kept.content)
        result = import_openings(bank, actor, kept.station_code, path, key=key_in(posted))
    return go(f"{ROOM}/{result.batch_id}?done=submitted")


@router.get("/station/openings/{batch_id}")
def list_page(
    request: Request,
    bank: Bank,
    actor: Clerk,
    batch_id: str,
    state: InState = "",
    after: After = 0,
    done: Done = "",
) -> Response:
    """The rows of a list, and what may be done with them."""
    known = ("submitted", "confirmed", "approved", "partly", "returned", "reversed")
    note = words_for(request, bank)(f"opening.done_{done}") if done in known else ""
    return _list(request, bank, actor, batch_id, empty_form(), state=state, after=after, note=note)


@router.get("/station/openings/{batch_id}/slips")
def slips_page(
    request: Request, bank: Bank, actor: Clerk, batch_id: str, after: After = 0
) -> Response:
    """The slips that holders sign, in large type, each on a sheet of its own."""
    with bank.read() as connection:
        rows = openings_listed(
            bank, connection, actor, batch_id,
            state=State.AWAITING_HOLDER.value, after=after, most=ROWS_SHOWN + 1,
        )  # fmt: skip
    return draw(
        request,
        bank,
        "station/opening_slips.html",
        frame_of(request, "station", actor, ROOM),
        batch_id=batch_id,
        slips=[(_slip_number(one), one) for one in rows[:ROWS_SHOWN]],
        next=rows[ROWS_SHOWN - 1].place if len(rows) > ROWS_SHOWN else 0,
    )


@router.post("/station/openings/{batch_id}/confirmations")
def confirm(request: Request, bank: Bank, actor: Clerk, batch_id: str, posted: Posted) -> Response:
    """Record the slips whose numbers were filled in."""
    slips = _slips_in(posted)
    state, after = _where(posted)
    words = words_for(request, bank)
    if not slips:
        form = Form(new_key(), general=words("opening.no_slip"))
        return _list(request, bank, actor, batch_id, form, state=state, after=after, status=422)
    signed = [Signed(opening_id, slip) for opening_id, slip in slips.items()]
    try:
        confirm_openings(bank, actor, signed, key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        typed = {f"{_SLIP}{opening_id}": slip for opening_id, slip in slips.items()}
        form = Form(new_key(), typed, general=speech_for(request).refusal(refused))
        return _list(
            request, bank, actor, batch_id, form, state=state, after=after,
            status=status_of(refused.code),
        )  # fmt: skip
    return go(f"{ROOM}/{batch_id}?done=confirmed&state={state}&after={after}")


@router.post("/station/openings/{batch_id}/approval")
def approve(request: Request, bank: Bank, actor: Clerk, batch_id: str, posted: Posted) -> Response:
    """Post what is confirmed."""
    try:
        made = approve_openings(bank, actor, batch_id, key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        form = Form(new_key(), general=speech_for(request).refusal(refused))
        return _list(request, bank, actor, batch_id, form, status=status_of(refused.code))
    done = "partly" if made.refused or made.own else "approved"
    return go(f"{ROOM}/{batch_id}?done={done}")


@router.post("/station/openings/{batch_id}/rows/{opening_id}")
def decide(
    request: Request, bank: Bank, actor: Clerk, batch_id: str, opening_id: str, posted: Posted
) -> Response:
    """Send a row back, or reverse a posted one, with a reason."""
    typed, key = typed_in(posted, _REASON), key_in(posted)
    state, after = _where(posted)
    reverses = posted.get("decision") == "reverse"
    try:
        step = reverse_opening if reverses else return_opening
        step(bank, actor, opening_id, typed.get("reason", ""), key=key)
    except NotPermitted:
        raise
    except Refusal as refused:
        said = speech_for(request).refusal(refused)
        if refused.code == "missing_field":
            said = words_for(request, bank)("opening.needs_reason")
        form = refused_form(typed, refused, said, _REASON)
        return _list(
            request, bank, actor, batch_id, form, state=state, after=after,
            refused_id=opening_id, status=status_of(refused.code),
        )  # fmt: skip
    return go(f"{ROOM}/{batch_id}?done={'reversed' if reverses else 'returned'}&after={after}")


# Parts -------------------------------------------------------------------------------------


def _shelf(request: Request, bank: timebank.bank.Bank) -> Shelf[Checked]:
    state: Any = request.app.state
    if not hasattr(state, "openings"):
        state.openings = Shelf(bank.settings.session_minutes * 60_000)
    shelf: Shelf[Checked] = state.openings
    return shelf


def _gone(request: Request, bank: timebank.bank.Bank, actor: Actor) -> Response:
    said = words_for(request, bank)("opening.check_gone")
    return _ask(request, bank, actor, Form(new_key(), general=said), "", status=404)


def _slip_number(row: ShownOpening) -> str:
    """The number on the printed slip: the list's last letters, and the row's place."""
    return f"{row.batch_id[-6:].upper()}-{row.place}"


def _slips_in(posted: Mapping[str, object]) -> dict[str, str]:
    found = {}
    for name, value in posted.items():
        if name.startswith(_SLIP) and isinstance(value, str) and value.strip():
            found[name.removeprefix(_SLIP)[:LONGEST_TEXT]] = value[:LONGEST_TEXT].strip()
    return found


def _where(posted: Mapping[str, object]) -> tuple[str, int]:
    """The part of the list that the form stood on."""
    typed = typed_in(posted, frozenset({"state", "after"}))
    state = typed.get("state", "")
    after = typed.get("after", "")
    is_place = after.isascii() and after.isdecimal() and len(after) < 16
    return state if state in set(State) else "", int(after) if is_place else 0


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
    station = chosen(stations, at)
    lists: list[ShownList] = []
    with bank.read() as connection:
        if station is not None:
            lists = lists_listed(connection, actor, station_code=station.code, most=LISTS_SHOWN)
    return draw(
        request,
        bank,
        "station/openings.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        stations=stations,
        station=station,
        choose=ROOM,
        lists=lists,
        may_import=actor.role in _IMPORTERS,
        megabytes=bank.settings.upload_max_bytes >> 20,
    )


def _list(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    batch_id: str,
    form: Form,
    *,
    state: str = "",
    after: int = 0,
    refused_id: str = "",
    note: str = "",
    status: int = 200,
) -> Response:
    wanted = state if state in set(State) else ""
    with bank.read() as connection:
        found = list_of(connection, actor, batch_id)
        rows = openings_listed(
            bank, connection, actor, batch_id, state=wanted, after=after, most=ROWS_SHOWN + 1
        )
    views = [
        RowView(
            one,
            form if one.opening_id == refused_id else empty_form(),
            one.opening_id == refused_id,
        )
        for one in rows[:ROWS_SHOWN]
    ]
    return draw(
        request,
        bank,
        "station/opening_list.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        note=note,
        list=found,
        rows=views,
        state=wanted,
        states=[one.value for one in State],
        after=after,
        next=rows[ROWS_SHOWN - 1].place if len(rows) > ROWS_SHOWN else 0,
        may_approve=actor.role in _APPROVERS,
        is_mine=found.imported_by == actor.actor_id,
    )
