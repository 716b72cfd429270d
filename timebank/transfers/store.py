"""Transfers in their table: read one as the group sees it, add it, change it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, update

from ledger.draft import Draft
from timebank.errors.transfers import UnknownTransfer
from timebank.transfers.model import Kind, Moved, State
from timebank.transfers.tables import TRANSFER

BOOK = 1

COLUMNS = (
    "transfer_id, kind, state, from_account, to_account, minutes, code, policy, made_on, "
    "granted_month, proposal_id, station_code, assistant, hold_id, entry_id, undo_until_ms, "
    "made_by, made_ms, decided_by, decided_ms"
)
_ONE = f"SELECT {COLUMNS} FROM transfer WHERE book_id = 1 AND transfer_id = ?"
_OF_PROPOSAL = (
    f"SELECT {COLUMNS} FROM transfer WHERE book_id = 1 AND proposal_id = ? ORDER BY transfer_id"
)
_COMING = (
    "SELECT coalesce(sum(minutes), 0) FROM transfer "
    "WHERE book_id = 1 AND to_account = ? AND state = 'held'"
)


@dataclass(frozen=True, slots=True)
class StoredTransfer:
    """A row; see :class:`timebank.transfers.tables.Transfer`."""

    transfer_id: str
    kind: str
    state: str
    from_account: str
    to_account: str
    minutes: int
    code: str
    policy: str
    made_on: str
    granted_month: str | None
    proposal_id: str
    station_code: str
    assistant: str
    hold_id: str
    entry_id: str
    undo_until_ms: int
    made_by: str
    made_ms: int
    decided_by: str
    decided_ms: int | None

    @property
    def moved(self) -> Moved:
        """What it is to move."""
        return Moved(
            Kind(self.kind),
            self.transfer_id,
            self.from_account,
            self.to_account,
            self.minutes,
            self.code,
        )


def transfer_for(draft: Draft, transfer_id: str) -> StoredTransfer:
    """A transfer as the group sees it.

    Raises:
        UnknownTransfer: there is none of that id.
    """
    rows = draft.rows(_ONE, transfer_id)
    if not rows:
        raise UnknownTransfer(transfer=transfer_id[:60])
    return StoredTransfer(*rows[0])


def proposal_for(draft: Draft, proposal_id: str) -> list[StoredTransfer]:
    """The transfers that were proposed together, as the group sees them.

    Raises:
        UnknownTransfer: there is no such proposal.
    """
    rows = draft.rows(_OF_PROPOSAL, proposal_id) if proposal_id else []
    if not rows:
        raise UnknownTransfer(transfer=proposal_id[:60])
    return [StoredTransfer(*row) for row in rows]


def coming_to(draft: Draft, account_id: str) -> int:
    """Minutes that gifts hold for an account and that have not moved yet."""
    return int(draft.rows(_COMING, account_id)[0][0])


def add(draft: Draft, moved: Moved, state: State, **values: Any) -> None:
    """Store a new transfer in the group's commit; what ``values`` leave out is empty."""
    row = {
        "book_id": BOOK,
        "transfer_id": moved.transfer_id,
        "kind": moved.kind.value,
        "state": state.value,
        "from_account": moved.from_account,
        "to_account": moved.to_account,
        "minutes": moved.minutes,
        "code": moved.code,
        "granted_month": None,
        "proposal_id": "",
        "station_code": "",
        "assistant": "",
        "hold_id": "",
        "entry_id": "",
        "undo_until_ms": 0,
        "made_ms": draft.recorded_ms,
        "decided_by": "",
        "decided_ms": None,
    }
    draft.add(insert(TRANSFER), [row | values])


def end(draft: Draft, transfer_id: str, state: State, by: str, **values: Any) -> None:
    """Say how a transfer ended, and by whom."""
    draft.add(
        update(TRANSFER)
        .where(TRANSFER.c.book_id == BOOK, TRANSFER.c.transfer_id == transfer_id)
        .values(state=state.value, decided_by=by, decided_ms=draft.recorded_ms, **values)
    )
