"""Service orders: ask for care, lead an order from step to step, read its history."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from api.routes.records import REFUSED_WHEN_LOGGED
from api.security import SignInLimit
from timebank.clock import from_milliseconds
from timebank.orders import queries
from timebank.orders.asking import request_order
from timebank.orders.model import Channel, State, Stated, Wish
from timebank.orders.steps import take_step
from timebank.records.model import Payer

router = APIRouter(prefix="/api/v1/orders", tags=["orders"])

OrderId = Annotated[str, Path(min_length=1, max_length=64)]
PayerCode = Literal["elder", "grant", "pool", "nobody"]


class StatedWish(BaseModel):
    """What an elder asks for; a member asks for themselves and leaves ``elder`` empty."""

    model_config = ConfigDict(extra="forbid", strict=True)

    station: str = Field(min_length=1, max_length=20)
    elder: str = Field("", max_length=100, description="Member number or name.")
    class_code: str = Field(min_length=1, max_length=40)
    wanted_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    wanted_at: str = Field(pattern=r"^\d{2}:\d{2}$", description="Local wall time.")
    wanted_minutes: int = Field(ge=1, le=1440)
    channel: Literal["kiosk", "telephone", "staff", "paper", "page"]
    payer: PayerCode = "elder"
    assistant: str = Field("", max_length=200, description="Who wrote the wish down.")
    need: str = Field("", max_length=200)
    place: str = Field("", max_length=200)

    def wish(self) -> Wish:
        """The wish as the time bank takes it."""
        return Wish(
            self.elder,
            self.class_code,
            self.wanted_on,
            self.wanted_at,
            self.wanted_minutes,
            Channel(self.channel),
            Payer(self.payer),
            self.assistant,
            self.need,
            self.place,
        )


class StatedStep(BaseModel):
    """What is said with a step; each step reads what it needs."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field("", max_length=200)
    volunteer: str = Field("", max_length=100, description="match: member number or name.")
    code: str = Field("", max_length=8, description="sign_in: the code at the door.")
    at: str = Field("", max_length=16, description="Local wall time, 2026-03-05T14:00; now if not.")
    minutes: int | None = Field(None, ge=1, le=1440, description="confirm: all of it if not.")
    party: Literal["", "volunteer", "elder"] = Field("", description="no_show: who did not come.")
    stars: int | None = Field(None, ge=1, le=5, description="rate")
    payer: PayerCode | None = Field(None, description="vet, match: who pays instead.")

    def stated(self) -> Stated:
        """The statement as the time bank takes it."""
        payer = None if self.payer is None else Payer(self.payer)
        return Stated(
            self.reason, self.volunteer, self.code, self.at, self.minutes, self.party, self.stars,
            payer,
        )  # fmt: skip


class Requested(BaseModel):
    """An order that was taken down."""

    order: str
    number: int = Field(description="Gap-free per station.")
    state: str


class Credited(BaseModel):
    """What a volunteer was credited."""

    account: str
    entry: str
    minutes: int


class StepTaken(BaseModel):
    """Where the order stands now, and what the step brought."""

    order: str
    state: str
    hold: str | None = Field(None, description="match")
    held_minutes: int | None = Field(None, description="match")
    minutes: int | None = Field(None, description="sign_out, interrupt, confirm")
    record: str | None = Field(None, description="confirm")
    credits: list[Credited] | None = Field(None, description="confirm")


class OrderShown(BaseModel):
    """An order; names are masked."""

    order_id: str
    number: int
    station_code: str
    state: str
    elder_number: str
    elder: str
    volunteer_number: str
    volunteer: str
    class_code: str
    wanted_on: str
    wanted_at: str
    wanted_minutes: int
    payer: str
    channel: str
    assistant: str
    held_minutes: int
    signed_in_at: str
    signed_out_at: str
    record_id: str
    stars: int
    requested_at: datetime = Field(description="UTC.")


class StepShown(BaseModel):
    """A step that was taken."""

    step: str
    state: str
    taken_by: str
    who: str
    reason: str
    taken_at: datetime = Field(description="UTC.")


class OrderWithHistory(BaseModel):
    """One order, its history, and the steps that whoever asks may take next."""

    order: OrderShown
    steps: list[StepShown]
    next_steps: list[str]


class OrdersPage(BaseModel):
    """Orders, the newest first; ask on with `after`."""

    items: list[OrderShown]
    next: str | None


class Slip(BaseModel):
    """The slip of a visit."""

    order: str
    number: int
    elder: str
    elder_number: str
    volunteer: str
    volunteer_number: str
    wanted_on: str
    wanted_at: str
    wanted_minutes: int
    door_code: str = Field(description="Empty on the volunteer's: it is learnt at the door.")
    need: str
    place: str


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
    items = [_shown(one) for one in found[:limit]]
    return OrdersPage(items=items, next=items[-1].order_id if len(found) > limit else None)


@router.get("/{order_id}", responses=problems("not_permitted", "unknown_order"))
def read_order(order_id: OrderId, actor: Actor, bank: Bank) -> OrderWithHistory:
    """One order with its history."""
    with bank.read() as connection:
        found = queries.order_file(bank, connection, actor, order_id)
    steps = [
        StepShown(
            step=one.step,
            state=one.state,
            taken_by=one.taken_by,
            who=one.who,
            reason=one.reason,
            taken_at=from_milliseconds(one.taken_ms),
        )
        for one in found.steps
    ]
    return OrderWithHistory(
        order=_shown(found.shown), steps=steps, next_steps=list(found.next_steps)
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
        "order_value_invalid", "volunteer_busy", "wrong_door_code", "visit_not_that_day",
        "confirmer_not_independent", "confirmed_beyond_visit", "order_already_rated",
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


def _shown(one: queries.ShownOrder) -> OrderShown:
    order = one.order
    return OrderShown(
        order_id=order.order_id,
        number=order.number,
        station_code=order.station_code,
        state=order.state.value,
        elder_number=one.elder_number,
        elder=one.elder,
        volunteer_number=one.volunteer_number,
        volunteer=one.volunteer,
        class_code=order.class_code,
        wanted_on=order.wanted_on,
        wanted_at=order.wanted_at,
        wanted_minutes=order.wanted_minutes,
        payer=order.payer.value,
        channel=order.channel,
        assistant=one.assistant,
        held_minutes=order.held_minutes,
        signed_in_at=order.signed_in_at,
        signed_out_at=order.signed_out_at,
        record_id=order.record_id,
        stars=one.stars,
        requested_at=from_milliseconds(one.requested_ms),
    )
