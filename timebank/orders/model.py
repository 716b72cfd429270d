"""The life of an order: its states, the steps between them, and who may take each.

    requested → vetted → published → matched → accepted → signed in → awaiting confirmation
    → confirmed → posted

Only the last step moves credit.  Time is held on the payer's account from the match on; every way
out sets it free.  A missed sign-out leads nowhere by itself: somebody must say when it ended.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from timebank.orders.presence import Word
from timebank.records.model import Payer
from timebank.stations.model import Actor, Role


class State(StrEnum):
    """Where an order stands; permanent words."""

    REQUESTED = "requested"
    REJECTED = "rejected"
    VETTED = "vetted"
    PUBLISHED = "published"
    MATCHED = "matched"
    ACCEPTED = "accepted"
    SIGNED_IN = "signed_in"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    INTERRUPTED = "interrupted"
    DISPUTED = "disputed"
    UPHELD = "upheld"
    CONFIRMED = "confirmed"
    POSTED = "posted"
    REVERSED = "reversed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class Channel(StrEnum):
    """By which way a wish came in; all but the kiosk and the telephone page have an assistant."""

    KIOSK = "kiosk"
    TELEPHONE = "telephone"
    STAFF = "staff"
    PAPER = "paper"
    PAGE = "page"


class Who(StrEnum):
    """In what capacity somebody acts on one order."""

    ELDER = "elder"
    VOLUNTEER = "volunteer"
    FAMILY = "family"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    SCHEDULER = "scheduler"


STAFF = frozenset({Who.CLERK, Who.REVIEWER, Who.OPERATOR})
_SECOND = frozenset({Who.REVIEWER, Who.OPERATOR})
_ELDER, _VOLUNTEER = frozenset({Who.ELDER}), frozenset({Who.VOLUNTEER})
_FAMILY = frozenset({Who.FAMILY})

_BEFORE_THE_VISIT = frozenset(
    {State.REQUESTED, State.VETTED, State.PUBLISHED, State.MATCHED, State.ACCEPTED}
)
_AFTER_THE_VISIT = frozenset({State.AWAITING_CONFIRMATION, State.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that may happen to an order: from which states, to which, and by whom.

    ``moves`` says that a hold or credit moves with it, ``needs_reason`` that somebody must say why.
    """

    name: str
    sources: frozenset[State]
    target: State
    by: frozenset[Who]
    moves: bool = False
    needs_reason: bool = False


def _one(state: State) -> frozenset[State]:
    return frozenset({state})


STEPS: tuple[Step, ...] = (
    Step("vet", _one(State.REQUESTED), State.VETTED, STAFF),
    Step("reject", _one(State.REQUESTED), State.REJECTED, STAFF, needs_reason=True),
    Step("publish", _one(State.VETTED), State.PUBLISHED, STAFF),
    Step("match", _one(State.PUBLISHED), State.MATCHED, STAFF, moves=True),
    Step("accept", _one(State.MATCHED), State.ACCEPTED, STAFF | _VOLUNTEER),
    Step(
        "decline",
        frozenset({State.MATCHED, State.ACCEPTED}),
        State.PUBLISHED,
        STAFF | _VOLUNTEER,
        moves=True,
        needs_reason=True,
    ),
    Step(
        "sign_in",
        _one(State.ACCEPTED),
        State.SIGNED_IN,
        STAFF | _VOLUNTEER | _ELDER,
        moves=True,
    ),
    Step(
        "sign_out",
        _one(State.SIGNED_IN),
        State.AWAITING_CONFIRMATION,
        STAFF | _VOLUNTEER | _ELDER,
    ),
    Step(
        "interrupt",
        _one(State.SIGNED_IN),
        State.INTERRUPTED,
        STAFF | _VOLUNTEER,
        needs_reason=True,
    ),
    Step("confirm", _AFTER_THE_VISIT, State.CONFIRMED, STAFF | _ELDER | _FAMILY, moves=True),
    Step(
        "dispute",
        _AFTER_THE_VISIT,
        State.DISPUTED,
        STAFF | _ELDER | _FAMILY | _VOLUNTEER,
        needs_reason=True,
    ),
    Step("uphold", _one(State.DISPUTED), State.UPHELD, _SECOND, moves=True, needs_reason=True),
    Step("dismiss", _one(State.DISPUTED), State.AWAITING_CONFIRMATION, _SECOND, needs_reason=True),
    Step(
        "cancel",
        _BEFORE_THE_VISIT,
        State.CANCELLED,
        STAFF | _ELDER,
        moves=True,
        needs_reason=True,
    ),
    Step("no_show", _one(State.ACCEPTED), State.NO_SHOW, STAFF, moves=True, needs_reason=True),
    Step("lapse", _BEFORE_THE_VISIT, State.CANCELLED, frozenset({Who.SCHEDULER}), moves=True),
    Step("rate", _one(State.POSTED), State.POSTED, _ELDER | STAFF),
)
"""Everything that somebody may ask of an order once it is there."""

