"""The parts of a service record, as the verifier keeps them until they are credited."""

from dataclasses import dataclass, field

from ledger.journal import Movement
from timebank.audit.facts import Facts
from timebank.policy.pricing import Priced


@dataclass(frozen=True, slots=True)
class Part:
    """One volunteer's part of a record as it was stated: its facts, and what it must move."""

    facts: Facts
    policy: str
    priced: Priced | None
    movements: tuple[Movement, ...] | None
    """``None`` where the hour of the day decides, which the log does not show."""


@dataclass(slots=True)
class Waiting:
    """The parts of a record that awaits review, by the volunteer's account."""

    parts: dict[str, Part] = field(default_factory=dict)
    approved_at: int | None = None
