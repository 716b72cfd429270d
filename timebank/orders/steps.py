"""Steps of an order: one frame for all, and below it what each of them does besides.

Whether a step may be taken is asked in this order: does the order concern whoever asks, may
somebody in that capacity take the step, does it lead on from where the order stands, was said what
it needs.  Only then is anything of its own judged.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from ledger.draft import Draft, Facts
from ledger.ids import new_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import (
    MissingField,
    NotPermitted,
    OrderChanged,
    OrderStepNotAllowed,
    OrderValueInvalid,
    UnknownOrder,
)
from timebank.integrity.acts import note_act
from timebank.orders import effects, visits
from timebank.orders.family import family_for, family_in
from timebank.orders.model import STEP_BY_NAME, Order, Stated, Step, Who, is_stale, standing
from timebank.orders.store import change, note_detail, order_for, order_in, write_down
from timebank.orders.work import Done, Work
from timebank.outbox.telling import tell_of_step
from timebank.records.parties import parties_by_id, volunteer_of
from timebank.stations.model import Actor

LONGEST_REASON = 200

AT_A_DEVICE = frozenset({"sign_in", "sign_out", "interrupt", "confirm"})
"""Steps of which is kept on which device they were taken."""


def take_step(
    bank: Bank, actor: Actor, order_id: str, name: str, stated: Stated, *, key: str
) -> Answer:
    """Take a step of an order; answers its id and state, and what the step brought besides.

    Raises, the first that applies:
        OrderValueInvalid: there is no such step, or too long a reason.
        UnknownOrder: there is no such order, or it does not concern the actor.
        NotPermitted: in the actor's capacity nobody takes this step.
        UnknownMember … AmbiguousMember: the volunteer who is named, for a match.
        OrderChanged: somebody else was named meanwhile.
        OrderStepNotAllowed: it does not lead on from where the order stands.
        MissingField: no reason, where the step needs one.
        and what the step itself refuses, see :mod:`timebank.orders.effects` and
        :mod:`timebank.orders.visits`.
    """
    step = STEP_BY_NAME.get(name)
    if step is None:
        raise OrderValueInvalid(field="step", given=name[:40])
    if len(stated.reason) > LONGEST_REASON:
        raise OrderValueInvalid(field="reason", given=str(len(stated.reason)))
    check_text(
        stated.reason, stated.volunteer, stated.code, stated.at, stated.party, stated.point,
        stated.card,
    )  # fmt: skip
    with bank.read() as connection:
        seen = order_in(connection, order_id)
        _allowed(actor, seen, step, family_in(connection, actor, seen, bank.today()))
        people = parties_by_id(bank, connection, [seen.elder_id, seen.volunteer_id])
    chosen = volunteer_of(bank, stated.volunteer) if step.name == "match" else None

    def decide(draft: Draft) -> dict[str, Any]:
        order = order_for(draft, order_id)
        who = _allowed(actor, order, step, family_for(draft, actor, order, bank.today()))
        if order.volunteer_id != seen.volunteer_id:
            raise OrderChanged(order=order_id)
        return _take(Work(bank, draft, actor, who, order, step, stated, people, chosen))

    action = bank.action(
        actor,
        "order",
        decide,
        key=key,
        content=_content(order_id, step, stated),
        station_code=seen.station_code,
        batch=new_id("batch", bank.now_ms()) if step.moves else None,
    )
    return bank.act(action)


def lapse(bank: Bank, draft: Draft, actor: Actor, order_id: str, today: date) -> bool:
    """Close an order that nobody led on, within a job's action; ``False``: somebody did meanwhile.

    Raises:
        UnknownOrder: there is no such order, or the actor is no scheduler.
        NotPermitted: the actor is a member or staff.
    """
    order, step = order_for(draft, order_id), STEP_BY_NAME["lapse"]
    who = _allowed(actor, order, step, False)
    if not is_stale(order, today):
        return False
    _take(Work(bank, draft, actor, who, order, step, Stated(), {}, None))
    return True


def _allowed(actor: Actor, order: Order, step: Step, family: bool) -> Who:
    who = standing(actor, order, family=family)
    if who is None:
        raise UnknownOrder(order=order.order_id)
    if who not in step.by:
        raise NotPermitted(role=who.value, action=step.name)
    return who


def _take(work: Work) -> dict[str, Any]:
    order, step, stated = work.order, work.step, work.stated
    if order.state not in step.sources:
        raise OrderStepNotAllowed(order=order.order_id, state=order.state.value, step=step.name)
    if step.needs_reason and not stated.reason.strip():
        raise MissingField(field="reason")
    effect = EFFECTS.get(step.name)
    done = Done() if effect is None else effect(work)
    state = done.state or step.target
    facts: Facts = {
        "by": work.actor.actor_id,
        "do": "order",
        "order": order.order_id,
        "step": step.name,
        "who": work.who.value,
        **done.facts,
    }
    work.draft.state(order.order_id, facts)
    change(work.draft, order.order_id, {"state": state.value, **done.values})
    place = write_down(
        work.draft, order.order_id, step.name, state, work.actor, work.who, stated.reason.strip()
    )
    if step.name in AT_A_DEVICE:
        note_act(work.draft, work.actor, order.order_id, step.name, place)
    if done.detail is not None:
        note_detail(work.draft, order.order_id, place, done.detail)
    volunteer = order.volunteer_id or done.values.get("volunteer_id", "")
    tell_of_step(
        work.draft, step.name, order.order_id, place, order.elder_id, volunteer, order.station_code
    )
    return {"order": order.order_id, "state": done.shown or state.value, **done.answer}


def _content(order_id: str, step: Step, stated: Stated) -> dict[str, Any]:
    """The request as it is bound to its idempotency key; a card stands in it where one was read."""
    card = {"card": stated.card} if stated.card else {}
    return {
        **card,
        "at": stated.at,
        "code": stated.code,
        "minutes": stated.minutes,
        "order": order_id,
        "party": stated.party,
        "payer": None if stated.payer is None else stated.payer.value,
        "point": stated.point,
        "reason": stated.reason,
        "stars": stated.stars,
        "step": step.name,
        "volunteer": stated.volunteer,
        "word": None if stated.word is None else stated.word.value,
    }


EFFECTS: dict[str, Callable[[Work], Done]] = {
    "vet": effects.vet,
    "match": effects.match,
    "decline": effects.give_back,
    "sign_in": visits.sign_in,
    "sign_out": visits.sign_out,
    "interrupt": visits.sign_out,
    "confirm": effects.confirm,
    "uphold": effects.set_free,
    "cancel": effects.set_free,
    "lapse": effects.set_free,
    "no_show": effects.no_show,
    "rate": effects.rate,
}
"""What a step does besides moving the order on; those that are not here do nothing else."""
