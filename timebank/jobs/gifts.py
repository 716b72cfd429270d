"""Settling gifts and donations whose ten minutes are over."""

from itertools import count
from typing import Any

from sqlalchemy import text

from ledger.draft import Draft
from ledger.encoding import Json
from ledger.errors import HoldAlreadyEnded, HoldExpired
from ledger.ids import new_id
from timebank.bank import Bank
from timebank.outbox.model import Event
from timebank.outbox.telling import tell_of_transfer
from timebank.reconciliation.reconcile import SCHEDULER
from timebank.transfers.model import Kind, State
from timebank.transfers.store import StoredTransfer, end, transfer_for

GIFTS_AT_ONCE = 200
"""Gifts of one submission; more are several."""

SETTLEMENT_KIND = "transfer_settlement"

_DUE = text(
    "SELECT transfer_id FROM transfer WHERE book_id = 1 AND state = 'held' "
    "AND undo_until_ms <= :now ORDER BY undo_until_ms, transfer_id LIMIT :most"
)
_GONE = "SELECT count(*) FROM person WHERE book_id = 1 AND account_id = ? AND state <> 'active'"


def due_gifts(bank: Bank, most: int = GIFTS_AT_ONCE) -> list[str]:
    """Gifts and donations that nobody can undo any more, the oldest first."""
    with bank.read() as connection:
        rows = connection.execute(_DUE, {"now": bank.now_ms(), "most": most})
        return [str(row.transfer_id) for row in rows]


def has_work(bank: Bank, _planned_ms: int) -> bool:
    """Whether anything is to be settled."""
    return bool(due_gifts(bank, 1))


def settle_gifts(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Settle everything that is due; answers how many moved and how many went back.

    What goes to somebody who was forgotten meanwhile, or whose hold has ended, goes back.  Keys
    name the planned time and the part, as for :func:`timebank.jobs.expiry.expire_holds`.
    """
    settled = lapsed = 0
    for part in count():
        due = due_gifts(bank)
        if not due:
            return {"lapsed": lapsed, "settled": settled}
        moved, back = _settle(bank, due, planned_ms, part)
        settled, lapsed = settled + moved, lapsed + back
    raise AssertionError("parts never end")


def _settle(bank: Bank, due: list[str], planned_ms: int, part: int) -> tuple[int, int]:
    def decide(draft: Draft) -> dict[str, Any]:
        ended = [_one(draft, transfer_for(draft, transfer_id)) for transfer_id in due]
        return {
            "lapsed": sum(state is State.LAPSED for state in ended),
            "settled": sum(state is State.POSTED for state in ended),
        }

    action = bank.action(
        SCHEDULER,
        SETTLEMENT_KIND,
        decide,
        key=f"settle-gifts-{planned_ms}-{part}",
        content={"part": part, "planned": planned_ms},
        batch=new_id("batch", bank.now_ms()),
    )
    answer = bank.act(action)
    if answer.replayed:
        return 0, 0
    return int(answer.body["settled"]), int(answer.body["lapsed"])


def _one(draft: Draft, found: StoredTransfer) -> State | None:
    """Settle one; ``None``: somebody ended it since we looked."""
    if found.state != State.HELD or draft.recorded_ms < found.undo_until_ms:
        return None
    try:
        if draft.rows(_GONE, found.to_account)[0][0]:
            facts: dict[str, Json] = {"do": "return_transfer", "transfer": found.transfer_id}
            draft.release(found.hold_id, facts)
            return _end(draft, found, State.LAPSED)
        entry_id = draft.settle(
            found.hold_id,
            minutes=found.minutes,
            effective_on=found.made_on,
            policy=found.policy,
            facts={"do": found.kind, "on": found.made_on, **found.moved.facts()},
        )
    except (HoldAlreadyEnded, HoldExpired):
        return _end(draft, found, State.LAPSED)
    if found.kind == Kind.GIFT:
        tell_of_transfer(
            draft,
            Event.GIFT_RECEIVED,
            account_id=found.to_account,
            transfer_id=found.transfer_id,
        )
    return _end(draft, found, State.POSTED, entry_id)


def _end(draft: Draft, found: StoredTransfer, state: State, entry_id: str = "") -> State:
    end(draft, found.transfer_id, state, SCHEDULER.actor_id, entry_id=entry_id)
    return state
