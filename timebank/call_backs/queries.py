"""Reading call-backs: a station's list, and what came of each call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, bindparam, text

from timebank.bank import Bank
from timebank.call_backs.model import ATTEMPTS, Outcome, is_final
from timebank.people.accesses import Look, Purpose, note_looks
from timebank.people.directory import members
from timebank.people.masks import mask_name, mask_telephone
from timebank.people.model import Member
from timebank.records.received import volunteers_of
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

READERS = (Role.OPERATOR, Role.AUDITOR, Role.CLERK, Role.REVIEWER)
CALLERS = (Role.OPERATOR, Role.CLERK, Role.REVIEWER)
MOST = 200

# The last word of a call: one that says more than that nobody answered, or the last attempt.
_OPEN = (
    "NOT EXISTS (SELECT 1 FROM call_outcome o WHERE o.book_id = c.book_id "
    "AND o.call_id = c.call_id AND (o.outcome <> 'not_reached' OR o.place >= :attempts))"
)
_CALLS = (
    "SELECT c.call_id, c.week, c.place, c.record_id, c.person_id, c.station_code, c.caller, "
    "c.due_on, r.number, r.started_at, r.ended_at, r.class_code, r.state FROM call_back c "
    "JOIN service_record r ON r.book_id = c.book_id AND r.record_id = c.record_id "
    "WHERE c.book_id = 1 AND c.station_code = :station AND c.call_id > :after {open} "
    "ORDER BY c.call_id LIMIT :most"
)
_OUTCOMES = text(
    "SELECT call_id, place, outcome, remark, said_by, said_ms FROM call_outcome "
    "WHERE book_id = 1 AND call_id IN :calls ORDER BY call_id, place"
).bindparams(bindparam("calls", expanding=True, type_=Text))
_DRAWS = text(
    "SELECT week, draw_id, origin, first_leaf, size, root, entries, list_hash, drawn_ms "
    "FROM call_draw WHERE book_id = 1 ORDER BY week DESC LIMIT :most"
)
_ABOUT = text(
    "SELECT c.call_id, c.week, c.record_id, o.outcome, o.remark, o.said_ms FROM call_back c "
    "LEFT JOIN call_outcome o ON o.book_id = c.book_id AND o.call_id = c.call_id "
    "WHERE c.book_id = 1 AND c.person_id = :person ORDER BY c.call_id, o.place"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one call; ``remark`` is empty where nothing was said or may not be shown."""

    place: int
    outcome: Outcome
    remark: str
    said_by: str
    said_ms: int


