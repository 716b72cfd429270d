"""Public notice: the list that anybody may read, and the station's page for objections."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, new_key, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.render import Frame, draw, go, speech_for, words_for
from api.pages.station import chosen, stations_of
from api.pages.views import help_name
from api.problems import NotFound, status_of
from api.shapes import record_cursor, record_of_cursor
from ledger.errors import Refusal
from timebank.errors import NotPermitted
from timebank.notices.actions import decide_objection, object_to
from timebank.notices.queries import (
    Objection,
    PublicNotice,
    notices_listed,
    open_objections,
)
from timebank.stations.actions import station_named
from timebank.stations.model import Actor, Role

router = page_router()

PUBLIC, ROOM = "/notice", "/station/notices"
LISTED = 50

At = Annotated[str, Query(max_length=40)]
After = Annotated[str, Query(max_length=64)]


@router.get(PUBLIC)
def public(request: Request, bank: Bank, station: At = "", after: After = "") -> Response:
    """What is under notice, for anybody; volunteers under masks, nobody who was cared for."""
    found, more = _page(bank, station, after)
    with bank.read() as connection:
        name = station_named(connection, station) if station else None
    return draw(
        request, bank, "notice.html", Frame(""), found=found, next=more,
        station=station if name else "", name=name or "", today=bank.today().isoformat(),
        help_name=help_name,
    )  # fmt: skip


@router.get(ROOM)
def room(
    request: Request, bank: Bank, actor: Clerk, at: At = "", after: After = "", done: At = ""
) -> Response:
    """What the station has under notice, and the objections that wait for a decision."""
    said = words_for(request, bank)(f"notice.done_{done}") if done in _DONE else ""
    return _room(request, bank, actor, at, after, note=said)


@router.post(f"{ROOM}/{{record_id}}/object")
def objected(
    request: Request, bank: Bank, actor: Clerk, record_id: str, posted: Posted
) -> Response:
    """Write an objection down, as somebody told it."""
    typed = typed_in(posted, frozenset({"reason", "at"}))
    try:
        object_to(bank, actor, record_id, typed.get("reason", ""), key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        return _refused(request, bank, actor, record_id, typed, refused)
    return go(f"{ROOM}?done=object&at={typed.get('at', '')}")


@router.post(f"{ROOM}/{{record_id}}/decide")
def decided(request: Request, bank: Bank, actor: Clerk, record_id: str, posted: Posted) -> Response:
    """Uphold an objection or dismiss it."""
    typed = typed_in(posted, frozenset({"reason", "at"}))
    upheld = posted.get("decision") == "uphold"
    try:
        decide_objection(
            bank, actor, record_id, typed.get("reason", ""), upheld=upheld, key=key_in(posted)
        )
    except NotPermitted:
        raise
    except Refusal as refused:
        return _refused(request, bank, actor, record_id, typed, refused)
    return go(f"{ROOM}?done={'uphold' if upheld else 'dismiss'}&at={typed.get('at', '')}")


_DONE = frozenset({"object", "uphold", "dismiss"})


def _page(
    bank: timebank.bank.Bank, station: str, after: str
) -> tuple[list[PublicNotice], str | None]:
    try:
        behind = record_of_cursor(after)
    except ValueError:
        raise NotFound from None
    with bank.read() as connection:
        found = notices_listed(
            bank, connection, station_code=station, after=behind, most=LISTED + 1
        )
    return found[:LISTED], record_cursor(found, LISTED)


def _refused(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    record_id: str,
    typed: dict[str, str],
    refused: Refusal,
) -> Response:
    form = Form(new_key(), typed, general=speech_for(request).refusal(refused))
    return _room(
        request, bank, actor, typed.get("at", ""), form=form, refused_id=record_id,
        status=status_of(refused.code),
    )  # fmt: skip


def _room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    at: str,
    after: str = "",
    *,
    note: str = "",
    form: Form | None = None,
    refused_id: str = "",
    status: int = 200,
) -> Response:
    stations = stations_of(bank, actor)
    station = chosen(stations, at)
    found, more, waiting = list[PublicNotice](), None, list[Objection]()
    if station is not None:
        found, more = _page(bank, station.code, after)
        with bank.read() as connection:
            waiting = open_objections(connection, actor, station_code=station.code)
    return draw(
        request,
        bank,
        "station/notices.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        stations=stations,
        station=station,
        choose=ROOM,
        found=found,
        next=more,
        objections=waiting,
        decides=actor.role in (Role.REVIEWER, Role.OPERATOR),
        form=form or empty_form(),
        refused_id=refused_id,
        blank=empty_form(),
        help_name=help_name,
        note=note,
    )
