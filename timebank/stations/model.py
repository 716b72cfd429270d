"""Who asks: the actor of an action, with the role and the place that decide what may be asked."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; permanent words."""

    OPERATOR = "operator"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    KIOSK = "kiosk"
    SCHEDULER = "scheduler"
    MEMBER = "member"


AT_A_STATION = frozenset({Role.CLERK, Role.REVIEWER, Role.KIOSK})
"""Roles that act for one station, and for no other."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person or device.

    ``actor_id`` scopes idempotency keys and stands in records as who did it.  ``station_code`` is
    empty for the district's own staff; ``person_id`` is set where a member acts for themselves.
    ``device`` is the browser of the session, empty where none is known.
    """

    actor_id: str
    role: Role
    station_code: str = ""
    person_id: str = ""
    title: str = ""
    device: str = field(default="", compare=False)
