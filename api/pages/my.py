"""The telephone: who comes in, what a volunteer may take, does and is credited, what a family sees.

Everything else at ``/my`` are the kiosk's own pages, which stand at both doors.
"""

import re
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Bank, MaybeActor
from api.pages.expiries import explained_expiry
from api.pages.explanation import explanation_page
from api.pages.forms import empty_form
from api.pages.kiosk import NOTES, asking, behind_sign_in
from api.pages.kiosk_parts import MY, Code, Member, show, who_asks
from api.pages.kiosk_visits import WHY
from api.pages.orders import page_of
from api.pages.plumbing import Posted, page_router
from api.pages.render import Frame, go, words_for
from api.pages.views import help_name, line_for_elder
from api.pages.visits import Seat, open_orders, take_from, visit_page
from timebank.errors import UnknownOrder
from timebank.expiry.explaining import explain_expiry_of_leaf
from timebank.matching import queries as matching
from timebank.orders.model import Who
from timebank.orders.queries import orders_listed
from timebank.people.delegates import delegates_of
from timebank.records.explaining import explain_own
from timebank.statements.origins import origins_of_account
from timebank.statements.purposes import purposes_of
from timebank.statements.statement import newest_lines
from timebank.stations.actions import station_named
from timebank.stations.directory import stations_listed
from timebank.stations.model import Role

router = page_router()

LINES = 20
ORDERS = 20
STATIONS = 1_000

WORK_WHY = {
    "decline": ("decline_unwell", "decline_busy", "decline_other"),
    "interrupt": ("interrupt_elder", "interrupt_unwell", "interrupt_other"),
    "dispute": ("dispute_time", "dispute_other"),
}
WORK = Seat(
    Who.VOLUNTEER,
    "/my/work",
    "my/work_visit.html",
    frozenset(("accept", "decline", "sign_in", "sign_out", "interrupt", "dispute")),
    WORK_WHY,
)
FAMILY = Seat(
    Who.FAMILY,
    "/my/family",
    "kiosk/visit.html",
    frozenset(("confirm", "dispute")),
    {"dispute": WHY["dispute"]},
)
WORK_DONE = frozenset(("accept", "sign_in", "sign_out", "interrupt", "dispute"))
WORK_LEFT = frozenset(("decline", "gone"))

OrderCursor = Annotated[str, Query(max_length=64)]
LineCursor = Annotated[str, Query(max_length=40)]
_LINE_CURSOR = re.compile(r"([0-9]{1,15})\.([0-9]{1,6})")


@router.get("/my")
def enter(
    request: Request, bank: Bank, actor: MaybeActor, note: str = "", visit: Code = ""
) -> Response:
    """Lead a member who has signed in to their account, and ask everybody else who they are.

    ``visit`` is the order that a slip's QR code asked for before anybody had signed in.
    """
    if actor is not None and actor.role is Role.MEMBER:
        return go(behind_sign_in(MY, visit))
    said = words_for(request, bank)(f"my.{note}") if note in NOTES else ""
    return asking(request, bank, empty_form(visit=visit), note=said)


@router.get("/my/work")
def work(request: Request, bank: Bank, actor: Member, done: Code = "") -> Response:
    """The volunteer's visits that are not over and credited yet, the next one first."""
    words = words_for(request, bank)
    return show(
        request,
        bank,
        "my/work.html",
        note=words(f"visit.did_{done}") if done in WORK_LEFT else "",
        visits=open_orders(bank, actor, Who.VOLUNTEER),
        help_name=help_name,
    )


@router.get("/my/work/{order_id}")
def work_visit(
    request: Request, bank: Bank, actor: Member, order_id: str, done: Code = ""
) -> Response:
    """One visit with name and place, and what the volunteer may do about it."""
    words = words_for(request, bank)
    note = words(f"visit.did_{done}") if done in WORK_DONE else ""
    wrong = words("my.not_sent") if done == "not_sent" else ""
    return visit_page(request, bank, actor, WORK, order_id, note=note, wrong=wrong)


