"""Who looked at whom: every look at what identifies a person is a row of a hash chain.

A look is a decryption that reaches somebody's eyes unmasked.  What only compares, such as finding a
person by ID number or counting an age, is none, and neither is a mask.  A look is written down
before it is shown; where it cannot be written down, nothing is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from ledger.draft import Draft
from ledger.encoding import encode
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import MissingField, NotPermitted, PersonErased, UnknownMember
from timebank.people.directory import account_of_number, members
from timebank.people.model import Member
from timebank.people.tables import ACCESS
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.stations.tables import STAFF

BOOK = 1
START = "0" * 64
"""What stands before the first row of the chain."""

IDENTITY = ("name", "born_on", "id_number", "telephone")
"""What the vault holds of a person, and a look may show."""

PORTRAIT_FIELD = "portrait"
"""What a look at somebody's photograph says it saw."""

MOST_REASON = 500
"""Characters of a stated reason."""


class Purpose(StrEnum):
    """Why somebody looked; permanent words."""

    OWN = "own"
    LOOK = "look"
    EXPORT = "export"
    RELATIVE = "relative"
    AMEND = "amend"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one person; ``reason`` is sealed for the person, or empty."""

    person_id: str
    purpose: Purpose
    fields: tuple[str, ...]
    reason: bytes = b""


@dataclass(frozen=True, slots=True)
class ShownAccess:
    """A look as somebody may read of it; ``accessed_ms`` is UTC milliseconds.

    ``title`` is the office of a member of staff.  ``stated`` is what they gave as reason: empty for
    auditors, and for everybody once the person is forgotten.
    """

    number: int
    accessed_ms: int
    actor_id: str
    role: str
    title: str
    purpose: str
    fields: tuple[str, ...]
    stated: Mapping[str, str]


def hash_of(row: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the canonical JSON of a row and the hash before it.

    The sealed reason stands in it by its own hash, so that the chain can be checked for ever by
    somebody who can open nothing; see ``docs/reference/log-format.md``.
    """
    covered = {
        "actor": row["actor_id"],
        "at": row["accessed_ms"],
        "fields": row["fields"],
        "number": row["number"],
        "person": row["person_id"],
        "previous": row["previous_hash"],
        "purpose": row["purpose"],
        "reason": sha256(bytes(row["reason"])).hexdigest(),
        "role": row["role"],
    }
    return sha256(encode(covered)).hexdigest()


def note_looks(bank: Bank, actor: Actor, looks: Sequence[Look]) -> None:
    """Write looks down, in one statement however many, before anything of them is shown."""

    def change(draft: Draft) -> dict[str, Any]:
        number, previous = chain_head(draft)
        rows = []
        for look in looks:
            number += 1
            row = {
                "book_id": BOOK,
                "number": number,
                "accessed_ms": draft.recorded_ms,
                "actor_id": actor.actor_id,
                "role": actor.role.value,
                "person_id": look.person_id,
                "purpose": look.purpose.value,
                "fields": " ".join(look.fields),
                "reason": look.reason,
                "previous_hash": previous,
            }
            row["hash"] = previous = hash_of(row)
            rows.append(row)
        draft.add(insert(ACCESS), rows)
        return {}

    if looks:
        bank.keep_house(change)


def chain_head(draft: Draft) -> tuple[int, str]:
    """How many looks there are, and the hash of the last one."""
    newest = select(ACCESS.c.number, ACCESS.c.hash).where(ACCESS.c.book_id == BOOK)
    row = draft.query(newest.order_by(ACCESS.c.number.desc()).limit(1)).first()
    return (0, START) if row is None else (row.number, row.hash)


def look(bank: Bank, actor: Actor, number: str, reason: str) -> Member:
    """A person unmasked, for an operator who says why, be they restricted or not.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField: no reason, or one of more than :data:`MOST_REASON` characters.
        ContentOutOfProfile: the reason has a NUL sign.
        UnknownMember: the number stands for nobody.
        PersonErased: nothing is left to be shown.
    """
    require(actor, "look_at_person", Role.OPERATOR)
    return opened(bank, actor, number, Purpose.LOOK, {"reason": stated("reason", reason)})


def stated(field: str, text: str) -> str:
    """A reason as it is kept, without blanks around it.

    Raises, the first that applies:
        MissingField, ContentOutOfProfile: see :func:`look`.
    """
    kept = text.strip()
    if not kept or len(kept) > MOST_REASON:
        raise MissingField(field=field)
    check_text(kept)
    return kept


