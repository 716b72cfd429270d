"""What a suspension says: values and pure rules.

Nobody is on a list for ever and nobody loses time.  One person's word stops the person at once,
because a door may be behind it; it lapses unless another decides within ten working days.  Whoever
was suspended may appeal, and a third person answers within ten working days.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from timebank.calendar import term_of

DECIDED_WITHIN = ANSWERED_WITHIN = 10
"""Working days, after the law's term for records (Order 67 of the Ministry of Civil Affairs)."""


class Part(StrEnum):
    """In which part somebody is suspended; permanent words."""

    VOLUNTEER = "volunteer"
    ELDER = "elder"
    BOTH = "both"


class Reason(StrEnum):
    """Why; permanent words."""

    FALSE_RECORD = "false_record"
    CHARGING = "charging"
    HARM = "harm"
    NO_SHOWS = "no_shows"
    OTHER = "other"


class State(StrEnum):
    """Where a suspension stands; permanent words.

    A proposal is in force until its last day.  ``annulled``: an appeal was upheld, it should not
    have been.
    """

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    LIFTED = "lifted"
    ANNULLED = "annulled"


class Step(StrEnum):
    """What happened to a suspension; permanent words."""

    PROPOSE = "propose"
    APPROVE = "approve"
    DECLINE = "decline"
    LIFT = "lift"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    DISMISS = "dismiss"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Whom to suspend, in which part, why, and until which day (``YYYY-MM-DD``; empty: no end).

    ``words`` are sealed for the person.
    """

    number: str
    part: Part
    reason: Reason
    words: str = field(repr=False)
    until_on: str = ""


def provisional_until(day: date, until_on: str) -> str:
    """The last day on which a proposal of ``day`` holds without a decision."""
    lapses = term_of(day, DECIDED_WITHIN).isoformat()
    return min(lapses, until_on) if until_on else lapses
