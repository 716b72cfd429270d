"""Who came to a member, and when: the records in which they are the recipient."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from timebank.bank import Bank
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.records.tables import RECORD_PERSON, SERVICE_RECORD
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
_VISIBLE = ("awaiting_review", "posted")


@dataclass(frozen=True, slots=True)
class ReceivedVisit:
    """One service that a member received; local wall times, whole minutes, masked names."""

    record_id: str
    started_at: str
    ended_at: str
    given_minutes: int
    class_code: str
    volunteers: tuple[str, ...]


def visits_received(
    bank: Bank, connection: Connection, actor: Actor, *, before: str = "", most: int
) -> list[ReceivedVisit]:
    """A page of what the member who asks received, the latest first.

    ``before`` is ``STARTED_AT RECORD_ID`` of the last one of the page before.

    Raises:
        NotPermitted: no member.
    """
    require(actor, "read_received", Role.MEMBER)
    part, record = RECORD_PERSON.c, SERVICE_RECORD.c
    query = (
        select(record.record_id, record.started_at, record.ended_at, record.given_minutes,
               record.class_code)
        .join(SERVICE_RECORD, (record.book_id == BOOK) & (record.record_id == part.record_id))
        .where(part.book_id == BOOK, part.person_id == actor.person_id, part.part == "recipient",
               record.state.in_(_VISIBLE))
        .order_by(part.started_at.desc(), record.record_id.desc())
        .limit(most)
    )  # fmt: skip
    if before:
        started_at, _blank, record_id = before.partition(" ")
        earlier = (part.started_at == started_at) & (record.record_id < record_id)
        query = query.where((part.started_at < started_at) | earlier)
    rows = connection.execute(query.select_from(RECORD_PERSON)).all()
    volunteers = volunteers_of(bank, connection, [row.record_id for row in rows])
    return [ReceivedVisit(*row, tuple(volunteers.get(row.record_id, ()))) for row in rows]


def volunteers_of(
    bank: Bank, connection: Connection, record_ids: list[str]
) -> dict[str, list[str]]:
    """The masked names of each record's volunteers, by its id."""
    part = RECORD_PERSON.c
    rows = connection.execute(
        select(part.record_id, part.person_id)
        .where(part.book_id == BOOK, part.record_id.in_(record_ids), part.part == "volunteer")
        .order_by(part.person_id)
    ).all()
    ids = {row.person_id for row in rows}
    known, others = members(bank, connection, ids), names_not_shown(connection, ids)
    found: dict[str, list[str]] = {}
    for record_id, person_id in rows:
        member = known.get(person_id)
        name = mask_name(member.name) if member else others.get(person_id, "")
        found.setdefault(record_id, []).append(name)
    return found
