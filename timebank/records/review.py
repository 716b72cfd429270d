"""Review: a second person looks before credit moves, or afterwards where the policy allows that."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from ledger.draft import Draft, Facts
from ledger.ids import new_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.errors import (
    AlreadyReviewed,
    MissingField,
    NotAwaitingReview,
    ReviewerIsRecorder,
    UnknownBatch,
    UnknownRecord,
)
from timebank.people.tables import PERSON
from timebank.records.crediting import Due, post_due
from timebank.records.model import UNREVIEWED, Payer
from timebank.records.movements import movements_of, payer_account
from timebank.records.posting import BOOK
from timebank.records.tables import RECORD_PERSON, REGISTER_BATCH, SERVICE_RECORD
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

_AT_ONCE = 500
_HOLD = "SELECT hold_id FROM record_hold WHERE book_id = 1 AND record_id = ?"


def review_record(
    bank: Bank, actor: Actor, record_id: str, *, approve: bool, reason: str = "", key: str
) -> Answer:
    """Approve or send back one record; answers its id, state and entries.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        MissingField: a record is sent back without a reason.
        UnknownRecord: there is no such record.
        NotAwaitingReview, AlreadyReviewed: it was decided before.
        ReviewerIsRecorder: who recorded it may not review it.
        CeilingExceeded, FloorExceeded: the credit cannot move now.
    """
    return _review(bank, actor, [record_id], approve=approve, reason=reason, key=key)


def approve_batch(bank: Bank, actor: Actor, batch_id: str, *, key: str) -> Answer:
    """Approve every record of an import that waits for it; answers how many.

    Raises, the first that applies:
        NotPermitted, ReviewerIsRecorder: as :func:`review_record`.
        UnknownBatch: there is no such import.
        AlreadyReviewed: nothing of it waits.
    """
    with bank.read() as connection:
        batch = connection.execute(
            select(REGISTER_BATCH).where(
                REGISTER_BATCH.c.book_id == BOOK, REGISTER_BATCH.c.batch_id == batch_id
            )
        ).first()
        if batch is None:
            raise UnknownBatch(batch=batch_id[:60])
        waiting = [
            row.record_id
            for row in connection.execute(
                select(SERVICE_RECORD.c.record_id)
                .where(SERVICE_RECORD.c.book_id == BOOK, SERVICE_RECORD.c.batch_id == batch_id)
                .where(SERVICE_RECORD.c.reviewed_ms.is_(None))
                .where(SERVICE_RECORD.c.state.in_(("awaiting_review", "posted")))
                .order_by(SERVICE_RECORD.c.number)
            )
        ]
    if batch.imported_by == actor.actor_id:
        raise ReviewerIsRecorder(record=batch_id)
    if not waiting:
        raise AlreadyReviewed(record=batch_id)
    answer = None
    approved = 0
    for at in range(0, len(waiting), _AT_ONCE):
        part = waiting[at : at + _AT_ONCE]
        is_last = at + _AT_ONCE >= len(waiting)
        answer = _review(
            bank,
            actor,
            part,
            approve=True,
            reason="",
            key=f"{key}-{at}",
            batch_id=batch_id if is_last else "",
        )
        approved += len(part)
    assert answer is not None
    return answer._replace(body={"approved": approved, "batch": batch_id, "state": "posted"})


def _review(
    bank: Bank,
    actor: Actor,
    record_ids: Sequence[str],
    *,
    approve: bool,
    reason: str,
    key: str,
    batch_id: str = "",
) -> Answer:
    require(actor, "review_record", Role.REVIEWER, Role.OPERATOR)
    if not approve and not reason.strip():
        raise MissingField(field="reason")

    def decide(draft: Draft) -> dict[str, Any]:
        made = []
        for record_id in record_ids:
            row = record_row(draft, record_id, "awaiting_review", "posted")
            require_station(actor, "review_record", row.station_code)
            made.append(_decide(bank, draft, actor, row, approve=approve, reason=reason))
        if batch_id:
            draft.add(
                update(REGISTER_BATCH)
                .where(REGISTER_BATCH.c.book_id == BOOK, REGISTER_BATCH.c.batch_id == batch_id)
                .values(state="posted", approved_by=actor.actor_id, approved_ms=draft.recorded_ms)
            )
        return made[0] if len(made) == 1 else {"records": made}

    action = bank.action(
        actor,
        "review",
        decide,
        key=key,
        content={"approve": approve, "reason": reason, "records": list(record_ids)},
        batch=new_id("batch", bank.now_ms()),
    )
    return bank.act(action)


def _decide(
    bank: Bank, draft: Draft, actor: Actor, row: Any, *, approve: bool, reason: str
) -> dict[str, Any]:
    if row.reviewed_ms is not None:
        raise AlreadyReviewed(record=row.record_id)
    if row.state == "posted" and not approve:
        raise NotAwaitingReview(
            record=row.record_id, state=row.state
        )  # What is posted is undone by reversal only.
    if row.recorded_by == actor.actor_id:
        raise ReviewerIsRecorder(record=row.record_id)
    facts: Facts = {
        "by": actor.actor_id,
        "do": "approve" if approve else "reject",
        "record": row.record_id,
    }
    entries: list[str] = []
    if approve and row.state == "awaiting_review":
        entries = _post_waiting(bank, draft, row, facts)
    if not entries:
        draft.state(row.record_id, facts)
    marks = " ".join(mark for mark in row.marks.split() if mark != UNREVIEWED)
    draft.add(
        update(SERVICE_RECORD)
        .where(SERVICE_RECORD.c.book_id == BOOK, SERVICE_RECORD.c.record_id == row.record_id)
        .values(
            state="posted" if approve else "rejected",
            marks=marks if approve else row.marks,
            reason=row.reason if approve else reason.strip(),
            reviewed_by=actor.actor_id,
            reviewed_ms=draft.recorded_ms,
        )
    )
    if not approve:
        draft.add(
            update(RECORD_PERSON)
            .where(RECORD_PERSON.c.book_id == BOOK, RECORD_PERSON.c.record_id == row.record_id)
            .values(live=0)
        )
    state = "posted" if approve else "rejected"
    return {"entries": entries, "record": row.record_id, "state": state}


def _post_waiting(bank: Bank, draft: Draft, row: Any, facts: Facts) -> list[str]:
    """Post what each volunteer was to be credited when the record was made."""
    people = draft.query(
        select(RECORD_PERSON, PERSON.c.account_id)
        .join(
            PERSON, (PERSON.c.book_id == BOOK) & (PERSON.c.person_id == RECORD_PERSON.c.person_id)
        )
        .where(RECORD_PERSON.c.book_id == BOOK, RECORD_PERSON.c.record_id == row.record_id)
        .order_by(RECORD_PERSON.c.person_id)
    ).all()
    elders = [one.account_id for one in people if one.part == "recipient"]
    giver = payer_account(bank.account_of, Payer(row.payer), elders[0] if elders else "")
    hold = draft.rows(_HOLD, row.record_id)
    entries = []
    for one in people:
        movements = movements_of(
            bank.account_of,
            giver,
            one.account_id,
            credited=one.credited_minutes,
            charged=one.charged_minutes,
            overflow=one.overflow_minutes,
        )
        if one.part != "volunteer":
            continue
        part: Facts = {"credited": one.credited_minutes, "volunteer": one.account_id}
        due = Due(
            movements, giver, one.account_id, row.service_on, row.policy, hold[0][0] if hold else ""
        )
        entry_id = post_due(draft, due, {**facts, **part})
        if not entry_id:
            continue
        entries.append(entry_id)
        draft.add(
            update(RECORD_PERSON)
            .where(RECORD_PERSON.c.book_id == BOOK, RECORD_PERSON.c.record_id == row.record_id)
            .where(RECORD_PERSON.c.person_id == one.person_id, RECORD_PERSON.c.part == "volunteer")
            .values(entry_id=entry_id)
        )
    return entries


def record_row(draft: Draft, record_id: str, *states: str) -> Any:
    """A record as the group sees it, if it is in one of ``states``.

    Raises, the first that applies:
        UnknownRecord: there is none of that id.
        NotAwaitingReview: it is in another state.
    """
    row = draft.query(
        select(SERVICE_RECORD).where(
            SERVICE_RECORD.c.book_id == BOOK, SERVICE_RECORD.c.record_id == record_id
        )
    ).first()
    if row is None:
        raise UnknownRecord(record=record_id[:60])
    if row.state not in states:
        raise NotAwaitingReview(record=record_id, state=row.state)
    return row


def posted_entries(draft: Draft, record_ids: Sequence[str]) -> list[str]:
    """The entries that credit those records' volunteers."""
    rows = draft.query(
        select(RECORD_PERSON.c.entry_id)
        .where(RECORD_PERSON.c.book_id == BOOK, RECORD_PERSON.c.record_id.in_(record_ids))
        .where(RECORD_PERSON.c.entry_id != "")
        .order_by(RECORD_PERSON.c.entry_id)
    )
    return [str(row.entry_id) for row in rows]