STEP_BY_NAME = {step.name: step for step in STEPS}

STORED_STATES = tuple(state for state in State if state not in (State.POSTED, State.REVERSED))
"""States that an order has of itself; the two others are its record's."""

OPEN_STATES = frozenset(State) - {
    State.REJECTED,
    State.UPHELD,
    State.POSTED,
    State.REVERSED,
    State.CANCELLED,
    State.NO_SHOW,
}
"""States from which something is still to come."""

_STAFF_ROLES = {
    Role.CLERK: Who.CLERK,
    Role.REVIEWER: Who.REVIEWER,
    Role.OPERATOR: Who.OPERATOR,
    Role.SCHEDULER: Who.SCHEDULER,
}

LATEST_START_DAYS = 7
"""Days after the wished day until which a visit may begin; then the hold expires."""


def is_stale(order: "Order", today: date) -> bool:
    """Whether nothing can come of it any more: its day passed with nobody matched, or its visit did
    not begin within :data:`LATEST_START_DAYS`, when the hold has run out."""
    wanted_on = date.fromisoformat(order.wanted_on)
    if order.state in (State.MATCHED, State.ACCEPTED):
        return wanted_on + timedelta(days=LATEST_START_DAYS) < today
    return order.state in _BEFORE_THE_VISIT and wanted_on < today


@dataclass(frozen=True, slots=True)
class Wish:
    """What an elder asks for.

    ``elder`` is a member number or name as it was given.  ``wanted_on`` is ``YYYY-MM-DD``,
    ``wanted_at`` a wall time ``HH:MM``, ``wanted_minutes`` 1 up to a day.  ``assistant`` is who
    wrote the wish down for the elder, where somebody did.  ``point`` is where the place lies, see
    :func:`timebank.orders.presence.point_in`; empty where no limit of distance is wanted.
    """

    elder: str
    class_code: str
    wanted_on: str
    wanted_at: str
    wanted_minutes: int
    channel: Channel
    payer: Payer = Payer.ELDER
    assistant: str = ""
    need: str = field(default="", repr=False)
    place: str = field(default="", repr=False)
    point: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Stated:
    """What somebody says with a step; each step reads what it needs and refuses what is missing.

    ``volunteer`` is a member number or name; ``code`` the door code, typed or as scanned; ``at`` a
    wall time ``YYYY-MM-DDTHH:MM``, the device's own where it was offline; ``minutes`` what is
    confirmed; ``party`` who did not come; ``stars`` 1 to 5; ``payer`` who pays, where the station
    decides that; ``point`` where the device was; ``word`` on whose word staff confirm;
    ``card`` the number of the volunteer's card, as a scanner at the station typed it.
    """

    reason: str = ""
    volunteer: str = ""
    code: str = ""
    at: str = ""
    minutes: int | None = None
    party: str = ""
    stars: int | None = None
    payer: Payer | None = None
    point: str = field(default="", repr=False)
    word: Word | None = None
    card: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands; ``signed_in_at`` and ``signed_out_at`` are local wall times."""

    order_id: str
    number: int
    station_code: str
    state: State
    elder_id: str
    class_code: str
    wanted_on: str
    wanted_at: str
    wanted_minutes: int
    payer: Payer
    channel: str
    volunteer_id: str
    hold_id: str
    held_minutes: int
    door_code: str
    signed_in_at: str
    signed_out_at: str
    signed_out_by: str
    record_id: str


def standing(actor: Actor, order: Order, *, family: bool = False) -> Who | None:
    """In what capacity the actor may act on this order; ``None``: they have nothing to do with it.

    Staff of a station act on its orders alone, members on their own and, where ``family`` says that
    they are the elder's, on a relative's.
    """
    if actor.role is Role.MEMBER:
        if actor.person_id == order.elder_id:
            return Who.ELDER
        if actor.person_id == order.volunteer_id:
            return Who.VOLUNTEER
        return Who.FAMILY if family else None
    if actor.station_code not in ("", order.station_code):
        return None
    return _STAFF_ROLES.get(actor.role)
