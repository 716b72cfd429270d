"""Objecting to a record under notice, and deciding about an objection."""

from typing import Any

from sqlalchemy import insert, update

from ledger.draft import Draft, Facts
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.errors.notices import (
    AlreadyObjected,
    DeciderNotIndependent,
    NoOpenObjection,
    NotUnderNotice,
)
from timebank.notices.model import DISMISS, OBJECT, UPHOLD
from timebank.notices.tables import NOTICE_OBJECTION
from timebank.records.model import State
from timebank.records.waiting import WaitingRecords
from timebank.said import said
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1
LONGEST_REASON = 500
"""Characters of an objection, and of what is said about one."""

OBJECTION_KIND, DECISION_KIND = "objection", "objection_decision"

_OBJECTIONS = (
    "SELECT place, objected_by, upheld FROM notice_objection "
    "WHERE book_id = 1 AND record_id = ? ORDER BY place"
)


def object_to(bank: Bank, actor: Actor, record_id: str, reason: str, *, key: str) -> Answer:
    """Say that a record under notice is not right; until it is decided, no credit moves.

    Members object for themselves; whoever has no card tells a clerk, who writes it down.

    Raises, the first that applies:
        NotPermitted: a kiosk, or staff of another station.
        MissingField: no reason.
        OrderValueInvalid: a reason of more than :data:`LONGEST_REASON` characters.
        UnknownRecord, NotAwaitingReview: there is no such record that waits.
        NotUnderNotice: it waits for its review still.
        AlreadyObjected: an objection is open, or this actor's was decided.
    """
    roles = (Role.MEMBER, Role.CLERK, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR)
    require(actor, "object", *roles)
    words = said("reason", reason, LONGEST_REASON)

    def decide(draft: Draft) -> dict[str, Any]:
        row = _noticed(bank, draft, record_id)
        if actor.role is not Role.MEMBER:
            require_station(actor, "object", row.station_code)
        known = draft.rows(_OBJECTIONS, record_id)
        if any(upheld is None or by == actor.actor_id for _place, by, upheld in known):
            raise AlreadyObjected(record=record_id)
        facts: Facts = {"by": actor.actor_id, "do": OBJECT, "record": record_id}
        draft.state(record_id, facts)
        made = {
            "book_id": BOOK,
            "record_id": record_id,
            "place": len(known) + 1,
            "objected_by": actor.actor_id,
            "reason": words,
            "objected_ms": draft.recorded_ms,
            "upheld": None,
            "decided_by": "",
            "decision": "",
            "decided_ms": None,
        }
        draft.add(insert(NOTICE_OBJECTION), [made])
        return {"objection": made["place"], "record": record_id}

    content = {"reason": words, "record": record_id}
    return bank.act(bank.action(actor, OBJECTION_KIND, decide, key=key, content=content))


def decide_objection(
    bank: Bank, actor: Actor, record_id: str, reason: str, *, upheld: bool, key: str
) -> Answer:
    """Uphold an objection, which sends the record back, or dismiss it: then its notice goes on.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        MissingField: no reason.
        OrderValueInvalid: a reason of more than :data:`LONGEST_REASON` characters.
        UnknownRecord, NotAwaitingReview, NotUnderNotice: as :func:`object_to`.
        NoOpenObjection: there is none, or it is decided.
        DeciderNotIndependent: the actor recorded, reviewed or objected.
    """
    require(actor, "decide_objection", Role.REVIEWER, Role.OPERATOR)
    words = said("reason", reason, LONGEST_REASON)

    def decide(draft: Draft) -> dict[str, Any]:
        records = WaitingRecords(bank, draft, [record_id])
        row = _noticed(bank, draft, record_id, records)
        require_station(actor, "decide_objection", row.station_code)
        still = [one for one in draft.rows(_OBJECTIONS, record_id) if one[2] is None]
        if not still:
            raise NoOpenObjection(record=record_id)
        place, objected_by, _upheld = still[0]
        if actor.actor_id in (row.recorded_by, row.reviewed_by, objected_by):
            raise DeciderNotIndependent(record=record_id)
        do = UPHOLD if upheld else DISMISS
        draft.state(record_id, {"by": actor.actor_id, "do": do, "record": record_id})
        if upheld:
            records.reject(row, actor.actor_id, words)
            records.store()
        mine = NOTICE_OBJECTION.c
        draft.add(
            update(NOTICE_OBJECTION)
            .where(mine.book_id == BOOK, mine.record_id == record_id, mine.place == place)
            .values(
                upheld=int(upheld),
                decided_by=actor.actor_id,
                decision=words,
                decided_ms=draft.recorded_ms,
            )
        )
        state = State.REJECTED if upheld else State.UNDER_NOTICE
        return {"objection": place, "record": record_id, "state": state.value}

    content = {"reason": words, "record": record_id, "upheld": upheld}
    return bank.act(bank.action(actor, DECISION_KIND, decide, key=key, content=content))


def _noticed(
    bank: Bank, draft: Draft, record_id: str, records: WaitingRecords | None = None
) -> Any:
    records = records or WaitingRecords(bank, draft, [record_id])
    row = records.row(record_id, State.AWAITING_REVIEW)
    if row.opened_on is None:
        raise NotUnderNotice(record=record_id)
    return row
