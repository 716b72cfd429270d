"""Running jobs: what is due at this moment, once; what failed becomes a finding at once."""

import json
import logging
from datetime import timedelta

from ledger.encoding import Json
from ledger.errors import LedgerFault, Refusal
from timebank.bank import Bank
from timebank.errors import JobAlreadyRun, UnknownJob
from timebank.jobs.history import BY_PLAN, claim, finish, last_run, run_at
from timebank.jobs.model import Ended, Job, Run
from timebank.jobs.plan import due_ms
from timebank.jobs.registry import JOBS
from timebank.reconciliation.checks import jobs_silent
from timebank.reconciliation.findings import Seen, note
from timebank.reconciliation.model import Difference
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

_LOG = logging.getLogger(__name__)
_MILLISECOND = timedelta(milliseconds=1)


def run_due(bank: Bank, job: Job) -> Run | None:
    """Run a job if its latest planned time has no run yet; ``None`` where nothing was to do.

    However many planned times were missed, this runs once.  A failure is recorded, not raised.
    """
    planned_ms = due_ms(job.schedule, bank.now_ms())
    with bank.read() as connection:
        known = run_at(connection, job.name, planned_ms)
        done = last_run(connection, job.name, Ended.DONE)
    if known is not None and known.outcome in (Ended.RUNNING, Ended.DONE):
        return None
    if known is None and _may_rest(bank, job, planned_ms, done):
        return None
    if not claim(bank, job.name, planned_ms, BY_PLAN):
        return None
    return _run(bank, job, planned_ms)


def run_now(bank: Bank, actor: Actor, name: str) -> Run:
    """Run a job because somebody asks for it; its planned time is this moment.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        UnknownJob: there is no job of that name.
        JobAlreadyRun: it was asked for in this very millisecond.
    """
    require(actor, "run_job", Role.OPERATOR)
    job = job_named(name)
    planned_ms = bank.now_ms()
    if not claim(bank, job.name, planned_ms, f"by {actor.actor_id}"):
        raise JobAlreadyRun(job=name)
    return _run(bank, job, planned_ms)


def job_named(name: str) -> Job:
    """The job of that name.

    Raises:
        UnknownJob: there is none.
    """
    for job in JOBS:
        if job.name == name:
            return job
    raise UnknownJob(job=name[:40])


def _may_rest(bank: Bank, job: Job, planned_ms: int, done: Run | None) -> bool:
    """Whether an idle run may pass without a row: not for longer than the schedule rests."""
    rests = job.schedule.rests
    if rests is None or job.has_work is None or done is None:
        return False
    if planned_ms - done.planned_ms >= rests // _MILLISECOND:
        return False
    try:
        return not job.has_work(bank, planned_ms)
    except Exception:
        # The run itself will meet the same trouble, and says so in its row.
        _LOG.exception("job %s could not look for work", job.name)
        return False


def _run(bank: Bank, job: Job, planned_ms: int) -> Run:
    try:
        did: dict[str, Json] = job.run(bank, planned_ms)
        outcome, detail = Ended.DONE, json.dumps(did, ensure_ascii=False, sort_keys=True)
    except Exception as error:
        _LOG.exception("job %s failed", job.name)
        outcome, detail = Ended.FAILED, _why(error)
    finish(bank, job.name, planned_ms, outcome, detail)
    if outcome is Ended.FAILED:
        _raise_finding(bank, job, detail)
    with bank.read() as connection:
        run = run_at(connection, job.name, planned_ms)
    assert run is not None, "a claimed run has its row"
    return run


def _why(error: Exception) -> str:
    """A code for what went wrong; messages may hold what does not belong into a finding."""
    if isinstance(error, Refusal | LedgerFault):
        return error.code
    return type(error).__name__


def _raise_finding(bank: Bank, job: Job, why: str) -> None:
    check = jobs_silent.CHECK
    seen = Seen(check.severity, complete=False)
    seen.add(Difference(f"job {job.name}", "failed", {"why": why}))
    note(bank, {check.name: seen}, f"job {job.name}")
