"""Asking for care at kiosk or telephone in three touches: which help, which half of a day, yes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank
from api.pages.catalogue import Words, entries
from api.pages.forms import Form, empty_form, key_in, new_key, typed_in
from api.pages.kiosk_parts import KIOSK, MY, Code, Member, door_of, show, stations_for, who_asks
from api.pages.plumbing import Posted, page_router
from api.pages.render import go, speech_for, words_for
from ledger.errors import Refusal
from timebank.clock import local_datetime
from timebank.errors import ExcludedService, NoProfileInForce, NotPermitted
from timebank.orders.asking import request_order
from timebank.orders.cost import explain_charge
from timebank.orders.model import Channel, Wish
from timebank.people.delegates import ShownDelegate, delegates_of
from timebank.people.directory import account_of_number
from timebank.policy.eligibility import check_class
from timebank.records.classes import is_professional
from timebank.records.model import Payer
from timebank.stations.directory import ShownStation
from timebank.stations.model import Actor

router = page_router()

DAYS = 7
"""Days that are offered, today the first."""
LENGTHS = (60, 120, 180)
HALVES = {"morning": (9, 11), "afternoon": (14, 17)}
"""The hours at which a visit of each half of the day begins, the usual one and the latest."""

CHANNELS = {KIOSK: Channel.KIOSK, MY: Channel.PAGE}
ASKED = frozenset(("what", "on", "at", "minutes", "station", "whose"))
Number = Annotated[int, Query(ge=1, le=1440)]


@dataclass(frozen=True, slots=True)
class DayOffered:
    """A day with the times at which its halves begin; empty where one is over."""

    on: str
    name: str
    times: tuple[tuple[str, str], ...]


@router.get("/kiosk/ask")
@router.get("/my/ask")
def ask(
    request: Request,
    bank: Bank,
    actor: Member,
    what: Code = "",
    on: Code = "",
    at: Code = "",
    minutes: Number = LENGTHS[0],
    whose: Code = "",
) -> Response:
    """One touch for the help, one for the half of a day, one for yes.

    ``whose`` is the number of an elder who named the member a delegate for it.
    """
    helps, elder = helps_offered(bank), elder_named(request, bank, actor, whose)
    if what not in helps:
        return show(request, bank, "kiosk/ask.html", helps=helps, elder=elder)
    days = days_offered(bank, words_for(request, bank))
    if not any(on == day.on and at in dict(day.times).values() and at for day in days):
        return show(request, bank, "kiosk/ask_when.html", what=what, days=days, elder=elder)
    return _check(
        request, bank, actor, {"what": what, "on": on, "at": at}, minutes, elder, empty_form()
    )


@router.post("/kiosk/ask")
@router.post("/my/ask")
def send(request: Request, bank: Bank, actor: Member, posted: Posted) -> Response:
    """Hand the wish to the station; the same form sent twice is one wish."""
    door, typed = door_of(request), typed_in(posted, ASKED)
    given = typed.get("minutes", "")
    minutes = int(given) if given in {str(one) for one in LENGTHS} else LENGTHS[0]
    elder = elder_named(request, bank, actor, typed.get("whose", ""))
    known = _stations(request, bank, actor, elder)
    stations = [one for one in known if one.code == typed.get("station")]
    if typed.get("what") not in helps_offered(bank) or not stations:
        return go(f"/{door}/ask")
    number = elder.elder_number if elder else ""
    wish = Wish(
        number, typed["what"], typed.get("on", ""), typed.get("at", ""), minutes, CHANNELS[door]
    )
    try:
        request_order(bank, actor, stations[0].code, wish, key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        form = Form(new_key(), general=speech_for(request).refusal(refused))
        return _check(request, bank, actor, typed, minutes, elder, form)
    room = "family" if elder else "visits"
    return go(f"/{door}/{room}?done=request&at={stations[0].code}")


def elder_named(
    request: Request, bank: timebank.bank.Bank, actor: Actor, number: str
) -> ShownDelegate | None:
    """The elder of that number for whom the member may ask; ``None`` where they ask for themselves.

    Raises:
        NotPermitted: nobody of that number named them for it, or this is a kiosk, which asks for
            whoever stands before it.
    """
    if not number:
        return None
    person, _balance = who_asks(bank, actor)
    with bank.read() as connection:
        named = delegates_of(bank, connection, actor, person.numbers[0])
    for one in named:
        is_theirs = one.elder_number == number and one.delegate_number in person.numbers
        if is_theirs and one.may_ask and door_of(request) == MY:
            return one
    raise NotPermitted(role=actor.role.value, action="request_order")


def _stations(
    request: Request, bank: timebank.bank.Bank, actor: Actor, elder: ShownDelegate | None
) -> list[ShownStation]:
    if elder is None:
        return stations_for(request, bank, actor)
    with bank.read() as connection:
        elder_id, _account = account_of_number(connection, elder.elder_number)
    return stations_for(request, bank, actor, elder_id)


def helps_offered(bank: timebank.bank.Bank) -> tuple[str, ...]:
    """The classes that have an everyday word, and that today's policy lets be recorded."""
    profile = bank.profile_on(bank.today())
    found = []
    for key in entries():
        section, _dot, code = key.partition(".")
        if section != "help":
            continue
        try:
            check_class(profile, code, professional=is_professional(code))
        except ExcludedService:
            continue  # Left to professionals here: nobody is shown a button that says no.
        if is_professional(code) and profile.charging.professional_rate is None:
            continue  # No rule says what a trained hand costs: the station is asked by voice.
        found.append(code)
    return tuple(found)


