"""Schedules in code, and which planned time is due: pure functions of an instant.

A job is known by the time it was planned for.  Missed runs are caught up once: only the latest
planned time counts, however many passed while nobody was there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from timebank.clock import LOCAL_ZONE, from_milliseconds, milliseconds


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job is planned, on the stations' clocks.

    ``longest_gap`` bounds the time between two planned runs.  A job is silent when no run of it
    was done although one was planned more than ``patience`` ago.  ``rests`` lets a job without
    work leave no row, but for one each such span, which shows that somebody still looks.
    """

    name: str
    trigger: CronTrigger
    longest_gap: timedelta
    patience: timedelta
    rests: timedelta | None = None


def _cron(**fields: str) -> CronTrigger:
    """A trigger of named fields: ``from_crontab`` counts weekdays from Monday, unlike cron."""
    return CronTrigger(timezone=LOCAL_ZONE, **fields)


RECONCILE = Schedule(
    "reconcile", _cron(hour="2", minute="30"), timedelta(days=1), timedelta(hours=6)
)
PUBLISH = Schedule(
    "publish", _cron(second="30"), timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1)
)
EXPIRE_HOLDS = Schedule(
    "expire_holds", _cron(second="0"), timedelta(minutes=1), timedelta(minutes=15),
    timedelta(hours=1),
)  # fmt: skip
SETTLE_GIFTS = Schedule(
    "settle_gifts", _cron(second="15"), timedelta(minutes=1), timedelta(minutes=15),
    timedelta(hours=1),
)  # fmt: skip
CLOSE_STALE_ORDERS = Schedule(
    "close_stale_orders", _cron(hour="0", minute="30"), timedelta(days=1), timedelta(hours=6)
)
POST_NOTICED = Schedule(
    "post_noticed", _cron(hour="0", minute="40"), timedelta(days=1), timedelta(hours=6)
)
SEND_MESSAGES = Schedule(
    "send_messages", _cron(second="45"), timedelta(minutes=1), timedelta(minutes=15),
    timedelta(hours=1),
)  # fmt: skip
PROPOSE_GRANTS = Schedule(
    "propose_grants", _cron(day="1", hour="6", minute="0"), timedelta(days=31), timedelta(hours=12)
)
DERIVE_LINES = Schedule(
    "derive_lines", _cron(hour="*", minute="10"), timedelta(hours=1), timedelta(hours=3),
    timedelta(days=1),
)  # fmt: skip

DRAW_CALL_BACKS = Schedule(
    "draw_call_backs", _cron(day_of_week="mon", hour="5", minute="0"), timedelta(days=7),
    timedelta(hours=12),
)  # fmt: skip

REMIND_RESTING = Schedule(
    "remind_resting", _cron(day_of_week="tue", hour="6", minute="10"), timedelta(days=7),
    timedelta(hours=12),
)  # fmt: skip

EXPIRE_CREDIT = Schedule(
    "expire_credit", _cron(hour="5", minute="10"), timedelta(days=1), timedelta(hours=6)
)
ANNOUNCE_EXPIRY = Schedule(
    "announce_expiry", _cron(day="1", hour="5", minute="40"), timedelta(days=31),
    timedelta(hours=12),
)  # fmt: skip

RECOVER_SHORTFALLS = Schedule(
    "recover_shortfalls", _cron(hour="5", minute="20"), timedelta(days=1), timedelta(hours=6)
)
MAKE_LETTERS = Schedule(
    "make_letters", _cron(hour="6", minute="40"), timedelta(days=1), timedelta(hours=6)
)

STATE_MONTHS = Schedule(
    "state_months", _cron(day="1", hour="6", minute="20"), timedelta(days=31), timedelta(hours=12)
)
PROPOSE_NETTINGS = Schedule(
    "propose_nettings", _cron(day="8", hour="6", minute="20"), timedelta(days=31),
    timedelta(hours=12),
)  # fmt: skip

ANCHOR_ACCESSES = Schedule(
    "anchor_accesses", _cron(hour="1", minute="20"), timedelta(days=1), timedelta(hours=6)
)
FINISH_FORGETTING = Schedule(
    "finish_forgetting", _cron(hour="1", minute="40"), timedelta(days=1), timedelta(hours=6)
)

TIMESTAMP = Schedule(
    "timestamp", _cron(hour="3", minute="30"), timedelta(days=1), timedelta(hours=6)
)

SCHEDULES: tuple[Schedule, ...] = (
    RECONCILE, PUBLISH, SETTLE_GIFTS, EXPIRE_HOLDS, DERIVE_LINES, ANCHOR_ACCESSES,
    FINISH_FORGETTING, TIMESTAMP, PROPOSE_GRANTS, SEND_MESSAGES,
    CLOSE_STALE_ORDERS, POST_NOTICED, DRAW_CALL_BACKS, REMIND_RESTING,
    EXPIRE_CREDIT, ANNOUNCE_EXPIRY, RECOVER_SHORTFALLS,
    STATE_MONTHS, PROPOSE_NETTINGS, MAKE_LETTERS,
)  # fmt: skip
"""Every schedule; each has its job in ``timebank.jobs.registry``."""


def latest_planned(schedule: Schedule, now: datetime) -> datetime:
    """The latest planned time at or before ``now`` (aware), UTC.

    Looks back over the longest gap only, so a long absence costs no more than a short one.
    """
    found = None
    at = schedule.trigger.get_next_fire_time(None, now - schedule.longest_gap)
    while at is not None and at <= now:
        found = at
        at = schedule.trigger.get_next_fire_time(at, at)
    if found is None:
        raise ValueError(f"{schedule.name} is planned less often than it says")
    return from_milliseconds(milliseconds(found))


def due_ms(schedule: Schedule, now_ms: int) -> int:
    """:func:`latest_planned` in UTC milliseconds, by which a run is known."""
    return milliseconds(latest_planned(schedule, from_milliseconds(now_ms)))
