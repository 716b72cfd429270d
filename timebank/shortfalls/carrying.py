"""Open shortfalls in the book that follows: stated there, so that they can come back there."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert

from ledger.draft import Draft
from timebank.shortfalls.model import CARRY, ProposalState
from timebank.shortfalls.tables import SHORTFALL


def state_open(draft: Draft, rows: Iterable[dict[str, Any]]) -> None:
    """Put what is open of each account into the new log; credit counts from this moment on."""
    for row in rows:
        account, minutes = row["account_id"], int(row["open_minutes"])
        draft.state(account, {"account": account, "do": CARRY, "minutes": minutes})
        kept = row | {"recovered_minutes": 0, "since_ms": draft.recorded_ms}
        draft.add(insert(SHORTFALL), [kept])


def carried_proposal(row: dict[str, Any]) -> dict[str, Any]:
    """A proposal of the former book: an open one lapses, since its record cannot be reached."""
    if row["state"] != ProposalState.PROPOSED:
        return row
    return row | {"state": ProposalState.WITHDRAWN.value, "live_record": None}
