"""One visit on a member's page: as its elder, its volunteer or the elder's family see it.

Each of them has a seat: where their pages are, which steps these offer and which reasons they may
touch.  What may be done is the time bank's to say; a page offers no more than its seat has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.pages.catalogue import entries
from api.pages.forms import empty_form, key_in, typed_in
from api.pages.kiosk_parts import show
from api.pages.orders import plainly
from api.pages.render import go, words_for
from api.pages.views import help_name
from api.problems import status_of
from api.security import SignInLimit
from ledger.errors import KeyReused, Refusal
from timebank.clock import local_datetime
from timebank.errors import NotPermitted, OrderStepNotAllowed, UnknownOrder
from timebank.orders.model import Stated, Who, standing
from timebank.orders.presence import LONGEST_SCAN
from timebank.orders.queries import (
    WITH_SLIP,
    OrderFile,
    ShownOrder,
    VisitSlip,
    order_file,
    own_open_orders,
    visit_slip,
)
from timebank.orders.steps import take_step
from timebank.stations.model import Actor

MOST_ORDERS = 50

STARS = ("1", "2", "3", "4", "5")
MOUTHS = {
    "1": "M14 36c5-9 15-9 20 0",
    "2": "M15 34c5-5 13-5 18 0",
    "3": "M15 33h18",
    "4": "M15 30c5 6 13 6 18 0",
    "5": "M13 28c3 13 19 13 22 0z",
}
"""The mouth of each face, as the path of an SVG picture."""

Reasons = Mapping[str, tuple[str, ...]]
"""The reasons that may be touched, by step; the station reads them in Chinese."""

_FIELDS = frozenset(("why", "stars", "minutes", "code", "at"))
_AT_THE_DOOR = frozenset(("sign_in", "sign_out"))
_LONGEST_AT = 16


@dataclass(frozen=True, slots=True)
class Seat:
    """In what capacity a member looks at visits.

    ``room`` is the address of the list, below which each visit has its own; ``template`` draws one.
    """

    who: Who
    room: str
    template: str
    steps: frozenset[str]
    why: Reasons


@dataclass(frozen=True, slots=True)
class ComingVisit:
    """An open order, with the slip of its visit once somebody is matched."""

    shown: ShownOrder
    slip: VisitSlip | None


def open_orders(bank: timebank.bank.Bank, actor: Actor, who: Who = Who.ELDER) -> list[ShownOrder]:
    """The member's orders from which something is still to come, the next visit first."""
    with bank.read() as connection:
        return own_open_orders(bank, connection, actor, who=who, most=MOST_ORDERS)


def slip_of(bank: timebank.bank.Bank, actor: Actor, shown: ShownOrder) -> VisitSlip | None:
    """The slip of a visit that is to come; the look at the other's name is written down.

    The family has none: names stay under their mask, and the door code with the elder.
    """
    order = shown.order
    has_one = order.state in WITH_SLIP and actor.person_id in (order.elder_id, order.volunteer_id)
    return visit_slip(bank, actor, order.order_id) if has_one else None


def visit_page(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    seat: Seat,
    order_id: str,
    *,
    note: str = "",
    wrong: str = "",
    status: int = 200,
) -> Response:
    """One visit, and what may be done about it from that seat.

    Raises:
        UnknownOrder: there is none, or the member has no such part in it.
    """
    found = visit_of(bank, actor, seat, order_id)
    shown = found.shown
    return show(
        request,
        bank,
        seat.template,
        here=f"{seat.room}/{order_id}",
        status=status,
        note=note,
        wrong=wrong,
        room=seat.room,
        shown=shown,
        order=shown.order,
        slip=slip_of(bank, actor, shown),
        whose=shown.elder if seat.who is Who.FAMILY else "",
        lasted=_lasted(found),
        steps=[step for step in found.next_steps if step in seat.steps],
        why=seat.why,
        stars=STARS,
        mouths=MOUTHS,
        help_name=help_name,
        now=local_datetime(bank.clock.now()).replace(tzinfo=None).isoformat(timespec="seconds"),
        form=empty_form(),
    )


def take_from(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    seat: Seat,
    order_id: str,
    step: str,
    posted: FormData,
) -> Response:
    """Take a step from that seat and show what stands then; the same form sent twice does it once.

    Raises:
        UnknownOrder: there is none, the member has no such part in it, or no such step.
        NotPermitted: in that capacity nobody takes the step.
    """
    if step not in seat.steps:
        raise UnknownOrder(order=order_id[:60])
    visit_of(bank, actor, seat, order_id)
    stated = _stated(step, typed_in(posted, _FIELDS), seat.why)
    try:
        if stated.code:  # Codes are not guessed.
            limit: SignInLimit = request.app.state.sign_in_limit
            limit.check(request, order_id)
        take_step(bank, actor, order_id, step, stated, key=key_in(posted))
    except (NotPermitted, UnknownOrder):
        raise
    except (OrderStepNotAllowed, KeyReused) as refused:
        wrong, status = words_for(request, bank)("visit.changed"), status_of(refused.code)
        return visit_page(request, bank, actor, seat, order_id, wrong=wrong, status=status)
    except Refusal as refused:
        wrong, status = plainly(request, bank, actor, refused), status_of(refused.code)
        return visit_page(request, bank, actor, seat, order_id, wrong=wrong, status=status)
    if step in ("cancel", "decline"):
        return go(f"{seat.room}?done={step}")
    return go(f"{seat.room}/{order_id}?done={step}")


def visit_of(bank: timebank.bank.Bank, actor: Actor, seat: Seat, order_id: str) -> OrderFile:
    """An order in which the member has that part.

    Raises:
        UnknownOrder: there is none, or they have another part in it, or none.
    """
    with bank.read() as connection:
        found = order_file(bank, connection, actor, order_id)
    # Whoever may read it and is neither of its two people is of the family.
    if standing(actor, found.shown.order, family=True) is not seat.who:
        raise UnknownOrder(order=order_id[:60])
    return found


def _lasted(found: OrderFile) -> int:
    """Minutes between sign-in and sign-out; 0 before the visit is over."""
    order = found.shown.order
    if not order.signed_out_at:
        return 0
    start, end = map(datetime.fromisoformat, (order.signed_in_at, order.signed_out_at))
    return int((end - start).total_seconds()) // 60


def _stated(step: str, typed: dict[str, str], reasons: Reasons) -> Stated:
    why, stars, minutes = (typed.get(name, "") for name in ("why", "stars", "minutes"))
    at_door = step in _AT_THE_DOOR
    return Stated(
        entries()[f"visit.{why}"]["zh"] if why in reasons.get(step, ()) else "",
        code=typed.get("code", "")[:LONGEST_SCAN] if at_door else "",
        at=typed.get("at", "")[:_LONGEST_AT] if at_door else "",
        stars=int(stars) if step == "rate" and stars in STARS else None,
        minutes=int(minutes) if step == "confirm" and _is_minutes(minutes) else None,
    )


def _is_minutes(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4
