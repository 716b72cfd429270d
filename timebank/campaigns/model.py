"""Campaigns as values, and the words of what is signed of them.

A campaign asks many units for the same things by the same days.  A unit is named here by a plain
code and name; its staff are those of the station that acts for it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

OPEN_CAMPAIGN = "open_campaign"
REPORT_TABLE = "report_table"
RETURN_TABLE = "return_table"
RETURN_PACKAGE = "return_package"
KEEP_ROSTER = "keep_roster"
SIGN_ROSTER = "sign_roster"
HAND_IN_HOURS = "hand_in_hours"
SUBMIT_PACKAGE = "submit_package"
FORGET_EDITION = "forget_edition"
"""What signed facts do; permanent words."""

MOST_ROWS = 500
"""Activities of one unit's project table."""

MOST_LINES = 500
"""People on one roster."""

MOST_SUMMARY_CHARACTERS = 1_500
FEWEST_PHOTOGRAPHS, MOST_PHOTOGRAPHS = 3, 4
"""What the plan of 2023 asks of each unit after the campaign."""


class Kind(StrEnum):
    """What a unit is; permanent words."""

    UNIT = "unit"
    TOWN = "town"
    PRACTICE_CENTRE = "practice_centre"
    PRACTICE_STATION = "practice_station"


class Standing(StrEnum):
    """Where a table or a package of a unit stands; permanent words."""

    NOT_REPORTED = "not_reported"
    REPORTED = "reported"
    RETURNED = "returned"


class Signing(StrEnum):
    """What is done to a line of a roster; permanent words."""

    PUT = "put"
    IN = "in"
    OUT = "out"
    OFF = "off"


class Category(StrEnum):
    """Who is served where an activity has somebody in particular; permanent words."""

    ELDER = "elder"
    DISABLED = "disabled"
    CHILD = "child"
    UNEMPLOYED = "unemployed"
    OTHER = "other"


GUARDED = frozenset({Category.CHILD})
"""Who needs a guardian's name beside their own; of others one may be named."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme of a campaign; ``serves`` is false where it is for nobody in particular."""

    name: str
    serves: bool = True


SEED_THEMES = (
    Theme("绿水青山", serves=False),
    Theme("关心关爱"),
    Theme("移风易俗", serves=False),
    Theme("宣传雷锋精神和志愿精神", serves=False),
)
"""The themes of the plan of 2023, offered where a new campaign is opened."""


@dataclass(frozen=True, slots=True)
class StatedUnit:
    """A unit as the receiving unit names it: ``station_code`` is the station that acts for it."""

    code: str
    name: str
    kind: Kind
    station_code: str


@dataclass(frozen=True, slots=True)
class StatedCampaign:
    """A campaign as it is opened; both deadlines are days on which it is still in time."""

    name: str
    receiver: str
    starts_on: date
    ends_on: date
    tables_due_on: date
    summaries_due_on: date
    themes: tuple[Theme, ...]
    units: tuple[StatedUnit, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a roster as it is stated: local wall times, absent until signed in and out."""

    volunteer: str
    signed_in_at: datetime | None = None
    signed_out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """Somebody in particular whom an activity serves; sealed under a key of their own."""

    category: Category
    name: str = field(repr=False)
    guardian: str = field(default="", repr=False)


def standing_is_late(reported_on: date | None, due_on: date, today: date) -> bool:
    """Whether something came, or has not come yet, after the day on which it was due."""
    return (reported_on or today) > due_on
