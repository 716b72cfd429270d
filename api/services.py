"""What works beside the requests of a server: publishing the log, and the jobs of a single PC."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ledger.book import read_head
from ledger.witnessing import Witnesses
from timebank.bank import Bank
from timebank.calendar import prepare_working_days
from timebank.clock import local_date
from timebank.jobs.scheduler import run_scheduler
from timebank.reconciliation.checks import jobs_silent
from timebank.reconciliation.view import view_of


@dataclass(frozen=True, slots=True)
class State:
    """How one part stands; ``why`` is a code.  Without a ``needed`` part requests are no use."""

    name: str
    ready: bool
    why: str = ""
    needed: bool = True


class Services:
    """The publisher of one server process and, where the settings say so, its scheduler."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._publisher = bank.publisher(lambda fault: bank.writer.halt(fault))
        self._stop_jobs = threading.Event()
        self._jobs: threading.Thread | None = None

    def start(self) -> None:
        """Publish behind the writer from now on, and start the jobs where they run here."""
        prepare_working_days(local_date(self._bank.clock.now()))
        self._bank.on_commit.append(self._publisher.tell)
        self._publisher.start()
        if self._bank.settings.scheduler_in_server:
            self._jobs = threading.Thread(
                target=run_scheduler, args=(self._bank, self._stop_jobs), name="scheduler"
            )
            self._jobs.start()

    def stop(self) -> None:
        """Publish what is left, stop what was started, and wait for it."""
        if self._jobs is not None:
            self._stop_jobs.set()
            self._jobs.join()
            self._jobs = None
        self._bank.on_commit.remove(self._publisher.tell)
        self._publisher.stop()

    def states(self) -> list[State]:
        """How the parts stand that the server cannot do without."""
        fault = self._publisher.fault
        states = [State("publisher", fault is None, "" if fault is None else fault.code)]
        states.append(self._scheduler())
        if self._bank.witnesses is not None:
            states.append(self._witnessed(self._bank.witnesses))
        return states

    def _witnessed(self, witnesses: Witnesses) -> State:
        """An outage of witnesses delays the public checkpoint and keeps nobody from posting."""
        if not self._publisher.unwitnessed:
            return State("witnesses", True, needed=False)
        failing = (f"{one.name}:{one.why}" for one in witnesses.standings() if one.why)
        return State("witnesses", False, " ".join(failing), needed=False)

    def _scheduler(self) -> State:
        """Jobs that run elsewhere are told of, but do not keep this server from answering."""
        needed = self._bank.settings.scheduler_in_server
        if needed and not (self._jobs is not None and self._jobs.is_alive()):
            return State("scheduler", False, "stopped", needed)
        with view_of(self._bank) as view:
            silent = any(one.what == "silent" for one in jobs_silent.check(view))
        return State("scheduler", not silent, "silent" if silent else "", needed)


def failing_witnesses(bank: Bank) -> dict[str, Callable[[], int]]:
    """For each witness that can be asked, by name, whether it failed to cosign last: 1 or 0."""
    witnesses = bank.witnesses
    if witnesses is None:
        return {}

    def failing(place: int) -> Callable[[], int]:
        return lambda: int(witnesses.standings()[place].why != "")

    return {one.name: failing(place) for place, one in enumerate(witnesses.standings())}


def bank_size(bank: Bank) -> int:
    """Leaves of the committed log."""
    return read_head(bank.database).size
