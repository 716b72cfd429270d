"""Reading orders: a board by station and state, one order with its history, the visit slip.

Names are masked but for the visit slip, which the two people of a visit and their station have.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.clock import local_datetime
from timebank.databases import check_text
from timebank.errors import NotPermitted, OrderStepNotAllowed, UnknownOrder
from timebank.errors.cards import UnknownCard
from timebank.orders.attention import (
    MISSED_AFTER_MINUTES,
    Alarm,
    alarms_of,
    is_sign_out_missed,
    shows_alarms,
)
from timebank.orders.family import OF_MY_FAMILY, family_in
from timebank.orders.history import TakenStep, history_of
from timebank.orders.model import OPEN_STATES, STEPS, Order, State, Who, standing
from timebank.orders.store import COLUMNS, JOINED, order_in, order_of_row
from timebank.people.accesses import Look, Purpose, note_looks
from timebank.people.cards import holder_of_card
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.people.portraits import portraits_of
from timebank.records.model import wall_time
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

READERS = (Role.OPERATOR, Role.AUDITOR, Role.CLERK, Role.REVIEWER, Role.MEMBER)
WITH_SLIP = frozenset({State.MATCHED, State.ACCEPTED, State.SIGNED_IN})
"""States in which an order has a visit slip."""

_SHOWN = "o.assistant, o.stars, o.requested_ms"
_LIST = f"SELECT {COLUMNS}, r.state AS record_state, {_SHOWN} {JOINED} WHERE o.book_id = 1"
_SIGNED_IN = text(
    f"{_LIST} AND o.state = 'signed_in' AND o.signed_in_at <= :latest "
    "AND (:station = '' OR o.station_code = :station) ORDER BY o.signed_in_at LIMIT :most"
)
_CLOSED = ", ".join(f"'{state.value}'" for state in State if state not in OPEN_STATES)
_MINE = {
    Who.ELDER: "o.elder_id = :me",
    Who.VOLUNTEER: "o.volunteer_id = :me AND o.elder_id <> :me",
    Who.FAMILY: f"o.elder_id <> :me AND o.volunteer_id <> :me AND {OF_MY_FAMILY}",
}
"""The orders on which a member acts in one capacity, as :func:`standing` tells it."""

_OPEN = (
    f" AND o.state NOT IN ({_CLOSED}) AND NOT (o.state = 'confirmed' "
    "AND coalesce(r.state, '') IN ('posted', 'reversed')) "
    "ORDER BY o.wanted_on, o.wanted_at, o.order_id LIMIT :most"
)
_OWN_OPEN = {who: text(f"{_LIST} AND {mine}{_OPEN}") for who, mine in _MINE.items()}
_OF_CARD = text(
    f"{_LIST} AND o.volunteer_id = :me AND o.station_code = :station "
    "AND (o.state = 'signed_in' OR o.wanted_on = :on AND o.state IN ('matched', 'accepted')) "
    "ORDER BY o.wanted_on, o.wanted_at, o.order_id"
)
_OPENING = text("SELECT opening FROM service_order WHERE book_id = 1 AND order_id = :order")

_STATE_SQL = {
    State.CONFIRMED: "o.state = 'confirmed' AND coalesce(r.state, '') = 'awaiting_review'",
    State.POSTED: "o.state = 'confirmed' AND r.state = 'posted'",
    State.REVERSED: "o.state = 'confirmed' AND r.state = 'reversed'",
    State.AWAITING_CONFIRMATION: (
        "(o.state = 'awaiting_confirmation' OR o.state = 'confirmed' AND r.state = 'rejected')"
    ),
}


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order as a list shows it; names are masked, empty where nobody is matched."""

    order: Order
    elder_number: str
    elder: str
    volunteer_number: str
    volunteer: str
    assistant: str
    stars: int
    requested_ms: int
    alarms: tuple[Alarm, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderFile:
    """One order with its history and the steps that whoever reads may take next."""

    shown: ShownOrder
    steps: tuple[TakenStep, ...]
    next_steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitSlip:
    """What both people of a visit hold: who comes to whom, and when.

    ``door_code`` is empty on the volunteer's: learnt at the door, it shows that they came.
    ``pictured`` are those of the two whose photograph the reader may see: of the members each sees
    the other's, their station both.
    """

    order: Order
    elder: str
    elder_number: str
    volunteer: str
    volunteer_number: str
    door_code: str
    pictured: frozenset[Who]
    need: str
    place: str


def orders_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    station_code: str = "",
    state: State | None = None,
    wanted_on: str = "",
    after: str = "",
    most: int = 50,
    who: Who | None = None,
) -> list[ShownOrder]:
    """A page of orders, the newest first; ``after`` is the id of the last one before it.

    A station's staff see their own station's, members those that concern them or whoever's family
    or delegate they are, or of these the ones on which they act as ``who``.

    Raises:
        NotPermitted: a kiosk, or staff of another station than ``station_code``.
    """
    require(actor, "read_orders", *READERS)
    if station_code:
        require_station(actor, "read_orders", station_code)
    conditions, wanted = [_LIST], dict[str, Any](most=most)
    station = actor.station_code or station_code
    if station:
        conditions.append("o.station_code = :station")
        wanted["station"] = station
    if actor.role is Role.MEMBER:
        every = f"(o.elder_id = :me OR o.volunteer_id = :me OR {OF_MY_FAMILY})"
        conditions.append(every if who is None else _MINE[who])
        wanted |= {"me": actor.person_id, "on": bank.today().isoformat()}
    if state is not None:
        conditions.append(_STATE_SQL.get(state, f"o.state = '{state.value}'"))
    if wanted_on:
        conditions.append("o.wanted_on = :wanted_on")
        wanted["wanted_on"] = wanted_on
    if after:
        conditions.append("o.order_id < :after")
        wanted["after"] = after
    query = text(" AND ".join(conditions) + " ORDER BY o.order_id DESC LIMIT :most")
    return _shown(bank, connection, actor, connection.execute(query, wanted).all())


