"""Calling a clerk to the kiosk, and saying that somebody came."""

from typing import Any

from sqlalchemy import insert, update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors import UnknownStation
from timebank.errors.help_calls import UnknownHelpCall
from timebank.help_calls.tables import HELP_CALL
from timebank.stations.actions import require, require_station, station_named
from timebank.stations.model import Actor, Role

BOOK = 1

_OPEN = (
    "SELECT number FROM help_call WHERE book_id = 1 AND station_code = ? AND person_id = ? "
    "AND answered_ms IS NULL"
)
_LAST = "SELECT coalesce(max(number), 0) FROM help_call WHERE book_id = 1"
_ONE = "SELECT station_code, answered_ms FROM help_call WHERE book_id = 1 AND number = ?"


def call_for_help(bank: Bank, station_code: str, person_id: str = "") -> int:
    """Leave a call for the station's clerk; answers its number.

    ``person_id`` is the member's who has signed in, or empty.  Whoever presses again while the
    call is open adds nothing, so a kiosk has one call without a name at most.

    Raises:
        UnknownStation: there is no such station.
    """
    with bank.read() as connection:
        if station_named(connection, station_code) is None:
            raise UnknownStation(field="station", station=station_code[:20])

    def change(draft: Draft) -> dict[str, Any]:
        waiting = draft.rows(_OPEN, station_code, person_id)
        if waiting:
            return {"number": waiting[0][0]}
        number = draft.rows(_LAST)[0][0] + 1
        row = {
            "book_id": BOOK,
            "number": number,
            "station_code": station_code,
            "person_id": person_id,
            "called_ms": draft.recorded_ms,
            "answered_by": "",
            "answered_ms": None,
        }
        draft.add(insert(HELP_CALL), [row])
        return {"number": number}

    return int(bank.keep_house(change)["number"])


def answer_help(bank: Bank, actor: Actor, number: int) -> None:
    """Note that a clerk has come; a second time changes nothing.

    Raises, the first that applies:
        NotPermitted: neither clerk, reviewer nor operator.
        UnknownHelpCall: there is no such call.
        NotPermitted: it is another station's.
    """
    require(actor, "answer_help", Role.CLERK, Role.REVIEWER, Role.OPERATOR)

    def change(draft: Draft) -> dict[str, Any]:
        rows = draft.rows(_ONE, number)
        if not rows:
            raise UnknownHelpCall(number=number)
        station_code, answered_ms = rows[0]
        require_station(actor, "answer_help", station_code)
        if answered_ms is None:
            mine = HELP_CALL.c
            draft.add(
                update(HELP_CALL)
                .where(mine.book_id == BOOK, mine.number == number)
                .values(answered_by=actor.actor_id, answered_ms=draft.recorded_ms, person_id="")
            )
        return {}

    bank.keep_house(change)
