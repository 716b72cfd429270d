"""What a station should look at before it leads an order on; nothing of it refuses anything.

Alarms are worked out when somebody looks and kept nowhere, so none of them can go stale.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, bindparam, text

from ledger.balances import balance_of
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_datetime
from timebank.errors import NoProfileInForce, UnknownOrder
from timebank.orders.cost import expected_charge, explain_charge
from timebank.orders.model import STAFF, Order, State, standing
from timebank.orders.presence import Detail, Fence, Means
from timebank.orders.store import order_in
from timebank.policy.explain import Explanation
from timebank.records.model import Payer
from timebank.records.movements import payer_account
from timebank.stations.model import Actor, Role

MISSED_AFTER_MINUTES = 60
"""Minutes after the agreed end from which a visit without a sign-out is an alarm."""

LATE_AFTER_MINUTES = 30
"""Minutes between a device's time and its arrival from which it counts as handed in late."""

WHO_MAY_PAY = (Payer.ELDER, Payer.GRANT, Payer.POOL, Payer.NOBODY)
"""In the order in which a station should think of them."""

BEFORE_THE_MATCH = frozenset({State.REQUESTED, State.VETTED, State.PUBLISHED})
"""States in which the station may still choose who pays."""


class Alarm(StrEnum):
    """Why a station should look; permanent words."""

    SIGN_OUT_MISSED = "sign_out_missed"
    OUTSIDE_FENCE = "outside_fence"
    PLACE_UNKNOWN = "place_unknown"
    OWN_WORD = "own_word"
    HANDED_IN_LATE = "handed_in_late"
    PAYER_NEEDED = "payer_needed"


@dataclass(frozen=True, slots=True)
class PayerShown:
    """One who may pay: minutes available (``None``: without bound), and minutes it would cost."""

    payer: Payer
    available_minutes: int | None
    charged_minutes: int

    @property
    def enough(self) -> bool:
        """Whether it could be paid so now."""
        return self.available_minutes is None or self.available_minutes >= self.charged_minutes


_VISITS = text(
    "SELECT d.order_id, d.means, d.stated_at, d.distance_metres, d.limit_metres, s.taken_ms "
    "FROM order_detail d JOIN order_step s ON s.book_id = d.book_id AND s.order_id = d.order_id "
    "AND s.place = d.place WHERE d.book_id = 1 AND d.means <> '' AND d.order_id IN :orders "
    "ORDER BY d.order_id, d.place"
).bindparams(bindparam("orders", expanding=True))
_AVAILABLE = text(
    "SELECT p.person_id, b.posted - b.held FROM person p "
    "JOIN account a ON a.book_id = p.book_id AND a.account_id = p.account_id "
    "JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no "
    "WHERE p.book_id = 1 AND p.person_id IN :people"
).bindparams(bindparam("people", expanding=True))
_ACCOUNT = text("SELECT account_id FROM person WHERE book_id = 1 AND person_id = :person")
_ORDER_OF_ALARMS = list(Alarm)


def alarms_of(
    bank: Bank, connection: Connection, orders: Collection[Order]
) -> dict[str, tuple[Alarm, ...]]:
    """The alarms of each order that has any, by its id; for staff and auditors only."""
    found: dict[str, set[Alarm]] = {}
    now = local_datetime(bank.clock.now()).replace(tzinfo=None)
    for order in orders:
        if is_sign_out_missed(order, now):
            found.setdefault(order.order_id, set()).add(Alarm.SIGN_OUT_MISSED)
    visited = [order.order_id for order in orders if order.signed_in_at]
    if visited:
        for row in connection.execute(_VISITS, {"orders": visited}):
            detail = Detail(row.means, row.stated_at, row.distance_metres, row.limit_metres)
            found.setdefault(row.order_id, set()).update(alarms_of_visit(detail, row.taken_ms))
    for order_id in _short(bank, connection, orders):
        found.setdefault(order_id, set()).add(Alarm.PAYER_NEEDED)
    return {
        order_id: tuple(sorted(alarms, key=_ORDER_OF_ALARMS.index))
        for order_id, alarms in found.items()
        if alarms
    }


