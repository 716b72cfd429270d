"""Reading transfers: a member's own, a station's, or all."""

from typing import Any

from sqlalchemy import Connection, text

from timebank.errors import UnknownMember
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.transfers.model import State
from timebank.transfers.store import COLUMNS, StoredTransfer

READERS = (Role.OPERATOR, Role.AUDITOR, Role.CLERK, Role.REVIEWER, Role.MEMBER)

_ACCOUNT = text("SELECT account_id FROM person WHERE book_id = 1 AND person_id = :me")


def transfers_listed(
    connection: Connection,
    actor: Actor,
    *,
    state: State | None = None,
    after: str = "",
    most: int = 50,
) -> list[StoredTransfer]:
    """A page of transfers, the newest first; ``after`` is the id of the last one before it.

    Members see what they gave and got, a station's staff what was given there.

    Raises, the first that applies:
        NotPermitted: a kiosk.
        UnknownMember: the member is no longer there.
    """
    require(actor, "read_transfers", *READERS)
    conditions = [f"SELECT {COLUMNS} FROM transfer WHERE book_id = 1"]
    wanted = dict[str, Any](most=most)
    if actor.role is Role.MEMBER:
        wanted["account"] = connection.execute(_ACCOUNT, {"me": actor.person_id}).scalar()
        if wanted["account"] is None:
            raise UnknownMember(field="number")
        conditions.append("(from_account = :account OR to_account = :account)")
    elif actor.station_code:
        conditions.append("station_code = :station")
        wanted["station"] = actor.station_code
    if state is not None:
        conditions.append("state = :state")
        wanted["state"] = state.value
    if after:
        conditions.append("transfer_id < :after")
        wanted["after"] = after
    query = text(" AND ".join(conditions) + " ORDER BY transfer_id DESC LIMIT :most")
    return [StoredTransfer(*row) for row in connection.execute(query, wanted)]
