"""Services as they are stated, and as they are once their people are known."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MOST_PEOPLE = 200
"""Volunteers, and likewise recipients, of one record."""

MOST_MINUTES = 24 * 60
"""Minutes of one service."""


class Payer(StrEnum):
    """Who pays for a service; ``nobody`` is issued as 公益服务."""

    NOBODY = "nobody"
    ELDER = "elder"
    GRANT = "grant"
    POOL = "pool"


class State(StrEnum):
    """Where a record stands.

    What is under notice is stored as waiting, beside a row of its notice.
    """

    AWAITING_REVIEW = "awaiting_review"
    UNDER_NOTICE = "under_notice"
    POSTED = "posted"
    REJECTED = "rejected"
    REVERSED = "reversed"

    @property
    def stored(self) -> "State":
        """The state as its column has it."""
        return State.AWAITING_REVIEW if self is State.UNDER_NOTICE else self


BACK_DATED, BULK, MERGED, UNREVIEWED = "back_dated", "bulk", "merged", "unreviewed"
"""Marks that a record carries in every list and report."""

ROSTER = "roster"
"""Mark of a record from a list of people: a second person approves it, whatever the policy says."""

EVENT = "event"
"""Mark of a record by which many are credited: a second person approves it by a signed roster."""

CARRIED_OVER = "carried_over"
"""Mark of a record whose entries stand in the log that this one follows."""


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """What somebody says of the time inside an interval, because some policies weigh it.

    ``travel_minutes`` and ``rest_minutes`` (meals among it) are parts of the interval; ``aim_met``
    is false where a short visit did not reach what it was for.
    """

    travel_minutes: int = 0
    rest_minutes: int = 0
    aim_met: bool = True


WHOLLY_SERVICE = TimeSpent()
"""Nothing was said: all of it was service."""


@dataclass(frozen=True, slots=True)
class StatedService:
    """A service as somebody states it; people by member number or by name.

    ``starts_at`` and ``ends_at`` are local wall times without a zone.  ``stated_minutes`` is a
    duration that was written down beside them, if one was.  ``public`` stands for recipients that
    are nobody in particular, of whom ``head_count`` were served.
    """

    volunteers: tuple[str, ...]
    recipients: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    content: str
    stated_minutes: int | None = None
    public: str | None = None
    head_count: int = 0
    place: str = field(default="", repr=False)
    note: str = field(default="", repr=False)
    payer: Payer = Payer.NOBODY
    reason: str = ""
    spent: TimeSpent = WHOLLY_SERVICE


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who gave or received, as posting needs to know them.

    ``wrapped`` is their data key; ``age_known_by`` their birth date in ISO form, or empty.
    """

    person_id: str
    account_id: str
    number: str
    roles: tuple[str, ...]
    wrapped: bytes = field(repr=False)
    born_on: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Service:
    """A service whose people are known: one interval, its volunteers, its recipients."""

    starts_at: datetime
    ends_at: datetime
    content: str
    class_code: str
    volunteers: tuple[Party, ...]
    recipients: tuple[Party, ...]
    public: str = ""
    head_count: int = 0
    place: str = field(default="", repr=False)
    note: str = field(default="", repr=False)
    payer: Payer = Payer.NOBODY
    spent: TimeSpent = WHOLLY_SERVICE

    @property
    def given_minutes(self) -> int:
        """Whole minutes of the interval."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


def wall_time(moment: datetime) -> str:
    """A local wall time as it is stored: ``YYYY-MM-DDTHH:MM``."""
    return moment.isoformat(timespec="minutes")  # Four times as fast as a format of its own.
