"""What every page route shares: refusals become pages, forms are checked, doors have menus."""

import re
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.pages.catalogue import Words
from api.pages.forms import Form, empty_form, new_key
from api.pages.render import Frame, Room, draw, go, speech_for, who_is, words_for
from api.problems import NotSignedIn, OriginRejected, status_of
from api.security import FORM_TOKEN_FIELD, SESSION_COOKIE, check_form
from ledger.errors import LedgerFault, Refusal
from timebank.bank import Bank
from timebank.errors import NotPermitted
from timebank.help_calls.queries import WaitingCall, waiting_calls
from timebank.stations.model import Actor, Role

MEMBER_DOORS = ("kiosk", "my")
STAFF_DOORS = ("station", "audit", "operator")
_FOR_PROGRAMS = ("/api/", "/log/")
_MOST_FILES = 2
_MOST_FIELDS = 40

_LOGS = frozenset({Role.CLERK, Role.REVIEWER, Role.OPERATOR})
_REVIEWS = frozenset({Role.REVIEWER, Role.OPERATOR})
_IMPORTS = frozenset({Role.CLERK, Role.OPERATOR})
_AUDITS = frozenset({Role.AUDITOR, Role.OPERATOR})
_RUNS = frozenset({Role.OPERATOR})

_ROOMS: dict[str, tuple[tuple[str, str, frozenset[Role]], ...]] = {
    "station": (
        ("/station", "station.room_log", _LOGS),
        ("/station/orders", "station.room_orders", _LOGS),
        ("/station/matching", "station.room_matching", _LOGS),
        ("/station/calls", "station.room_calls", _LOGS),
        ("/station/review", "station.room_review", _REVIEWS),
        ("/station/reversals", "reversal.room", _REVIEWS),
        ("/station/register", "station.room_register", _IMPORTS),
        ("/station/people", "station.room_people", _LOGS),
        ("/station/organisations", "station.room_organisations", _LOGS),
        ("/station/pairings", "station.room_pairings", _LOGS),
        ("/station/call-backs", "station.room_call_backs", _LOGS),
        ("/station/letters", "letters.title", _IMPORTS),
        ("/station/notices", "station.room_notices", _LOGS),
        ("/station/openings", "station.room_openings", _LOGS),
        ("/station/corrections", "station.room_corrections", _LOGS),
        ("/station/suspensions", "station.room_suspensions", _LOGS),
        ("/station/estates", "station.room_estates", _LOGS),
        ("/station/moves", "station.room_moves", _LOGS),
        ("/station/campaigns", "station.room_campaigns", _LOGS),
    ),
    "audit": (
        ("/audit", "audit.room_home", _AUDITS),
        ("/audit/findings", "audit.room_findings", _AUDITS),
        ("/audit/periods", "audit.room_periods", _AUDITS),
        ("/audit/liability", "audit.room_liability", _AUDITS),
        ("/audit/expiries", "expiry.title", _AUDITS),
        ("/audit/handlers", "handler.title", _AUDITS),
        ("/audit/campaigns", "audit.room_campaigns", _AUDITS),
    ),
    "operator": (
        ("/operator", "operator.room_findings", _RUNS),
        ("/operator/jobs", "operator.room_jobs", _RUNS),
        ("/operator/clearing", "clearing.title", _RUNS),
        ("/operator/expiries", "expiry.title", _RUNS),
        ("/operator/stations", "operator.room_stations", _RUNS),
        ("/operator/campaigns", "station.room_campaigns", _RUNS),
        ("/operator/handlers", "handler.title", _RUNS),
    ),
}
"""The menu of each door: address, name, and who finds it useful; the time bank decides who may."""


class PageRoute(APIRoute):
    """A route whose refusals and faults are answered by a page instead of a problem document."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler with every "no" turned into a page."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except (Refusal, LedgerFault) as refused:
                return refused_page(request, refused)
            except (RequestValidationError, HTTPException) as wrong:
                status = getattr(wrong, "status_code", 404)
                return _fault(request, words_of(request)("fault.not_found"), status)

        return answered


def page_router() -> APIRouter:
    """A router for pages of one door."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


async def _posted(request: Request) -> AsyncIterator[FormData]:
    async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS) as form:
        check_form(request, form.get(FORM_TOKEN_FIELD))
        yield form


async def _posted_by_anybody(request: Request) -> AsyncIterator[FormData]:
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        yield form


Posted = Annotated[FormData, Depends(_posted)]
"""A form of a signed-in page.  Raises OriginRejected where it lacks its token."""

PostedByAnybody = Annotated[FormData, Depends(_posted_by_anybody)]
"""A form from before sign-in; where it came from was checked for every request."""


