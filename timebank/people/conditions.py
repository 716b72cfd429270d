"""What policies ask about a person, noted with what was shown for it, sealed.

Who is poor or disabled and gets a grant, who lives here, is retired, or has a bad record.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import MissingField, UnknownMember
from timebank.errors.matching import ConsentMissing
from timebank.errors.transfers import ConditionUnknown
from timebank.people.consents import CONDITIONS, note_consent
from timebank.people.directory import account_of_number
from timebank.people.tables import PERSON_CONDITION
from timebank.policy.eligibility import standing_asked
from timebank.policy.model import Profile
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1

CONDITION_OF = "SELECT sealed FROM person_condition WHERE book_id = 1 AND person_id = ?"
"""The sealed conditions of a person, for an action that has their wrapped key."""


def conditions_asked(profiles: Iterable[Profile]) -> frozenset[str]:
    """Every code that some of these profiles asks about: for grants, earning or redeeming."""
    return frozenset(
        code
        for profile in profiles
        for code in (
            *standing_asked(profile),
            *(code for clause in profile.grants.eligible for code in clause.value.conditions),
        )
    )


def note_condition(
    bank: Bank,
    actor: Actor,
    number: str,
    condition: str,
    proof: str,
    *,
    consented: bool,
    applies: bool = True,
) -> None:
    """Note that a condition applies to a person, with ``proof``, what was shown for it; or ended.

    ``consented``: the person agreed separately that it is kept, which is noted with it.  Codes are
    sealed under the person's key: who is disabled or poor is nobody else's business.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        ConditionUnknown: no adopted policy asks about it.
        MissingField: no proof.
        ConsentMissing: a condition that applies, without the person's consent.
        UnknownMember: the number stands for nobody, or for somebody who was forgotten.
    """
    require(actor, "note_condition", Role.OPERATOR, Role.CLERK)
    known = conditions_asked(bank.profiles)
    if condition not in known:
        raise ConditionUnknown(condition=condition[:40], known="、".join(sorted(known)) or "–")
    if not proof.strip():
        raise MissingField(field="proof")
    check_text(proof)
    if applies and not consented:
        raise ConsentMissing(field="condition")
    with bank.read() as connection:
        person_id, _account = account_of_number(connection, number.strip().upper())
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    if wrapped is None:
        raise UnknownMember(field="number")

    def change(draft: Draft) -> dict[str, Any]:
        mine = PERSON_CONDITION.c
        where = (mine.book_id == BOOK) & (mine.person_id == person_id)
        row = draft.query(select(mine.sealed).where(where)).first()
        noted = {} if row is None else dict(bank.vault.open(person_id, wrapped, bytes(row[0])))
        noted.pop(condition, None)
        if applies:
            noted[condition] = proof.strip()
        draft.add(delete(PERSON_CONDITION).where(where))
        note_consent(draft, person_id, CONDITIONS, given=bool(noted))
        if noted:
            sealed = bank.vault.seal(person_id, wrapped, noted)
            same = {"book_id": BOOK, "person_id": person_id}
            draft.add(insert(PERSON_CONDITION), [{**same, "sealed": sealed}])
        return {}

    bank.keep_house(change)


def conditions_noted(
    bank: Bank, connection: Connection, person_id: str = ""
) -> dict[str, dict[str, str]]:
    """What was noted of everybody, or of one person: by person id, the proof of each condition."""
    mine = PERSON_CONDITION.c
    query = select(mine.person_id, mine.sealed).where(mine.book_id == BOOK)
    if person_id:
        query = query.where(mine.person_id == person_id)
    rows = connection.execute(query.order_by(mine.person_id)).all()
    keys = bank.wrapped_keys.of(row.person_id for row in rows)
    found = {}
    for row in rows:
        if row.person_id in keys:  # Otherwise forgotten while we looked: the key goes last.
            opened = bank.vault.open(row.person_id, keys[row.person_id], bytes(row.sealed))
            found[row.person_id] = {str(code): str(proof) for code, proof in opened.items()}
    return found