def orders_of_card(
    bank: Bank, connection: Connection, actor: Actor, station_code: str, card_number: str
) -> list[ShownOrder]:
    """Today's visits at a station of the volunteer whose card was read, and one that still lasts.

    Raises, the first that applies:
        NotPermitted: no staff that leads orders, or of another station.
        ContentOutOfProfile: the number has a NUL sign.
        UnknownCard: no card in use has that number.
    """
    require(actor, "read_orders", Role.OPERATOR, Role.CLERK, Role.REVIEWER)
    require_station(actor, "read_orders", station_code)
    check_text(card_number)
    person_id = holder_of_card(connection.execute, card_number)
    if not person_id:
        raise UnknownCard(field="card")
    asked = {"me": person_id, "on": bank.today().isoformat(), "station": station_code}
    return _shown(bank, connection, actor, connection.execute(_OF_CARD, asked).all())


def own_open_orders(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    who: Who = Who.ELDER,
    most: int = 50,
) -> list[ShownOrder]:
    """The open orders on which the member who asks acts as elder, volunteer or family, the next
    visit first.

    Raises:
        NotPermitted: no member.
    """
    require(actor, "read_orders", Role.MEMBER)
    asked = {"me": actor.person_id, "most": most, "on": bank.today().isoformat()}
    rows = connection.execute(_OWN_OPEN[who], asked).all()
    return _shown(bank, connection, actor, rows)


def order_file(bank: Bank, connection: Connection, actor: Actor, order_id: str) -> OrderFile:
    """One order with its history.

    Raises:
        UnknownOrder: there is none, or it does not concern whoever reads.
    """
    query = text(f"{_LIST} AND o.order_id = :order")
    rows = connection.execute(query, {"order": order_id}).all()
    shown = _shown(bank, connection, actor, rows)
    who = None
    if shown:
        order = shown[0].order
        who = standing(actor, order, family=family_in(connection, actor, order, bank.today()))
    if not shown or (who is None and actor.role is not Role.AUDITOR):
        raise UnknownOrder(order=order_id[:60])
    return OrderFile(
        shown[0],
        history_of(connection, order_id, for_member=actor.role is Role.MEMBER),
        next_steps(shown[0].order.state, who),
    )


def missed_sign_outs(
    bank: Bank, connection: Connection, actor: Actor, station_code: str = "", most: int = 50
) -> list[ShownOrder]:
    """Visits that nobody signed out long after their agreed end, the oldest first.

    Raises:
        NotPermitted: neither staff nor auditor, or staff of another station.
    """
    require(actor, "read_orders", *(role for role in READERS if role is not Role.MEMBER))
    if station_code:
        require_station(actor, "read_orders", station_code)
    now = local_datetime(bank.clock.now()).replace(tzinfo=None)
    latest = wall_time(now - timedelta(minutes=MISSED_AFTER_MINUTES))
    asked = {"station": actor.station_code or station_code, "latest": latest, "most": most}
    rows = connection.execute(_SIGNED_IN, asked).all()
    missed = [row for row in rows if is_sign_out_missed(order_of_row(row[:-3]), now)]
    return _shown(bank, connection, actor, missed)


