"""Who is to be called or gone to: the station's call list, and calls for help from its kiosk."""

from typing import Annotated

from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Bank, Clerk
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.render import draw, go, local_path, words_for
from api.pages.station import chosen, stations_of
from timebank.help_calls.actions import answer_help
from timebank.outbox.actions import note_told
from timebank.outbox.queries import MOST, call_list

router = page_router()

ROOM = "/station/calls"


@router.get(ROOM)
def calls(
    request: Request,
    bank: Bank,
    actor: Clerk,
    at: Annotated[str, Query(max_length=40)] = "",
    done: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Response:
    """Whom to call; the look at names and telephones is written down."""
    words, stations = words_for(request, bank), stations_of(bank, actor)
    station = chosen(stations, at)
    found = [] if station is None else call_list(bank, actor, station.code)
    return draw(
        request,
        bank,
        "station/calls.html",
        frame_of(request, "station", actor, ROOM),
        stations=stations,
        station=station,
        choose=ROOM,
        calls=found,
        is_cut=len(found) == MOST,
        note=words("calls.done", number=done) if done else "",
    )


@router.post("/station/help/{number}")
def help_answered(
    bank: Bank, actor: Clerk, number: Annotated[int, Path(ge=1, le=2**53)], posted: Posted
) -> Response:
    """Somebody goes to the kiosk; the call leaves every page of the station."""
    answer_help(bank, actor, number)
    path = local_path(str(posted.get("back", ""))[:500])
    return go(path if path.startswith("/station") else "/station")


@router.post(f"{ROOM}/{{number}}")
def told(
    bank: Bank,
    actor: Clerk,
    number: Annotated[int, Path(ge=1, le=2**53)],
    posted: Posted,
) -> Response:
    """Somebody was told; the line leaves the list."""
    note_told(bank, actor, number)
    return go(f"{ROOM}?done={number}&at={posted.get('station', '')}")
