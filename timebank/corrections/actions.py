"""Asking for a correction, and answering."""

from typing import Any, NamedTuple

from sqlalchemy import insert, text, update

from ledger.draft import Draft
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.calendar import term_of
from timebank.corrections.model import ANSWERED_WITHIN, Kind, State, Wrong
from timebank.corrections.tables import CORRECTION
from timebank.errors import UnknownRecord
from timebank.errors.corrections import (
    CorrectionAnswered,
    CorrectionAsked,
    CorrectorNotIndependent,
    NothingMended,
    UnknownCorrection,
)
from timebank.outbox.model import Event
from timebank.outbox.telling import tell_person
from timebank.people.directory import account_of_number, home_station
from timebank.said import said
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1
LONGEST_WORDS = 500
"""Characters of what is wrong, and of the answer."""

CORRECTION_KIND = "correction"
"""The kind of the submissions."""

_RECORD_OF = (
    "SELECT r.station_code, r.recorded_by, r.reviewed_by, p.live, r.recorded_ms "
    "FROM record_person p JOIN service_record r "
    "ON r.book_id = p.book_id AND r.record_id = p.record_id "
    "WHERE p.book_id = 1 AND p.record_id = ? AND p.person_id = ?"
)
_SAME = (
    "SELECT correction_id FROM correction WHERE book_id = 1 AND person_id = ? AND kind = ? "
    "AND record_id = ? AND state = 'asked'"
)
_ONE = (
    "SELECT person_id, station_code, kind, record_id, state, asked_by, asked_ms FROM correction "
    "WHERE book_id = 1 AND correction_id = ?"
)
_STATION = text(
    "SELECT station_code FROM correction WHERE book_id = 1 AND correction_id = :correction"
)
_RECORD_STATION = text(
    "SELECT station_code FROM service_record WHERE book_id = 1 AND record_id = :record"
)


class _Record(NamedTuple):
    station_code: str
    recorded_by: str
    reviewed_by: str
    live: int
    recorded_ms: int


class _Asked(NamedTuple):
    person_id: str
    station_code: str
    kind: str
    record_id: str
    state: str
    asked_by: str
    asked_ms: int


