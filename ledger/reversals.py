"""Reversals: the one way to undo an entry, by a new entry that moves the same minutes back.

Both stay in the journal, linked both ways; an entry is reversed at most once and a reversal never.
"""

from ledger.errors import AlreadyReversed, NotReversible
from ledger.journal import REVERSAL, JournalEntry, Movement


def reverse(
    entry_id: str, entry: JournalEntry, *, reversed_by: str | None, effective_on: str, policy: str
) -> JournalEntry:
    """The entry that undoes ``entry``: every movement with its sides exchanged, last one first.

    ``reversed_by`` names the reversal that exists already.  The accounts' limits hold for a
    reversal as for any entry: what was spent meanwhile cannot be taken back from below the floor.
    Store the new entry and the link in one transaction.

    Raises, the first that applies:
        NotReversible: ``entry`` is itself a reversal.
        AlreadyReversed: ``entry`` was reversed before.
    """
    if entry.kind == REVERSAL:
        raise NotReversible(entry=entry_id, kind=entry.kind)
    if reversed_by is not None:
        raise AlreadyReversed(entry=entry_id, by=reversed_by)
    back = tuple(Movement(to, giver, minutes) for giver, to, minutes in reversed(entry.movements))
    return JournalEntry(REVERSAL, back, effective_on, policy, of=entry_id)