def bank_of(request: Request) -> Bank:
    """The bank that this process has opened."""
    bank: Bank = request.app.state.bank
    return bank


def words_of(request: Request) -> Words:
    """The catalogue in the reader's language."""
    return words_for(request, bank_of(request))


def frame_of(request: Request, door: str, actor: Actor | None = None, room: str = "") -> Frame:
    """The frame of a door's page; with somebody signed in it has the menu and the way out.

    Every page of a station shows who waits for help at its kiosk.
    """
    words = words_of(request)
    if actor is None:
        return Frame(door)
    rooms = [
        Room(href, words(label), href == room)
        for href, label, roles in _ROOMS[door]
        if actor.role in roles
    ]
    who = words("page.signed_in_as", who=who_is(actor, words))
    calls: list[WaitingCall] = []
    if door == "station" and actor.station_code and actor.role in _LOGS:
        bank = bank_of(request)
        with bank.read() as connection:
            calls = waiting_calls(bank, connection, actor, actor.station_code)
    return Frame(door, rooms, who, f"/{door}/sign-out", calls)


def form_after(request: Request, typed: dict[str, str], refused: Refusal) -> Form:
    """A form after a refusal that stands above it; what was typed is kept, under a new key."""
    return Form(new_key(), typed, general=speech_for(request).refusal(refused))


Shown = Callable[[Form, int], Response]
"""Draws a page that has a form on it, under an HTTP status."""


def acted(
    request: Request,
    typed: dict[str, str],
    act: Callable[[], object],
    *,
    done: str,
    shown: Shown,
) -> Response:
    """Do what a form asks and lead on to ``done``; a refusal shows the page with what was typed.

    Raises:
        NotPermitted: no form can mend it, so it has a page of its own.
    """
    try:
        act()
    except NotPermitted:
        raise
    except Refusal as refused:
        return shown(form_after(request, typed, refused), status_of(refused.code))
    return go(done)


def sign_in_page(
    request: Request, door: str, *, note: str = "", form: Form | None = None, status: int = 200
) -> Response:
    """The sign-in of a staff door; ``note`` says why it is shown."""
    made = form or empty_form()
    return draw(
        request, bank_of(request), "sign_in.html", Frame(door), status=status, form=made, note=note
    )


async def on_http(request: Request, error: Exception) -> Response:
    """As :func:`api.problems.on_http`, but a page for who typed a wrong address into a browser."""
    assert isinstance(error, HTTPException)
    for_people = "text/html" in request.headers.get("accept", "")
    if (
        not for_people
        or request.method != "GET"
        or error.status_code not in (404, 405)
        or request.url.path.startswith(_FOR_PROGRAMS)
    ):
        return await problems.on_http(request, error)
    return _fault(request, words_of(request)("fault.not_found"), 404)


_VISIT = re.compile(r"/my/work/(ordr_[0-9a-f]{32})", re.ASCII)


def refused_page(request: Request, refused: Refusal | LedgerFault) -> Response:
    """What somebody sees whose request was refused before any form could show it."""
    words, door = words_of(request), request.url.path.split("/")[1]
    if isinstance(refused, NotSignedIn):
        if door in MEMBER_DOORS:
            visit = _VISIT.fullmatch(request.url.path)
            if visit is not None and request.method == "GET":
                lapsed = "note=lapsed&" if SESSION_COOKIE in request.cookies else ""
                return go(f"/my?{lapsed}visit={visit[1]}")
            return go(f"/{door}?note=lapsed")
        if request.method == "GET" and request.url.path == f"/{door}":
            known = ("expired", "ended")
            note = request.query_params.get("note", "")
            return sign_in_page(
                request, door, note=words(f"sign_in.{note}") if note in known else ""
            )
        return go(f"/{door}?note=expired")
    if isinstance(refused, NotPermitted) and door in STAFF_DOORS and request.method == "GET":
        role = words.or_code("role", str(refused.facts.get("role", "")))
        said = words("sign_in.other_role", role=role, door=words(f"door.{door}"))
        return sign_in_page(request, door, note=said, status=403)
    if isinstance(refused, NotPermitted):
        return _fault(request, words("fault.forbidden"), 403)
    if isinstance(refused, OriginRejected):
        return _fault(request, words("fault.stale_form"), 403)
    return _fault(request, speech_for(request).refusal(refused), status_of(refused.code))


def _fault(request: Request, said: str, status: int) -> Response:
    door = request.url.path.split("/")[1]
    known = door in (*MEMBER_DOORS, *STAFF_DOORS)
    return draw(
        request,
        bank_of(request),
        "fault.html",
        Frame(door if known else ""),
        status=status,
        said=said,
        back=f"/{door}" if known else "/",
    )