def ask_correction(bank: Bank, actor: Actor, wrong: Wrong, *, key: str) -> Answer:
    """Say what is wrong; answers the request's id and the last day for an answer.

    A record is looked into by the station that recorded it, everything else by the member's own.

    Raises, the first that applies:
        NotPermitted: neither a member nor staff.
        MissingField, OrderValueInvalid: no words, or more than :data:`LONGEST_WORDS` characters.
        UnknownMember: the number stands for nobody.
        UnknownRecord: no record of that id in which they have a part.
        NotPermitted: staff of another station.
        PersonErased: nothing is left of them.
        CorrectionAsked: the same waits for its answer.
    """
    require(actor, "ask_correction", Role.MEMBER, Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    words = said("words", wrong.words, LONGEST_WORDS)
    record_id = wrong.record_id if wrong.kind is Kind.RECORD else ""
    with bank.read() as connection:
        person_id = actor.person_id
        if actor.role is not Role.MEMBER:
            person_id, _account = account_of_number(connection, wrong.number.strip().upper())
        station = home_station(connection, person_id)
        if wrong.kind is Kind.RECORD:
            station = connection.execute(_RECORD_STATION, {"record": record_id}).scalar() or ""
    if actor.role is not Role.MEMBER and station:
        require_station(actor, "ask_correction", station)
    station = station or actor.station_code
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    sealed = bank.vault.seal(person_id, wrapped, {"words": words})
    due_on = term_of(bank.today(), ANSWERED_WITHIN).isoformat()

    def decide(draft: Draft) -> dict[str, Any]:
        if wrong.kind is Kind.RECORD and not draft.rows(_RECORD_OF, record_id, person_id):
            raise UnknownRecord(record="–")  # A remembered answer names no record that is none.
        same = draft.rows(_SAME, person_id, wrong.kind.value, record_id)
        if same:
            raise CorrectionAsked(correction=same[0][0])
        correction_id = draft.new_id("corr")
        draft.state(
            correction_id,
            {"by": actor.actor_id, "correction": correction_id, "do": "ask_correction"},
        )
        row = _row(draft, actor, correction_id, person_id, station, wrong.kind, record_id)
        row |= {"due_on": due_on, "words": sealed}
        draft.add(insert(CORRECTION), [row])
        return {"correction": correction_id, "due_on": due_on}

    content = {
        "do": "ask", "kind": wrong.kind.value, "person": person_id, "record": record_id,
        "words": words,
    }  # fmt: skip
    action = bank.action(
        actor, CORRECTION_KIND, decide, key=key, content=content, station_code=station or None
    )
    return bank.act(action)


def answer_correction(
    bank: Bank,
    actor: Actor,
    correction_id: str,
    reason: str,
    *,
    mended: bool,
    mended_by: str = "",
    key: str,
) -> Answer:
    """Say that it was mended, or why not; answers id and state.

    ``mended_by`` is the record that was made where one was missing.  Nobody can call a thing mended
    that is not: a wrong record no longer counts by then, a missing one is there.

    Raises, the first that applies:
        NotPermitted: neither staff nor operator.
        MissingField, OrderValueInvalid: no reason, or one that is too long.
        UnknownCorrection: there is none of that id.
        NotPermitted: staff of another station.
        CorrectionAnswered: it has its answer.
        CorrectorNotIndependent: whoever wrote the request down, or recorded or reviewed the record.
        NothingMended: the books do not show it.
    """
    require(actor, "answer_correction", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    words = said("reason", reason, LONGEST_WORDS)
    with bank.read() as connection:
        station = connection.execute(_STATION, {"correction": correction_id}).scalar()
    if station is None:
        raise UnknownCorrection(correction=correction_id[:60])
    if station:
        require_station(actor, "answer_correction", station)
    named = mended_by.strip() if mended else ""

    def decide(draft: Draft) -> dict[str, Any]:
        one = _Asked(*draft.rows(_ONE, correction_id)[0])
        if one.state != State.ASKED.value:
            raise CorrectionAnswered(correction=correction_id)
        made = _check_answer(draft, actor, correction_id, one, named, mended)
        wrapped = bank.wrapped_keys.of([one.person_id]).get(one.person_id)
        sealed = bank.vault.seal(one.person_id, wrapped, {"answer": words})
        state = State.MENDED if mended else State.REFUSED
        draft.state(
            correction_id,
            {"by": actor.actor_id, "correction": correction_id, "do": "answer_correction",
             "mended": int(mended)},
        )  # fmt: skip
        told = Event.CORRECTION_ANSWERED
        tell_person(draft, told, one.person_id, one.station_code, correction_id)
        _keep_answer(draft, actor, correction_id, state, sealed, made)
        return {"correction": correction_id, "state": state.value}

    content = {
        "correction": correction_id, "do": "answer", "mended": mended, "mended_by": named,
        "reason": words,
    }  # fmt: skip
    action = bank.action(
        actor, CORRECTION_KIND, decide, key=key, content=content, station_code=station or None
    )
    return bank.act(action)


def _check_answer(
    draft: Draft, actor: Actor, correction_id: str, one: _Asked, named: str, mended: bool
) -> str:
    """Judge who answers and what they say; answers the record by which it was mended, or none."""
    found = draft.rows(_RECORD_OF, one.record_id, one.person_id) if one.record_id else []
    record = _Record(*found[0]) if found else None
    involved = {one.asked_by}
    if record is not None:
        involved |= {record.recorded_by, record.reviewed_by}
    if actor.actor_id in involved:
        raise CorrectorNotIndependent(correction=correction_id)
    if not mended or one.kind == Kind.PERSONAL.value:
        return ""
    if one.kind == Kind.RECORD.value:
        if record is None or record.live:
            raise NothingMended(correction=correction_id, kind=one.kind)
        return ""
    made = draft.rows(_RECORD_OF, named, one.person_id)
    if not made or not made[0][3] or made[0][4] < one.asked_ms:
        raise NothingMended(correction=correction_id, kind=one.kind)
    return named


def _row(
    draft: Draft,
    actor: Actor,
    correction_id: str,
    person_id: str,
    station: str,
    kind: Kind,
    record_id: str,
) -> dict[str, Any]:
    """A request that waits, but for its words and its term."""
    return {
        "book_id": BOOK,
        "correction_id": correction_id,
        "person_id": person_id,
        "station_code": station,
        "kind": kind.value,
        "record_id": record_id,
        "state": State.ASKED.value,
        "asked_by": actor.actor_id,
        "asked_ms": draft.recorded_ms,
        "answered_by": "",
        "answered_ms": None,
        "answer": b"",
        "mended_by": "",
    }


def _keep_answer(
    draft: Draft, actor: Actor, correction_id: str, state: State, answer: bytes, mended_by: str
) -> None:
    mine = CORRECTION.c
    draft.add(
        update(CORRECTION)
        .where(mine.book_id == BOOK, mine.correction_id == correction_id)
        .values(
            state=state.value,
            answered_by=actor.actor_id,
            answered_ms=draft.recorded_ms,
            answer=answer,
            mended_by=mended_by,
        )
    )
