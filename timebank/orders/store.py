"""Orders in their tables: read one as it stands, change it, and write its step down."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Text, bindparam, insert, text, update

from ledger.draft import Draft
from timebank.errors import UnknownOrder
from timebank.orders.model import Order, State, Who
from timebank.orders.presence import Detail
from timebank.orders.tables import ORDER_DETAIL, ORDER_STEP, SERVICE_ORDER
from timebank.records.model import Payer
from timebank.stations.model import Actor

BOOK = 1

COLUMNS = (
    "o.order_id, o.number, o.station_code, o.state, o.elder_id, o.class_code, o.wanted_on, "
    "o.wanted_at, o.wanted_minutes, o.payer, o.channel, o.volunteer_id, o.hold_id, "
    "o.held_minutes, o.door_code, o.signed_in_at, o.signed_out_at, o.signed_out_by, o.record_id"
)
JOINED = (
    "FROM service_order o LEFT JOIN service_record r ON r.book_id = o.book_id "
    "AND r.record_id = o.record_id AND o.record_id <> ''"
)
_ORDER = f"SELECT {COLUMNS}, r.state AS record_state {JOINED} WHERE o.book_id = 1 AND o.order_id = "
_SEVERAL = text(
    f"SELECT {COLUMNS}, r.state AS record_state {JOINED} "
    "WHERE o.book_id = 1 AND o.order_id IN :orders"
).bindparams(bindparam("orders", expanding=True, type_=Text))
_STEPS = "SELECT count(*) FROM order_step WHERE book_id = 1 AND order_id = ?"
_OPENING = "SELECT opening FROM service_order WHERE book_id = 1 AND order_id = ?"
_STARS = "SELECT stars FROM service_order WHERE book_id = 1 AND order_id = ?"

_OF_RECORD = {
    "posted": State.POSTED,
    "reversed": State.REVERSED,
    "rejected": State.AWAITING_CONFIRMATION,
}


def order_of_row(row: Any) -> Order:
    """An order from the columns :data:`COLUMNS` and its record's state.

    A record that was sent back leaves the order where it may be confirmed again.
    """
    *columns, record_state = row
    made = Order(*columns)
    state = State(made.state)
    if state is State.CONFIRMED:
        state = _OF_RECORD.get(record_state, state)
    values = dict(zip(Order.__slots__, columns, strict=True))
    return Order(**{**values, "state": state, "payer": Payer(made.payer)})


def order_in(connection: Connection, order_id: str) -> Order:
    """An order as it is committed.

    Raises:
        UnknownOrder: there is none of that id.
    """
    row = connection.execute(text(_ORDER + ":order"), {"order": order_id}).first()
    if row is None:
        raise UnknownOrder(order=order_id[:60])
    return order_of_row(row)


def orders_in(connection: Connection, order_ids: Iterable[str]) -> dict[str, Order]:
    """Orders as they are committed, by id; unknown ids are left out.  A few hundred at a time."""
    rows = connection.execute(_SEVERAL, {"orders": list(dict.fromkeys(order_ids))})
    return {order.order_id: order for order in map(order_of_row, rows)}


def order_for(draft: Draft, order_id: str) -> Order:
    """An order as the group sees it.

    Raises:
        UnknownOrder: there is none of that id.
    """
    rows = draft.rows(_ORDER + "?", order_id)
    if not rows:
        raise UnknownOrder(order=order_id[:60])
    return order_of_row(rows[0])


def stars_of(draft: Draft, order_id: str) -> int:
    """How the order was rated, 0 where it was not."""
    return int(draft.rows(_STARS, order_id)[0][0])


def opening_of(draft: Draft, order_id: str) -> bytes:
    """The order's need and place, sealed for the elder."""
    return bytes(draft.rows(_OPENING, order_id)[0][0])


def change(draft: Draft, order_id: str, values: dict[str, Any]) -> None:
    """Change columns of an order in the group's commit."""
    draft.add(
        update(SERVICE_ORDER)
        .where(SERVICE_ORDER.c.book_id == BOOK, SERVICE_ORDER.c.order_id == order_id)
        .values(**values)
    )


def write_down(
    draft: Draft, order_id: str, step: str, state: State, actor: Actor, who: Who, reason: str
) -> int:
    """Append a step to the order's history; answers its place there."""
    ((place,),) = draft.rows(_STEPS, order_id)
    row = {
        "book_id": BOOK,
        "order_id": order_id,
        "place": place,
        "step": step,
        "state": state.value,
        "taken_by": actor.actor_id,
        "who": who.value,
        "reason": reason,
        "taken_ms": draft.recorded_ms,
    }
    draft.add(insert(ORDER_STEP), [row])
    return int(place)


def note_detail(draft: Draft, order_id: str, place: int, detail: Detail) -> None:
    """Keep what was said or measured with the step at ``place`` of the order's history."""
    row = {"book_id": BOOK, "order_id": order_id, "place": place, **asdict(detail)}
    draft.add(insert(ORDER_DETAIL), [row])
