"""What every page route shares: refusals become pages, forms are checked, doors have menus."""

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
from api.pages.forms import Form, empty_form
from api.pages.render import Frame, Room, draw, go, speech_for, who_is, words_for
from api.problems import NotSignedIn, OriginRejected, status_of
from api.security import FORM_TOKEN_FIELD, check_form
from ledger.errors import LedgerFault, Refusal
from timebank.bank import Bank
from timebank.errors import NotPermitted
from timebank.stations.model import Actor, Role

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
        ("/station/calls", "station.room_calls", _LOGS),
        ("/station/review", "station.room_review", _REVIEWS),
        ("/station/register", "station.room_register", _IMPORTS),
    ),
    "audit": (
        ("/audit", "audit.room_home", _AUDITS),
        ("/audit/findings", "audit.room_findings", _AUDITS),
        ("/audit/periods", "audit.room_periods", _AUDITS),
    ),
    "operator": (
        ("/operator", "operator.room_findings", _RUNS),
        ("/operator/jobs", "operator.room_jobs", _RUNS),
        ("/operator/stations", "operator.room_stations", _RUNS),
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
    """The frame of a door's page; with somebody signed in it has the menu and the way out."""
    words = words_of(request)
    if actor is None:
        return Frame(door)
    rooms = [
        Room(href, words(label), href == room)
        for href, label, roles in _ROOMS[door]
        if actor.role in roles
    ]
    who = words("page.signed_in_as", who=who_is(actor, words))
    return Frame(door, rooms, who, f"/{door}/sign-out")


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


def refused_page(request: Request, refused: Refusal | LedgerFault) -> Response:
    """What somebody sees whose request was refused before any form could show it."""
    words, door = words_of(request), request.url.path.split("/")[1]
    if isinstance(refused, NotSignedIn):
        if door == "kiosk":
            return go("/kiosk?note=lapsed")
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
    known = door in ("kiosk", *STAFF_DOORS)
    return draw(
        request,
        bank_of(request),
        "fault.html",
        Frame(door if known else ""),
        status=status,
        said=said,
        back=f"/{door}" if known else "/",
    )
