"""The kiosk's own buttons: type, contrast, a call for the clerk, and whether anybody is there."""

from typing import Annotated

from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Bank, MaybeActor
from api.pages.kiosk_parts import WARNING_SECONDS, stations_for
from api.pages.plumbing import Posted, page_router
from api.pages.render import Frame, draw, go, local_path, words_for
from api.pages.screen import changed, keep_screen, keep_station, screen_of, station_of_screen
from api.security import SignInLimit
from timebank.errors import UnknownStation
from timebank.help_calls.actions import call_for_help
from timebank.stations.actions import station_named
from timebank.stations.model import Actor, Role

router = page_router()

Back = Annotated[str, Query(max_length=500)]


@router.get("/kiosk/screen/{word}")
def set_screen(request: Request, word: str, back: Back = "/kiosk") -> Response:
    """Change the type or turn the colours over, and go back to the page."""
    response = go(_back(back))
    keep_screen(response, request, changed(screen_of(request), word))
    return response


@router.get("/kiosk/at/{code}")
def set_up(request: Request, bank: Bank, code: Annotated[str, Path(max_length=20)]) -> Response:
    """Tell the screen at which station it stands; done once, when the kiosk is set up.

    Raises:
        UnknownStation: there is no such station.
    """
    with bank.read() as connection:
        name = station_named(connection, code)
    if name is None:
        raise UnknownStation(field="station", station=code)
    words = words_for(request, bank)
    response = draw(
        request, bank, "kiosk/told.html", Frame("kiosk"), here="/kiosk",
        title=words("screen.help_title"), said=words("screen.set_up", station=name), back="/kiosk",
    )  # fmt: skip
    keep_station(response, request, code)
    return response


@router.post("/kiosk/help")
def help_wanted(request: Request, bank: Bank, actor: MaybeActor, posted: Posted) -> Response:
    """Leave a call for the clerk of the station where this screen stands."""
    member = actor if actor is not None and actor.role is Role.MEMBER else None
    limit: SignInLimit = request.app.state.sign_in_limit
    limit.check(request, f"help {member.person_id if member else ''}")
    code = station_of_screen(request) or _home(request, bank, member)
    back = _back(str(posted.get("back", "/kiosk"))[:500])
    if not code:
        return _told(request, bank, "screen.called_nobody", back, member)
    call_for_help(bank, code, member.person_id if member else "")
    return _told(request, bank, "screen.called", back, member)


@router.get("/kiosk/still-there")
def still_there(
    request: Request, bank: Bank, actor: MaybeActor, back: Back = "/kiosk/account"
) -> Response:
    """Ask whether anybody is there, before the session ends by itself."""
    if actor is None or actor.role is not Role.MEMBER:
        return go("/kiosk?note=lapsed")
    response = draw(
        request, bank, "kiosk/still_there.html", Frame("kiosk"),
        seconds=WARNING_SECONDS, back=_back(back),
    )  # fmt: skip
    response.headers["Refresh"] = f"{WARNING_SECONDS}; url=/kiosk?note=lapsed"
    return response


def _home(request: Request, bank: Bank, member: Actor | None) -> str:
    """The station of who has signed in, where it is plain."""
    if member is None:
        return ""
    stations = stations_for(request, bank, member)
    return stations[0].code if len(stations) == 1 else ""


def _told(request: Request, bank: Bank, key: str, back: str, member: Actor | None) -> Response:
    words = words_for(request, bank)
    response = draw(
        request, bank, "kiosk/told.html", Frame("kiosk"), here=back,
        title=words("screen.help_title"), said=words(key), back=back,
    )  # fmt: skip
    if member is not None:
        seconds = bank.settings.kiosk_session_minutes * 60 - WARNING_SECONDS
        response.headers["Refresh"] = f"{seconds}; url=/kiosk/still-there"
    return response


def _back(address: str) -> str:
    """A page of the kiosk to lead back to."""
    path = local_path(address)
    return path if path == "/kiosk" or path.startswith("/kiosk/") else "/kiosk"
