"""What a month's end asks for with each partner: a statement, and a netting where both agree."""

from ledger.encoding import Json
from timebank.bank import Bank
from timebank.clearing.journal import cleared_partners
from timebank.clearing.making import make_due_statements, months_made
from timebank.clearing.netting import propose_netting
from timebank.errors.clearing import ClearingDiffers, MonthNetted, NettingAwaits, NothingToNet
from timebank.reconciliation.reconcile import SCHEDULER


def state_months(bank: Bank, _planned_ms: int) -> dict[str, Json]:
    """Make the clearing statements of months that are over; what exists is not made again.

    Raises:
        LedgerFault: the storage is out.
    """
    return {"made": make_due_statements(bank, SCHEDULER)}


def propose_nettings(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Propose to net the latest month with each partner where both statements agree.

    Answers how many were proposed and how many are level already, and names the partners with
    whom the month differs, each with the number of differences, and the nettings that wait.
    """
    proposed = level = 0
    differ, waiting = [], []
    with bank.read() as connection:
        partners = [one for one in cleared_partners(connection) if one.is_active]
        months = {one.origin: months_made(connection, one.origin)[:1] for one in partners}
    for partner in partners:
        key = f"netting-{planned_ms}-{partner.partner_id}"
        for month in months[partner.origin]:
            try:
                answer = propose_netting(bank, SCHEDULER, partner.origin, month, key=key)
                proposed += not answer.replayed
            except ClearingDiffers as refused:
                differ.append(f"{partner.origin} {month} ({refused.facts['differences']})")
            except (NothingToNet, MonthNetted):
                level += 1
            except NettingAwaits as refused:
                waiting.append(str(refused.facts["netting"]))
    return {
        "differ": ", ".join(differ), "level": level, "proposed": proposed,
        "waiting_nettings": ", ".join(waiting),
    }  # fmt: skip
