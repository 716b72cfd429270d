"""Messages: which event tells whom what, and by which way it goes out; values only."""

from dataclasses import dataclass
from enum import StrEnum


class Event(StrEnum):
    """What somebody is told of; permanent words."""

    ORDER_REQUESTED = "order_requested"
    ORDER_REJECTED = "order_rejected"
    VISIT_OFFERED = "visit_offered"
    VISIT_AGREED = "visit_agreed"
    VOLUNTEER_LEFT = "volunteer_left"
    ORDER_CANCELLED = "order_cancelled"
    VISIT_MISSED = "visit_missed"
    VISIT_OVER = "visit_over"
    VISIT_CONFIRMED = "visit_confirmed"
    VISIT_DISPUTED = "visit_disputed"
    DISPUTE_ENDED = "dispute_ended"
    GIFT_RECEIVED = "gift_received"
    GRANT_RECEIVED = "grant_received"
    TIME_RESTS = "time_rests"
    CORRECTION_ANSWERED = "correction_answered"
    SUSPENSION_CHANGED = "suspension_changed"
    CREDIT_EXPIRES = "credit_expires"


class Way(StrEnum):
    """How a message goes out: to a person's telephone, or to the station's own group."""

    SMS = "sms"
    GROUP = "group"


class State(StrEnum):
    """Where a message stands.

    ``given_up``: tried for a day in vain, or nobody was there to take it for two.  ``unsendable``:
    no telephone is known, or the person is no longer there.  ``outdated``: a later step made it
    moot before it went out, so nobody need be told.
    """

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"
    UNSENDABLE = "unsendable"
    OUTDATED = "outdated"


class Party(StrEnum):
    """Whom of an order an event concerns."""

    ELDER = "elder"
    VOLUNTEER = "volunteer"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is stored; what it says is put together when it goes out or is read.

    ``number`` is gap-free per book.  ``subject`` is an order or transfer id, ``place`` the step of
    the order's history.  ``person_id`` is empty for the station's own.  ``told_ms`` is when a clerk
    had told the person, ``error`` a code.
    """

    number: int
    event: Event
    way: Way
    person_id: str
    station_code: str
    subject: str
    place: int
    state: State
    attempts: int
    next_ms: int
    error: str
    made_ms: int
    ended_ms: int | None
    told_by: str
    told_ms: int | None


TOLD_BY_STEP: dict[str, tuple[tuple[Party, Event], ...]] = {
    "request": ((Party.STATION, Event.ORDER_REQUESTED),),
    "reject": ((Party.ELDER, Event.ORDER_REJECTED),),
    "match": ((Party.VOLUNTEER, Event.VISIT_OFFERED),),
    "accept": ((Party.ELDER, Event.VISIT_AGREED),),
    "decline": ((Party.ELDER, Event.VOLUNTEER_LEFT),),
    "cancel": ((Party.ELDER, Event.ORDER_CANCELLED), (Party.VOLUNTEER, Event.ORDER_CANCELLED)),
    "lapse": ((Party.ELDER, Event.ORDER_CANCELLED), (Party.VOLUNTEER, Event.ORDER_CANCELLED)),
    "no_show": ((Party.ELDER, Event.VISIT_MISSED), (Party.VOLUNTEER, Event.VISIT_MISSED)),
    "sign_out": ((Party.ELDER, Event.VISIT_OVER),),
    "interrupt": ((Party.ELDER, Event.VISIT_OVER),),
    "confirm": ((Party.VOLUNTEER, Event.VISIT_CONFIRMED),),
    "dispute": (
        (Party.ELDER, Event.VISIT_DISPUTED),
        (Party.VOLUNTEER, Event.VISIT_DISPUTED),
        (Party.STATION, Event.VISIT_DISPUTED),
    ),
    "uphold": ((Party.ELDER, Event.DISPUTE_ENDED), (Party.VOLUNTEER, Event.DISPUTE_ENDED)),
    "dismiss": ((Party.ELDER, Event.DISPUTE_ENDED), (Party.VOLUNTEER, Event.DISPUTE_ENDED)),
}
"""Whom a step of an order's history tells what; a step that is not here tells nobody."""

_ASKED = (Event.ORDER_REQUESTED,)
_BEFORE_THE_VISIT = (Event.VISIT_OFFERED, Event.VISIT_AGREED, Event.VOLUNTEER_LEFT)

MADE_MOOT: dict[str, tuple[Event, ...]] = {
    "vet": _ASKED,
    "reject": _ASKED,
    "accept": (Event.VISIT_OFFERED, Event.VOLUNTEER_LEFT),
    "decline": (Event.VISIT_OFFERED, Event.VISIT_AGREED),
    "cancel": _ASKED + _BEFORE_THE_VISIT,
    "lapse": _ASKED + _BEFORE_THE_VISIT,
    "no_show": _BEFORE_THE_VISIT,
    "sign_in": _BEFORE_THE_VISIT,
    "confirm": (Event.VISIT_OVER,),
    "dispute": (Event.VISIT_OVER,),
    "uphold": (Event.VISIT_DISPUTED,),
    "dismiss": (Event.VISIT_DISPUTED,),
}
"""What a step makes moot of the same order, if it still waits: a message says what holds when it
goes out, so nobody may be told of a visit or a door code that is no more."""

SENT_WITHIN_MS = 2 * 86_400_000
"""How long a message may go out at all; a gateway that comes later gets none of the old ones."""

RETRY_MINUTES = (1, 5, 15, 60, 180, 360, 819)
"""Minutes until each next attempt: a day in all, then the message is given up."""

TOLD_WITHIN_MS = 86_400_000
"""How long a message may stay neither sent nor told before it is a finding."""
