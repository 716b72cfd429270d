"""How a week's call-backs are drawn, and what comes of a call: values and pure rules.

The draw is made from the log alone, so that nobody chooses whom it hits and anybody repeats it.
Its seed is the hash of the checkpoint at the week's end: whoever would bend it must put something
into the log before, where it stays.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from ledger.checkpoint import Checkpoint
from timebank.clock import from_milliseconds, instant_of, local_date, milliseconds

DRAW = "call_draw"
"""The kind of the submission that states a draw, and what its facts say that they do."""

OUTCOME = "call_outcome"
"""The same of what came of a call."""

PERCENT = 3
LEAST, MOST = 5, 50
"""Records drawn each week: so many in a hundred, but not fewer or more than these."""

DUE_DAYS = 14
"""A call that has no outcome so many days after the week's end is overdue."""

ATTEMPTS = 3
"""Calls in vain after which nobody has to try again."""

LONGEST_REMARK = 500


class Outcome(StrEnum):
    """What came of a call; permanent words.

    ``confirmed``: it was as recorded.  ``not_as_recorded``: it was not.  ``reached``: somebody
    answered and cannot say.  ``not_reached``: nobody answered.
    """

    CONFIRMED = "confirmed"
    NOT_AS_RECORDED = "not_as_recorded"
    REACHED = "reached"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One record of a draw and which of its recipients is asked."""

    record_id: str
    person_id: str


def week_of(planned_ms: int) -> date:
    """The Monday that began the local week of a moment; the week before it is drawn from."""
    day = local_date(from_milliseconds(planned_ms))
    return day - timedelta(days=day.weekday())


def week_began_ms(week: date) -> int:
    """The first moment of that Monday, UTC milliseconds: what was recorded before can be drawn."""
    return milliseconds(instant_of(week, time.min))


def due_on(week: date) -> date:
    """The last day on which a call of that week's draw is in time."""
    return week + timedelta(days=DUE_DAYS)


def seed_of(checkpoint: Checkpoint) -> bytes:
    """The seed of a draw: SHA-256 over a line of its own and the checkpoint's text."""
    return hashlib.sha256(b"timebank call-back draw/1\n" + checkpoint.text().encode()).digest()


def list_hash(entries: Iterable[str]) -> str:
    """SHA-256 (hex) over the ids that could be drawn, sorted, a line each."""
    lines = "".join(f"{entry}\n" for entry in sorted(entries))
    return hashlib.sha256(lines.encode()).hexdigest()


def count_of(entries: int) -> int:
    """How many records are drawn from so many entries."""
    share = -(-entries * PERCENT // 100)
    return min(entries, max(LEAST, min(MOST, share)))


def draw(seed: bytes, entries: Sequence[tuple[str, str]]) -> list[str]:
    """The records that the seed hits, in the order of the draw.

    ``entries`` are ids of entries with their records.  They are sorted by SHA-256 of the seed and
    the entry's id; a record counts where the first of its entries stands.
    """
    ranked = sorted(entries, key=lambda one: rank(seed, one[0]))
    return list(dict.fromkeys(record for _entry, record in ranked))[: count_of(len(entries))]


def rank(seed: bytes, text: str) -> bytes:
    """Where something stands in a draw: smaller is sooner."""
    return hashlib.sha256(seed + text.encode()).digest()


def is_final(outcomes: Sequence[str]) -> bool:
    """Whether nobody has to call again after these outcomes."""
    in_vain = sum(one == Outcome.NOT_REACHED for one in outcomes)
    return in_vain < len(outcomes) or in_vain >= ATTEMPTS


def shown_week(week: str) -> tuple[str, str]:
    """First and last day of the week that was drawn from, as ``YYYY-MM-DD``."""
    monday = datetime.fromisoformat(week).date()
    return (monday - timedelta(days=7)).isoformat(), (monday - timedelta(days=1)).isoformat()
