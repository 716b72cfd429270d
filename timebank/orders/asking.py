"""A wish for care comes in: from the kiosk, by telephone, on paper, or at the counter."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, text

from ledger.draft import Draft, Facts
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import (
    AssistantMissing,
    MissingField,
    NotPermitted,
    OrderValueInvalid,
    UnknownClass,
    WishInThePast,
)
from timebank.estates.living import check_living
from timebank.orders.cost import expected_charge
from timebank.orders.model import Channel, State, Who, Wish
from timebank.orders.presence import point_in
from timebank.orders.store import BOOK, write_down
from timebank.orders.tables import SERVICE_ORDER
from timebank.outbox.telling import tell_of_step
from timebank.people.delegates import IS_DELEGATE
from timebank.people.directory import ids_by_number
from timebank.policy.eligibility import check_class
from timebank.records.classes import is_professional, offered_classes
from timebank.records.model import MOST_MINUTES, Party, Payer
from timebank.records.parties import parties_by_id, recipient_of
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role
from timebank.suspensions.model import Part
from timebank.suspensions.participation import check_participating

LONGEST_TEXT = 200

_NUMBER = (
    "SELECT coalesce(max(number), 0) FROM service_order WHERE book_id = 1 AND station_code = ?"
)
_ASSISTED = frozenset({Channel.TELEPHONE, Channel.STAFF, Channel.PAPER})


def request_order(bank: Bank, actor: Actor, station_code: str, wish: Wish, *, key: str) -> Answer:
    """Take a wish down; answers the order's id, number and state.

    A member asks for themselves, or for an elder who named them a delegate for that, and with the
    elder's credit, whatever ``wish.payer`` says.  Whoever has no hours may ask as well:
    ``payer_needed`` is answered, and the station settles whose credit pays.

    Raises, the first that applies:
        NotPermitted: neither a member nor the station's staff; or for an elder who did not name
            them.
        AssistantMissing: a wish by telephone, counter or paper that nobody wrote down.
        UnknownClass: no class of that code.
        OrderValueInvalid: no day, no time of day, minutes out of 1 to 1440, too long a text, or a
            position that is none.
        MissingField: a position without a place.
        UnknownMember … AmbiguousMember: see :func:`timebank.records.parties.find`.
        PersonDeceased: the elder has died.
        PersonSuspended: the elder takes no part at present.
        WishInThePast: the day is over.
        NoProfileInForce, ExcludedService: by the profile of that day.
    """
    require(actor, "request_order", Role.MEMBER, Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    elder, who = _asker(bank, actor, station_code, wish)
    if actor.role is Role.MEMBER:  # Whose credit pays instead, the station decides.
        wish = replace(wish, payer=Payer.ELDER)
    on = _check(wish)

    def decide(draft: Draft) -> dict[str, Any]:
        check_living(draft, elder.person_id, "elder")
        today = bank.today()
        check_participating(draft, elder.person_id, Part.ELDER, today, "elder")
        if on < today:
            raise WishInThePast(on=wish.wanted_on, today=today.isoformat())
        check_class(
            bank.profile_on(on), wish.class_code, professional=is_professional(wish.class_code)
        )
        order_id = draft.new_id("ordr")
        number = draft.rows(_NUMBER, station_code)[0][0] + 1
        draft.state(order_id, _facts(actor, order_id, station_code, elder, wish))
        draft.add(
            insert(SERVICE_ORDER),
            [_row(bank, draft, order_id, number, station_code, elder, wish)],
        )
        place = write_down(draft, order_id, "request", State.REQUESTED, actor, who, "")
        tell_of_step(draft, "request", order_id, place, elder.person_id, "", station_code)
        return {
            "number": number,
            "order": order_id,
            "payer_needed": _is_short(bank, draft, elder, wish),
            "state": State.REQUESTED.value,
        }

    action = bank.action(
        actor, "order", decide, key=key, content=_content(station_code, elder, wish),
        station_code=station_code,
    )  # fmt: skip
    return bank.act(action)


def _facts(actor: Actor, order_id: str, station_code: str, elder: Party, wish: Wish) -> Facts:
    """What is signed of a wish: codes and opaque ids, nothing of need, place or assistant."""
    return {
        "by": actor.actor_id,
        "channel": wish.channel.value,
        "class": wish.class_code,
        "do": "order",
        "elder": elder.account_id,
        "minutes": wish.wanted_minutes,
        "on": wish.wanted_on,
        "order": order_id,
        "payer": wish.payer.value,
        "station": station_code,
        "step": "request",
    }


def _asker(bank: Bank, actor: Actor, station_code: str, wish: Wish) -> tuple[Party, Who]:
    if actor.role is Role.MEMBER:
        with bank.read() as connection:
            elder_id = _asked_for(bank, connection, actor, wish.elder.strip().upper())
            found = parties_by_id(bank, connection, [elder_id]).get(elder_id)
        if found is None or "elder" not in found.roles:
            raise NotPermitted(role=actor.role.value, action="request_order")
        _check_assistant(wish)
        return found, Who.ELDER if elder_id == actor.person_id else Who.FAMILY
    require_station(actor, "request_order", station_code)
    _check_assistant(wish)
    return recipient_of(bank, wish.elder), Who(actor.role.value)


def _asked_for(bank: Bank, connection: Connection, actor: Actor, number: str) -> str:
    """Whom a member means: themselves, or an elder who lets them ask; else it is not permitted."""
    elder_id = ids_by_number(connection, [number]).get(number, "") if number else actor.person_id
    if elder_id == actor.person_id:
        return elder_id
    asked = {"elder": elder_id, "me": actor.person_id, "on": bank.today().isoformat()}
    row = connection.execute(text(IS_DELEGATE), asked).first()
    if row is None or not row.may_ask:
        raise NotPermitted(role=actor.role.value, action="request_order")
    return elder_id


def _check_assistant(wish: Wish) -> None:
    if wish.channel in _ASSISTED and not wish.assistant.strip():
        raise AssistantMissing(channel=wish.channel.value)


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
    try:
        point = point_in(wish.point) if wish.point else None
    except ValueError:
        raise OrderValueInvalid(field="point", given="") from None
    if point is not None and not wish.place.strip():
        raise MissingField(field="place")
    check_text(wish.need, wish.place, wish.assistant)
    return on


def _is_short(bank: Bank, draft: Draft, elder: Party, wish: Wish) -> bool:
    """Whether the elder has not the minutes, so that the station finds somebody else who pays."""
    if wish.payer is not Payer.ELDER:
        return False
    starts_at = datetime.fromisoformat(f"{wish.wanted_on}T{wish.wanted_at}")
    charge = expected_charge(bank, wish.class_code, starts_at, wish.wanted_minutes, wish.payer)
    return draft.account(elder.account_id).available < charge


def _row(
    bank: Bank,
    draft: Draft,
    order_id: str,
    number: int,
    station_code: str,
    elder: Party,
    wish: Wish,
) -> dict[str, Any]:
    opening = {"need": wish.need.strip(), "place": wish.place.strip(), "point": wish.point.strip()}
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
        "point": wish.point,
        "station": station_code,
    }
