"""An elder's visits at kiosk or telephone: who comes, who came, and what one says to it.

Confirm, "not right", cancel, rate; and whether the family may speak for the elder.
"""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Bank
from api.pages.forms import empty_form, typed_in
from api.pages.kiosk_parts import Code, Member, door_of, show, who_asks
from api.pages.plumbing import Posted, page_router
from api.pages.render import go, words_for
from api.pages.views import help_name
from api.pages.visits import ComingVisit, Seat, open_orders, slip_of, take_from, visit_page
from timebank.errors.delegates import NoDelegate
from timebank.orders.family import let_family_confirm, own_family
from timebank.orders.model import Who
from timebank.people.delegates import delegates_of, end_delegate
from timebank.records.received import visits_received
from timebank.stations.actions import station_named

router = page_router()

LAST_CAME = 6

WHY = {
    "dispute": ("dispute_time", "dispute_nobody", "dispute_other"),
    "cancel": ("cancel_not_needed", "cancel_unwell", "cancel_later"),
}
_STEPS = frozenset(("confirm", "dispute", "cancel", "rate"))

Cursor = Annotated[str, Query(max_length=80)]


@router.get("/kiosk/visits")
@router.get("/my/visits")
def visits(
    request: Request, bank: Bank, actor: Member, done: Code = "", at: Code = "", before: Cursor = ""
) -> Response:
    """Who comes and when, with name and door code; below it who came."""
    words = words_for(request, bank)
    mine = open_orders(bank, actor)
    with bank.read() as connection:
        came = visits_received(bank, connection, actor, before=before, most=LAST_CAME + 1)
        station = station_named(connection, at) if done == "request" else None
    note = words("visit.did_request", station=station) if station else ""
    shown = came[:LAST_CAME]
    last = shown[-1] if len(came) > LAST_CAME else None
    return show(
        request,
        bank,
        "kiosk/visits.html",
        note=words("visit.did_cancel") if done == "cancel" else note,
        coming=[ComingVisit(one, slip_of(bank, actor, one)) for one in mine],
        came=shown,
        older=f"{last.started_at} {last.record_id}" if last else "",
        is_first=not before,
        help_name=help_name,
    )


@router.get("/kiosk/visits/{order_id}")
@router.get("/my/visits/{order_id}")
def one(request: Request, bank: Bank, actor: Member, order_id: str, done: Code = "") -> Response:
    """One visit, and what the elder may do about it."""
    note = words_for(request, bank)(f"visit.did_{done}") if done in _STEPS else ""
    return visit_page(request, bank, actor, _seat(request), order_id, note=note)


@router.post("/kiosk/visits/{order_id}/{step}")
@router.post("/my/visits/{order_id}/{step}")
def take(
    request: Request, bank: Bank, actor: Member, order_id: str, step: str, posted: Posted
) -> Response:
    """Confirm, dispute, cancel or rate; the same form sent twice does it once."""
    return take_from(request, bank, actor, _seat(request), order_id, step, posted)


@router.get("/kiosk/relatives")
@router.get("/my/relatives")
def relatives(request: Request, bank: Bank, actor: Member, done: Code = "") -> Response:
    """Whom the station knows as the elder's family, and whether they may confirm."""
    words, (person, _balance) = words_for(request, bank), who_asks(bank, actor)
    with bank.read() as connection:
        family = own_family(bank, connection, actor)
        named = delegates_of(bank, connection, actor, person.numbers[0])
    note = words("family.delegate_ended") if done == "ended" else ""
    if done == "changed":
        note = words("family.allowed" if family.allowed else "family.ended")
    return show(
        request,
        bank,
        "kiosk/relatives.html",
        note=note,
        family=family,
        form=empty_form(),
        delegates=[one for one in named if one.elder_number in person.numbers],
    )


@router.post("/kiosk/relatives")
@router.post("/my/relatives")
def let_them(request: Request, bank: Bank, actor: Member, posted: Posted) -> Response:
    """Let the family see and confirm the elder's visits, or no longer."""
    person, _balance = who_asks(bank, actor)
    allowed = typed_in(posted, frozenset({"allowed"})).get("allowed") == "yes"
    let_family_confirm(bank, actor, person.numbers[0], allowed=allowed)
    return go(f"/{door_of(request)}/relatives?done=changed")


@router.post("/kiosk/relatives/end")
@router.post("/my/relatives/end")
def end(request: Request, bank: Bank, actor: Member, posted: Posted) -> Response:
    """Take back what a delegate was named for; somebody who is none any more stays none."""
    person, _balance = who_asks(bank, actor)
    number = typed_in(posted, frozenset({"delegate"})).get("delegate", "")
    try:
        end_delegate(bank, actor, person.numbers[0], number)
    except NoDelegate:
        return go(f"/{door_of(request)}/relatives")
    return go(f"/{door_of(request)}/relatives?done=ended")


def _seat(request: Request) -> Seat:
    return Seat(Who.ELDER, f"/{door_of(request)}/visits", "kiosk/visit.html", _STEPS, WHY)
