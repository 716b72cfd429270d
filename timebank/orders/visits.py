"""A visit begins and ends: who shows it by what, when, and how far from the agreed place."""

import hmac
from datetime import date, datetime, timedelta
from typing import Any

from ledger.draft import Facts
from timebank.clock import from_milliseconds, milliseconds
from timebank.errors import (
    EndBeforeStart,
    InTheFuture,
    MissingField,
    OrderValueInvalid,
    VisitNotThatDay,
    WrongDoorCode,
)
from timebank.errors.cards import CardOfAnother, CardReadTwice
from timebank.orders.effects import hold, release, signed_in
from timebank.orders.model import LATEST_START_DAYS, STAFF, Who
from timebank.orders.presence import Detail, Means, Point, point_in, read_code
from timebank.orders.store import opening_of
from timebank.orders.work import Done, Work
from timebank.people.cards import holder_of_card
from timebank.records.model import MOST_MINUTES, wall_time
from timebank.suspensions.model import Part
from timebank.suspensions.participation import check_participating

LEAST_CARD_MINUTES = 5
"""Minutes after the sign-in before which a card that is read again is taken for read twice."""

CONFIRMATION_YEARS = 10
"""How long minutes stay held once a visit has begun: confirmation, notice and dispute take time,
and a hold does not run out meanwhile."""


def sign_in(work: Work) -> Done:
    """Begin the visit; from here on the hold waits for the confirmation.

    A volunteer needs the door code, the elder nothing but their own card; staff may go without, and
    then have the volunteer's card read or say why.

    Raises, the first that applies:
        OrderValueInvalid: a card that no staff had read, or a time of its own with a card.
        CardOfAnother: the card is not one of the volunteer.
        WrongDoorCode: the code is not the one on the elder's slip.
        MissingField: no code and no reason.
        OrderValueInvalid, InTheFuture: the stated time is none, or is not over.
        PersonSuspended: one of the two was suspended since they were matched.
        VisitNotThatDay: earlier than the agreed day, or :data:`LATEST_START_DAYS` after it.
        OrderValueInvalid: the stated position is none.
    """
    means = _means(work, begins=True)
    at, order = _stated_time(work), work.order
    check_participating(work.draft, order.elder_id, Part.ELDER, at.date(), "elder")
    check_participating(work.draft, order.volunteer_id, Part.VOLUNTEER, at.date(), "volunteer")
    wanted = date.fromisoformat(work.order.wanted_on)
    if not wanted <= at.date() <= wanted + timedelta(days=LATEST_START_DAYS):
        raise VisitNotThatDay(on=at.date().isoformat(), wanted_on=work.order.wanted_on)
    values: dict[str, Any] = {"signed_in_at": wall_time(at)}
    if work.order.hold_id:
        values["hold_id"] = _hold_on(work)
    detail = _seen(work, means)
    return Done(values, _told(detail), detail=detail)


def sign_out(work: Work) -> Done:
    """End the visit, as agreed or before; nobody is credited by silence.

    A volunteer without the code is taken at their word, which the station sees before it confirms.

    Raises, the first that applies:
        OrderValueInvalid, CardOfAnother: as :func:`sign_in`.
        WrongDoorCode: a code that is not the one on the elder's slip.
        CardReadTwice: by a card, and less than :data:`LEAST_CARD_MINUTES` after the sign-in.
        OrderValueInvalid, InTheFuture: the stated time is none, or is not over.
        EndBeforeStart: not after the sign-in.
        OrderValueInvalid: more than a day after it, or the stated position is none.
    """
    means = _means(work, begins=False)
    if work.stated.card:
        _check_not_twice(work)
    at, start = _stated_time(work), signed_in(work.order)
    if at <= start:
        raise EndBeforeStart(start=start.strftime("%H:%M"), end=at.strftime("%H:%M"))
    minutes = int((at - start).total_seconds()) // 60
    if minutes > MOST_MINUTES:
        raise OrderValueInvalid(field="end", given=wall_time(at))
    values = {"signed_out_at": wall_time(at), "signed_out_by": work.actor.actor_id}
    detail = _seen(work, means)
    facts: Facts = {"given": minutes, **_told(detail)}
    return Done(values, facts, {"minutes": minutes}, detail=detail)


# Parts of visits ---------------------------------------------------------------------------


def _hold_on(work: Work) -> str:
    """The same minutes held anew, for as long as a confirmation may take."""
    held = work.draft.hold(work.order.hold_id)
    release(work)
    until = from_milliseconds(work.draft.recorded_ms) + timedelta(days=366 * CONFIRMATION_YEARS)
    return hold(work, held.payer, held.payee, held.held_minutes, milliseconds(until))


def _means(work: Work, *, begins: bool) -> Means:
    """How a visit is shown to begin or end, once the code that was stated is the right one."""
    if work.stated.card:
        _check_card(work)
    means, digits = read_code(work.stated.code.strip(), work.order.order_id)
    if digits or means is Means.QR:
        if not hmac.compare_digest(digits.encode(), work.order.door_code.encode()):
            raise WrongDoorCode(field="code")
        return means
    if work.who is Who.ELDER:
        return Means.CARD
    if work.who is Who.VOLUNTEER:
        if begins:
            raise WrongDoorCode(field="code")
        return Means.WORD
    if work.stated.card:
        return Means.CARD
    if begins and not work.stated.reason.strip():
        raise MissingField(field="reason")
    return Means.CLERK


def _check_card(work: Work) -> None:
    """A card is read at the station and now: whoever types its number elsewhere shows nothing."""
    if work.who not in STAFF:
        raise OrderValueInvalid(field="card", given="")
    if work.stated.at:
        raise OrderValueInvalid(field="start", given=work.stated.at[:40])
    if holder_of_card(work.draft.query, work.stated.card) != work.order.volunteer_id:
        raise CardOfAnother(field="card")


def _check_not_twice(work: Work) -> None:
    start = signed_in(work.order)
    if work.now - start < timedelta(minutes=LEAST_CARD_MINUTES):
        raise CardReadTwice(start=start.strftime("%H:%M"), least=LEAST_CARD_MINUTES)


def _seen(work: Work, means: Means) -> Detail:
    """What is kept of a sign-in or sign-out; a limit of distance binds the volunteer's device."""
    stated_at = work.stated.at
    here = _point(work.stated.point)
    limit = work.bank.profile_on(work.now.date()).visits.geofence_metres
    if limit is None or work.who is not Who.VOLUNTEER:
        return Detail(means.value, stated_at)
    sealed = opening_of(work.draft, work.order.order_id)
    opening = work.bank.vault.open(work.elder.person_id, work.elder.wrapped, sealed)
    there = _point(str(opening.get("point", "")))
    if there is None:
        return Detail(means.value, stated_at)
    distance = None if here is None else here.metres_to(there)
    return Detail(means.value, stated_at, distance, limit.value)


def _told(detail: Detail) -> Facts:
    """What is signed of it: codes, never a place or a distance."""
    fence = detail.fence
    means: Facts = {"means": detail.means}
    return means if fence is None else {**means, "fence": fence.value}


def _point(text: str) -> Point | None:
    """A stated position; it is not repeated where it is refused."""
    try:
        return point_in(text) if text else None
    except ValueError:
        raise OrderValueInvalid(field="point", given="") from None


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
