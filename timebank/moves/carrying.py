"""How moves and partners of a former book stand in the one that follows it."""

from collections.abc import Iterable
from typing import Any

from ledger.draft import Draft
from timebank.moves.model import CARRY_PARTNER, ArrivalState, DepartureState, PartnerState

SENT_BACK = "随前一账簿退回，请重新登记"
"""Why a move came back that waited when the book before this one ended."""


def carried_away(row: dict[str, Any]) -> dict[str, Any]:
    """A move to another book: what waited is asked for anew, and who has gone stays gone."""
    if row["state"] == DepartureState.ASKED:
        back = {"state": DepartureState.RETURNED.value, "open_person": None, "reason": SENT_BACK}
        return {**row, **back}
    return row


def carried_in(row: dict[str, Any]) -> dict[str, Any]:
    """A move from another book: what was credited stays known, so that it comes in once."""
    if row["state"] == ArrivalState.STATED:
        back = {"state": ArrivalState.RETURNED.value, "live_entry": None, "reason": SENT_BACK}
        return {**row, **back}
    return row


def state_partners(
    draft: Draft, rows: Iterable[dict[str, Any]], settled: Iterable[dict[str, Any]]
) -> None:
    """Name the partners in the new log, which has their accounts and not their approval."""
    accounts = {row["origin"]: row["account_id"] for row in settled}
    for row in rows:
        if row["state"] == PartnerState.ACTIVE:
            facts: dict[str, Any] = {
                "account": row["account_id"], "by": row["decided_by"], "do": CARRY_PARTNER,
                "partner": row["partner_id"], "vkey": row["vkey"],
            }  # fmt: skip
            if row["origin"] in accounts:
                facts["settled"] = accounts[row["origin"]]
            draft.state(row["partner_id"], facts)
