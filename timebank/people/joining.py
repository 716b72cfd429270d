"""Registering one person at the counter: their consent first, and a number if they have none."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors.matching import ConsentMissing
from timebank.people.actions import register_beside
from timebank.people.consents import AT_REGISTRATION, SERVICES, note_consent
from timebank.people.model import Newcomer
from timebank.people.tables import PERSON_NUMBER
from timebank.stations.model import Actor

BOOK = 1


def join(bank: Bank, actor: Actor, newcomer: Newcomer, consents: Sequence[str], *, key: str) -> str:
    """Register somebody who agreed to it; answers their person id.

    ``consents`` are purposes of :data:`timebank.people.consents.AT_REGISTRATION`; ``services`` must
    be among them.  An empty number is a new unified one, unless they have a number already.

    Raises, the first that applies:
        ConsentMissing: not to what the time bank needs at all.
        NotPermitted … PersonRestricted: see :func:`timebank.people.actions.register`.
    """
    agreed = [one for one in AT_REGISTRATION if one in consents]
    if SERVICES not in agreed:
        raise ConsentMissing(field="consent")

    def beside(draft: Draft, person_id: str) -> None:
        for purpose in agreed:
            note_consent(draft, person_id, purpose, given=True)

    content: dict[str, Any] = {"consents": agreed}
    return register_beside(bank, actor, newcomer, beside, key=key, content=content)


def numbers_of(connection: Connection, person_id: str) -> list[str]:
    """The numbers that stand for a person, in order."""
    query = select(PERSON_NUMBER.c.number).where(
        PERSON_NUMBER.c.book_id == BOOK, PERSON_NUMBER.c.person_id == person_id
    )
    return list(connection.execute(query.order_by(PERSON_NUMBER.c.number)).scalars())
