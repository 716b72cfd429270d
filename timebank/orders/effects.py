"""What single steps of an order do: minutes are held, set free and settled, visits begin and end.

Each effect judges what is its own, tells the ledger what moves, and answers what changes in the
order; the frame in :mod:`timebank.orders.steps` stores it.
"""

import secrets
from datetime import date, datetime, time, timedelta

from ledger.draft import Facts
from ledger.holds import HoldState
from timebank.clock import instant_of, milliseconds
from timebank.errors import (
    ConfirmedBeyondVisit,
    ConfirmerNotIndependent,
    FamilyOfVolunteer,
    MissingField,
    OrderAlreadyRated,
    OrderValueInvalid,
    VolunteerBusy,
)
from timebank.errors.organisations import OrganisationNotSent
from timebank.estates.living import check_living
from timebank.matching.permission import admit
from timebank.orders.cost import expected_charge
from timebank.orders.family import are_kin
from timebank.orders.model import LATEST_START_DAYS, STAFF, Order, State, Who
from timebank.orders.presence import Detail, Word
from timebank.orders.store import stars_of
from timebank.orders.work import Done, Work
from timebank.people.model import GROUP
from timebank.records.actions import decide_service
from timebank.records.admitting import Admission
from timebank.records.classes import name_of
from timebank.records.model import Party, Payer, Service
from timebank.records.movements import payer_account
from timebank.suspensions.model import Part
from timebank.suspensions.participation import check_participating

_BUSY = (
    "SELECT order_id, wanted_at, wanted_minutes FROM service_order WHERE book_id = 1 "
    "AND volunteer_id = ? AND wanted_on = ? AND order_id <> ? "
    "AND state IN ('matched', 'accepted', 'signed_in')"
)
_PARTIES = ("volunteer", "elder")


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
        OrganisationNotSent: an organisation was.
        PersonDeceased: the elder or the volunteer has died.
        PersonSuspended: one of them takes no part at present.
        UnderAge … QuarterUsedUp: see :meth:`timebank.records.admitting.Admission.check`.
        VolunteerExcluded … SkillMissing: see :func:`timebank.matching.permission.admit`.
        VolunteerBusy: they agreed to another visit at that time.
        FloorExceeded: the payer has not the minutes.
    """
    order, volunteer = work.order, work.chosen
    if volunteer is None:
        raise MissingField(field="volunteer")
    if GROUP in volunteer.roles:
        raise OrganisationNotSent
    check_living(work.draft, work.elder.person_id, "elder")
    check_living(work.draft, volunteer.person_id, "volunteer")
    today = work.bank.today()
    check_participating(work.draft, work.elder.person_id, Part.ELDER, today, "elder")
    check_participating(work.draft, volunteer.person_id, Part.VOLUNTEER, today, "volunteer")
    payer = work.stated.payer or order.payer
    service = _service(work, volunteer, payer, _wanted(order), order.wanted_minutes)
    on = service.starts_at.date()
    profile = work.bank.profile_on(on)
    Admission(work.bank, work.draft).check(profile, service, on)
    admit(work.draft, profile, order, volunteer.person_id)
    _check_free(work, volunteer)
    held = expected_charge(
        work.bank, order.class_code, service.starts_at, order.wanted_minutes, payer
    )
    account = payer_account(work.bank.account_of, payer, work.elder.account_id)
    hold_id = ""
    if payer is not Payer.NOBODY and held:
        hold_id = hold(work, account, volunteer.account_id, held, _last_start_ms(order))
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
    release(work)
    return Done(dict(_NOBODY_MATCHED))


def set_free(work: Work) -> Done:
    """The order ends without credit: what was held is free again."""
    release(work)
    return Done(dict(_NOTHING_HELD))


def no_show(work: Work) -> Done:
    """Note who did not come; the minutes are free.

    Raises:
        OrderValueInvalid: ``party`` is neither volunteer nor elder.
    """
    if work.stated.party not in _PARTIES:
        raise OrderValueInvalid(field="party", given=work.stated.party[:40])
    release(work)
    return Done(dict(_NOTHING_HELD), {"party": work.stated.party})


def confirm(work: Work) -> Done:
    """Confirm the minutes: the service is recorded and, unless a review follows, posted.

    Raises, the first that applies:
        ConfirmerNotIndependent: whoever signed the visit out.
        FamilyOfVolunteer: a relative of the elder who is one of the volunteer's, too.
        ConfirmedBeyondVisit: more minutes than the visit had, or none.
        InTheFuture … CeilingExceeded: see :func:`timebank.records.actions.decide_service`.
        SettlementExceedsHold: more would be charged than is held.
    """
    order = work.order
    if work.actor.actor_id == order.signed_out_by:
        raise ConfirmerNotIndependent(order=order.order_id)
    if work.who is Who.FAMILY and are_kin(work.draft, order.volunteer_id, work.actor.person_id):
        raise FamilyOfVolunteer(order=order.order_id)
    start = signed_in(order)
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
    word = (work.stated.word or Word.STATION).value if work.who in STAFF else ""
    facts: Facts = {"minutes": minutes, "record": made["record"]}
    return Done(
        {"record_id": made["record"], **(_NOTHING_HELD if posted else {})},
        {**facts, "word": word} if word else facts,
        {name: made[name] for name in ("credits", "minutes", "record")},
        shown=State.POSTED.value if posted else "",
        detail=Detail(word=word, record_id=made["record"]),
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


def signed_in(order: Order) -> datetime:
    """When the visit began."""
    return datetime.fromisoformat(order.signed_in_at)


def _service(work: Work, volunteer: Party, payer: Payer, start: datetime, minutes: int) -> Service:
    code = work.order.class_code
    ends = start + timedelta(minutes=minutes)
    return Service(start, ends, name_of(code), code, (volunteer,), (work.elder,), payer=payer)


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


def hold(work: Work, payer: str, payee: str, minutes: int, expires_ms: int) -> str:
    """Set minutes aside for the order; answers the hold's id."""
    return work.draft.place_hold(
        payer=payer,
        payee=payee,
        minutes=minutes,
        expires_ms=expires_ms,
        facts={"do": "hold", "order": work.order.order_id},
    )


def release(work: Work) -> None:
    """Set free what is held still; a hold that has expired did so by itself."""
    held = work.order.hold_id
    if held and work.draft.hold(held).state is HoldState.PLACED:
        facts: Facts = {"do": "release", "order": work.order.order_id}
        work.draft.release(work.order.hold_id, facts)
