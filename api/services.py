"""What works beside the requests of a server: publishing the log, and the jobs of a single PC."""

from dataclasses import dataclass

from ledger.book import read_head
from timebank.bank import Bank


@dataclass(frozen=True, slots=True)
class State:
    """How one part of the server stands; ``why`` is a code."""

    name: str
    ready: bool
    why: str = ""


class Services:
    """The publisher and the scheduler of one server process."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def start(self) -> None:
        """Start what the settings ask for."""

    def stop(self) -> None:
        """Stop what was started, and wait for it."""

    def states(self) -> list[State]:
        """How the parts stand that the server cannot do without."""
        return []


def bank_size(bank: Bank) -> int:
    """Leaves of the committed log."""
    return read_head(bank.database).size