def opened(
    bank: Bank,
    actor: Actor,
    number: str,
    purpose: Purpose,
    reason: Mapping[str, str],
    *,
    more: tuple[str, ...] = (),
) -> Member:
    """The person of a number, opened and written down as a look, at ``more`` besides if asked.

    Raises, the first that applies:
        UnknownMember: the number stands for nobody.
        PersonErased: nothing is left to be shown.
    """
    with bank.read() as connection:
        person_id, _account = account_of_number(connection, number.strip().upper())
        found = members(bank, connection, [person_id], restricted=True).get(person_id)
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    if found is None or wrapped is None:
        raise PersonErased(person=person_id)
    sealed = bank.vault.seal(person_id, wrapped, reason) if reason else b""
    note_looks(bank, actor, [Look(person_id, purpose, (*shown_fields(found), *more), sealed)])
    return found


def themselves(bank: Bank, actor: Actor) -> Member | None:
    """The member who asks, as a screen greets them; ``None`` where they are not shown any more."""
    with bank.read() as connection:
        found = members(bank, connection, [actor.person_id]).get(actor.person_id)
    if found is not None:
        note_looks(bank, actor, [Look(actor.person_id, Purpose.OWN, ("name",))])
    return found


def shown_fields(member: Member) -> tuple[str, ...]:
    """Which of :data:`IDENTITY` the vault has of a person."""
    return tuple(field for field in IDENTITY if getattr(member, field))


def accesses_shown(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    number: str,
    *,
    before: int | None = None,
    most: int = 50,
) -> list[ShownAccess]:
    """A page of the looks at one person, the newest first, behind ``before``.

    Raises, the first that applies:
        NotPermitted: neither operator nor auditor nor the person.
        UnknownMember: the number stands for nobody.
    """
    person_id = _whose(connection, actor, number)
    query = _looks_at(person_id, before, most)
    wrapped = None
    if actor.role is not Role.AUDITOR:
        wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    return [_shown(bank, row, wrapped) for row in connection.execute(query)]


def accesses_by_others(
    bank: Bank, connection: Connection, actor: Actor, *, before: int | None = None, most: int
) -> list[ShownAccess]:
    """A page of the looks that others took at the member who asks, as :func:`accesses_shown`.

    Raises:
        NotPermitted: no member.
    """
    require(actor, "read_own_accesses", Role.MEMBER)
    query = _looks_at(actor.person_id, before, most).where(ACCESS.c.purpose != Purpose.OWN.value)
    wrapped = bank.wrapped_keys.of([actor.person_id]).get(actor.person_id)
    return [_shown(bank, row, wrapped) for row in connection.execute(query)]


def _looks_at(person_id: str, before: int | None, most: int) -> Select[Any]:
    query = (
        select(ACCESS, STAFF.c.title)
        .outerjoin(STAFF, (STAFF.c.book_id == BOOK) & (STAFF.c.staff_id == ACCESS.c.actor_id))
        .where(ACCESS.c.book_id == BOOK, ACCESS.c.person_id == person_id)
        .order_by(ACCESS.c.number.desc())
        .limit(most)
    )
    return query if before is None else query.where(ACCESS.c.number < before)


def _shown(bank: Bank, row: Any, wrapped: bytes | None) -> ShownAccess:
    return ShownAccess(
        row.number,
        row.accessed_ms,
        row.actor_id,
        row.role,
        row.title or "",
        row.purpose,
        tuple(row.fields.split()),
        _reason(bank, row.person_id, wrapped, bytes(row.reason)),
    )


def _whose(connection: Connection, actor: Actor, number: str) -> str:
    """The person of a number, if ``actor`` may read who looked at them."""
    if actor.role is not Role.MEMBER:
        require(actor, "read_accesses", Role.OPERATOR, Role.AUDITOR)
        return account_of_number(connection, number.strip().upper())[0]
    try:
        person_id = account_of_number(connection, number.strip().upper())[0]
    except UnknownMember:
        person_id = ""
    if person_id != actor.person_id:  # Whether another exists is not said.
        raise NotPermitted(role=actor.role.value, action="read_others")
    return person_id


def _reason(bank: Bank, person_id: str, wrapped: bytes | None, sealed: bytes) -> dict[str, str]:
    if not sealed or wrapped is None:
        return {}
    return {key: str(value) for key, value in bank.vault.open(person_id, wrapped, sealed).items()}
