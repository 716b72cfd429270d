"""Why rows of an import were refused: each code with the rule, its value and its clause.

An import keeps the codes of refused rows and none of their facts, so nobody's row lies in the book
twice.  The day of a refused service is among those facts: where several profiles of the book decide
about a code, each of them is told with its days.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.policy.consistency import check_timeline, choose, last_day
from timebank.policy.explain import Explanation
from timebank.policy.explain_refusal import DECIDED_BY, explain_code
from timebank.policy.model import Profile
from timebank.policy.sheet import clauses_of
from timebank.records.queries import ShownBatch, batch_of
from timebank.stations.model import Actor


@dataclass(frozen=True, slots=True)
class ExplainedBatch:
    """An import and, by code, what refused its rows."""

    batch: ShownBatch
    by_code: dict[str, Explanation]

    def as_json(self) -> dict[str, Any]:
        """The answer of the command line: ``zh`` and ``en`` have every line in order."""
        rows = [{"sheet": sheet, "row": row, "code": code}
                for sheet, row, code in self.batch.refusals]  # fmt: skip
        told = [
            (f"{code}（{self._rows(code)}）", f"{code} ({self._rows(code)})", one)
            for code, one in self.by_code.items()
        ]
        return {
            "batch": self.batch.batch_id,
            "accepted": self.batch.accepted,
            "refused": self.batch.refused,
            "rows": rows,
            "zh": [line for zh, _en, one in told for line in (zh, *one.zh)],
            "en": [line for _zh, en, one in told for line in (en, *one.en)],
        }

    def _rows(self, code: str) -> str:
        return ", ".join(f"{sheet} {row}" for sheet, row, its in self.batch.refusals if its == code)


def explain_batch(
    bank: Bank, connection: Connection, actor: Actor, batch_id: str
) -> ExplainedBatch:
    """Explain the refusals of an import that ``actor`` may read.

    Raises: as :func:`timebank.records.queries.batch_of`.
    """
    batch = batch_of(connection, actor, batch_id)
    codes = dict.fromkeys(code for _sheet, _row, code in batch.refusals)
    return ExplainedBatch(batch, {code: _explained(bank, batch, code) for code in codes})


def _explained(bank: Bank, batch: ShownBatch, code: str) -> Explanation:
    profiles = check_timeline(bank.profiles)
    deciding = _deciding(profiles, batch, code)
    told = [explain_code(one, code) for one in deciding]
    if len(told) == 1:
        return told[0]
    spans = [f"{one.in_force_from} – {last_day(one, profiles) or '……'}" for one in deciding]
    return Explanation(
        tuple(line for span, one in zip(spans, told, strict=True) for line in (span, *one.zh)),
        tuple(line for span, one in zip(spans, told, strict=True) for line in (span, *one.en)),
    )


def _deciding(profiles: tuple[Profile, ...], batch: ShownBatch, code: str) -> tuple[Profile, ...]:
    """The profiles that may have refused: that of the recording, or those that set the value."""
    keys = DECIDED_BY.get(code, ())
    today = choose(profiles, local_date(from_milliseconds(batch.imported_ms)))
    if not keys or keys[0].split(".")[0] not in Profile.PRICING:
        return (today,)
    return tuple(one for one in profiles if any(clauses_of(one, key) for key in keys)) or (today,)
