"""Jobs and their runs: values only."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ledger.encoding import Json
from timebank.bank import Bank
from timebank.jobs.plan import Schedule


class Ended(StrEnum):
    """How a run stands; permanent words."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """Something the bank does by itself.

    ``run`` gets the time that it was planned for (ms UTC) and answers what it did, in figures and
    codes; run twice for one planned time it must do no harm.  ``has_work`` lets an idle run pass
    without a row, as often as its schedule rests.
    """

    schedule: Schedule
    what_zh: str
    what_en: str
    run: Callable[[Bank, int], dict[str, Json]]
    has_work: Callable[[Bank, int], bool] | None = None

    @property
    def name(self) -> str:
        """The name by which its history knows it."""
        return self.schedule.name


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job.  ``detail`` is what it did, or why it failed; moments are ms UTC."""

    job: str
    planned_ms: int
    started_ms: int
    ended_ms: int | None
    outcome: Ended
    detail: str
