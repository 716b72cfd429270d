"""The station's orders: the board, one order with what may follow, and the slip of a visit."""

from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, new_key, refused_form, typed_in
from api.pages.order_forms import (
    ASIDE,
    BY_CARD,
    STATION_CHANNELS,
    STEP_FIELDS,
    WISH_FIELDS,
    stated_in,
    wish_in,
)
from api.pages.orders import alarms_told, class_choices, coded, history_told, page_of, plainly
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.receipts import qr_of
from api.pages.render import draw, go, speech_for, words_for
from api.pages.station import chosen, stations_of
from api.problems import status_of
from api.security import SignInLimit
from ledger.errors import KeyReused, Refusal
from timebank.errors import NotPermitted, UnknownOrder
from timebank.matching.queries import Candidates, candidates
from timebank.orders.asking import request_order
from timebank.orders.attention import BEFORE_THE_MATCH, cost_explained, payers_of
from timebank.orders.model import Order, State
from timebank.orders.presence import Word, scanned_link, scanned_text
from timebank.orders.queries import (
    WITH_SLIP,
    ShownOrder,
    missed_sign_outs,
    order_file,
    orders_listed,
    orders_of_card,
    visit_slip,
)
from timebank.orders.steps import take_step
from timebank.policy.explain import Explanation
from timebank.records.model import Payer
from timebank.stations.model import Actor

router = page_router()

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})

_CARD = frozenset({"card"})
LISTED = 30
SUITED = 5
ROOM = "/station/orders"
PARTIES = ("volunteer", "elder")
STARS = ("1", "2", "3", "4", "5")

Code = Annotated[str, Query(max_length=40)]
Id = Annotated[str, Query(max_length=64)]


@router.get("/station/orders")
def board(
    request: Request,
    bank: Bank,
    actor: Clerk,
    at: Code = "",
    state: Code = "",
    after: Id = "",
    done: Id = "",
) -> Response:
    """The station's orders, the newest first, and the form for a new one."""
    form = empty_form(date=bank.today().isoformat(), duration="60", payer="elder")
    note = _asked(request, bank, actor, done)
    return _board(request, bank, actor, form, at=at, state=state, after=after, note=note)


