"""What requests state about orders, and what they are answered."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from timebank.clock import from_milliseconds
from timebank.orders.attention import Alarm
from timebank.orders.history import TakenStep
from timebank.orders.model import Channel, Stated, Wish
from timebank.orders.presence import LONGEST_SCAN, Fence, Word
from timebank.orders.queries import ShownOrder
from timebank.people.cards import LONGEST_CARD
from timebank.records.model import Payer

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
    point: str = Field(
        "",
        max_length=40,
        repr=False,
        description="Where the place lies, degrees north and east: 31.230416,121.473701.",
    )

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
            self.point,
        )


class StatedStep(BaseModel):
    """What is said with a step; each step reads what it needs."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field("", max_length=200)
    volunteer: str = Field("", max_length=100, description="match: member number or name.")
    code: str = Field(
        "",
        max_length=LONGEST_SCAN,
        description="sign_in, sign_out: the code at the door, typed or as the slip's QR code says.",
    )
    at: str = Field("", max_length=16, description="Local wall time, 2026-03-05T14:00; now if not.")
    minutes: int | None = Field(None, ge=1, le=1440, description="confirm: all of it if not.")
    party: Literal["", "volunteer", "elder"] = Field("", description="no_show: who did not come.")
    stars: int | None = Field(None, ge=1, le=5, description="rate")
    payer: PayerCode | None = Field(None, description="vet, match: who pays instead.")
    point: str = Field(
        "", max_length=40, repr=False, description="sign_in, sign_out: where the device is."
    )
    card: str = Field(
        "",
        max_length=LONGEST_CARD,
        repr=False,
        description="sign_in, sign_out by staff: the volunteer's card, read now.",
    )
    word: Literal["elder", "family", "station"] | None = Field(
        None, description="confirm by staff: on whose word; the station's if not."
    )

    def stated(self) -> Stated:
        """The statement as the time bank takes it."""
        payer = None if self.payer is None else Payer(self.payer)
        return Stated(
            self.reason, self.volunteer, self.code, self.at, self.minutes, self.party, self.stars,
            payer, self.point, None if self.word is None else Word(self.word),
            self.card,
        )  # fmt: skip


class Requested(BaseModel):
    """An order that was taken down."""

    order: str
    number: int = Field(description="Gap-free per station.")
    state: str
    payer_needed: bool = Field(
        description="The elder lacks the minutes: the station finds who pays."
    )


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
    alarms: list[Alarm] = Field(description="Why the station should look; empty for members.")


class StepShown(BaseModel):
    """A step that was taken, or what became of the record that it made."""

    step: str = Field(
        description="Besides the steps of orders: objection, objection_dismissed, post, send_back, "
        "reverse."
    )
    state: str
    taken_by: str
    who: str
    reason: str
    taken_at: datetime = Field(description="UTC; when it arrived, where a device was offline.")
    means: Literal["", "qr", "code", "card", "clerk", "word"] = Field(
        description="sign_in, sign_out"
    )
    stated_at: str = Field(description="The device's local wall time, where one was stated.")
    fence: Fence | None = Field(description="Where a limit of distance applied.")
    word: Literal["", "elder", "family", "station"] = Field(description="confirm by staff")
    minutes: int | None = Field(description="post: what the volunteer was credited.")


class OrderWithHistory(BaseModel):
    """One order, its history, and the steps that whoever asks may take next."""

    order: OrderShown
    steps: list[StepShown]
    next_steps: list[str]


class PayerOffered(BaseModel):
    """One who may pay for an order, and whether they could now."""

    payer: PayerCode
    available_minutes: int | None = Field(description="null: without bound.")
    charged_minutes: int
    enough: bool


class Payers(BaseModel):
    """Everybody who may pay."""

    items: list[PayerOffered]


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


def order_shown(one: ShownOrder) -> OrderShown:
    """An order as it is answered."""
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
        alarms=list(one.alarms),
    )


def step_shown(one: TakenStep) -> StepShown:
    """A step as it is answered."""
    return StepShown.model_validate(
        {
            "step": one.step,
            "state": one.state,
            "taken_by": one.taken_by,
            "who": one.who,
            "reason": one.reason,
            "taken_at": from_milliseconds(one.taken_ms),
            "means": one.detail.means,
            "stated_at": one.detail.stated_at,
            "fence": one.detail.fence,
            "word": one.detail.word,
            "minutes": one.minutes,
        }
    )
