"""What the end of a part of a year asks for: a run of letters for each station."""

from ledger.encoding import Json
from timebank.bank import Bank
from timebank.letters.runs import make_due_runs
from timebank.reconciliation.reconcile import SCHEDULER


def make_letters(bank: Bank, _planned_ms: int) -> dict[str, Json]:
    """Make the runs that are due; asked every day, so that a day without power is caught up.

    Raises:
        LedgerFault: the storage is out.
    """
    return make_due_runs(bank, SCHEDULER)
