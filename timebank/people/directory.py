"""Finding people without reading anybody else: by number, by blind index, by account."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, or_, select, text

from timebank.bank import Bank
from timebank.errors import UnknownMember
from timebank.people.masks import NOT_SHOWN
from timebank.people.model import Member
from timebank.people.tables import BLIND_INDEX, PERSON, PERSON_NUMBER, VAULT

BOOK = 1
_AT_ONCE = 500
"""Values in one IN list, well below the bound of both databases."""


def members(
    bank: Bank, connection: Connection, person_ids: Iterable[str], *, restricted: bool = False
) -> dict[str, Member]:
    """The people of those ids by id, opened from the vault; forgotten ones are left out.

    Whoever asked to be forgotten is left out too while the books must still keep them; only what
    is written down as an access may ask for the ``restricted``.
    """
    shown = ("active", "restricted") if restricted else ("active",)
    found: dict[str, Member] = {}
    for part in _parts(person_ids):
        query = (
            select(PERSON.c.person_id, PERSON.c.account_id, VAULT.c.sealed)
            .join(VAULT, (VAULT.c.book_id == BOOK) & (VAULT.c.person_id == PERSON.c.person_id))
            .where(
                PERSON.c.book_id == BOOK, PERSON.c.person_id.in_(part), PERSON.c.state.in_(shown)
            )
        )
        rows = connection.execute(query).all()
        keys = bank.wrapped_keys.of(row.person_id for row in rows)
        numbers: dict[str, list[tuple[str, str]]] = {}
        listed = select(
            PERSON_NUMBER.c.person_id, PERSON_NUMBER.c.number, PERSON_NUMBER.c.role
        ).where(PERSON_NUMBER.c.book_id == BOOK, PERSON_NUMBER.c.person_id.in_(part))
        for person_id, number, role in connection.execute(listed.order_by(PERSON_NUMBER.c.number)):
            numbers.setdefault(person_id, []).append((number, role))
        for person_id, account_id, sealed in rows:
            if person_id not in keys:
                continue  # Forgotten while we looked: the key goes last.
            facts = bank.vault.open(person_id, keys[person_id], bytes(sealed))
            named = numbers.get(person_id, [])
            found[person_id] = Member(
                person_id,
                account_id,
                tuple(number for number, _role in named),
                tuple(dict.fromkeys(role for _number, roles in named for role in roles.split())),
                str(facts["name"]),
                _date(facts.get("born_on")),
                _text(facts.get("id_number")),
                _text(facts.get("telephone")),
            )
    return found


_BY_NUMBER = {
    dialect: text(
        "SELECT n.number, p.person_id, p.account_id, others.role "
        f"FROM {each} CROSS JOIN person_number n "
        "JOIN person p ON p.book_id = 1 AND p.person_id = n.person_id AND p.state = 'active' "
        "JOIN person_number others ON others.book_id = 1 AND others.person_id = n.person_id "
        "WHERE n.book_id = 1 AND n.number = q.value ->> 0"
    )
    for dialect, each in (
        ("sqlite", "json_each(:asked) AS q"),
        ("postgresql", "jsonb_array_elements(CAST(:asked AS jsonb)) AS q(value)"),
    )
}


def names_not_shown(connection: Connection, person_ids: Iterable[str]) -> dict[str, str]:
    """What is shown instead of the names of those who asked to be forgotten, by person id."""
    found: dict[str, str] = {}
    for part in _parts(person_ids):
        query = select(PERSON.c.person_id, PERSON.c.state).where(
            PERSON.c.book_id == BOOK, PERSON.c.person_id.in_(part), PERSON.c.state != "active"
        )
        found.update((row.person_id, NOT_SHOWN[row.state]) for row in connection.execute(query))
    return found


def state_of_account(connection: Connection, account_id: str) -> str:
    """``active``, ``restricted`` or ``erased``; empty where the account is no person's."""
    query = select(PERSON.c.state).where(
        PERSON.c.book_id == BOOK, PERSON.c.account_id == account_id
    )
    return connection.execute(query).scalar() or ""


class Numbered(NamedTuple):
    """Whom a member number stands for, with everything but what lies in the vault."""

    person_id: str
    account_id: str
    number: str
    roles: tuple[str, ...]
    wrapped: bytes


def numbered(bank: Bank, connection: Connection, numbers: Iterable[str]) -> dict[str, Numbered]:
    """Active people by member number in one statement; unknown numbers are left out.

    A second statement asks the store of wrapped keys.
    """
    asked = orjson.dumps([[number] for number in dict.fromkeys(numbers)]).decode()
    found: dict[str, Numbered] = {}
    rows = connection.execute(_BY_NUMBER[connection.dialect.name], {"asked": asked}).all()
    keys = bank.wrapped_keys.of(row.person_id for row in rows)
    for row in rows:
        if row.person_id not in keys:
            continue
        known = found.get(row.number)
        roles = tuple(dict.fromkeys((*(known.roles if known else ()), *row.role.split())))
        found[row.number] = Numbered(
            row.person_id, row.account_id, row.number, roles, keys[row.person_id]
        )
    return found


