"""How nettings and ends of partnerships stand in the book that follows.

Statements of both sides stay with the former log, which signed or is addressed by them.
"""

from typing import Any

from timebank.clearing.model import EndingState, NettingState


def carried_netting(row: dict[str, Any]) -> dict[str, Any]:
    """A netting: what was posted stays known; a proposal was agreed on between other logs."""
    if row["state"] == NettingState.PROPOSED:
        gone = {"live_month": None, "live_origin": None, "state": NettingState.WITHDRAWN.value}
        return {**row, **gone}
    return row


def carried_end(row: dict[str, Any]) -> dict[str, Any]:
    """The end of a partnership: what waited is asked for anew."""
    if row["state"] == EndingState.ASKED:
        return {**row, "open_partner": None, "state": EndingState.WITHDRAWN.value}
    return row
