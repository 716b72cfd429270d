"""Pairings, and who belonged to each in which role."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key
from timebank.pairings.model import LONGEST_ALERT_DAYS, MOST_PROMISED, Role

_ROLES = ", ".join(f"'{one.value}'" for one in Role)


class Pairing(SQLModel, table=True):
    """What was agreed for an elder from ``from_on`` on, up to ``until_on`` (empty: open).

    ``classes`` are codes joined by blanks.  ``sealed`` has the agreement and the risks, for the
    elder.  ``ended_on`` is the local day on which it ended, empty while it runs; then ``reason``
    says why, sealed likewise.
    """

    __tablename__ = "pairing"
    __table_args__ = (
        CheckConstraint(f"minutes > 0 AND minutes <= {MOST_PROMISED}", "pairing_minutes"),
        CheckConstraint(f"alert_days > 0 AND alert_days <= {LONGEST_ALERT_DAYS}", "pairing_alert"),
        Index("pairing_by_elder", "book_id", "elder_id", "pairing_id"),
        Index("pairing_by_station", "book_id", "station_code", "pairing_id"),
        CLUSTERED,
    )

    book_id: int = key()
    pairing_id: str = key(TEXT)
    elder_id: str = column(TEXT)
    station_code: str = column(TEXT)
    minutes: int = column()
    alert_days: int = column()
    classes: str = column(TEXT)
    from_on: str = column(TEXT)
    until_on: str = column(TEXT)
    sealed: bytes = column(BYTES)
    made_by: str = column(TEXT)
    made_ms: int = column()
    ended_on: str = column(TEXT)
    reason: bytes = column(BYTES)


class PairingMember(SQLModel, table=True):
    """A volunteer of a pairing, from ``from_on`` up to ``until_on`` (empty while they belong).

    ``place`` counts a pairing's members from 1.  ``reason`` says why they left, sealed for them.
    """

    __tablename__ = "pairing_member"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", "pairing_roles"),
        Index("pairing_member_by_person", "book_id", "person_id", "until_on"),
        CLUSTERED,
    )

    book_id: int = key()
    pairing_id: str = key(TEXT)
    place: int = key()
    person_id: str = column(TEXT)
    role: str = column(TEXT)
    from_on: str = column(TEXT)
    until_on: str = column(TEXT)
    reason: bytes = column(BYTES)


PAIRING = core(Pairing)
PAIRING_MEMBER = core(PairingMember)