def is_sign_out_missed(order: Order, now: datetime) -> bool:
    """Whether a visit should have been signed out; ``now`` is the local wall time.

    It stays so until somebody says when the visit ended; nothing is credited meanwhile.
    """
    if order.state is not State.SIGNED_IN:
        return False
    minutes = order.wanted_minutes + MISSED_AFTER_MINUTES
    return now >= datetime.fromisoformat(order.signed_in_at) + timedelta(minutes=minutes)


def alarms_of_visit(detail: Detail, arrived_ms: int) -> Iterable[Alarm]:
    """What is unusual about one sign-in or sign-out that arrived at that moment."""
    if detail.fence is Fence.OUTSIDE:
        yield Alarm.OUTSIDE_FENCE
    if detail.fence is Fence.UNKNOWN:
        yield Alarm.PLACE_UNKNOWN
    if detail.means == Means.WORD:
        yield Alarm.OWN_WORD
    if detail.means != Means.CLERK and is_late(detail.stated_at, arrived_ms):
        yield Alarm.HANDED_IN_LATE


def is_late(stated_at: str, arrived_ms: int) -> bool:
    """Whether a device's time arrived long after it; a clerk's paper always does."""
    if not stated_at:
        return False
    arrived = local_datetime(from_milliseconds(arrived_ms)).replace(tzinfo=None)
    return arrived - datetime.fromisoformat(stated_at) >= timedelta(minutes=LATE_AFTER_MINUTES)


def payers_of(
    bank: Bank, connection: Connection, actor: Actor, order_id: str
) -> tuple[PayerShown, ...]:
    """Everybody who may pay for the order, with what they have; for the station that chooses.

    Raises:
        UnknownOrder: there is none, or whoever asks is not staff of its station.
        NoProfileInForce: no policy covers the wished day.
    """
    order = order_in(connection, order_id)
    if standing(actor, order) not in STAFF:
        raise UnknownOrder(order=order_id[:60])
    account = connection.execute(_ACCOUNT, {"person": order.elder_id}).scalar_one()
    found = []
    for payer in WHO_MAY_PAY:
        available = None
        if payer is not Payer.NOBODY:
            balance = balance_of(connection, payer_account(bank.account_of, payer, account))
            available = 0 if balance is None else balance.available
        found.append(PayerShown(payer, available, _charge(bank, order, payer)))
    return tuple(found)


def cost_explained(bank: Bank, order: Order) -> Explanation:
    """Why the order costs a payer more or less than its time; empty where it does not.

    Raises:
        NoProfileInForce: no policy covers the wished day.
    """
    starts_at = _wanted_at(order)
    told = explain_charge(bank, order.class_code, starts_at, order.wanted_minutes, Payer.ELDER)
    return told[1]


def shows_alarms(actor: Actor) -> bool:
    """Whether the actor is told of alarms: they speak of somebody's balance, or of a suspicion."""
    return actor.role is not Role.MEMBER


def _short(bank: Bank, connection: Connection, orders: Collection[Order]) -> Iterable[str]:
    asked = [
        order for order in orders if order.state in BEFORE_THE_MATCH and order.payer is Payer.ELDER
    ]
    if not asked:
        return
    people = list({order.elder_id for order in asked})
    rows = connection.execute(_AVAILABLE, {"people": people})
    available = {str(person_id): int(minutes) for person_id, minutes in rows}
    for order in asked:
        try:
            charge = _charge(bank, order, Payer.ELDER)
        except NoProfileInForce:
            continue  # Its profile ended since; the step that needs one says so.
        if available.get(order.elder_id, 0) < charge:
            yield order.order_id


def _charge(bank: Bank, order: Order, payer: Payer) -> int:
    starts_at = _wanted_at(order)
    return expected_charge(bank, order.class_code, starts_at, order.wanted_minutes, payer)


def _wanted_at(order: Order) -> datetime:
    return datetime.fromisoformat(f"{order.wanted_on}T{order.wanted_at}")
