"""The history of jobs: a planned run is claimed by its row before it begins, so it happens once."""

from typing import Any

from sqlalchemy import Connection, insert, select, update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.jobs.model import Ended, Run
from timebank.reconciliation.tables import JOB_RUN

BOOK = 1
BY_PLAN = "by plan"
AGAIN = "by plan, again"
INTERRUPTED = "interrupted"
INTERRUPTED_TWICE = "interrupted twice"
"""While a run goes on its ``detail`` says who began it; a crash leaves it standing."""


def claim(bank: Bank, job: str, planned_ms: int, by: str) -> bool:
    """Begin a planned run; false where somebody has begun or done it already.

    A run that its process did not survive may be begun once more.
    """

    def change(draft: Draft) -> dict[str, Any]:
        known = draft.query(select(JOB_RUN).where(_mine(job, planned_ms))).first()
        row = {"started_ms": bank.now_ms(), "outcome": Ended.RUNNING.value, "ended_ms": None}
        if known is None:
            same = {"book_id": BOOK, "job": job, "planned_ms": planned_ms}
            draft.add(insert(JOB_RUN), [{**same, **row, "detail": by}])
        elif known.outcome == Ended.FAILED.value and known.detail == INTERRUPTED:
            begun = update(JOB_RUN).where(_mine(job, planned_ms)).values(**row, detail=AGAIN)
            draft.add(begun)
        else:
            return {"claimed": False}
        return {"claimed": True}

    return bool(bank.keep_house(change)["claimed"])


def finish(bank: Bank, job: str, planned_ms: int, outcome: Ended, detail: str) -> None:
    """Say how a claimed run ended."""

    def change(draft: Draft) -> dict[str, Any]:
        ended = {"ended_ms": bank.now_ms(), "outcome": outcome.value, "detail": detail}
        draft.add(update(JOB_RUN).where(_mine(job, planned_ms)).values(**ended))
        return {}

    bank.keep_house(change)


def note_done(bank: Bank, job: str, started_ms: int, by: str) -> None:
    """Add a run that somebody asked for outside the scheduler and that has just been done."""

    def change(draft: Draft) -> dict[str, Any]:
        if draft.query(select(JOB_RUN).where(_mine(job, started_ms))).first() is None:
            done = {"ended_ms": bank.now_ms(), "outcome": Ended.DONE.value, "detail": f"by {by}"}
            same = {"book_id": BOOK, "job": job, "planned_ms": started_ms}
            draft.add(insert(JOB_RUN), [{**same, "started_ms": started_ms, **done}])
        return {}

    bank.keep_house(change)


def mark_interrupted(bank: Bank) -> list[str]:
    """Mark what an earlier leader left running; answers the jobs.  Only a leader may ask this."""

    def change(draft: Draft) -> dict[str, Any]:
        left = draft.query(
            select(JOB_RUN).where(
                JOB_RUN.c.book_id == BOOK,
                JOB_RUN.c.outcome == Ended.RUNNING.value,
                JOB_RUN.c.detail.in_((BY_PLAN, AGAIN)),
            )
        ).all()
        for row in left:
            detail = INTERRUPTED if row.detail == BY_PLAN else INTERRUPTED_TWICE
            ended = {"ended_ms": bank.now_ms(), "outcome": Ended.FAILED.value, "detail": detail}
            draft.add(update(JOB_RUN).where(_mine(row.job, row.planned_ms)).values(**ended))
        return {"jobs": [row.job for row in left]}

    return [str(job) for job in bank.keep_house(change)["jobs"]]


def last_run(connection: Connection, job: str, outcome: Ended | None = None) -> Run | None:
    """The latest planned run of a job, if asked the latest that ended so."""
    query = select(JOB_RUN).where(JOB_RUN.c.book_id == BOOK, JOB_RUN.c.job == job)
    if outcome is not None:
        query = query.where(JOB_RUN.c.outcome == outcome.value)
    row = connection.execute(query.order_by(JOB_RUN.c.planned_ms.desc()).limit(1)).first()
    return None if row is None else _run(row)


def run_at(connection: Connection, job: str, planned_ms: int) -> Run | None:
    """The run that was planned for that moment."""
    row = connection.execute(select(JOB_RUN).where(_mine(job, planned_ms))).first()
    return None if row is None else _run(row)


def runs(connection: Connection, *, job: str | None = None, most: int = 100) -> list[Run]:
    """What jobs did, the latest beginning first."""
    query = select(JOB_RUN).where(JOB_RUN.c.book_id == BOOK)
    if job is not None:
        query = query.where(JOB_RUN.c.job == job)
    latest = query.order_by(JOB_RUN.c.started_ms.desc(), JOB_RUN.c.job).limit(most)
    return [_run(row) for row in connection.execute(latest)]


def _mine(job: str, planned_ms: int) -> Any:
    same = (JOB_RUN.c.book_id == BOOK) & (JOB_RUN.c.job == job)
    return same & (JOB_RUN.c.planned_ms == planned_ms)


def _run(row: Any) -> Run:
    return Run(
        row.job,
        row.planned_ms,
        row.started_ms,
        row.ended_ms,
        Ended(row.outcome),
        row.detail,
    )
