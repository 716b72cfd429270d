"""The only place that reads the time: instants are UTC, days are those of the station's wall.

Everything else takes an instant or a day as an argument, so that a rule can be asked again years
later and answers the same.
"""

from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
"""Where the stations stand, stated outright: a server's own zone must not move a service to
another day."""


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """The instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    __slots__ = ()

    def now(self) -> datetime:
        """The instant, aware and in UTC, with microseconds."""
        return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The day that the stations' calendars show at ``instant``, which must be aware.

    Raises:
        ValueError: ``instant`` has no zone, so nobody can say which day it was.
    """
    return local_datetime(instant).date()


def local_datetime(instant: datetime) -> datetime:
    """``instant`` as the stations' clocks show it; ``instant`` must be aware.

    Raises:
        ValueError: ``instant`` has no zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone; a local time is turned by instant_of")
    return instant.astimezone(LOCAL_ZONE)


def instant_of(day: date, at: time) -> datetime:
    """The UTC instant when the stations' clocks show ``at`` on ``day``; ``at`` must be naive.

    Raises:
        ValueError: ``at`` carries a zone of its own.
    """
    if at.tzinfo is not None:
        raise ValueError("a time of day read from a register has no zone of its own")
    return datetime.combine(day, at, LOCAL_ZONE).astimezone(UTC)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """First instant of the local ``day`` and first instant after it, both UTC."""
    return instant_of(day, time.min), day_ends(day)


def day_ends(day: date) -> datetime:
    """First instant after the local ``day``, UTC; the calendar's last day has none."""
    return instant_of(date.fromordinal(day.toordinal() + 1), time.min)


def month_bounds(name: str) -> tuple[datetime, datetime]:
    """First instant of the local month ``YYYY-MM`` and first instant after it, both UTC.

    Raises:
        ValueError: there is no such month, or none after it.
    """
    first = date.fromisoformat(f"{name}-01")
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return instant_of(first, time.min), instant_of(after, time.min)


def milliseconds(instant: datetime) -> int:
    """Whole milliseconds from 1970-01-01T00:00Z to ``instant``, as the log's ``t`` counts them.

    Raises:
        ValueError: ``instant`` has no zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    past = instant - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000 + past.microseconds // 1_000


def seconds(instant: datetime) -> int:
    """Whole seconds from 1970-01-01T00:00Z to ``instant``, as cosignatures state the time.

    Raises:
        ValueError: ``instant`` has no zone.
    """
    return milliseconds(instant) // 1_000


def from_milliseconds(ms: int) -> datetime:
    """The UTC instant of the log's ``t``; exact, because no float is involved."""
    seconds, rest = divmod(ms, 1_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1_000)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