@dataclass(frozen=True, slots=True)
class CallShown:
    """A call of the list.

    ``name`` and ``telephone`` are masked unless the look was written down, empty where the person
    is gone.  Times are local, ``record_state`` is that of today.
    """

    call_id: str
    week: str
    place: int
    record_id: str
    station_code: str
    caller: str
    due_on: str
    record_number: int
    started_at: str
    ended_at: str
    class_code: str
    record_state: str
    number: str
    name: str
    telephone: str
    volunteers: tuple[str, ...]
    attempts: tuple[Attempt, ...]

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to call."""
        return not is_final([one.outcome for one in self.attempts])


@dataclass(frozen=True, slots=True)
class DrawShown:
    """A draw, with everything that it takes to repeat it."""

    week: str
    draw_id: str
    origin: str
    first_leaf: int
    size: int
    root: str
    entries: int
    list_hash: str
    drawn_ms: int


def draws_listed(connection: Connection, actor: Actor, *, most: int = 60) -> list[DrawShown]:
    """The draws, the newest first.

    Raises:
        NotPermitted: no staff.
    """
    require(actor, "read_call_backs", *READERS)
    return [DrawShown(*row) for row in connection.execute(_DRAWS, {"most": most})]


def calls_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    station_code: str,
    *,
    everything: bool = False,
    after: str = "",
    most: int = 50,
) -> list[CallShown]:
    """A page of a station's calls, the oldest first, under masks and without remarks.

    Without ``everything``, those that still need an outcome.

    Raises:
        NotPermitted: no staff, or of another station.
    """
    require(actor, "read_call_backs", *READERS)
    require_station(actor, "read_call_backs", station_code)
    return _listed(bank, connection, station_code, everything, after, most, masked=True)


def calling_list(bank: Bank, actor: Actor, station_code: str) -> list[CallShown]:
    """Whom the station still has to ask, with names and telephones; the looks are noted.

    Raises:
        NotPermitted: neither clerk, reviewer nor operator, or of another station.
    """
    require(actor, "call_back", *CALLERS)
    require_station(actor, "call_back", station_code)
    with bank.read() as connection:
        found = _listed(bank, connection, station_code, False, "", MOST, masked=False)
        people = _people(connection, [one.call_id for one in found if one.name])
    keys = bank.wrapped_keys.of(people)
    told = {"reason": f"回访 {station_code}"}
    looks = [
        Look(
            person,
            Purpose.LOOK,
            ("name", "telephone"),
            bank.vault.seal(person, keys[person], told),
        )
        for person in people
        if person in keys
    ]
    note_looks(bank, actor, looks)
    return found


_PEOPLE = text(
    "SELECT DISTINCT person_id FROM call_back WHERE book_id = 1 AND call_id IN :calls "
    "ORDER BY person_id"
).bindparams(bindparam("calls", expanding=True, type_=Text))


def _people(connection: Connection, calls: Sequence[str]) -> list[str]:
    return [str(row[0]) for row in connection.execute(_PEOPLE, {"calls": list(calls)})]


def _listed(
    bank: Bank,
    connection: Connection,
    station_code: str,
    everything: bool,
    after: str,
    most: int,
    *,
    masked: bool,
) -> list[CallShown]:
    query = text(_CALLS.format(open="" if everything else f"AND {_OPEN}"))
    asked: dict[str, Any] = {"station": station_code, "after": after, "most": most}
    if not everything:
        asked["attempts"] = ATTEMPTS
    rows = connection.execute(query, asked).all()
    people = members(bank, connection, {row.person_id for row in rows})
    helpers = volunteers_of(bank, connection, [row.record_id for row in rows])
    said: dict[str, list[Attempt]] = {}
    for one in connection.execute(_OUTCOMES, {"calls": [row.call_id for row in rows]}):
        attempt = Attempt(one.place, Outcome(one.outcome), "", one.said_by, one.said_ms)
        said.setdefault(one.call_id, []).append(attempt)
    return [
        CallShown(
            row.call_id, row.week, row.place, row.record_id, row.station_code, row.caller,
            row.due_on, row.number, row.started_at, row.ended_at, row.class_code, row.state,
            *_named(people.get(row.person_id), masked=masked),
            tuple(helpers.get(row.record_id, ())), tuple(said.get(row.call_id, ())),
        )
        for row in rows
    ]  # fmt: skip


def _named(member: Member | None, *, masked: bool) -> tuple[str, str, str]:
    if member is None:
        return "", "", ""
    telephone = member.telephone or ""
    if masked:
        telephone = mask_telephone(telephone) if telephone else ""
        return member.numbers[0], mask_name(member.name), telephone
    return member.numbers[0], member.name, telephone


def told_of_calls(bank: Bank, connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """When a person was drawn, what came of it and what was written down, for their own copy."""
    found = []
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    for row in connection.execute(_ABOUT, {"person": person_id}):
        remark = bytes(row.remark or b"")
        opened = bank.vault.open(person_id, wrapped, remark) if remark else {}
        found.append(
            {
                "call": row.call_id,
                "week": row.week,
                "record": row.record_id,
                "outcome": row.outcome or "",
                "remark": opened.get("remark", ""),
                "said_ms": row.said_ms,
            }
        )
    return found
