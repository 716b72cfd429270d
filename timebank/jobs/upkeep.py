"""What keeps a quiet book in shape: its public files up to date, its lines derived."""

from typing import Any

from sqlalchemy import text

from ledger.book import read_head
from ledger.checkpoint import Checkpoint
from ledger.draft import Draft
from ledger.encoding import Json
from ledger.lines import derive_step
from ledger.notes import NoteRejected, parse_note
from ledger.tiles import TileFolder
from timebank.bank import Bank

LEAVES_WORTH_DERIVING = 100
"""A shorter tail is read from the journal faster than a step is worth."""


def publish(bank: Bank, _planned_ms: int) -> dict[str, Json]:
    """Bring the public folder up to the book; answers its size.

    Raises:
        LogForked, StorageFault: see :meth:`timebank.bank.Bank.publish`.
    """
    bank.publish()
    return {"published": published_size(bank)}


def unpublished(bank: Bank, _planned_ms: int) -> bool:
    """Whether leaves wait to be published, because no server does it within its two seconds."""
    return published_size(bank) != read_head(bank.database).size


def published_size(bank: Bank) -> int:
    """Leaves below the public checkpoint; 0 before the first, -1 where it cannot be read."""
    note = TileFolder(bank.settings.log_folder).checkpoint_note()
    if note is None:
        return 0
    try:
        return Checkpoint.parse(parse_note(note).text).size
    except NoteRejected:
        return -1


def derive(bank: Bank, _planned_ms: int) -> dict[str, Json]:
    """Derive the lines of what was posted since the last step; answers up to which leaf."""

    def change(draft: Draft) -> dict[str, Any]:
        low, high = draft.query(_MARKS).one()
        for step in derive_step(low, high):
            draft.add(step)
        return {"leaf": high}

    return dict(bank.keep_house(change))


def underived(bank: Bank, _planned_ms: int) -> bool:
    """Whether the tail that statements must read from the journal is long."""
    with bank.read() as connection:
        low, high = connection.execute(_MARKS).one()
    return bool(high - low >= LEAVES_WORTH_DERIVING)


_MARKS = text(
    "SELECT m.leaf_index, h.size FROM line_mark m JOIN head h ON h.book_id = m.book_id "
    "WHERE m.book_id = 1"
)
