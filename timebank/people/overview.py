"""One person as the counter sees them: masked, with kin, delegates and what they agreed to."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, text

from timebank.bank import Bank
from timebank.people.delegates import ShownDelegate, delegates_of
from timebank.people.directory import members
from timebank.people.masks import mask_name
from timebank.people.reading import MaskedMember, person_shown
from timebank.people.tables import CONSENT
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
READERS = (Role.OPERATOR, Role.CLERK, Role.REVIEWER, Role.AUDITOR)

_KIN = text(
    "SELECT other_id, relation FROM kinship WHERE book_id = 1 AND person_id = :person "
    "ORDER BY other_id"
)


@dataclass(frozen=True, slots=True)
class Kin:
    """A relative or friend, masked."""

    number: str
    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """What somebody agreed to, and when."""

    purpose: str
    given_ms: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A person with what binds them to others; consents are those that stand."""

    person: MaskedMember
    kin: tuple[Kin, ...]
    delegates: tuple[ShownDelegate, ...]
    consents: tuple[ShownConsent, ...]


def overview_of(bank: Bank, connection: Connection, actor: Actor, number: str) -> Overview:
    """The person of a number.

    Raises, the first that applies:
        NotPermitted: neither staff nor auditor.
        UnknownMember: the number stands for nobody.
    """
    require(actor, "read_people", *READERS)
    person = person_shown(bank, connection, actor, number)
    rows = connection.execute(_KIN, {"person": person.person_id}).all()
    known = members(bank, connection, {row.other_id for row in rows})
    consents = select(CONSENT.c.purpose, CONSENT.c.given_ms).where(
        CONSENT.c.book_id == BOOK,
        CONSENT.c.person_id == person.person_id,
        CONSENT.c.withdrawn_ms.is_(None),
    )
    return Overview(
        person,
        tuple(
            Kin(known[row.other_id].numbers[0], mask_name(known[row.other_id].name), row.relation)
            for row in rows
            if row.other_id in known
        ),
        tuple(delegates_of(bank, connection, actor, number)),
        tuple(
            ShownConsent(row.purpose, row.given_ms)
            for row in connection.execute(consents.order_by(CONSENT.c.purpose))
        ),
    )
