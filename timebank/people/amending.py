"""Correcting what the vault has of a person: name, identity number, telephone, birth date.

A member may have wrong data put right (Personal Information Protection Law, art. 46).  What stood
before is gone from the vault; that it was changed, by whom, which facts, and what was shown for it
stands among the looks at the person for ever.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors import MissingField, PersonErased
from timebank.errors.corrections import IdNumberTaken
from timebank.people.accesses import Look, Purpose, note_looks, stated
from timebank.people.directory import account_of_number, home_station
from timebank.people.identity import (
    check_birth_date,
    check_id_number,
    check_name,
    check_telephone,
)
from timebank.people.tables import BLIND_INDEX, VAULT
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1

_INDEXED = ("name", "id_number", "telephone")


@dataclass(frozen=True, slots=True)
class Amended:
    """What is to stand from now on, checked and folded; ``None`` leaves a fact as it is."""

    name: str | None = field(default=None, repr=False)
    id_number: str | None = field(default=None, repr=False)
    telephone: str | None = field(default=None, repr=False)
    born_on: date | None = field(default=None, repr=False)

    @property
    def facts(self) -> dict[str, str]:
        """What changes, as the vault has it."""
        born_on = None if self.born_on is None else self.born_on.isoformat()
        every = {
            "name": self.name, "id_number": self.id_number, "telephone": self.telephone,
            "born_on": born_on,
        }  # fmt: skip
        return {fact: value for fact, value in every.items() if value is not None}


def amended_of(
    name: str | None,
    id_number: str | None,
    telephone: str | None,
    born_on: date | None,
    today: date,
) -> Amended:
    """What somebody states, checked and folded; an identity number brings its birth date.

    Raises, the first that applies:
        NameInvalid, IdNumberInvalid, IdNumberTypedAsNumber, BirthDateDisagrees, TelephoneInvalid:
            see :mod:`timebank.people.identity`.
    """
    checked = None if name is None else check_name(name)
    number = None
    if id_number is not None:
        identity = check_id_number(id_number, today)
        born_on, number = check_birth_date(identity, born_on), identity.number
    reached = None if telephone is None else check_telephone(telephone)
    return Amended(checked, number, reached, born_on)


def amend_person(bank: Bank, actor: Actor, number: str, amended: Amended, proof: str) -> None:
    """Put a person's data right on the strength of ``proof``, what was shown; sealed with the look.

    The look is written down first: a change that is refused afterwards was tried, and stands there.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        MissingField: nothing to change, or no proof.
        ContentOutOfProfile: the proof has a NUL sign.
        UnknownMember: the number stands for nobody.
        NotPermitted: a member of another station.
        PersonErased: nothing is left of them.
        IdNumberTaken: that identity number is somebody else's.
    """
    require(actor, "amend_person", Role.OPERATOR, Role.CLERK)
    facts = amended.facts
    if not facts:
        raise MissingField(field="name")
    shown = stated("proof", proof)
    with bank.read() as connection:
        person_id, _account = account_of_number(connection, number.strip().upper())
        station = home_station(connection, person_id)
    if station:
        require_station(actor, "amend_person", station)
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    if wrapped is None:
        raise PersonErased(person=person_id)
    reason = bank.vault.seal(person_id, wrapped, {"proof": shown})
    note_looks(bank, actor, [Look(person_id, Purpose.AMEND, tuple(sorted(facts)), reason)])
    indexes = {
        fact: bank.vault.blind_index(fact, value)
        for fact, value in facts.items()
        if fact in _INDEXED
    }

    def change(draft: Draft) -> dict[str, Any]:
        _check_free(draft, person_id, indexes.get("id_number"))
        where = (VAULT.c.book_id == BOOK) & (VAULT.c.person_id == person_id)
        stands = draft.query(select(VAULT.c.sealed).where(where)).scalar_one()
        opened = dict(bank.vault.open(person_id, wrapped, bytes(stands)))
        sealed = bank.vault.seal(person_id, wrapped, opened | facts)
        draft.add(update(VAULT).where(where).values(sealed=sealed))
        mine = BLIND_INDEX.c
        for fact, value_hash in indexes.items():
            same = {"book_id": BOOK, "person_id": person_id, "field": fact}
            draft.add(
                delete(BLIND_INDEX).where(
                    mine.book_id == BOOK, mine.person_id == person_id, mine.field == fact
                )
            )
            draft.add(insert(BLIND_INDEX), [{**same, "value_hash": value_hash}])
        return {}

    bank.keep_house(change)
    bank.people_seen.clear()  # Somebody may have another name or age now.


def _check_free(draft: Draft, person_id: str, id_number: bytes | None) -> None:
    if id_number is None:
        return
    mine = BLIND_INDEX.c
    query = select(mine.person_id).where(
        mine.book_id == BOOK,
        mine.field == "id_number",
        mine.value_hash == id_number,
        mine.person_id != person_id,
    )
    if draft.query(query).first() is not None:
        raise IdNumberTaken(field="id_number")
