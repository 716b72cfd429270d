"""A step of an order while it is being taken, and what it changed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.draft import Draft, Facts
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_datetime
from timebank.orders.model import Order, State, Stated, Step, Who
from timebank.orders.presence import Detail
from timebank.records.model import Party
from timebank.stations.model import Actor


@dataclass(frozen=True, slots=True)
class Work:
    """A step that is being taken: by whom, of which order, with what was said.

    ``people`` are the order's own by person id, ``chosen`` the volunteer whom a match names.
    """

    bank: Bank
    draft: Draft
    actor: Actor
    who: Who
    order: Order
    step: Step
    stated: Stated
    people: dict[str, Party]
    chosen: Party | None

    @property
    def elder(self) -> Party:
        """Who is cared for."""
        return self.people[self.order.elder_id]

    @property
    def volunteer(self) -> Party:
        """Who was matched."""
        return self.people[self.order.volunteer_id]

    @property
    def now(self) -> datetime:
        """The local wall time of the group, to the minute."""
        moment = local_datetime(from_milliseconds(self.draft.recorded_ms))
        return moment.replace(tzinfo=None, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Done:
    """What a step changed: columns of the order, facts to sign, and what is answered besides.

    ``state`` replaces the step's target, ``shown`` what is answered as the state;
    ``detail`` is kept beside the step.
    """

    values: dict[str, Any] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    state: State | None = None
    shown: str = ""
    detail: Detail | None = None
