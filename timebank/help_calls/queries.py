"""Which calls for help nobody has answered yet."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.people.directory import members
from timebank.people.masks import mask_name
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

MOST = 20

_WAITING = text(
    "SELECT number, person_id, called_ms FROM help_call WHERE book_id = 1 "
    "AND station_code = :station AND answered_ms IS NULL ORDER BY number LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """An open call; ``name`` is masked, and empty where nobody had signed in."""

    number: int
    name: str
    called_ms: int


def waiting_calls(
    bank: Bank, connection: Connection, actor: Actor, station_code: str
) -> list[WaitingCall]:
    """The open calls of a station, the oldest first, at most :data:`MOST`.

    Raises:
        NotPermitted: neither clerk, reviewer nor operator, or of another station.
    """
    require(actor, "read_help_calls", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    require_station(actor, "read_help_calls", station_code)
    rows = connection.execute(_WAITING, {"station": station_code, "most": MOST}).all()
    known = members(bank, connection, {row.person_id for row in rows if row.person_id})
    return [
        WaitingCall(
            row.number,
            mask_name(known[row.person_id].name) if row.person_id in known else "",
            row.called_ms,
        )
        for row in rows
    ]
