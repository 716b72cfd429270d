"""Orders and their history: the order as it stands, and each step that led there."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key
from timebank.orders.model import STORED_STATES

_STATES = ", ".join(f"'{state.value}'" for state in STORED_STATES)


class ServiceOrder(SQLModel, table=True):
    """One wish for care as it stands now; what became of its record is the record's to say.

    ``number`` is gap-free per station.  Wished and signed times are local; ``hold_id`` is empty
    where nothing is held.  ``opening`` has need and place, sealed for the elder; ``door_code`` is
    given out with the match and of no use after the visit.
    """

    __tablename__ = "service_order"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", "order_states"),
        CheckConstraint("wanted_minutes > 0", "order_minutes"),
        CheckConstraint("wanted_minutes <= 1440", "order_at_most_a_day"),
        CheckConstraint("held_minutes >= 0", "order_held"),
        CheckConstraint("stars IN (0, 1, 2, 3, 4, 5)", "order_stars"),
        Index("order_by_station", "book_id", "station_code", "number", unique=True),
        Index("order_by_state", "book_id", "state", "station_code", "wanted_on"),
        Index("order_by_elder", "book_id", "elder_id", "wanted_on"),
        Index("order_by_volunteer", "book_id", "volunteer_id", "wanted_on"),
        Index("order_by_record", "book_id", "record_id"),
        CLUSTERED,
    )

    book_id: int = key()
    order_id: str = key(TEXT)
    station_code: str = column(TEXT)
    number: int = column()
    state: str = column(TEXT)
    elder_id: str = column(TEXT)
    class_code: str = column(TEXT)
    wanted_on: str = column(TEXT)
    wanted_at: str = column(TEXT)
    wanted_minutes: int = column()
    payer: str = column(TEXT)
    channel: str = column(TEXT)
    assistant: str = column(TEXT)
    volunteer_id: str = column(TEXT)
    hold_id: str = column(TEXT)
    held_minutes: int = column()
    door_code: str = column(TEXT)
    signed_in_at: str = column(TEXT)
    signed_out_at: str = column(TEXT)
    signed_out_by: str = column(TEXT)
    record_id: str = column(TEXT)
    stars: int = column()
    opening: bytes = column(BYTES)
    requested_ms: int = column()


class OrderStep(SQLModel, table=True):
    """One step in the life of an order: who took it, in what capacity, when and why.

    ``reason`` may name what happened in somebody's home and stays out of the log; ``place`` counts
    an order's steps from 0.
    """

    __tablename__ = "order_step"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    order_id: str = key(TEXT)
    place: int = key()
    step: str = column(TEXT)
    state: str = column(TEXT)
    taken_by: str = column(TEXT)
    who: str = column(TEXT)
    reason: str = column(TEXT)
    taken_ms: int = column()


class OrderDetail(SQLModel, table=True):
    """What was said or measured with a step beyond its reason; only steps that have any have a row.

    ``means`` is how a visit was signed in or out, ``stated_at`` the device's local wall time where
    one was stated: when it arrived is the step's.  ``distance_metres`` is null where it is unknown,
    ``limit_metres`` 0 where no limit applied; where somebody stood is kept nowhere.  ``word`` is on
    whose word staff confirmed, ``record_id`` the record that the confirmation made.
    """

    __tablename__ = "order_detail"
    __table_args__ = (
        CheckConstraint("distance_metres >= 0", "order_detail_distance"),
        CheckConstraint("limit_metres >= 0", "order_detail_limit"),
        CLUSTERED,
    )

    book_id: int = key()
    order_id: str = key(TEXT)
    place: int = key()
    means: str = column(TEXT)
    stated_at: str = column(TEXT)
    distance_metres: int | None = column(nullable=True)
    limit_metres: int = column()
    word: str = column(TEXT)
    record_id: str = column(TEXT)


SERVICE_ORDER = core(ServiceOrder)
ORDER_STEP = core(OrderStep)
ORDER_DETAIL = core(OrderDetail)

APPEND_ONLY = ("order_detail", "order_step")
"""Tables of orders that refuse to be changed, like those of the ledger."""
