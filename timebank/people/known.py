"""Who of a list is registered already, and which number stands for somebody who states none."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ledger.draft import Draft
from timebank.people.numbers import NEWEST_UNIFIED, serial_of, unified_number
from timebank.people.tables import BLIND_INDEX, PERSON, PERSON_NUMBER

BOOK = 1


@dataclass(slots=True)
class Known:
    """What the group sees of the numbers, identity numbers and people of a list."""

    by_number: dict[str, str]
    roles: dict[str, list[str]]
    by_id_number: dict[bytes, str]
    names: dict[str, bytes]
    restricted: set[str]
    newest_serial: int | None = None


def number_for(draft: Draft, known: Known, person_id: str) -> str:
    """A number for somebody who states none: their first one, or a new unified one."""
    for number, holder in known.by_number.items():
        if holder == person_id:
            return number
    columns = PERSON_NUMBER.c
    query = select(columns.number, columns.role).where(
        columns.book_id == BOOK, columns.person_id == person_id
    )
    for number, role in draft.query(query.order_by(columns.number).limit(1)):
        known.by_number[number], known.roles[number] = person_id, role.split()
        return str(number)
    if known.newest_serial is None:
        known.newest_serial = serial_of(draft.rows(NEWEST_UNIFIED)[0][0])
    known.newest_serial += 1
    return unified_number(known.newest_serial)


def known_of(draft: Draft, numbers: Sequence[str], hashes: Sequence[bytes]) -> Known:
    """Who of a list is there already, by member number or by the hash of an identity number."""
    by_number: dict[str, str] = {}
    roles: dict[str, list[str]] = {}
    by_id: dict[bytes, str] = {}
    for at in range(0, max(len(numbers), len(hashes)), 500):
        columns = PERSON_NUMBER.c
        query = select(columns.number, columns.person_id, columns.role).where(
            columns.book_id == BOOK, columns.number.in_(numbers[at : at + 500])
        )
        for number, person, role in draft.query(query):
            by_number[number], roles[number] = person, role.split()
        found = select(BLIND_INDEX.c.value_hash, BLIND_INDEX.c.person_id).where(
            BLIND_INDEX.c.book_id == BOOK,
            BLIND_INDEX.c.field == "id_number",
            BLIND_INDEX.c.value_hash.in_(hashes[at : at + 500]),
        )
        by_id.update((bytes(value), person) for value, person in draft.query(found))
    names: dict[str, bytes] = {}
    holders = sorted(set(by_number.values()))
    for at in range(0, len(holders), 500):
        named = select(BLIND_INDEX.c.person_id, BLIND_INDEX.c.value_hash).where(
            BLIND_INDEX.c.book_id == BOOK,
            BLIND_INDEX.c.field == "name",
            BLIND_INDEX.c.person_id.in_(holders[at : at + 500]),
        )
        names.update((person, bytes(value)) for person, value in draft.query(named))
    return Known(by_number, roles, by_id, names, _restricted(draft, {*holders, *by_id.values()}))


def _restricted(draft: Draft, person_ids: set[str]) -> set[str]:
    found: set[str] = set()
    every = sorted(person_ids)
    for at in range(0, len(every), 500):
        query = select(PERSON.c.person_id).where(
            PERSON.c.book_id == BOOK,
            PERSON.c.state == "restricted",
            PERSON.c.person_id.in_(every[at : at + 500]),
        )
        found.update(draft.query(query).scalars())
    return found
