"""How a kiosk's screen is set: type, contrast, and the station at which it stands.

Type and contrast live in a cookie that goes when somebody signs out or their time is up.  The
station is the screen's own and stays.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

SCREEN_COOKIE = "timebank_screen"
STATION_COOKIE = "timebank_kiosk_station"
TYPES = ("large", "larger", "largest")
"""Sizes of type, from 24 px up."""

_A_YEAR = 365 * 24 * 60 * 60
_CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Screen:
    """How large the type is, one of :data:`TYPES`, and whether it is white on black."""

    type: str = TYPES[0]
    contrast: bool = False

    @property
    def classes(self) -> str:
        """The words for the page's ``class``."""
        return f"type-{self.type} {_CONTRAST}" if self.contrast else f"type-{self.type}"


def screen_of(request: Request) -> Screen:
    """What this browser's user chose; the first size in plain colours until they do."""
    words = request.cookies.get(SCREEN_COOKIE, "").split(".")
    size = words[0] if words[0] in TYPES else TYPES[0]
    return Screen(size, _CONTRAST in words[1:])


def changed(screen: Screen, word: str) -> Screen:
    """The screen after one touch: a size, or ``contrast`` to turn the colours over."""
    if word in TYPES:
        return Screen(word, screen.contrast)
    return Screen(screen.type, not screen.contrast) if word == _CONTRAST else screen


def keep_screen(response: Response, request: Request, screen: Screen) -> None:
    """Let the browser remember the screen until it closes, or until somebody leaves."""
    value = f"{screen.type}.{_CONTRAST}" if screen.contrast else screen.type
    _set(response, request, SCREEN_COOKIE, value)


def drop_screen(response: Response) -> None:
    """Give the next person the plain screen."""
    response.delete_cookie(SCREEN_COOKIE, path="/kiosk", httponly=True, samesite="lax")


def keep_station(response: Response, request: Request, code: str) -> None:
    """Let the browser remember for a year at which station it stands."""
    _set(response, request, STATION_COOKIE, code, _A_YEAR)


def station_of_screen(request: Request) -> str:
    """The code of the station at which this screen stands; empty where nobody said."""
    return request.cookies.get(STATION_COOKIE, "")[:20]


def _set(
    response: Response, request: Request, name: str, value: str, seconds: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/kiosk",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
