"""What is looked at before a period is closed, and what its closing states: values only."""

from dataclasses import dataclass

from ledger.encoding import Json
from ledger.periods import Closing, KindTotal, Period
from timebank.chart import TITLES

_NAMES: dict[str, tuple[str, str]] = {
    title.kind.value: (title.name_zh, title.name_en) for title in TITLES
}


@dataclass(frozen=True, slots=True)
class Checklist:
    """How the books stand before ``period`` is closed.

    ``severe_findings`` are open alarms, ``open_findings`` all that nobody has explained.
    ``silent_jobs`` are those that did not run by their plan, ``reconciled_ms`` is when the last
    reconciliation was done (UTC), ``None`` for never.
    """

    period: Period
    severe_findings: int
    open_findings: int
    awaiting_review: int
    under_notice: int
    open_holds: int
    silent_jobs: tuple[str, ...]
    reconciled_ms: int | None

    def as_json(self) -> dict[str, Json]:
        """The list for a program."""
        silent: list[Json] = [*self.silent_jobs]
        return {
            "period": self.period.name,
            "from_ms": self.period.from_ms,
            "until_ms": self.period.until_ms,
            "severe_findings": self.severe_findings,
            "open_findings": self.open_findings,
            "awaiting_review": self.awaiting_review,
            "under_notice": self.under_notice,
            "open_holds": self.open_holds,
            "silent_jobs": silent,
            "reconciled_ms": self.reconciled_ms,
        }


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A closing as its leaf has it.  ``severe_findings`` were open then, as the closer signed."""

    closing_id: str
    leaf_index: int
    recorded_ms: int
    closing: Closing
    severe_findings: int

    def as_json(self) -> dict[str, Json]:
        """The closing for a program."""
        return {
            "closing_id": self.closing_id,
            "leaf_index": self.leaf_index,
            "recorded_ms": self.recorded_ms,
            "severe_findings": self.severe_findings,
            **self.closing.as_json(),
        }


def total_of(kinds: tuple[KindTotal, ...]) -> KindTotal:
    """The last line of a trial balance: both balances sum to 0, in to out."""
    return KindTotal(
        "",
        sum(one.opening for one in kinds),
        sum(one.received for one in kinds),
        sum(one.given for one in kinds),
        sum(one.closing for one in kinds),
    )


def title_names(kind: str) -> tuple[str, str]:
    """What the chart calls a kind of account in Chinese and in English; else the word itself."""
    return _NAMES.get(kind, (kind, kind))
