"""Announcements in the book that follows: its log does not have them, so open ones lapse there."""

from typing import Any

from timebank.expiry.model import State, Why


def carried(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the former book as the new one has it; carried balances are new credit there."""
    if row["state"] != State.ANNOUNCED:
        return row
    return row | {"state": State.LAPSED.value, "why": Why.CARRIED_OVER.value}