@router.post("/station/orders")
def ask(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Take a wish down; what is refused comes back with all that was typed."""
    typed = typed_in(posted, WISH_FIELDS)
    at = actor.station_code or typed_in(posted, frozenset({"station"})).get("station", "")
    wish, faults = wish_in(typed, bank.today())
    if faults:
        wrong = {field: speech_for(request).refusal(one) for field, one in faults.items()}
        return _board(request, bank, actor, Form(new_key(), typed, wrong), at=at, status=422)
    try:
        answer = request_order(bank, actor, at, wish, key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        form = _refused(request, bank, actor, typed, refused, WISH_FIELDS)
        return _board(request, bank, actor, form, at=at, status=status_of(refused.code))
    return go(f"{ROOM}?done={answer.body['order']}&at={at}")


@router.post("/station/orders/card")
def read_card(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Open the one visit of today of the volunteer whose card was read, or list them.

    The number comes in a form: in an address every log would keep it.
    """
    typed = typed_in(posted, frozenset({"card", "station"}))
    at = actor.station_code or typed.get("station", "")
    form = empty_form(date=bank.today().isoformat(), duration="60", payer="elder")
    try:
        with bank.read() as connection:
            found = orders_of_card(bank, connection, actor, at, typed.get("card", ""))
    except NotPermitted:
        raise
    except Refusal as refused:
        card_form = Form(new_key(), {}, {"card": speech_for(request).refusal(refused)})
        status = status_of(refused.code)
        return _board(request, bank, actor, form, at=at, card_form=card_form, status=status)
    if len(found) == 1:
        return go(f"{ROOM}/{found[0].order.order_id}")
    return _board(request, bank, actor, form, at=at, read=found)


@router.get("/station/orders/{order_id}")
def one(request: Request, bank: Bank, actor: Clerk, order_id: str, done: Code = "") -> Response:
    """One order: how it came here, and what may follow."""
    words = words_for(request, bank)
    known = done in STEP_FIELDS or done in ("publish", "accept")
    note = words("order.done", step=words.or_code("order_step", done)) if known else ""
    return _one(request, bank, actor, order_id, note=note)


@router.post("/station/orders/{order_id}/steps/{step}")
def take(
    request: Request, bank: Bank, actor: Clerk, order_id: str, step: str, posted: Posted
) -> Response:
    """Take a step; what is refused comes back beside its field."""
    fields = frozenset(STEP_FIELDS.get(step, ())) | (_CARD if step in BY_CARD else frozenset())
    typed = typed_in(posted, fields)
    if typed.get("code") or typed.get("card"):
        limit: SignInLimit = request.app.state.sign_in_limit
        limit.check(request, order_id)
    try:
        stated = stated_in(step, typed, bank.today())
        take_step(bank, actor, order_id, step, stated, key=key_in(posted))
    except (NotPermitted, UnknownOrder):
        raise
    except Refusal as refused:
        form = _refused(request, bank, actor, typed, refused, fields)
        status = status_of(refused.code)
        return _one(request, bank, actor, order_id, form=form, step=step, status=status)
    return go(f"{ROOM}/{order_id}?done={step}")


@router.get("/station/orders/{order_id}/slip")
def slip(request: Request, bank: Bank, actor: Clerk, order_id: str) -> Response:
    """The slip of the visit, a copy for each side; the look at both names is written down."""
    words = words_for(request, bank)
    found = visit_slip(bank, actor, order_id)
    return draw(
        request,
        bank,
        "station/slip.html",
        frame_of(request, "station", actor, ROOM),
        slip=found,
        order=found.order,
        what=words.or_code("service_class", found.order.class_code),
        qr=qr_of(_on_the_slip(request, order_id, found.door_code).encode()),
    )


def _on_the_slip(request: Request, order_id: str, door_code: str) -> str:
    """An address that opens the visit on a telephone, where this page was reached by one.

    A slip that is printed at the station's own PC, or without TLS, names no address that a
    telephone could open: then it says what a scanner types into the field of the code.
    """
    here = request.base_url
    if here.scheme == "https" and here.hostname not in _OWN_NAMES:
        return scanned_link(str(here).rstrip("/"), order_id, door_code)
    return scanned_text(order_id, door_code)


# Drawing -----------------------------------------------------------------------------------


def _board(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    *,
    at: str = "",
    state: str = "",
    after: str = "",
    note: str = "",
    status: int = 200,
    card_form: Form | None = None,
    read: list[ShownOrder] | None = None,
) -> Response:
    words, stations = words_for(request, bank), stations_of(bank, actor)
    station = chosen(stations, at)
    wanted = State(state) if state in set(State) else None
    orders: list[ShownOrder] = []
    missed: list[ShownOrder] = []
    further = ""
    if station is not None:
        with bank.read() as connection:
            found = orders_listed(
                bank,
                connection,
                actor,
                station_code=station.code,
                state=wanted,
                after=after,
                most=LISTED + 1,
            )
            missed = missed_sign_outs(bank, connection, actor, station.code)
        orders, further = page_of(found, LISTED)
    return draw(
        request,
        bank,
        "station/orders.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        note=note,
        stations=stations,
        station=station,
        choose=ROOM,
        orders=orders,
        further=further,
        state=state,
        states=coded(words, "order_state", (one.value for one in State)),
        classes=class_choices(words),
        channels=coded(words, "channel", (one.value for one in STATION_CHANNELS)),
        payers=coded(words, "payer", (one.value for one in Payer)),
        alarms={one.order.order_id: alarms_told(one.alarms, words) for one in [*orders, *missed]},
        missed=missed,
        card_form=card_form or empty_form(),
        read=read,
        measures=bank.profile_on(bank.today()).visits.geofence_metres is not None,
    )


def _one(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    order_id: str,
    *,
    form: Form | None = None,
    step: str = "",
    note: str = "",
    status: int = 200,
) -> Response:
    words, say = words_for(request, bank), speech_for(request)
    with bank.read() as connection:
        found = order_file(bank, connection, actor, order_id)
        order = found.shown.order
        can_choose = order.state in BEFORE_THE_MATCH and bool(found.next_steps)
        payers = payers_of(bank, connection, actor, order_id) if can_choose else ()
    told = cost_explained(bank, order) if payers else Explanation((), ())
    suited = _suited(bank, actor, order) if "match" in found.next_steps else None
    payer = words("order.payer_same", payer=words.or_code("payer", order.payer.value))
    forms: dict[str, Form] = {name: empty_form() for name in found.next_steps}
    by_card = next((name for name in BY_CARD if name in forms), "")
    card_form = empty_form()
    if form is not None and form.value("card") and step == by_card:
        card_form = Form(form.key, {}, form.wrong)
    elif form is not None and step in forms:
        forms[step] = form
    return draw(
        request,
        bank,
        "station/order.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        note=note,
        general=form.general if form is not None else "",
        refused_step=step,
        shown=found.shown,
        order=order,
        told=history_told(found, words, say),
        forms=forms,
        fields=STEP_FIELDS,
        aside=ASIDE,
        choices=_choices(request, bank, payer),
        has_slip=order.state in WITH_SLIP,
        alarms=alarms_told(found.shown.alarms, words),
        payers=payers,
        why=[words.of_pair(*pair) for pair in zip(told.zh, told.en, strict=True)],
        suited=suited,
        by_card=by_card,
        card_form=card_form,
        blank=empty_form(),
    )


def _suited(bank: timebank.bank.Bank, actor: Actor, order: Order) -> Candidates | None:
    """Who might come, where the order looks for somebody."""
    if order.state is not State.PUBLISHED:
        return None
    return candidates(bank, actor, order.order_id, most=SUITED)


def _choices(request: Request, bank: timebank.bank.Bank, payer: str) -> dict[str, Any]:
    """What the selects of a step's form offer, by field."""
    words = words_for(request, bank)
    return {
        "payer": [("", payer), *coded(words, "payer", (one.value for one in Payer))],
        "party": coded(words, "party", PARTIES),
        "stars": coded(words, "stars", STARS),
        "word": coded(words, "word", (one.value for one in reversed(Word))),
    }


def _refused(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    typed: dict[str, str],
    refused: Refusal,
    fields: frozenset[str],
) -> Form:
    words = words_for(request, bank)
    if isinstance(refused, KeyReused):
        return Form(new_key(), typed, general=words("order.key_reused"))
    said = plainly(request, bank, actor, refused)
    if refused.code == "floor_exceeded":
        return Form(new_key(), typed, general=words("order.payer_short", said=said))
    return refused_form(typed, refused, said, fields)


def _asked(request: Request, bank: timebank.bank.Bank, actor: Actor, order_id: str) -> str:
    """What the board says after a wish was taken down; nothing of an unknown order."""
    if not order_id:
        return ""
    try:
        with bank.read() as connection:
            found = order_file(bank, connection, actor, order_id)
    except UnknownOrder:
        return ""
    return words_for(request, bank)("order.done_request", number=found.shown.order.number)
