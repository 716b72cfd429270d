"""What works beside the requests of a server: publishing the log, and the jobs of a single PC."""

import threading
from dataclasses import dataclass

from ledger.book import read_head
from ledger.publication import Publisher
from timebank.bank import Bank
from timebank.jobs.scheduler import run_scheduler


@dataclass(frozen=True, slots=True)
class State:
    """How one part of the server stands; ``why`` is a code."""

    name: str
    ready: bool
    why: str = ""


class Services:
    """The publisher of one server process and, where the settings say so, its scheduler."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        settings = bank.settings
        self._publisher = Publisher(
            bank.database,
            settings.log_folder,
            bank.log_key,
            interval_ms=settings.publish_interval_ms,
        )
        self._stop_jobs = threading.Event()
        self._jobs: threading.Thread | None = None

    def start(self) -> None:
        """Publish behind the writer from now on, and start the jobs where they run here."""
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
        if self._bank.settings.scheduler_in_server:
            alive = self._jobs is not None and self._jobs.is_alive()
            states.append(State("scheduler", alive, "" if alive else "silent"))
        return states


def bank_size(bank: Bank) -> int:
    """Leaves of the committed log."""
    return read_head(bank.database).size
