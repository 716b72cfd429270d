"""What a pairing promises and who keeps it; values and pure rules."""

from dataclasses import dataclass, field
from enum import StrEnum

MOST_MEMBERS = 10
LONGEST_ALERT_DAYS = 92
MOST_PROMISED = 31 * 24 * 60


class Role(StrEnum):
    """What a volunteer is in a pairing; permanent words.

    The lead speaks for the pair; a backup comes when nobody else can, and promises nothing.
    """

    LEAD = "lead"
    MEMBER = "member"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Promise:
    """What is agreed for an elder, up to ``until_on`` (``YYYY-MM-DD``; empty: open).

    ``members`` are numbers of volunteers with their roles, one lead among them.  Each of them but
    a backup promises ``minutes`` a month.  After ``alert_days`` without a visit somebody is told.
    ``classes`` are codes of services.  ``proof`` is the agreement that both sides signed, ``risks``
    what whoever goes there must know; both are sealed for the elder.
    """

    elder: str
    members: tuple[tuple[str, Role], ...]
    minutes: int
    alert_days: int
    classes: tuple[str, ...]
    proof: str = field(repr=False)
    risks: str = field(default="", repr=False)
    until_on: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """One volunteer's month: minutes promised and given, whole ones; what of them came late."""

    month: str
    promised_minutes: int
    given_minutes: int
    late_minutes: int = 0

    @property
    def is_kept(self) -> bool:
        """Whether as much was given as was promised."""
        return self.given_minutes >= self.promised_minutes
