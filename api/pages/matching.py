"""供需对接 at the station: who suits an order and why, a whole day at once, and what suits whom."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import empty_form, key_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.reading import day_in
from api.pages.render import draw, speech_for, words_for
from api.pages.station import chosen, stations_of
from api.pages.views import help_name
from api.problems import status_of
from ledger.errors import Refusal
from timebank.errors import NotPermitted
from timebank.matching.assigning import DayPlan, Match, assign_day, match_all
from timebank.matching.queries import OpenOrder, open_orders
from timebank.stations.model import Actor

router = page_router()

ROOM = "/station/matching"
AT_ONCE = 30
"""Orders of one table: a form has at most forty fields."""

Code = Annotated[str, Query(max_length=40)]


@router.get(ROOM)
def room(
    request: Request,
    bank: Bank,
    actor: Clerk,
    at: Code = "",
    date: Code = "",
    volunteer: Code = "",
) -> Response:
    """A day's open orders with a volunteer for each, or what suits the volunteer of a number."""
    return _room(request, bank, actor, at=at, on=date, volunteer=volunteer)


@router.post(ROOM)
def match(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Give the orders that were ticked to whom the table named, each by itself."""
    pairs = [pair for one in posted.getlist("pair") if isinstance(one, str)
             and len(pair := one.split(" ")) == 2][:AT_ONCE]  # fmt: skip
    at, on = (str(posted.get(name, ""))[:40] for name in ("at", "date"))
    done = match_all(bank, actor, [(order, who) for order, who in pairs], key=key_in(posted))
    return _room(request, bank, actor, at=at, on=on, done=done, nothing=not pairs)


def _room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    *,
    at: str = "",
    on: str = "",
    volunteer: str = "",
    done: list[Match] | None = None,
    nothing: bool = False,
) -> Response:
    words, status, wrong = words_for(request, bank), 200, ""
    stations = stations_of(bank, actor)
    station = chosen(stations, at)
    plan: DayPlan | None = None
    suits: list[OpenOrder] = []
    day = bank.today().isoformat()
    try:
        day = day_in(on, "date", bank.today()).isoformat() if on else day
        if volunteer:
            suits = open_orders(bank, actor, volunteer.strip().upper())
        elif station is not None:
            plan = assign_day(bank, actor, station.code, day)
    except NotPermitted:
        raise
    except Refusal as refused:
        wrong, status = speech_for(request).refusal(refused), status_of(refused.code)
    if nothing:
        wrong, status = words("matching.nothing_ticked"), 422
    return draw(
        request,
        bank,
        "station/matching.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        wrong=wrong,
        stations=stations,
        station=station,
        choose=ROOM,
        day=day,
        volunteer=volunteer,
        plan=plan,
        proposals=plan.proposals[:AT_ONCE] if plan is not None else (),
        further=plan is not None and len(plan.proposals) > AT_ONCE,
        suits=suits,
        done=done or [],
        form=empty_form(),
        help_name=help_name,
    )
