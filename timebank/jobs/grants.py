"""Proposing each month's grants, so that nobody has to remember; a person still approves them."""

from itertools import count

from ledger.encoding import Json
from timebank.bank import Bank
from timebank.errors.transfers import NothingToGrant
from timebank.reconciliation.reconcile import SCHEDULER
from timebank.transfers.proposing import propose_grants


def propose_monthly_grants(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Propose the month's grant for everybody who is eligible; answers how many were proposed.

    Keys name the planned time and the part, so that a second run proposes nothing again.  A fund
    that is too small fails the run, which is a finding: nobody's grant is cut silently.

    Raises, the first that applies:
        NoProfileInForce: no profile covers today.
        SourceTooSmall: the fund has less than a proposal needs.
    """
    proposed = 0
    for part in count():
        try:
            answer = propose_grants(bank, SCHEDULER, key=f"propose-grants-{planned_ms}-{part}")
        except NothingToGrant:
            return {"proposed": proposed}
        if not answer.replayed:
            proposed += int(answer.body["transfers"])
    raise AssertionError("parts never end")
