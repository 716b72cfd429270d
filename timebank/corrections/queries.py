"""Requests for correction as staff and the person themselves see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.corrections.model import State
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.statements.statement import recorded_at
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

READERS = (Role.CLERK, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR)

_LISTED = (
    "SELECT c.correction_id, c.person_id, c.station_code, c.kind, c.record_id, c.state, "
    "c.asked_by, c.asked_ms, c.due_on, c.words, c.answered_by, c.answered_ms, c.answer, "
    "c.mended_by, r.number AS record_number, r.service_on FROM correction c "
    "LEFT JOIN service_record r ON r.book_id = c.book_id AND r.record_id = c.record_id "
    "WHERE c.book_id = 1"
)

_NUMBERED = text(
    "SELECT record_id FROM service_record WHERE book_id = 1 AND station_code = :station "
    "AND number = :number"
)
_OWN_RECORDS = text(
    "SELECT r.record_id, r.service_on, r.class_code, p.part, r.given_minutes FROM record_person p "
    "JOIN service_record r ON r.book_id = p.book_id AND r.record_id = p.record_id "
    "WHERE p.book_id = 1 AND p.person_id = :me AND p.live = 1 "
    "ORDER BY p.started_at DESC, r.record_id LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """A request with its answer; ``name`` is masked, ``record_number`` 0 where none is meant.

    Words are empty where the person's key is gone.
    """

    correction_id: str
    number: str
    name: str
    station_code: str
    kind: str
    record_id: str
    record_number: int
    service_on: str
    state: str
    asked_by: str
    asked_ms: int
    due_on: str
    is_overdue: bool
    words: str
    answered_by: str
    answered_ms: int | None
    answer: str
    mended_by: str


def corrections_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    waiting: bool = False,
    before: str = "",
    most: int = 50,
) -> list[ShownCorrection]:
    """A page of requests, the newest first; ``waiting`` ones alone the oldest due first.

    A station's staff see their own, a member theirs.  ``before`` does not go with ``waiting``.

    Raises:
        NotPermitted: neither member, staff nor auditor.
    """
    require(actor, "read_corrections", Role.MEMBER, *READERS)
    query, asked = _LISTED, dict[str, Any](most=most)
    if actor.role is Role.MEMBER:
        query += " AND c.person_id = :person"
        asked["person"] = actor.person_id
    elif actor.station_code:
        query += " AND c.station_code = :station"
        asked["station"] = actor.station_code
    if before:
        query += " AND c.correction_id < :before"
        asked["before"] = before
    if waiting:
        query += " AND c.state = 'asked' ORDER BY c.due_on, c.correction_id LIMIT :most"
    else:
        query += " ORDER BY c.correction_id DESC LIMIT :most"
    return _shown(bank, connection, connection.execute(text(query), asked).all())


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """A record in which a member has a part, as they know it: ``minutes`` given or received."""

    record_id: str
    service_on: str
    class_code: str
    part: str
    minutes: int


def record_numbered(connection: Connection, actor: Actor, given: str) -> str:
    """The id of the record that staff call by its number at their station, or ``given`` as it is.

    The district's staff, who work at no station, give ids.
    """
    if not (actor.station_code and given.isascii() and given.isdigit() and len(given) < 10):
        return given
    asked = {"station": actor.station_code, "number": int(given)}
    return connection.execute(_NUMBERED, asked).scalar() or given


def own_records(connection: Connection, actor: Actor, *, most: int) -> list[OwnRecord]:
    """The member's newest records that count or wait, as giver or as receiver.

    Raises:
        NotPermitted: no member.
    """
    require(actor, "read_own_records", Role.MEMBER)
    asked = {"me": actor.person_id, "most": most}
    return [OwnRecord(*row) for row in connection.execute(_OWN_RECORDS, asked)]


def told_of_corrections(bank: Bank, connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """Everything a person asked to have mended, with the answers, for their own copy."""
    query = text(_LISTED + " AND c.person_id = :person ORDER BY c.correction_id")
    rows = connection.execute(query, {"person": person_id}).all()
    return [
        {
            "correction": one.correction_id,
            "kind": one.kind,
            "record": one.record_id,
            "at": recorded_at(one.asked_ms),
            "words": one.words,
            "state": one.state,
            "answer": one.answer,
        }
        for one in _shown(bank, connection, rows)
    ]


def _shown(bank: Bank, connection: Connection, rows: Sequence[Any]) -> list[ShownCorrection]:
    ids = {row.person_id for row in rows}
    known, others = members(bank, connection, ids), names_not_shown(connection, ids)
    keys, today = bank.wrapped_keys.of(ids), bank.today().isoformat()

    def told(row: Any, sealed: bytes) -> dict[str, Any]:
        if row.person_id not in keys or not sealed:
            return {}
        return bank.vault.open(row.person_id, keys[row.person_id], bytes(sealed))

    found = []
    for row in rows:
        member = known.get(row.person_id)
        found.append(
            ShownCorrection(
                row.correction_id,
                member.numbers[0] if member and member.numbers else "",
                mask_name(member.name) if member else others.get(row.person_id, ""),
                row.station_code,
                row.kind,
                row.record_id,
                row.record_number or 0,
                row.service_on or "",
                row.state,
                row.asked_by,
                row.asked_ms,
                row.due_on,
                row.state == State.ASKED.value and row.due_on < today,
                str(told(row, row.words).get("words", "")),
                row.answered_by,
                row.answered_ms,
                str(told(row, row.answer).get("answer", "")),
                row.mended_by,
            )
        )
    return found
