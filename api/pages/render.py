"""Drawing pages: one frame, the words of the reader's language, nothing kept by the browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from api.pages.catalogue import Language, Words, language_named
from api.pages.forms import KEY_FIELD
from api.pages.screen import TYPES, screen_of
from api.security import FORM_TOKEN_FIELD, form_token
from ledger.errors import LedgerFault, Refusal
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_datetime
from timebank.errors import NoProfileInForce
from timebank.policy.vocabulary import vocabulary_on
from timebank.stations.model import Actor
from timebank.words import minutes_en, minutes_spoken_zh, minutes_zh

LANGUAGE_COOKIE = "timebank_language"
NO_STORE = {"Cache-Control": "no-store"}
STATIC_TYPES = {
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "hands.svg": "image/svg+xml",
    "kiosk.js": "text/javascript; charset=utf-8",
    "my.js": "text/javascript; charset=utf-8",
}
"""Every file that pages fetch, with its type."""


@dataclass(frozen=True, slots=True)
class Room:
    """A link of a door's own menu."""

    href: str
    label: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page: its door, its menu, who is signed in and where they sign out.

    ``calls`` are calls for help that a station's page shows.
    """

    door: str
    rooms: Sequence[Room] = ()
    who: str = ""
    sign_out: str = ""
    calls: Sequence[object] = ()


class Speech:
    """How the reader's language says minutes, days and moments."""

    __slots__ = ("language",)

    def __init__(self, language: Language) -> None:
        self.language = language

    def minutes(self, minutes: int) -> str:
        """Minutes as hours and minutes in figures."""
        return minutes_zh(minutes) if self.language is Language.ZH else minutes_en(minutes)

    def short(self, minutes: int) -> str:
        """Minutes for a narrow column; Chinese is short as it is."""
        if self.language is Language.ZH:
            return minutes_zh(minutes)
        hours, rest = divmod(abs(minutes), 60)
        parts = [f"{hours} h"] if hours else []
        parts += [f"{rest} min"] if rest or not hours else []
        return ("−" if minutes < 0 else "") + " ".join(parts)

    def spoken(self, minutes: int) -> str:
        """Minutes in words without a figure; English has the figures of :meth:`minutes`."""
        return minutes_spoken_zh(minutes) if self.language is Language.ZH else minutes_en(minutes)

    def day(self, iso: str) -> str:
        """``2023-03-05`` as people write it."""
        year, month, day = iso.split("-")
        if self.language is Language.ZH:
            return f"{int(year)}年{int(month)}月{int(day)}日"
        return f"{int(day)} {_MONTHS[int(month) - 1]} {int(year)}"

    def moment(self, ms: int) -> str:
        """UTC milliseconds as the station's clock shows them, to the minute."""
        return local_datetime(from_milliseconds(ms)).strftime("%Y-%m-%d %H:%M")

    def near(self, iso: str) -> str:
        """A day of about now, without its year."""
        _year, month, day = iso.split("-")
        if self.language is Language.ZH:
            return f"{int(month)}月{int(day)}日"
        return f"{int(day)} {_MONTHS[int(month) - 1]}"

    def near_moment(self, ms: int) -> str:
        """UTC milliseconds as day and time of the station's clock, without the year."""
        moment = local_datetime(from_milliseconds(ms))
        return f"{self.near(moment.date().isoformat())} {moment:%H:%M}"

    def weekday(self, iso: str) -> int:
        """The day of the week of ``2023-03-05``: 1 is Monday, 7 is Sunday."""
        return date.fromisoformat(iso).isoweekday()

    def clock(self, ms: int) -> str:
        """UTC milliseconds as the time of the station's clock."""
        return local_datetime(from_milliseconds(ms)).strftime("%H:%M")

    def refusal(self, refusal: Refusal | LedgerFault) -> str:
        """The sentence of a refusal; of a fault without its detail, which may name files."""
        if isinstance(refusal, LedgerFault):
            zh = self.language is Language.ZH
            return refusal.message_zh if zh else refusal.message_en
        return refusal.in_chinese() if self.language is Language.ZH else str(refusal)


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@cache
def static_file(name: str) -> bytes:
    """A file of ``static/``; ask only for names of :data:`STATIC_TYPES`."""
    return files("api.pages").joinpath("static", name).read_bytes()


@cache
def static_address(name: str) -> str:
    """The address of a static file; it changes with the content, so it may be kept for ever."""
    return f"/static/{name}?v={sha256(static_file(name)).hexdigest()[:12]}"


@cache
def environment() -> Environment:
    """Jinja with everything escaped and nothing undefined let pass."""
    made = Environment(
        loader=PackageLoader("api.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static_address
    made.globals["KEY_FIELD"] = KEY_FIELD
    made.globals["FORM_TOKEN_FIELD"] = FORM_TOKEN_FIELD
    return made


def language_of(request: Request) -> Language:
    """The language that the reader chose; Chinese until they do."""
    return language_named(request.cookies.get(LANGUAGE_COOKIE, ""))


def words_for(request: Request, bank: Bank) -> Words:
    """The catalogue in the reader's language with the words of today's policy."""
    return Words(language_of(request), vocabulary_on(bank.profile_on, bank.today()))


def speech_for(request: Request) -> Speech:
    """How to say minutes and moments to this reader."""
    return Speech(language_of(request))


def who_is(actor: Actor, words: Words) -> str:
    """An actor's office and station, never a name."""
    role = words(f"role.{actor.role.value}")
    return f"{role} {actor.station_code}" if actor.station_code else role


def draw(
    request: Request,
    bank: Bank,
    template: str,
    frame: Frame,
    *,
    status: int = 200,
    here: str = "",
    **shown: object,
) -> HTMLResponse:
    """A page of the template inside its frame, which no cache keeps.

    ``here`` is the address that shows the page again, where a form was posted.
    """
    words = words_for(request, bank)
    page = environment().get_template(template)
    html = page.render(
        t=words,
        say=Speech(words.language),
        language=words.language,
        here=here or here_of(request),
        frame=frame,
        screen=screen_of(request),
        screen_types=TYPES,
        policy=_policy_title(bank, words.language),
        form_token=form_token(request),
        **shown,
    )
    return HTMLResponse(html, status, NO_STORE)


def go(path: str) -> RedirectResponse:
    """Lead on after a post, by GET, so that reloading repeats nothing."""
    return RedirectResponse(path, 303, NO_STORE)


def local_path(text: str) -> str:
    """A path of this site to lead back to; the doors for anything else."""
    is_local = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_local and text.isprintable() and text.isascii() else "/"


def here_of(request: Request) -> str:
    """The address that shows this page again; after a post, its door where it has no other."""
    if request.method != "GET":
        return request.url.path if request.url.path.count("/") < 2 else _door_of(request)
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _door_of(request: Request) -> str:
    return "/" + request.url.path.split("/")[1]


def _policy_title(bank: Bank, language: Language) -> str:
    try:
        profile = bank.profile_on(bank.today())
    except NoProfileInForce:
        return ""
    return profile.shown_title_zh() if language is Language.ZH else profile.title_en