def ids_by_number(connection: Connection, numbers: Iterable[str]) -> dict[str, str]:
    """Person ids by member number; unknown numbers are left out."""
    found: dict[str, str] = {}
    for part in _parts(numbers):
        query = select(PERSON_NUMBER.c.number, PERSON_NUMBER.c.person_id).where(
            PERSON_NUMBER.c.book_id == BOOK, PERSON_NUMBER.c.number.in_(part)
        )
        found.update((number, person_id) for number, person_id in connection.execute(query))
    return found


def ids_by_field(
    bank: Bank, connection: Connection, field: str, texts: Iterable[str]
) -> dict[str, list[str]]:
    """Active people's ids by name, ID number or telephone; several people may share a name."""
    hashes = {bank.vault.blind_index(field, text): text for text in texts}
    found: dict[str, list[str]] = {}
    for part in _parts(hashes):
        query = (
            select(BLIND_INDEX.c.value_hash, BLIND_INDEX.c.person_id)
            .join(PERSON, PERSON.c.person_id == BLIND_INDEX.c.person_id)
            .where(
                BLIND_INDEX.c.book_id == BOOK,
                BLIND_INDEX.c.field == field,
                BLIND_INDEX.c.value_hash.in_(part),
                PERSON.c.book_id == BOOK,
                PERSON.c.state == "active",
            )
        )
        for value_hash, person_id in connection.execute(query.order_by(BLIND_INDEX.c.person_id)):
            found.setdefault(hashes[bytes(value_hash)], []).append(person_id)
    return found


def ids_mentioned(bank: Bank, connection: Connection, mentions: Iterable[Any]) -> set[str]:
    """Everybody whom mentions with a ``number`` or a ``name`` can mean."""
    every = list(mentions)
    numbers = {mention.number for mention in every if mention.number}
    names = {mention.name for mention in every if mention.name and not mention.number}
    ids = set(ids_by_number(connection, numbers).values())
    id_numbers = [number for number in numbers if len(number) == 18]
    for field, texts in (("id_number", id_numbers), ("name", names)):
        for found in ids_by_field(bank, connection, field, texts).values():
            ids.update(found)
    return ids


def member_of_number(bank: Bank, connection: Connection, number: str) -> Member:
    """The person whom a member number stands for.

    Raises:
        UnknownMember: no such number, or the person was erased.
    """
    person_id = ids_by_number(connection, [number]).get(number)
    found = {} if person_id is None else members(bank, connection, [person_id])
    if person_id not in found:
        raise UnknownMember(field="number")
    return found[person_id]


def account_of_number(connection: Connection, number: str) -> tuple[str, str]:
    """The (person id, account id) behind a member number, without opening the vault.

    Raises:
        UnknownMember: no such number.
    """
    row = connection.execute(_ACCOUNT_OF_NUMBER, {"number": number}).first()
    if row is None:
        raise UnknownMember(field="number")
    return row[0], row[1]


# Text, not built for each call: building it took longer than running it.
_ACCOUNT_OF_NUMBER = text(
    "SELECT p.person_id, p.account_id FROM person_number n "
    "JOIN person p ON p.book_id = n.book_id AND p.person_id = n.person_id "
    f"WHERE n.book_id = {BOOK} AND n.number = :number"
)


def home_station(connection: Connection, person_id: str) -> str:
    """The code of the station where a person is registered; empty where it is none, or unknown."""
    query = select(PERSON.c.station_code).where(
        PERSON.c.book_id == BOOK, PERSON.c.person_id == person_id
    )
    return connection.execute(query).scalar() or ""


def numbers_of_accounts(connection: Connection, account_ids: Iterable[str]) -> dict[str, str]:
    """The first member number of each account's person; other accounts are left out."""
    found: dict[str, str] = {}
    for part in _parts(account_ids):
        query = (
            select(PERSON.c.account_id, PERSON_NUMBER.c.number)
            .join(PERSON_NUMBER, PERSON_NUMBER.c.person_id == PERSON.c.person_id)
            .where(PERSON.c.book_id == BOOK, PERSON.c.account_id.in_(part))
            .order_by(PERSON_NUMBER.c.number.desc())
        )
        found.update((account, number) for account, number in connection.execute(query))
    return found


def people_listed(
    connection: Connection, *, after: str = "", most: int = 50, station_code: str = ""
) -> list[Any]:
    """Rows (number, role, person_id, account_id, station_code, state) by number, after a cursor."""
    query = (
        select(
            PERSON_NUMBER.c.number,
            PERSON_NUMBER.c.role,
            PERSON.c.person_id,
            PERSON.c.account_id,
            PERSON.c.station_code,
            PERSON.c.state,
        )
        .join(PERSON, PERSON.c.person_id == PERSON_NUMBER.c.person_id)
        .where(
            PERSON_NUMBER.c.book_id == BOOK,
            PERSON.c.book_id == BOOK,
            PERSON_NUMBER.c.number > after,
        )
        .order_by(PERSON_NUMBER.c.number)
        .limit(most)
    )
    if station_code:
        query = query.where(or_(PERSON.c.station_code == station_code, PERSON.c.station_code == ""))
    return list(connection.execute(query))


def _parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    every = list(dict.fromkeys(values))
    for at in range(0, len(every), _AT_ONCE):
        yield every[at : at + _AT_ONCE]


def _date(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
