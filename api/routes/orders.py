"""Service orders: ask for care, lead an order from step to step, read its history."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, status

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.order_schemas import (
    OrdersPage,
    OrderWithHistory,
    PayerOffered,
    Payers,
    Requested,
    Slip,
    StatedStep,
    StatedWish,
    StepTaken,
    order_shown,
    step_shown,
)
from api.problems import problems
from api.routes.records import REFUSED_WHEN_LOGGED
from api.security import SignInLimit
from timebank.orders import queries
from timebank.orders.asking import request_order
from timebank.orders.attention import payers_of
from timebank.orders.model import State
from timebank.orders.steps import take_step

router = APIRouter(prefix="/api/v1/orders", tags=["orders"])

OrderId = Annotated[str, Path(min_length=1, max_length=64)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        "not_permitted", "assistant_missing", "unknown_class", "order_value_invalid",
        "missing_field", "unknown_member", "not_a_recipient", "ambiguous_member",
        "group_too_large", "wish_in_the_past", "no_profile_in_force", "excluded_service",
        "unknown_station", "content_out_of_profile", "key_reused",
    ),
)  # fmt: skip
def create_order(
    stated: StatedWish, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> Requested:
    """Take a wish for care down; whoever has no hours may ask as well."""
    answer = request_order(bank, actor, stated.station, stated.wish(), key=idempotency_key)
    return Requested.model_validate(answer.body)


@router.get("", responses=problems("not_permitted"))
def list_orders(
    actor: Actor,
    bank: Bank,
    station: Annotated[str, Query(max_length=20)] = "",
    state: State | None = None,
    on: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="Wished day.")] = "",
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> OrdersPage:
    """Orders of the station, or those that concern the member who asks."""
    with bank.read() as connection:
        found = queries.orders_listed(
            bank,
            connection,
            actor,
            station_code=station,
            state=state,
            wanted_on=on,
            after=after,
            most=limit + 1,
        )
    items = [order_shown(one) for one in found[:limit]]
    return OrdersPage(items=items, next=items[-1].order_id if len(found) > limit else None)


@router.get("/without-sign-out", responses=problems("not_permitted"))
def list_missed_sign_outs(
    actor: Actor, bank: Bank, station: Annotated[str, Query(max_length=20)] = ""
) -> OrdersPage:
    """The visits that nobody signed out an hour after their agreed end, the oldest first."""
    with bank.read() as connection:
        found = queries.missed_sign_outs(bank, connection, actor, station)
    return OrdersPage(items=[order_shown(one) for one in found], next=None)


@router.get("/{order_id}", responses=problems("not_permitted", "unknown_order"))
def read_order(order_id: OrderId, actor: Actor, bank: Bank) -> OrderWithHistory:
    """One order with its history."""
    with bank.read() as connection:
        found = queries.order_file(bank, connection, actor, order_id)
    steps = [step_shown(one) for one in found.steps]
    return OrderWithHistory(
        order=order_shown(found.shown), steps=steps, next_steps=list(found.next_steps)
    )


@router.get("/{order_id}/payers", responses=problems("unknown_order", "no_profile_in_force"))
def read_payers(order_id: OrderId, actor: Actor, bank: Bank) -> Payers:
    """Who may pay for the order, with what they have; for the station that chooses."""
    with bank.read() as connection:
        found = payers_of(bank, connection, actor, order_id)
    return Payers(
        items=[
            PayerOffered(
                payer=one.payer.value,
                available_minutes=one.available_minutes,
                charged_minutes=one.charged_minutes,
                enough=one.enough,
            )
            for one in found
        ]
    )


@router.get(
    "/{order_id}/slip",
    responses=problems("not_permitted", "unknown_order", "order_step_not_allowed"),
)
def read_slip(order_id: OrderId, actor: Actor, bank: Bank) -> Slip:
    """The slip of a visit with full names and the code at the door; the look is written down."""
    slip = queries.visit_slip(bank, actor, order_id)
    return Slip(
        order=slip.order.order_id,
        number=slip.order.number,
        elder=slip.elder,
        elder_number=slip.elder_number,
        volunteer=slip.volunteer,
        volunteer_number=slip.volunteer_number,
        wanted_on=slip.order.wanted_on,
        wanted_at=slip.order.wanted_at,
        wanted_minutes=slip.order.wanted_minutes,
        door_code=slip.door_code,
        need=slip.need,
        place=slip.place,
    )


@router.post(
    "/{order_id}/steps/{step}",
    response_model_exclude_none=True,
    responses=problems(
        *REFUSED_WHEN_LOGGED, "unknown_order", "order_changed", "order_step_not_allowed",
        "order_value_invalid", "volunteer_busy", "wrong_door_code", "card_of_another",
        "card_read_twice", "visit_not_that_day",
        "confirmer_not_independent", "family_of_volunteer", "confirmed_beyond_visit",
        "order_already_rated",
        "settlement_exceeds_hold", "hold_already_ended", "hold_expired",
        "too_many_requests",
    ),
)  # fmt: skip
def take(
    request: Request,
    order_id: OrderId,
    step: Annotated[str, Path(min_length=1, max_length=20)],
    stated: StatedStep,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> StepTaken:
    """Take a step of an order; the same key repeats the same answer.  Codes are not guessed."""
    if stated.code:
        limit: SignInLimit = request.app.state.sign_in_limit
        limit.check(request, order_id)
    answer = take_step(bank, actor, order_id, step, stated.stated(), key=idempotency_key)
    return StepTaken.model_validate(answer.body)
