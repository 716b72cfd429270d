"""Closing a period: one leaf that an operator signs, and no change to anything before it."""

from typing import Any

from sqlalchemy import select, update

import ledger.closing
from ledger.draft import Draft, Facts
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import SevereFindingsOpen
from timebank.periods.model import ClosedPeriod
from timebank.periods.view import period_closed, period_named
from timebank.reconciliation.actions import TEXT_MAX_CHARACTERS
from timebank.reconciliation.findings import with_line
from timebank.reconciliation.model import Severity, State
from timebank.reconciliation.tables import FINDING
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
_SEVERE = (
    (FINDING.c.book_id == BOOK)
    & (FINDING.c.state == State.OPEN.value)
    & (FINDING.c.severity == Severity.ALARM.value)
)


def close_period(
    bank: Bank, actor: Actor, name: str, *, reason: str = "", key: str
) -> ClosedPeriod:
    """Close a month.  While an alarm is open this takes a reason, which becomes a comment of each.

    The signed submission says how many alarms were open, never the words: they may name somebody.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        NotAPeriod: no month.
        ContentOutOfProfile: a reason that no database can hold.
        PeriodClosedBefore, PeriodNotNext, PeriodNotOver: see :func:`ledger.periods.check_turn`.
        SevereFindingsOpen: an alarm is open, and there is no reason.
    """
    require(actor, "close_period", Role.OPERATOR)
    period = period_named(name)
    words = " ".join(reason.split())[:TEXT_MAX_CHARACTERS]
    check_text(words)

    def decide(draft: Draft) -> dict[str, Any]:
        severe = draft.query(select(FINDING.c.finding_id, FINDING.c.comment).where(_SEVERE)).all()
        facts: Facts = {"do": "close_period", "findings": len(severe)}
        identifier = ledger.closing.close_period(draft, period, facts)
        if severe and not words:
            raise SevereFindingsOpen(findings=len(severe))
        for row in severe:
            said = f"{period.name} 仍然结账 / closed all the same: {words}"
            comment = with_line(row.comment, draft.recorded_ms, actor.actor_id, said)
            mine = _SEVERE & (FINDING.c.finding_id == row.finding_id)
            draft.add(update(FINDING).where(mine).values(comment=comment))
        return {"closing": identifier, "period": period.name}

    # A refused request leaves its content's hash in the log, and a hash can be guessed: no words.
    content = {"period": period.name, "reason_given": bool(words)}
    bank.act(bank.action(actor, "closing", decide, key=key, content=content, station_code=""))
    with bank.read() as connection:
        return period_closed(connection, period.name)
