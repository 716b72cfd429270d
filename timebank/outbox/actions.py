"""A clerk has told somebody: the message leaves the call list."""

from typing import Any

from sqlalchemy import update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors.outbox import UnknownMessage
from timebank.outbox.tables import OUTBOX_MESSAGE
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

_ONE = "SELECT station_code, told_ms FROM message WHERE book_id = 1 AND number = ?"


def note_told(bank: Bank, actor: Actor, number: int) -> dict[str, Any]:
    """Note that the person was told, by whom and when; a second time changes nothing.

    Raises, the first that applies:
        NotPermitted: neither clerk, reviewer nor operator.
        UnknownMessage: there is no such message.
        NotPermitted: it is another station's.
    """
    require(actor, "note_told", Role.CLERK, Role.REVIEWER, Role.OPERATOR)

    def change(draft: Draft) -> dict[str, Any]:
        rows = draft.rows(_ONE, number)
        if not rows:
            raise UnknownMessage(number=number)
        station_code, told_ms = rows[0]
        require_station(actor, "note_told", station_code)
        if told_ms is None:
            mine = OUTBOX_MESSAGE.c
            draft.add(
                update(OUTBOX_MESSAGE)
                .where(mine.book_id == 1, mine.number == number)
                .values(told_by=actor.actor_id, told_ms=draft.recorded_ms)
            )
            told_ms = draft.recorded_ms
        return {"number": number, "told_ms": told_ms}

    return bank.keep_house(change)
