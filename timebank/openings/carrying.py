"""How an opening balance of a former book stands in the one that follows it."""

from typing import Any

from timebank.openings.model import State

SENT_BACK = "随前一账簿退回，请重新导入"
"""Why a row came back that was handed in to the book before this one and not posted there."""


def carried(row: dict[str, Any]) -> dict[str, Any]:
    """The row in the new book, whose log has neither its list nor its entry.

    What was posted keeps its page, so that nobody is paid twice; what waited is handed in anew.
    """
    match row["state"]:
        case State.POSTED:
            return {**row, "state": State.CARRIED_OVER.value, "entry_id": ""}
        case State.AWAITING_HOLDER | State.AWAITING_APPROVAL:
            back = {"state": State.RETURNED.value, "live_page": None, "reason": SENT_BACK}
            return {**row, **back}
    return {**row, "entry_id": ""}
