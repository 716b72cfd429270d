"""Organisations as staff see them: what they have, and who belongs to them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.errors.organisations import UnknownOrganisation
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

READERS = (Role.CLERK, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR)

_LISTED = (
    "SELECT o.organisation_id, o.kind, o.credit_code, n.number, b.posted, b.held, "
    "(SELECT count(*) FROM organisation_member m WHERE m.book_id = o.book_id "
    "AND m.organisation_id = o.organisation_id AND m.until_on = '') AS people "
    "FROM organisation o JOIN person p ON p.book_id = o.book_id "
    "AND p.person_id = o.organisation_id "
    "JOIN person_number n ON n.book_id = p.book_id AND n.person_id = p.person_id "
    "JOIN account a ON a.book_id = p.book_id AND a.account_id = p.account_id "
    "JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no WHERE o.book_id = 1"
)
_MEMBERS = text(
    "SELECT person_id, from_on, until_on, guardian FROM organisation_member WHERE book_id = 1 "
    "AND organisation_id = :organisation ORDER BY from_on, person_id"
)
_GROUPS = text(
    "SELECT organisation_id, from_on, until_on, guardian FROM organisation_member "
    "WHERE book_id = 1 AND person_id = :person ORDER BY from_on, organisation_id"
)


@dataclass(frozen=True, slots=True)
class ShownOrganisation:
    """A body with its balance; its name is public, ``people`` counts who belongs to it now."""

    organisation_id: str
    number: str
    name: str
    kind: str
    credit_code: str
    posted_minutes: int
    held_minutes: int
    people: int


@dataclass(frozen=True, slots=True)
class ShownMember:
    """Who belongs or belonged to it; ``name`` is masked.

    ``has_guardian``: a guardian answers for them.
    """

    number: str
    name: str
    from_on: str
    until_on: str
    has_guardian: bool


def organisations_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    after: str = "",
    number: str = "",
    most: int = 50,
) -> list[ShownOrganisation]:
    """A page of organisations by number, behind ``after``; or the one of a number.

    Raises:
        NotPermitted: neither staff nor auditor.
    """
    require(actor, "read_organisations", *READERS)
    query, asked = _LISTED + " AND n.number > :after", dict[str, Any](after=after, most=most)
    if number:
        query += " AND n.number = :number"
        asked["number"] = number
    rows = connection.execute(text(query + " ORDER BY n.number LIMIT :most"), asked).all()
    known = members(bank, connection, {row.organisation_id for row in rows})
    return [
        ShownOrganisation(
            row.organisation_id,
            row.number,
            known[row.organisation_id].name if row.organisation_id in known else "",
            row.kind,
            row.credit_code,
            int(row.posted),
            int(row.held),
            int(row.people),
        )
        for row in rows
    ]


def members_listed(
    bank: Bank, connection: Connection, actor: Actor, number: str
) -> list[ShownMember]:
    """Who belongs or belonged to the organisation of a number, the longest first.

    Raises, the first that applies:
        NotPermitted: neither staff nor auditor.
        UnknownOrganisation: the number is none's.
    """
    found = organisations_listed(bank, connection, actor, number=number.strip().upper(), most=1)
    if not found:
        raise UnknownOrganisation(field="organisation")
    asked = {"organisation": found[0].organisation_id}
    rows = connection.execute(_MEMBERS, asked).all()
    ids = {row.person_id for row in rows}
    known, others = members(bank, connection, ids), names_not_shown(connection, ids)
    keys = bank.wrapped_keys.of(ids)
    return [
        ShownMember(
            known[row.person_id].numbers[0] if row.person_id in known else "",
            mask_name(known[row.person_id].name)
            if row.person_id in known
            else others.get(row.person_id, ""),
            row.from_on,
            row.until_on,
            row.person_id in keys
            and bool(bank.vault.open(row.person_id, keys[row.person_id], bytes(row.guardian))),
        )
        for row in rows
    ]


def told_of_groups(bank: Bank, connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """To which organisations a person belonged, with their guardian, for their own copy."""
    key = bank.wrapped_keys.of([person_id]).get(person_id)
    return [
        {
            "organisation": row.organisation_id,
            "from_on": row.from_on,
            "until_on": row.until_on,
            "guardian": {}
            if key is None
            else dict(bank.vault.open(person_id, key, bytes(row.guardian))),
        }
        for row in connection.execute(_GROUPS, {"person": person_id})
    ]
