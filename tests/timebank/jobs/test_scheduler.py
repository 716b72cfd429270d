"""timebank/jobs/scheduler.py: woken at its start, one scheduler of several runs what is due."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from ledger.encoding import Json
from tests.support.banks import TriedBank
from timebank.bank import Bank
from timebank.clock import LOCAL_ZONE
from timebank.jobs.history import BY_PLAN, claim, runs
from timebank.jobs.leader import leader_of
from timebank.jobs.model import Ended, Job, Run
from timebank.jobs.plan import RECONCILE, Schedule, due_ms
from timebank.jobs.registry import JOBS
from timebank.jobs.scheduler import Watch, run_scheduler

LONG_SECONDS = 60


@contextmanager
def scheduler(bank: Bank, *jobs: Job) -> Iterator["queue.SimpleQueue[Run]"]:
    """A running scheduler; what it ran comes out of the queue."""
    stop, ended = threading.Event(), queue.SimpleQueue[Run]()
    thread = threading.Thread(
        target=run_scheduler,
        args=(bank, stop),
        kwargs={"jobs": jobs or JOBS, "on_run": ended.put},
    )
    thread.start()
    try:
        yield ended
    finally:
        stop.set()
        thread.join(LONG_SECONDS)
        assert not thread.is_alive()


def test_what_was_missed_is_caught_up_at_the_start(bank: TriedBank) -> None:
    bank.people("V0001")
    with scheduler(bank.bank) as ended:
        ran = [ended.get(timeout=LONG_SECONDS) for _job in JOBS]
    assert {run.job for run in ran} == {job.name for job in JOBS}
    assert {run.outcome for run in ran} == {Ended.DONE}
    with bank.bank.read() as connection:
        assert len(runs(connection)) == len(JOBS)


def test_it_wakes_by_itself(sqlite_bank: TriedBank) -> None:
    """Woken every second; the bank's clock moves on with each run, so each wake finds one due."""

    def run(_bank: Bank, _planned_ms: int) -> dict[str, Json]:
        sqlite_bank.clock.move(timedelta(seconds=1))
        return {}

    often = Schedule(
        "often",
        CronTrigger(second="*", timezone=LOCAL_ZONE),
        timedelta(seconds=1),
        timedelta(seconds=1),
    )
    with scheduler(sqlite_bank.bank, Job(often, "常", "often", run)) as ended:
        ran = [ended.get(timeout=LONG_SECONDS) for _wake in range(2)]
    assert ran[1].planned_ms - ran[0].planned_ms == 1_000


def test_who_does_not_lead_runs_nothing(sqlite_bank: TriedBank) -> None:
    ran: list[Run] = []
    leader = leader_of(sqlite_bank.bank)
    assert leader.hold()
    with sqlite_bank.again() as other:
        standby = Watch(other, leader_of(other), ran.append)
        standby.wake(JOBS[0])
        assert ran == []
        leader.release()
        standby.wake(JOBS[0])
        assert [run.job for run in ran] == ["reconcile"]


def test_a_scheduler_that_is_stopped_at_once_ends_in_order(sqlite_bank: TriedBank) -> None:
    with scheduler(sqlite_bank.bank):
        pass


def test_trouble_with_storage_is_left_to_the_next_wake(sqlite_bank: TriedBank) -> None:
    ran: list[Run] = []
    with sqlite_bank.again() as other:
        watch = Watch(other, leader_of(other), ran.append)
        assert other.writer
    watch.wake(JOBS[0])  # Its writer was closed meanwhile: nothing is raised, nothing is run.
    assert ran == []


def test_a_new_leader_begins_what_a_dead_one_left(sqlite_bank: TriedBank) -> None:
    planned = due_ms(RECONCILE, sqlite_bank.bank.now_ms())
    claim(sqlite_bank.bank, "reconcile", planned, BY_PLAN)
    with scheduler(sqlite_bank.bank, JOBS[0]) as ended:
        run = ended.get(timeout=LONG_SECONDS)
    assert (run.job, run.planned_ms, run.outcome) == ("reconcile", planned, Ended.DONE)
