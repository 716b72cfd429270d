"""timebank/jobs/runner.py: a planned run happens once, missed ones are caught up once."""

from datetime import timedelta

import pytest

from ledger.encoding import Json
from ledger.errors import StorageFault
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from timebank.bank import Bank
from timebank.errors import JobAlreadyRun, NotPermitted, UnknownJob
from timebank.jobs.history import (
    AGAIN,
    BY_PLAN,
    INTERRUPTED,
    INTERRUPTED_TWICE,
    claim,
    mark_interrupted,
    runs,
)
from timebank.jobs.model import Ended, Job, Run
from timebank.jobs.plan import EXPIRE_HOLDS, RECONCILE, SCHEDULES, due_ms
from timebank.jobs.registry import JOBS
from timebank.jobs.runner import job_named, run_due, run_now
from timebank.reconciliation.findings import findings
from timebank.reconciliation.model import Finding


class Counted:
    """A job that counts its runs and fails or idles when told to."""

    def __init__(self, *, restful: bool = False) -> None:
        self.planned: list[int] = []
        self.error: Exception | None = None
        self.idle = False
        schedule = EXPIRE_HOLDS if restful else RECONCILE
        self.job = Job(schedule, "数", "count", self._run, self._has_work if restful else None)

    def _run(self, _bank: Bank, planned_ms: int) -> dict[str, Json]:
        self.planned.append(planned_ms)
        if self.error is not None:
            raise self.error
        return {"runs": len(self.planned)}

    def _has_work(self, _bank: Bank, _planned_ms: int) -> bool:
        return not self.idle


def history(tried: TriedBank) -> list[Run]:
    with tried.bank.read() as connection:
        return runs(connection)


def live(tried: TriedBank) -> list[Finding]:
    with tried.bank.read() as connection:
        return findings(connection)


def test_a_planned_run_happens_once(bank: TriedBank) -> None:
    counted = Counted()
    first = run_due(bank.bank, counted.job)
    assert first is not None
    assert first.planned_ms == due_ms(RECONCILE, bank.bank.now_ms())
    assert (first.outcome, first.detail) == (Ended.DONE, '{"runs": 1}')
    with bank.again() as second:
        assert run_due(second, counted.job) is None
    assert run_due(bank.bank, counted.job) is None
    assert counted.planned == [first.planned_ms]


def test_what_was_missed_is_caught_up_once(sqlite_bank: TriedBank) -> None:
    counted = Counted()
    run_due(sqlite_bank.bank, counted.job)
    sqlite_bank.clock.move(timedelta(days=9, hours=1))
    run_due(sqlite_bank.bank, counted.job)
    run_due(sqlite_bank.bank, counted.job)

    days = [(later - counted.planned[0]) // 86_400_000 for later in counted.planned]
    assert days == [0, 9]


def test_a_failure_is_recorded_owned_and_not_repeated_before_its_next_time(
    bank: TriedBank,
) -> None:
    counted = Counted()
    counted.error = StorageFault("the disk is full")
    failed = run_due(bank.bank, counted.job)
    assert failed is not None
    assert (failed.outcome, failed.detail) == (Ended.FAILED, "storage_fault")
    assert run_due(bank.bank, counted.job) is None
    (found,) = live(bank)
    assert (found.check_name, found.subject, found.owner) == (
        "jobs_silent", "job reconcile", "operator",
    )  # fmt: skip
    assert found.detail == ({"what": "failed", "why": "storage_fault"},)

    counted.error = None
    bank.clock.move(timedelta(days=1))
    run_due(bank.bank, counted.job)
    assert [run.outcome for run in history(bank)] == [Ended.DONE, Ended.FAILED]


def test_an_unforeseen_error_shows_its_kind_and_not_its_words(sqlite_bank: TriedBank) -> None:
    counted = Counted()
    counted.error = RuntimeError("张三 has no account")
    failed = run_due(sqlite_bank.bank, counted.job)
    assert failed is not None
    assert failed.detail == "RuntimeError"


@pytest.mark.parametrize(
    ("minutes", "rows"), [(59, 1), (60, 2), (61, 2)], ids=["rests", "an hour", "later"]
)
def test_an_idle_job_leaves_a_row_once_an_hour(
    sqlite_bank: TriedBank, minutes: int, rows: int
) -> None:
    counted = Counted(restful=True)
    run_due(sqlite_bank.bank, counted.job)
    counted.idle = True
    sqlite_bank.clock.move(timedelta(minutes=minutes))
    run_due(sqlite_bank.bank, counted.job)
    assert len(history(sqlite_bank)) == rows


def test_work_is_done_at_the_next_minute_however_lately_it_rested(sqlite_bank: TriedBank) -> None:
    counted = Counted(restful=True)
    for _minute in range(3):
        run_due(sqlite_bank.bank, counted.job)
        sqlite_bank.clock.move(timedelta(minutes=1))
    assert len(counted.planned) == 3


def test_a_run_that_died_is_begun_once_more_and_no_third_time(bank: TriedBank) -> None:
    planned = due_ms(RECONCILE, bank.bank.now_ms())
    assert claim(bank.bank, "reconcile", planned, BY_PLAN)
    assert not claim(bank.bank, "reconcile", planned, BY_PLAN)
    assert mark_interrupted(bank.bank) == ["reconcile"]
    assert history(bank)[0].detail == INTERRUPTED
    assert claim(bank.bank, "reconcile", planned, BY_PLAN)
    assert history(bank)[0].detail == AGAIN
    assert mark_interrupted(bank.bank) == ["reconcile"]
    assert history(bank)[0].detail == INTERRUPTED_TWICE
    assert not claim(bank.bank, "reconcile", planned, BY_PLAN)
    assert run_due(bank.bank, Counted().job) is None


def test_what_somebody_asked_for_is_not_called_interrupted(sqlite_bank: TriedBank) -> None:
    claim(sqlite_bank.bank, "publish", sqlite_bank.bank.now_ms(), "by staff_operator")
    assert mark_interrupted(sqlite_bank.bank) == []


def test_every_job_can_be_asked_for(bank: TriedBank) -> None:
    bank.people("V0001")
    bank.issue("V0001", 90)
    for job in JOBS:
        bank.clock.move(timedelta(milliseconds=1))
        run = run_now(bank.bank, OPERATOR, job.name)
        assert run.outcome is Ended.DONE, run.detail
    assert live(bank) == []


def test_asking_for_a_job_is_refused_in_order(sqlite_bank: TriedBank) -> None:
    with pytest.raises(NotPermitted):
        run_now(sqlite_bank.bank, AUDITOR, "no such job")
    with pytest.raises(UnknownJob):
        run_now(sqlite_bank.bank, OPERATOR, "no such job")
    run_now(sqlite_bank.bank, OPERATOR, "publish")
    with pytest.raises(JobAlreadyRun):
        run_now(sqlite_bank.bank, OPERATOR, "publish")


def test_every_schedule_has_its_job_and_both_languages() -> None:
    assert {job.schedule for job in JOBS} == set(SCHEDULES)
    for job in JOBS:
        assert job_named(job.name) is job
        assert (job.schedule.rests is None) == (job.has_work is None)
        assert any("\u4e00" <= sign <= "\u9fff" for sign in job.what_zh)
        assert job.what_en.isascii()
