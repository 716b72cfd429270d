"""What single steps of an order do: minutes are held, set free and settled, visits begin and end.

Each effect judges what is its own, tells the ledger what moves, and answers what changes in the
order; the frame in :mod:`timebank.orders.steps` stores it.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from ledger.draft import Draft, Facts
from ledger.holds import HoldState
from timebank.bank import Bank
from timebank.clock import from_milliseconds, instant_of, local_datetime, milliseconds
from timebank.errors import (
    ConfirmedBeyondVisit,
    ConfirmerNotIndependent,
    EndBeforeStart,
    InTheFuture,
    MissingField,
    OrderAlreadyRated,
    OrderValueInvalid,
    VisitNotThatDay,
    VolunteerBusy,
    WrongDoorCode,
)
from timebank.matching.permission import admit
from timebank.orders.model import LATEST_START_DAYS, Order, State, Stated, Step, Who
from timebank.orders.store import stars_of
from timebank.policy.pricing import ServiceFacts, price
from timebank.records.actions import decide_service
from timebank.records.admitting import Admission
from timebank.records.classes import is_professional, name_of
from timebank.records.model import MOST_MINUTES, Party, Payer, Service, wall_time
from timebank.records.movements import payer_account
from timebank.stations.model import Actor

CONFIRMATION_YEARS = 10
"""How long minutes stay held once a visit has begun: confirmation, notice and dispute take time,
and a hold does not run out meanwhile."""

_BUSY = (
    "SELECT order_id, wanted_at, wanted_minutes FROM service_order WHERE book_id = 1 "
    "AND volunteer_id = ? AND wanted_on = ? AND order_id <> ? "
    "AND state IN ('matched', 'accepted', 'signed_in')"
)
_PARTIES = ("volunteer", "elder")


@dataclass(frozen=True, slots=True)
class Work:
    """A step that is being taken: by whom, of which order, with what was said.

    ``people`` are the order's own by person id, ``chosen`` the volunteer whom a match names.
    """

    bank: Bank
    draft: Draft
    actor: Actor
    who: Who
    order: Order
    step: Step
    stated: Stated
    people: dict[str, Party]
    chosen: Party | None

    @property
    def elder(self) -> Party:
        """Who is cared for."""
        return self.people[self.order.elder_id]

    @property
    def volunteer(self) -> Party:
        """Who was matched."""
        return self.people[self.order.volunteer_id]

    @property
    def now(self) -> datetime:
        """The local wall time of the group, to the minute."""
        moment = local_datetime(from_milliseconds(self.draft.recorded_ms))
        return moment.replace(tzinfo=None, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Done:
    """What a step changed: columns of the order, facts to sign, and what is answered besides.

    ``state`` replaces the step's target, ``shown`` what is answered as the state.
    """

    values: dict[str, Any] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    state: State | None = None
    shown: str = ""


_NOTHING_HELD = {"hold_id": "", "held_minutes": 0}
_NOBODY_MATCHED = {"volunteer_id": "", "door_code": "", **_NOTHING_HELD}


def vet(work: Work) -> Done:
    """Let a wish pass; the station may name another payer than the elder."""
    if work.stated.payer is None:
        return Done()
    payer = work.stated.payer.value
    return Done({"payer": payer}, {"payer": payer})


def match(work: Work) -> Done:
    """Give the order to a volunteer, hold what it will cost, and make the door code.

    Raises, the first that applies:
        MissingField: no volunteer was named.
        UnderAge … QuarterUsedUp: see :meth:`timebank.records.admitting.Admission.check`.
        VolunteerExcluded … SkillMissing: see :func:`timebank.matching.permission.admit`.
        VolunteerBusy: they agreed to another visit at that time.
        FloorExceeded: the payer has not the minutes.
    """
    order, volunteer = work.order, work.chosen
    if volunteer is None:
        raise MissingField(field="volunteer")
    payer = work.stated.payer or order.payer
    service = _service(work, volunteer, payer, _wanted(order), order.wanted_minutes)
    on = service.starts_at.date()
    profile = work.bank.profile_on(on)
    Admission(work.bank, work.draft).check(profile, service, on)
    admit(work.draft, profile, order, volunteer.person_id)
    _check_free(work, volunteer)
    held = _charge(work.bank, service)
    account = payer_account(work.bank.account_of, payer, work.elder.account_id)
    hold_id = ""
    if payer is not Payer.NOBODY and held:
        hold_id = _hold(work, account, volunteer.account_id, held, _last_start_ms(order))
    code = f"{secrets.randbelow(10_000):04}"
    return Done(
        {
            "volunteer_id": volunteer.person_id,
            "payer": payer.value,
            "hold_id": hold_id,
            "held_minutes": held if hold_id else 0,
            "door_code": code,
        },
        {"payer": payer.value, "volunteer": volunteer.account_id},
        {"held_minutes": held if hold_id else 0, "hold": hold_id},
    )


def give_back(work: Work) -> Done:
    """The volunteer will not come: the minutes are free, the order is open to others."""
    _release(work)
    return Done(dict(_NOBODY_MATCHED))


def set_free(work: Work) -> Done:
    """The order ends without credit: what was held is free again."""
    _release(work)
    return Done(dict(_NOTHING_HELD))


def no_show(work: Work) -> Done:
    """Note who did not come; the minutes are free.

    Raises:
        OrderValueInvalid: ``party`` is neither volunteer nor elder.
    """
    if work.stated.party not in _PARTIES:
        raise OrderValueInvalid(field="party", given=work.stated.party[:40])
    _release(work)
    return Done(dict(_NOTHING_HELD), {"party": work.stated.party})


def sign_in(work: Work) -> Done:
    """Begin the visit; from here on the hold waits for the confirmation.

    A volunteer needs the door code; staff may go without, and then must say why.

    Raises, the first that applies:
        WrongDoorCode: the code is not the one on the elder's slip.
        MissingField: no code and no reason.
        OrderValueInvalid, InTheFuture: the stated time is none, or is not over.
        VisitNotThatDay: earlier than the agreed day, or :data:`LATEST_START_DAYS` after it.
    """
    _check_code(work)
    at = _stated_time(work)
    wanted = date.fromisoformat(work.order.wanted_on)
    if not wanted <= at.date() <= wanted + timedelta(days=LATEST_START_DAYS):
        raise VisitNotThatDay(on=at.date().isoformat(), wanted_on=work.order.wanted_on)
    values: dict[str, Any] = {"signed_in_at": wall_time(at)}
    if work.order.hold_id:
        values["hold_id"] = _hold_on(work)
    return Done(values, {"with_code": bool(work.stated.code)})


def sign_out(work: Work) -> Done:
    """End the visit, as agreed or before; nobody is credited by silence.

    Raises, the first that applies:
        OrderValueInvalid, InTheFuture: the stated time is none, or is not over.
        EndBeforeStart: not after the sign-in.
        OrderValueInvalid: more than a day after it.
    """
    at, start = _stated_time(work), _signed_in(work.order)
    if at <= start:
        raise EndBeforeStart(start=start.strftime("%H:%M"), end=at.strftime("%H:%M"))
    minutes = int((at - start).total_seconds()) // 60
    if minutes > MOST_MINUTES:
        raise OrderValueInvalid(field="end", given=wall_time(at))
    values = {"signed_out_at": wall_time(at), "signed_out_by": work.actor.actor_id}
    return Done(values, {"given": minutes}, {"minutes": minutes})


def confirm(work: Work) -> Done:
    """Confirm the minutes: the service is recorded and, unless a review follows, posted.

    Raises, the first that applies:
        ConfirmerNotIndependent: whoever signed the visit out.
        ConfirmedBeyondVisit: more minutes than the visit had, or none.
        InTheFuture … CeilingExceeded: see :func:`timebank.records.actions.decide_service`.
        SettlementExceedsHold: more would be charged than is held.
    """
    order = work.order
    if work.actor.actor_id == order.signed_out_by:
        raise ConfirmerNotIndependent(order=order.order_id)
    start = _signed_in(order)
    most = int((datetime.fromisoformat(order.signed_out_at) - start).total_seconds()) // 60
    minutes = most if work.stated.minutes is None else work.stated.minutes
    if not 1 <= minutes <= most:
        raise ConfirmedBeyondVisit(minutes=minutes, most=most)
    service = _service(work, work.volunteer, order.payer, start, minutes)
    made = decide_service(
        work.bank,
        work.draft,
        work.actor,
        order.station_code,
        service,
        work.stated.reason,
        hold_id=order.hold_id,
    )
    posted = made["state"] == "posted"
    return Done(
        {"record_id": made["record"], **(_NOTHING_HELD if posted else {})},
        {"minutes": minutes, "record": made["record"]},
        {name: made[name] for name in ("credits", "minutes", "record")},
        shown=State.POSTED.value if posted else "",
    )


def rate(work: Work) -> Done:
    """Say how it was, once.

    Raises, the first that applies:
        OrderValueInvalid: not 1 to 5 stars.
        OrderAlreadyRated: it was rated before.
    """
    stars = work.stated.stars
    if stars is None or not 1 <= stars <= 5:
        raise OrderValueInvalid(field="stars", given=str(stars))
    if stars_of(work.draft, work.order.order_id):
        raise OrderAlreadyRated(order=work.order.order_id)
    return Done({"stars": stars}, state=State.CONFIRMED, shown=State.POSTED.value)


# Parts of effects --------------------------------------------------------------------------


def _wanted(order: Order) -> datetime:
    return datetime.fromisoformat(f"{order.wanted_on}T{order.wanted_at}")


def _signed_in(order: Order) -> datetime:
    return datetime.fromisoformat(order.signed_in_at)


def _service(work: Work, volunteer: Party, payer: Payer, start: datetime, minutes: int) -> Service:
    code = work.order.class_code
    ends = start + timedelta(minutes=minutes)
    return Service(start, ends, name_of(code), code, (volunteer,), (work.elder,), payer=payer)


def _charge(bank: Bank, service: Service) -> int:
    """What the payer will owe if the visit lasts as long as was asked for."""
    start = service.starts_at
    facts = ServiceFacts(
        given_minutes=service.given_minutes,
        service_class=service.class_code,
        professional=is_professional(service.class_code),
        starts_at_minute=start.hour * 60 + start.minute,
        has_payer=service.payer is not Payer.NOBODY,
    )
    return price(bank.profile_on(start.date()), facts).charged


def _check_free(work: Work, volunteer: Party) -> None:
    order = work.order
    start = _wanted(order)
    ends = start + timedelta(minutes=order.wanted_minutes)
    for order_id, at, minutes in work.draft.rows(
        _BUSY, volunteer.person_id, order.wanted_on, order.order_id
    ):
        other = datetime.fromisoformat(f"{order.wanted_on}T{at}")
        if other < ends and start < other + timedelta(minutes=minutes):
            raise VolunteerBusy(order=order_id)


def _last_start_ms(order: Order) -> int:
    """The end of the last day on which the visit may begin."""
    day = date.fromisoformat(order.wanted_on) + timedelta(days=LATEST_START_DAYS + 1)
    return milliseconds(instant_of(day, time.min))


def _hold(work: Work, payer: str, payee: str, minutes: int, expires_ms: int) -> str:
    return work.draft.place_hold(
        payer=payer,
        payee=payee,
        minutes=minutes,
        expires_ms=expires_ms,
        facts={"do": "hold", "order": work.order.order_id},
    )


def _hold_on(work: Work) -> str:
    """The same minutes held anew, for as long as a confirmation may take."""
    hold = work.draft.hold(work.order.hold_id)
    _release(work)
    until = from_milliseconds(work.draft.recorded_ms) + timedelta(days=366 * CONFIRMATION_YEARS)
    return _hold(work, hold.payer, hold.payee, hold.held_minutes, milliseconds(until))


def _release(work: Work) -> None:
    """Set free what is held still; a hold that has expired did so by itself."""
    held = work.order.hold_id
    if held and work.draft.hold(held).state is HoldState.PLACED:
        facts: Facts = {"do": "release", "order": work.order.order_id}
        work.draft.release(work.order.hold_id, facts)


def _check_code(work: Work) -> None:
    code = work.stated.code.strip()
    if code:
        if not hmac.compare_digest(code.encode(), work.order.door_code.encode()):
            raise WrongDoorCode(field="code")
    elif work.who is Who.VOLUNTEER:
        raise WrongDoorCode(field="code")
    elif not work.stated.reason.strip():
        raise MissingField(field="reason")


def _stated_time(work: Work) -> datetime:
    """The stated wall time, or now."""
    if not work.stated.at:
        return work.now
    try:
        at = datetime.strptime(work.stated.at, "%Y-%m-%dT%H:%M")
    except ValueError:
        raise OrderValueInvalid(field="start", given=work.stated.at[:40]) from None
    if at > work.now:
        raise InTheFuture(on=work.stated.at, today=wall_time(work.now))
    return at
