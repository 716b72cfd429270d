"""One volunteer's part becomes an entry: out of the hold where the time was held, or anew."""

from dataclasses import dataclass

from ledger.draft import Draft, Facts
from ledger.journal import JournalEntry, Movement
from timebank.records.signed_facts import SERVICE


@dataclass(frozen=True, slots=True)
class Due:
    """What one part moves: the payer's movement to the volunteer first, if there is one.

    ``hold_id`` is empty where nothing was held; ``on`` is ``YYYY-MM-DD``.
    """

    movements: tuple[Movement, ...]
    payer: str
    volunteer: str
    on: str
    policy: str
    hold_id: str = ""


def post_due(draft: Draft, due: Due, facts: Facts) -> str:
    """Post what is due and end the hold; answers the entry's id, empty where nothing moves.

    Raises:
        SettlementExceedsHold: the payer would be charged more than was held.
        HoldAlreadyEnded, HoldExpired, FloorExceeded, CeilingExceeded: as the ledger says.
    """
    first = due.movements[0] if due.movements else None
    if due.hold_id and first is not None and first[:2] == (due.payer, due.volunteer):
        return draft.settle(
            due.hold_id,
            minutes=first.minutes,
            effective_on=due.on,
            policy=due.policy,
            facts=facts,
            beside=due.movements[1:],
        )
    if due.hold_id:  # Nothing goes from the payer to the volunteer, so nothing settles it.
        draft.release(due.hold_id, {"do": "release", "record": facts["record"]})
    if first is None:
        return ""
    return draft.post(JournalEntry(SERVICE, due.movements, due.on, due.policy), facts)