def next_steps(state: State, who: Who | None) -> tuple[str, ...]:
    """The steps that somebody in that capacity may take from there, in their usual order."""
    return tuple(
        step.name for step in STEPS if who is not None and state in step.sources and who in step.by
    )


def visit_slip(bank: Bank, actor: Actor, order_id: str) -> VisitSlip:
    """The slip of a visit; whoever takes it has looked at both people, which is written down.

    Raises, the first that applies:
        UnknownOrder: there is none, or it does not concern whoever asks.
        NotPermitted: an auditor has no visits.
        OrderStepNotAllowed: nobody is matched yet, or the visit is over.
    """
    with bank.read() as connection:
        order, who = slip_order(connection, actor, order_id)
        people = members(bank, connection, [order.elder_id, order.volunteer_id])
        sealed = connection.execute(_OPENING, {"order": order_id}).scalar_one()
        pictured = portraits_of(connection, [person_of(order, one) for one in portraits_seen(who)])
    elder, volunteer = people.get(order.elder_id), people.get(order.volunteer_id)
    if elder is None or volunteer is None:
        raise UnknownOrder(order=order_id[:60])
    wrapped = bank.wrapped_keys.of([order.elder_id])[order.elder_id]
    opening = bank.vault.open(order.elder_id, wrapped, bytes(sealed))
    note_visit_looks(bank, actor, order, (elder.person_id, volunteer.person_id), "name")
    return VisitSlip(
        order,
        elder.name,
        elder.numbers[0],
        volunteer.name,
        volunteer.numbers[0],
        "" if who is Who.VOLUNTEER else order.door_code,
        frozenset(one for one in portraits_seen(who) if person_of(order, one) in pictured),
        str(opening["need"]),
        str(opening["place"]),
    )


def slip_order(connection: Connection, actor: Actor, order_id: str) -> tuple[Order, Who]:
    """The order of a slip, and in what capacity the actor may hold it.

    Raises: as :func:`visit_slip`.
    """
    order = order_in(connection, order_id)
    who = standing(actor, order)
    if who is None:
        raise UnknownOrder(order=order_id[:60])
    if who is Who.SCHEDULER:
        raise NotPermitted(role=actor.role.value, action="visit_slip")
    if order.state not in WITH_SLIP:
        raise OrderStepNotAllowed(order=order_id[:60], state=order.state.value, step="visit_slip")
    return order, who


def portraits_seen(who: Who) -> tuple[Who, ...]:
    """Whose photographs a slip in those hands shows: the other's; on the station's paper both."""
    return tuple(one for one in (Who.ELDER, Who.VOLUNTEER) if one is not who)


def person_of(order: Order, who: Who) -> str:
    """The id of the order's elder or volunteer."""
    return order.elder_id if who is Who.ELDER else order.volunteer_id


def note_visit_looks(
    bank: Bank, actor: Actor, order: Order, person_ids: Iterable[str], field: str
) -> None:
    """Write down that the actor saw a field of these people of a visit, before it is shown."""
    looks = []
    for person_id in person_ids:
        own = person_id == actor.person_id
        reason = b""
        if not own:
            wrapped = bank.wrapped_keys.of([person_id])[person_id]
            told = {"reason": f"来访单 {order.station_code}-{order.number}"}
            reason = bank.vault.seal(person_id, wrapped, told)
        purpose = Purpose.OWN if own else Purpose.LOOK
        looks.append(Look(person_id, purpose, (field,), reason))
    note_looks(bank, actor, looks)


def _shown(
    bank: Bank, connection: Connection, actor: Actor, rows: Iterable[Any]
) -> list[ShownOrder]:
    read = [(order_of_row(row[:-3]), *row[-3:]) for row in rows]
    ids = {one for order, *_rest in read for one in (order.elder_id, order.volunteer_id) if one}
    orders = [one for one, *_rest in read]
    alarms = alarms_of(bank, connection, orders) if shows_alarms(actor) else {}
    known, others = members(bank, connection, ids), names_not_shown(connection, ids)

    def named(person_id: str) -> tuple[str, str]:
        member = known.get(person_id)
        if member is None:
            return "", others.get(person_id, "")
        return (member.numbers[0] if member.numbers else ""), mask_name(member.name)

    return [
        ShownOrder(
            order,
            *named(order.elder_id),
            *named(order.volunteer_id),
            assistant,
            stars,
            asked_ms,
            alarms.get(order.order_id, ()),
        )
        for order, assistant, stars, asked_ms in read
    ]
