"""Who is what to whom, with what was shown for it."""

from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors import PersonErased, SamePerson
from timebank.people.directory import account_of_number
from timebank.people.model import Relation
from timebank.people.tables import KINSHIP, KINSHIP_PROOF
from timebank.said import said
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
LONGEST_PROOF = 200


def note_kinship(
    bank: Bank, actor: Actor, number: str, other_number: str, relation: Relation, proof: str
) -> None:
    """Note that the second person is the first one's ``relation``, and what the first is to them.

    It is stored from both sides, so that a rule finds it whichever of the two helps the other, each
    with ``proof``, what was shown, sealed for that side.  What was noted of the two before is
    replaced.

    Raises, the first that applies:
        NotPermitted: the actor is neither operator nor clerk.
        MissingField, OrderValueInvalid: no proof, or more than :data:`LONGEST_PROOF` characters.
        UnknownMember: a number that stands for nobody.
        SamePerson: both numbers stand for one person.
        PersonErased: nothing is left of one of them.
    """
    require(actor, "note_kinship", Role.OPERATOR, Role.CLERK)
    shown = said("proof", proof, LONGEST_PROOF)
    with bank.read() as connection:
        person, _account = account_of_number(connection, number)
        other, _account = account_of_number(connection, other_number)
    if person == other:
        raise SamePerson(field="number")
    keys = bank.wrapped_keys.of([person, other])
    for one in (person, other):
        if one not in keys:
            raise PersonErased(person=one)
    sides = ((person, other, relation), (other, person, relation.seen_back))

    def change(draft: Draft) -> dict[str, Any]:
        for one, two, called in sides:
            same = {"book_id": BOOK, "person_id": one, "other_id": two}
            noted = {"by": actor.actor_id, "proof": shown}
            rows = (
                (KINSHIP, {"relation": called.value}),
                (
                    KINSHIP_PROOF,
                    {
                        "noted_ms": draft.recorded_ms,
                        "sealed": bank.vault.seal(one, keys[one], noted),
                    },
                ),
            )
            for table, values in rows:
                mine = [table.c[name] == value for name, value in same.items()]
                draft.add(delete(table).where(*mine))
                draft.add(insert(table), [{**same, **values}])
        return {}

    bank.keep_house(change)


def kinship_shown(bank: Bank, connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """A person's kin by opaque ids, with what was shown for each, for their own copy."""
    kin, proofs = KINSHIP.c, KINSHIP_PROOF.c
    query = (
        select(kin.other_id, kin.relation, proofs.sealed)
        .outerjoin(
            KINSHIP_PROOF,
            (proofs.book_id == kin.book_id)
            & (proofs.person_id == kin.person_id)
            & (proofs.other_id == kin.other_id),
        )
        .where(kin.book_id == BOOK, kin.person_id == person_id)
        .order_by(kin.other_id)
    )
    key = bank.wrapped_keys.of([person_id]).get(person_id)
    found = []
    for row in connection.execute(query):
        told = {}
        if row.sealed is not None and key is not None:
            told = bank.vault.open(person_id, key, bytes(row.sealed))
        found.append(
            {
                "other_id": row.other_id,
                "relation": row.relation,
                "proof": str(told.get("proof", "")),
            }
        )
    return found
