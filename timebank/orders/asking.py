"""A wish for care comes in: from the kiosk, by telephone, on paper, or at the counter."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from ledger.draft import Draft
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import (
    AssistantMissing,
    NotPermitted,
    OrderValueInvalid,
    UnknownClass,
    WishInThePast,
)
from timebank.orders.model import Channel, State, Who, Wish
from timebank.orders.store import BOOK, write_down
from timebank.orders.tables import SERVICE_ORDER
from timebank.outbox.telling import tell_of_step
from timebank.policy.eligibility import check_class
from timebank.records.classes import is_professional, offered_classes
from timebank.records.model import MOST_MINUTES, Party
from timebank.records.parties import parties_by_id, recipient_of
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

LONGEST_TEXT = 200

_NUMBER = (
    "SELECT coalesce(max(number), 0) FROM service_order WHERE book_id = 1 AND station_code = ?"
)
_ASSISTED = frozenset({Channel.TELEPHONE, Channel.STAFF, Channel.PAPER})


def request_order(bank: Bank, actor: Actor, station_code: str, wish: Wish, *, key: str) -> Answer:
    """Take a wish down; answers the order's id, number and state.

    A member asks for themselves, whatever ``wish.elder`` says.  Whoever has no hours may ask as
    well: whose credit pays is settled when the station looks at it.

    Raises, the first that applies:
        NotPermitted: neither a member nor the station's staff.
        AssistantMissing: a wish by telephone, counter or paper that nobody wrote down.
        UnknownClass: no class of that code.
        OrderValueInvalid: no day, no time of day, minutes out of 1 to 1440, or too long a text.
        UnknownMember … AmbiguousMember: see :func:`timebank.records.parties.find`.
        WishInThePast: the day is over.
        NoProfileInForce, ExcludedService: by the profile of that day.
    """
    require(actor, "request_order", Role.MEMBER, Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    elder, who = _asker(bank, actor, station_code, wish)
    on = _check(wish)

    def decide(draft: Draft) -> dict[str, Any]:
        today = bank.today()
        if on < today:
            raise WishInThePast(on=wish.wanted_on, today=today.isoformat())
        check_class(
            bank.profile_on(on), wish.class_code, professional=is_professional(wish.class_code)
        )
        order_id = draft.new_id("ordr")
        number = draft.rows(_NUMBER, station_code)[0][0] + 1
        facts = {
            "by": actor.actor_id,
            "channel": wish.channel.value,
            "class": wish.class_code,
            "do": "order",
            "elder": elder.account_id,
            "minutes": wish.wanted_minutes,
            "on": wish.wanted_on,
            "order": order_id,
            "station": station_code,
            "step": "request",
        }
        draft.state(order_id, dict(facts))
        draft.add(
            insert(SERVICE_ORDER),
            [_row(bank, draft, order_id, number, station_code, elder, wish)],
        )
        place = write_down(draft, order_id, "request", State.REQUESTED, actor, who, "")
        tell_of_step(draft, "request", order_id, place, elder.person_id, "", station_code)
        return {"number": number, "order": order_id, "state": State.REQUESTED.value}

    action = bank.action(
        actor, "order", decide, key=key, content=_content(station_code, elder, wish),
        station_code=station_code,
    )  # fmt: skip
    return bank.act(action)


def _asker(bank: Bank, actor: Actor, station_code: str, wish: Wish) -> tuple[Party, Who]:
    if actor.role is Role.MEMBER:
        with bank.read() as connection:
            found = parties_by_id(bank, connection, [actor.person_id]).get(actor.person_id)
        if found is None or "elder" not in found.roles:
            raise NotPermitted(role=actor.role.value, action="request_order")
        return found, Who.ELDER
    require_station(actor, "request_order", station_code)
    if wish.channel in _ASSISTED and not wish.assistant.strip():
        raise AssistantMissing(channel=wish.channel.value)
    return recipient_of(bank, wish.elder), Who(actor.role.value)


def _check(wish: Wish) -> date:
    """The wished day of a wish that is of its form."""
    if wish.class_code not in {one.code for one in offered_classes()}:
        raise UnknownClass(field="content", service_class=wish.class_code[:40])
    try:
        on = date.fromisoformat(wish.wanted_on)
    except ValueError:
        raise OrderValueInvalid(field="date", given=wish.wanted_on[:40]) from None
    try:
        datetime.strptime(wish.wanted_at, "%H:%M")
    except ValueError:
        raise OrderValueInvalid(field="start", given=wish.wanted_at[:40]) from None
    if not 1 <= wish.wanted_minutes <= MOST_MINUTES:
        raise OrderValueInvalid(field="duration", given=str(wish.wanted_minutes))
    for name, words in (("content", wish.need), ("place", wish.place), ("name", wish.assistant)):
        if len(words) > LONGEST_TEXT:
            raise OrderValueInvalid(field=name, given=f"{len(words)}")
    check_text(wish.need, wish.place, wish.assistant)
    return on


def _row(
    bank: Bank,
    draft: Draft,
    order_id: str,
    number: int,
    station_code: str,
    elder: Party,
    wish: Wish,
) -> dict[str, Any]:
    opening = {"need": wish.need.strip(), "place": wish.place.strip()}
    return {
        "book_id": BOOK,
        "order_id": order_id,
        "station_code": station_code,
        "number": number,
        "state": State.REQUESTED.value,
        "elder_id": elder.person_id,
        "class_code": wish.class_code,
        "wanted_on": wish.wanted_on,
        "wanted_at": wish.wanted_at,
        "wanted_minutes": wish.wanted_minutes,
        "payer": wish.payer.value,
        "channel": wish.channel.value,
        "assistant": wish.assistant.strip(),
        "volunteer_id": "",
        "hold_id": "",
        "held_minutes": 0,
        "door_code": "",
        "signed_in_at": "",
        "signed_out_at": "",
        "signed_out_by": "",
        "record_id": "",
        "stars": 0,
        "opening": bank.vault.seal(elder.person_id, elder.wrapped, opening),
        "requested_ms": draft.recorded_ms,
    }


def _content(station_code: str, elder: Party, wish: Wish) -> dict[str, Any]:
    """The request as it is bound to its idempotency key."""
    return {
        "assistant": wish.assistant,
        "channel": wish.channel.value,
        "class": wish.class_code,
        "elder": elder.person_id,
        "minutes": wish.wanted_minutes,
        "need": wish.need,
        "on": wish.wanted_on,
        "at": wish.wanted_at,
        "payer": wish.payer.value,
        "place": wish.place,
        "station": station_code,
    }
