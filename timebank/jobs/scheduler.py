"""The scheduler: APScheduler wakes it, the plan says what is due, the lock says who runs it.

APScheduler's own memory is not trusted with anything: a wake that comes late, twice or not at all
changes only when the question is asked, never its answer.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from timebank.bank import Bank
from timebank.clock import LOCAL_ZONE
from timebank.jobs.history import mark_interrupted
from timebank.jobs.leader import Leader, leader_of
from timebank.jobs.model import Job, Run
from timebank.jobs.registry import JOBS
from timebank.jobs.runner import run_due

_LOG = logging.getLogger(__name__)


class Watch:
    """What happens at each wake: lead if nobody else does, then run what is due."""

    def __init__(self, bank: Bank, leader: Leader, on_run: Callable[[Run], None]) -> None:
        self._bank = bank
        self._leader = leader
        self._on_run = on_run
        self._leading = False
        self._lock = threading.Lock()

    def wake(self, job: Job) -> None:
        """Run a job if it is due and this process leads; nothing is raised."""
        try:
            if not self._leads():
                return
            run = run_due(self._bank, job)
        except Exception:
            # Storage is away, or another process was faster: the next wake asks again.
            _LOG.exception("job %s could not be looked after", job.name)
            return
        if run is not None:
            self._on_run(run)

    def _leads(self) -> bool:
        with self._lock:
            if not self._leader.hold():
                self._leading = False
            elif not self._leading:
                # Nobody else leads, so whatever still counts as running has died.
                for job in mark_interrupted(self._bank):
                    _LOG.warning("job %s was interrupted", job)
                self._leading = True
            return self._leading


def run_scheduler(
    bank: Bank,
    stop: threading.Event,
    *,
    jobs: Sequence[Job] = JOBS,
    on_run: Callable[[Run], None] = lambda run: None,
) -> None:
    """Run jobs by their plan until ``stop`` is set; missed runs are caught up once at the start.

    Blocks; a server runs it on a thread of its own.  A job that is going on is waited for.
    ``on_run`` is told of each run that has ended, on a thread of the scheduler.
    """
    leader = leader_of(bank)
    watch = Watch(bank, leader, on_run)
    scheduler = BackgroundScheduler(
        timezone=LOCAL_ZONE,
        executors={"default": ThreadPoolExecutor(max(1, len(jobs)))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        scheduler.add_job(watch.wake, args=[job])
        scheduler.add_job(watch.wake, args=[job], trigger=job.schedule.trigger, id=job.name)
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.remove_all_jobs()  # Or its loop may hand a job to a pool that is shut already.
        scheduler.shutdown(wait=True)
        leader.release()
