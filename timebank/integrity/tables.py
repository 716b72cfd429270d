"""Which browser or device a session came from, and what was done on it."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key


class SessionDevice(SQLModel, table=True):
    """The device on which a session was opened: a hash of the browser's own random mark."""

    __tablename__ = "session_device"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    token_hash: bytes = key(BYTES)
    device: str = column(TEXT)


class ActDevice(SQLModel, table=True):
    """Something that was done to a record or an order, by whom and on which device.

    ``act`` is ``entered`` or ``reviewed`` of a record, or the name of an order's step; ``place`` is
    the step's in the order's history, 0 of a record.
    """

    __tablename__ = "act_device"
    __table_args__ = (
        Index("act_device_by_device", "book_id", "device", "acted_ms"),
        CLUSTERED,
    )

    book_id: int = key()
    subject_id: str = key(TEXT)
    act: str = key(TEXT)
    place: int = key()
    acted_ms: int = column()
    device: str = column(TEXT)
    actor_id: str = column(TEXT)


SESSION_DEVICE = core(SessionDevice)
ACT_DEVICE = core(ActDevice)

APPEND_ONLY = ("act_device",)
"""Tables of devices that refuse to be changed, like those of the ledger."""
