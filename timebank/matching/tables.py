"""What matching knows: codes and days by opaque person id; what describes somebody is sealed."""

from sqlalchemy import CheckConstraint
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key


class Area(SQLModel, table=True):
    """A neighbourhood by code, with its middle in whole metres on the city's own grid.

    An area that bears a station's code is where that station's people are unless told otherwise.
    """

    __tablename__ = "area"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    code: str = key(TEXT)
    name: str = column(TEXT)
    east_metres: int = column()
    north_metres: int = column()


class MatchingPerson(SQLModel, table=True):
    """Papers, pause and area of one person; days are local ``YYYY-MM-DD``, empty where unset.

    ``sealed`` has gender, gender wish and the reason of a pause, under the person's own key; it is
    empty where none of them is known.  ``area`` needs the consent ``coarse_location``.
    """

    __tablename__ = "matching_person"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    person_id: str = key(TEXT)
    area: str = column(TEXT)
    insured_until: str = column(TEXT)
    agreed_until: str = column(TEXT)
    paused_from: str = column(TEXT)
    paused_until: str = column(TEXT)
    sealed: bytes = column(BYTES)
    told_by: str = column(TEXT)
    told_ms: int = column()


class MatchingSkill(SQLModel, table=True):
    """A class of service that somebody can do."""

    __tablename__ = "matching_skill"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    person_id: str = key(TEXT)
    class_code: str = key(TEXT)


class MatchingWindow(SQLModel, table=True):
    """When somebody is free each week; windows of a person never touch."""

    __tablename__ = "matching_window"
    __table_args__ = (
        CheckConstraint("weekday IN (1, 2, 3, 4, 5, 6, 7)", "window_weekday"),
        CheckConstraint("from_minute < to_minute", "window_order"),
        CLUSTERED,
    )

    book_id: int = key()
    person_id: str = key(TEXT)
    weekday: int = key()
    from_minute: int = key()
    to_minute: int = column()


class MatchingExclusion(SQLModel, table=True):
    """This elder and this volunteer are not to be brought together; nobody writes down why."""

    __tablename__ = "matching_exclusion"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    elder_id: str = key(TEXT)
    volunteer_id: str = key(TEXT)
    told_by: str = column(TEXT)
    told_ms: int = column()


class MatchingAsked(SQLModel, table=True):
    """A volunteer was asked for an order, whatever they answered; the rotation counts these."""

    __tablename__ = "matching_asked"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    person_id: str = key(TEXT)
    asked_id: str = key(TEXT)
    order_id: str = column(TEXT)
    asked_ms: int = column()


AREA = core(Area)
MATCHING_PERSON = core(MatchingPerson)
MATCHING_SKILL = core(MatchingSkill)
MATCHING_WINDOW = core(MatchingWindow)
MATCHING_EXCLUSION = core(MatchingExclusion)
MATCHING_ASKED = core(MatchingAsked)

OF_A_PERSON = (MATCHING_PERSON, MATCHING_SKILL, MATCHING_WINDOW, MATCHING_ASKED)
"""Tables whose rows of a person go when the person is forgotten; exclusions go from both sides."""
