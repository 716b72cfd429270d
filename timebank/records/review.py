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
from timebank.errors.campaigns import ReviewerKeptRoster
from timebank.errors.rosters import RosterMissing
from timebank.integrity.acts import REVIEWED, note_act
from timebank.notices.model import notice_days
from timebank.records.keepers import kept_by
from timebank.records.model import EVENT, State
from timebank.records.posting import BOOK, local_date_of
from timebank.records.rosters import Roster, check_roster
from timebank.records.tables import RECORD_PERSON, REGISTER_BATCH, SERVICE_RECORD
from timebank.records.waiting import RECORDS_AT_ONCE, WaitingRecords
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role


def review_record(
    bank: Bank,
    actor: Actor,
    record_id: str,
    *,
    approve: bool,
    reason: str = "",
    roster: Roster | None = None,
    key: str,
) -> Answer:
    """Approve or send back one record; answers its id, state and entries.

    ``roster`` is the signed sheet that whoever approves saw; a record of many volunteers needs it.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        MissingField: a record is sent back without a reason.
        UnknownRecord: there is no such record.
        NotAwaitingReview, AlreadyReviewed: it was decided before.
        ReviewerIsRecorder: who recorded it may not review it.
        ReviewerKeptRoster: it is of a roster, and is approved by who kept that.
        RosterMissing, RosterUnfit, RosterShort: of a record of many volunteers, see
            :func:`timebank.records.rosters.check_roster`.
        CeilingExceeded, FloorExceeded: the credit cannot move now.
    """
    return _review(bank, actor, [record_id], approve=approve, reason=reason, roster=roster, key=key)


def approve_batch(bank: Bank, actor: Actor, batch_id: str, *, key: str) -> Answer:
    """Approve every record of an import that waits for it; answers how many.

    Records of many volunteers stay: each is approved by itself, with the roster that was signed.
    The answer counts them as ``events``.

    Raises, the first that applies:
        NotPermitted, ReviewerIsRecorder: as :func:`review_record`.
        UnknownBatch: there is no such import.
        AlreadyReviewed: nothing of it waits.
        RosterMissing: nothing of it waits but records of many volunteers.
    """
    with bank.read() as connection:
        batch = connection.execute(
            select(REGISTER_BATCH).where(
                REGISTER_BATCH.c.book_id == BOOK, REGISTER_BATCH.c.batch_id == batch_id
            )
        ).first()
        if batch is None:
            raise UnknownBatch(batch=batch_id[:60])
        rows = [
            (row.record_id, EVENT in row.marks.split() and row.state == State.AWAITING_REVIEW)
            for row in connection.execute(
                select(SERVICE_RECORD.c.record_id, SERVICE_RECORD.c.marks, SERVICE_RECORD.c.state)
                .where(SERVICE_RECORD.c.book_id == BOOK, SERVICE_RECORD.c.batch_id == batch_id)
                .where(SERVICE_RECORD.c.reviewed_ms.is_(None))
                .where(SERVICE_RECORD.c.state.in_(("awaiting_review", "posted")))
                .order_by(SERVICE_RECORD.c.number)
            )
        ]
    if batch.imported_by == actor.actor_id:
        raise ReviewerIsRecorder(record=batch_id)
    waiting = [record_id for record_id, is_event in rows if not is_event]
    events = len(rows) - len(waiting)
    if events and not waiting:
        raise RosterMissing(record=rows[0][0])
    if not waiting:
        raise AlreadyReviewed(record=batch_id)
    answer = None
    approved = 0
    for at in range(0, len(waiting), RECORDS_AT_ONCE):
        part = waiting[at : at + RECORDS_AT_ONCE]
        is_last = at + RECORDS_AT_ONCE >= len(waiting)
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
    state = answer.body["state"]
    body = {"approved": approved, "batch": batch_id, "events": events, "state": state}
    return answer._replace(body=body)


def _review(
    bank: Bank,
    actor: Actor,
    record_ids: Sequence[str],
    *,
    approve: bool,
    reason: str,
    key: str,
    batch_id: str = "",
    roster: Roster | None = None,
) -> Answer:
    require(actor, "review_record", Role.REVIEWER, Role.OPERATOR)
    if not approve and not reason.strip():
        raise MissingField(field="reason")

    def decide(draft: Draft) -> dict[str, Any]:
        records = WaitingRecords(bank, draft, record_ids)
        kept = kept_by(draft, record_ids, actor.actor_id) if approve else frozenset()
        made = []
        for record_id in record_ids:
            row = records.row(record_id, State.AWAITING_REVIEW, State.POSTED)
            require_station(actor, "review_record", row.station_code)
            if record_id in kept and row.reviewed_ms is None:
                raise ReviewerKeptRoster(record=record_id)
            made.append(_decide(bank, draft, actor, records, row, approve, reason.strip(), roster))
        records.store()
        if batch_id or len(record_ids) == 1:
            note_act(draft, actor, batch_id or record_ids[0], REVIEWED)
        state = made[-1]["state"]
        if batch_id:
            draft.add(
                update(REGISTER_BATCH)
                .where(REGISTER_BATCH.c.book_id == BOOK, REGISTER_BATCH.c.batch_id == batch_id)
                .values(
                    state=State(state).stored.value,
                    approved_by=actor.actor_id,
                    approved_ms=draft.recorded_ms,
                )
            )
        return made[0] if len(made) == 1 else {"records": made, "state": state}

    action = bank.action(
        actor,
        "review",
        decide,
        key=key,
        content={
            "approve": approve,
            "reason": reason,
            "records": list(record_ids),
            **({} if roster is None else {"roster": roster.facts()}),
        },
        batch=new_id("batch", bank.now_ms()),
    )
    return bank.act(action)


def _decide(
    bank: Bank,
    draft: Draft,
    actor: Actor,
    records: WaitingRecords,
    row: Any,
    approve: bool,
    reason: str,
    roster: Roster | None,
) -> dict[str, Any]:
    if row.reviewed_ms is not None:
        raise AlreadyReviewed(record=row.record_id)
    if row.state == State.POSTED and not approve:
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
    if approve and row.state == State.AWAITING_REVIEW and EVENT in row.marks.split():
        seen = check_roster(roster, row.record_id, records.volunteers(row))
        facts["roster"] = seen.facts()
        records.keep_roster(row, seen)
    entries: list[str] = []
    state = _after(bank, row) if approve else State.REJECTED
    if approve and row.state == State.AWAITING_REVIEW and state is State.POSTED:
        entries = records.credit(row, facts)
    else:
        draft.state(row.record_id, facts)
    if not approve:
        records.reject(row, actor.actor_id, reason)
    else:
        records.decide(row, state.stored, actor.actor_id)
        if state is State.UNDER_NOTICE and row.opened_on is None:
            today = local_date_of(draft.recorded_ms).isoformat()
            records.open_notice(row, today, notice_after(bank, row.recorded_ms))
    return {"entries": entries, "record": row.record_id, "state": state.value}


def notice_after(bank: Bank, recorded_ms: int) -> int:
    """Working days of notice that follow the approval of a record made at that moment; 0: none.

    By the profile of the day on which the record was made, as its need of a review was.
    """
    return notice_days(bank.profile_on(local_date_of(recorded_ms)))


def _after(bank: Bank, row: Any) -> State:
    """Where a record stands once it is approved."""
    if row.state == State.POSTED:
        return State.POSTED
    is_noticed = row.opened_on or notice_after(bank, row.recorded_ms)
    return State.UNDER_NOTICE if is_noticed else State.POSTED


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