@router.post("/my/work/{order_id}/{step}")
def take_work(
    request: Request, bank: Bank, actor: Member, order_id: str, step: str, posted: Posted
) -> Response:
    """Accept, hand back, sign in or out, end early or dispute."""
    try:
        return take_from(request, bank, actor, WORK, order_id, step, posted)
    except UnknownOrder:
        if step != "decline":
            raise
        return go("/my/work?done=gone")  # Sent twice: it is nobody's, or another's, already.


@router.get("/my/offers")
def offers(request: Request, bank: Bank, actor: Member) -> Response:
    """Open orders that suit the volunteer, each with its reasons."""
    person, _balance = who_asks(bank, actor)
    found = matching.open_orders(bank, actor, person.numbers[0])
    with bank.read() as connection:
        every = stations_listed(connection, most=STATIONS)
    return show(
        request,
        bank,
        "my/offers.html",
        offers=found,
        stations={one.code: one.name for one in every},
        help_name=help_name,
    )


@router.get("/my/hours")
def hours(request: Request, bank: Bank, actor: Member, before: LineCursor = "") -> Response:
    """Every line of one's own account, the newest first, with the way to why it is so much."""
    words = words_for(request, bank)
    person, _balance = who_asks(bank, actor)
    match = _LINE_CURSOR.fullmatch(before)
    behind = (int(match[1]), int(match[2])) if match else None
    with bank.read() as connection:
        pages = origins_of_account(bank, connection, person.account_id)
        found = newest_lines(connection, person.account_id, LINES + 1, pages, before=behind)
        lines = found[:LINES]
        purposes = purposes_of(connection, lines)
    return show(
        request,
        bank,
        "my/hours.html",
        lines=[
            line_for_elder(line, words, purposes.get(line.leaf_index), "/my/why?leaf=")
            for line in lines
        ],
        older=f"{lines[-1].leaf_index}.{lines[-1].place}" if len(found) > LINES else "",
    )


@router.get("/my/why")
def why(
    request: Request, bank: Bank, actor: Member, leaf: Annotated[int, Query(ge=0, le=2**53)]
) -> Response:
    """How the minutes came about that the entry of a leaf credited, or why they expired."""
    with bank.read() as connection:
        gone = explain_expiry_of_leaf(bank, connection, actor, leaf)
        if gone is not None:
            return explained_expiry(request, bank, Frame(MY), gone, back="/my/hours")
        found = explain_own(bank, connection, actor, leaf)
    return explanation_page(request, bank, Frame(MY), found, back="/my/hours")


@router.get("/my/family")
def family(
    request: Request,
    bank: Bank,
    actor: Member,
    done: Code = "",
    at: Code = "",
    after: OrderCursor = "",
) -> Response:
    """Visits of the elders for whom the member acts: first what is open, then every one."""
    words, (person, _balance) = words_for(request, bank), who_asks(bank, actor)
    with bank.read() as connection:
        named = delegates_of(bank, connection, actor, person.numbers[0])
        station = station_named(connection, at) if done == "request" else None
        found = orders_listed(bank, connection, actor, who=Who.FAMILY, after=after, most=ORDERS + 1)
    every, older = page_of(found, ORDERS)
    return show(
        request,
        bank,
        "my/family.html",
        note=words("visit.did_request", station=station) if station else "",
        elders=[one for one in named if one.delegate_number in person.numbers],
        coming=[] if after else open_orders(bank, actor, Who.FAMILY),
        every=every,
        older=older,
        is_first=not after,
        help_name=help_name,
    )


@router.get("/my/family/{order_id}")
def family_visit(
    request: Request, bank: Bank, actor: Member, order_id: str, done: Code = ""
) -> Response:
    """One visit of an elder, as a relative sees it."""
    note = words_for(request, bank)(f"visit.did_{done}") if done in FAMILY.steps else ""
    return visit_page(request, bank, actor, FAMILY, order_id, note=note)


@router.post("/my/family/{order_id}/{step}")
def take_for_family(
    request: Request, bank: Bank, actor: Member, order_id: str, step: str, posted: Posted
) -> Response:
    """Confirm or dispute in the elder's stead."""
    return take_from(request, bank, actor, FAMILY, order_id, step, posted)