def days_offered(bank: timebank.bank.Bank, words: Words) -> list[DayOffered]:
    """The coming days, today with what is left of it."""
    now = local_datetime(bank.clock.now()).replace(tzinfo=None)
    days = [now.date() + timedelta(days=ahead) for ahead in range(DAYS)]
    names = {0: words("ask.today"), 1: words("ask.tomorrow")}
    return [
        DayOffered(
            day.isoformat(),
            names.get(ahead, ""),
            tuple((half, begins(half, day, now)) for half in HALVES),
        )
        for ahead, day in enumerate(days)
    ]


def begins(half: str, on: date, now: datetime) -> str:
    """When a visit in that half of the day would begin, ``HH:MM``; empty where it is over."""
    usual, latest = HALVES[half]
    hour = usual if on > now.date() else max(usual, now.hour + 1)
    return f"{hour:02}:00" if hour <= latest else ""


def _check(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    asked: dict[str, str],
    minutes: int,
    elder: ShownDelegate | None,
    form: Form,
) -> Response:
    _person, balance = who_asks(bank, actor)
    where = f"/{door_of(request)}/ask?what={asked['what']}&on={asked['on']}&at={asked['at']}"
    if elder:
        where += f"&whose={elder.elder_number}"
    charged, why = _cost(request, bank, asked, minutes)
    return show(
        request,
        bank,
        "kiosk/ask_check.html",
        here=f"{where}&minutes={minutes}",
        status=422 if form.is_refused else 200,
        form=form,
        asked=asked,
        minutes=minutes,
        where=where,
        lengths=LENGTHS,
        stations=_stations(request, bank, actor, elder),
        elder=elder,
        available=balance.available,
        charged=charged,
        why=why,
    )


def _cost(
    request: Request, bank: timebank.bank.Bank, asked: dict[str, str], minutes: int
) -> tuple[int | None, list[str]]:
    """What the wish will cost the elder, and why so much; ``None`` where no policy covers the day.

    The day and the hour were checked when the page was drawn; of a form that somebody bent, the
    refusal is shown and no cost.
    """
    words = words_for(request, bank)
    try:
        starts_at = datetime.fromisoformat(f"{asked.get('on', '')}T{asked.get('at', '')}")
        charged, told = explain_charge(bank, asked["what"], starts_at, minutes, Payer.ELDER)
    except (NoProfileInForce, ValueError):
        return None, []
    rules = zip(told.zh[:-1], told.en[:-1], strict=True)  # Which version it is, staff read.
    return charged, [words.of_pair(*pair) for pair in rules]
