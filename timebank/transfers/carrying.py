"""How a transfer of a former book stands in the one that follows it."""

from collections.abc import Collection
from typing import Any

from timebank.transfers.model import State


def carried(row: dict[str, Any], holds: Collection[str]) -> dict[str, Any]:
    """The row in the new book, where ``holds`` are open.

    A posted one keeps its month, so that nobody is granted twice; its entry is in the former log.
    A proposal was stated there and must be made anew; a gift goes on where its hold came over.
    """
    match row["state"]:
        case State.POSTED:
            return {**row, "state": State.CARRIED_OVER.value, "entry_id": "", "hold_id": ""}
        case State.PROPOSED:
            return {**row, "state": State.REJECTED.value, "granted_month": None}
        case State.HELD if row["hold_id"] not in holds:
            return {**row, "state": State.LAPSED.value, "hold_id": ""}
        case State.HELD:
            return row
    return {**row, "hold_id": ""}
