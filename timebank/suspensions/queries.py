"""Suspensions as staff and the person themselves see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, bindparam, text

from timebank.bank import Bank
from timebank.estates.queries import BEFORE_A_VISIT
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.statements.statement import recorded_at
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.suspensions.participation import STOPPED_ON

READERS = (Role.CLERK, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR)

_LISTED = (
    "SELECT s.suspension_id, s.person_id, s.station_code, s.part, s.reason, s.state, s.from_on, "
    "s.until_on, s.asked_until_on, s.appeal_due_on, s.ended_ms, (SELECT count(*) "
    "FROM service_order o WHERE o.book_id = s.book_id AND ((s.part <> 'volunteer' AND "
    "o.elder_id = s.person_id) OR (s.part <> 'elder' AND o.volunteer_id = s.person_id)) "
    f"AND o.state IN ({BEFORE_A_VISIT})) AS open_orders FROM suspension s WHERE s.book_id = 1"
)
_STEPS = text(
    "SELECT suspension_id, step, actor_id, at_ms, words FROM suspension_step "
    "WHERE book_id = 1 AND suspension_id IN :suspensions ORDER BY suspension_id, place"
).bindparams(bindparam("suspensions", expanding=True, type_=Text))
_OWN = text(
    "SELECT suspension_id, part, until_on, appeal_due_on FROM suspension "
    f"WHERE book_id = 1 AND person_id = :person AND {STOPPED_ON}"
)


@dataclass(frozen=True, slots=True)
class ShownStep:
    """What happened, who did it, and what they said; empty where the person's key is gone."""

    step: str
    actor_id: str
    at_ms: int
    words: str


@dataclass(frozen=True, slots=True)
class ShownSuspension:
    """A suspension with its history; ``name`` is masked.

    ``is_over``: it stops nothing any more.  ``open_orders`` are wishes and visits to come of which
    the person is a part: the station finds somebody else.
    """

    suspension_id: str
    number: str
    name: str
    station_code: str
    part: str
    reason: str
    state: str
    from_on: str
    until_on: str
    asked_until_on: str
    appeal_due_on: str
    is_over: bool
    open_orders: int
    steps: tuple[ShownStep, ...]


@dataclass(frozen=True, slots=True)
class OwnSuspension:
    """What stops a member today, for their own screen; ``until_on`` is empty where it has no end.

    ``appeal_due_on`` is the last day for an answer where they appealed.
    """

    suspension_id: str
    part: str
    until_on: str
    appeal_due_on: str


def suspensions_listed(
    bank: Bank, connection: Connection, actor: Actor, *, before: str = "", most: int = 50
) -> list[ShownSuspension]:
    """A page of suspensions, the newest first; a station's staff see their own.

    Raises:
        NotPermitted: neither staff nor auditor.
    """
    require(actor, "read_suspensions", *READERS)
    query, asked = _LISTED, dict[str, Any](most=most)
    if actor.station_code:
        query += " AND s.station_code = :station"
        asked["station"] = actor.station_code
    if before:
        query += " AND s.suspension_id < :before"
        asked["before"] = before
    query += " ORDER BY s.suspension_id DESC LIMIT :most"
    return _shown(bank, connection, connection.execute(text(query), asked).all())


def own_suspension(bank: Bank, connection: Connection, actor: Actor) -> OwnSuspension | None:
    """What stops a member today, or nothing.

    Raises:
        NotPermitted: no member.
    """
    require(actor, "read_own_suspension", Role.MEMBER)
    asked = {"on": bank.today().isoformat(), "person": actor.person_id}
    row = connection.execute(_OWN, asked).first()
    return None if row is None else OwnSuspension(*row)


def told_of_suspensions(bank: Bank, connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """Every suspension of a person with all that was said, for their own copy."""
    query = text(_LISTED + " AND s.person_id = :person ORDER BY s.suspension_id")
    rows = connection.execute(query, {"person": person_id}).all()
    return [
        {
            "suspension": one.suspension_id,
            "part": one.part,
            "reason": one.reason,
            "state": one.state,
            "from_on": one.from_on,
            "until_on": one.until_on,
            "steps": [
                {"step": step.step, "at": recorded_at(step.at_ms), "words": step.words}
                for step in one.steps
            ],
        }
        for one in _shown(bank, connection, rows)
    ]


def _shown(bank: Bank, connection: Connection, rows: Sequence[Any]) -> list[ShownSuspension]:
    ids = {row.person_id for row in rows}
    known, others = members(bank, connection, ids), names_not_shown(connection, ids)
    keys, today = bank.wrapped_keys.of(ids), bank.today().isoformat()
    whose = {row.suspension_id: row.person_id for row in rows}
    steps: dict[str, list[ShownStep]] = {one: [] for one in whose}
    for row in connection.execute(_STEPS, {"suspensions": list(whose)}):
        person = whose[row.suspension_id]
        told = bank.vault.open(person, keys[person], bytes(row.words)) if person in keys else {}
        steps[row.suspension_id].append(
            ShownStep(row.step, row.actor_id, row.at_ms, str(told.get("words", "")))
        )
    found = []
    for row in rows:
        member = known.get(row.person_id)
        is_over = row.ended_ms is not None or bool(row.until_on and row.until_on < today)
        found.append(
            ShownSuspension(
                row.suspension_id,
                member.numbers[0] if member and member.numbers else "",
                mask_name(member.name) if member else others.get(row.person_id, ""),
                row.station_code,
                row.part,
                row.reason,
                row.state,
                row.from_on,
                row.until_on,
                row.asked_until_on,
                row.appeal_due_on,
                is_over,
                0 if is_over else int(row.open_orders),
                tuple(steps[row.suspension_id]),
            )
        )
    return found
