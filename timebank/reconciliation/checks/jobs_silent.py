"""Jobs that did not run: a schedule that nobody carries out is no quiet night (F18)."""

from collections.abc import Iterator
from datetime import timedelta

import orjson

from timebank.jobs.plan import Schedule, due_ms
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View, wall_time

STUCK_MS = 6 * 3_600_000
"""A run that has not ended after six hours is taken for dead."""

WORDS = {
    "silent": (
        "后台任务自 {since} 起没有完成过；应按计划运行而没有运行。",
        "The job has not been done since {since}, against its plan.",
    ),
    "failed": (
        "后台任务最近一次运行失败（{why}）。",
        "The job's last run failed ({why}).",
    ),
    "stuck": (
        "后台任务在 {since} 开始的一次运行至今没有结束。",
        "A run of the job began at {since} and has not ended.",
    ),
}

_LAST = """
SELECT job, max(CASE WHEN outcome = 'done' THEN planned_ms END),
       max(CASE WHEN outcome <> 'running' THEN planned_ms END),
       min(CASE WHEN outcome = 'running' THEN started_ms END)
  FROM job_run WHERE book_id = :book GROUP BY job
"""


def check(view: View) -> Iterator[Difference]:
    """For each schedule: done often enough, the last run not failed, none stuck."""
    history = {row[0]: row[1:] for row in view.rows(_LAST)}
    founded = _founded_ms(view)
    for schedule in view.schedules:
        done, ended, running = history.get(schedule.name, (None, None, None))
        subject = f"job {schedule.name}"
        since = founded if done is None else done
        if since < due_ms(schedule, view.now_ms - _tolerance_ms(schedule)):
            yield Difference(subject, "silent", {"since": wall_time(since)})
        if ended is not None and (done is None or ended > done):
            yield Difference(subject, "failed", {"why": _why(view, schedule.name, ended)})
        if running is not None and view.now_ms - running > STUCK_MS:
            yield Difference(subject, "stuck", {"since": wall_time(running)})


def _founded_ms(view: View) -> int:
    """When the book was made: a job that never ran is silent since then."""
    body = view.row("SELECT body FROM leaf WHERE book_id = :book AND leaf_index = 0")[0]
    return int(orjson.loads(bytes(body))["t"])


def _tolerance_ms(schedule: Schedule) -> int:
    """How long after a planned time its run may still be missing."""
    span = schedule.patience + (schedule.rests or timedelta())
    return span // timedelta(milliseconds=1)


def _why(view: View, job: str, planned_ms: int) -> str:
    detail = view.row(
        "SELECT detail FROM job_run WHERE book_id = :book AND job = :job AND planned_ms = :planned",
        job=job,
        planned=planned_ms,
    )[0]
    return str(detail)[:200]


CHECK = Check(
    "jobs_silent",
    "每个后台任务都按计划运行并且成功",
    "Every job runs by its plan and succeeds",
    frozenset({Need.TABLES}),
    Severity.WARNING,
    check,
    WORDS,
)
