"""To whom a member may give: their registered kin whom the policy of today lets receive."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.errors import TransferNotAllowed
from timebank.estates.living import RESTING
from timebank.people.directory import members
from timebank.people.identity import age_on
from timebank.people.masks import mask_name
from timebank.people.model import Relation
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.transfers.model import POOL, relation_for

_KIN = text(
    "SELECT other_id, relation FROM kinship WHERE book_id = 1 AND person_id = :me "
    f"AND other_id NOT IN ({RESTING}) ORDER BY other_id"
)
_NEAREST = tuple(Relation)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who may receive; ``name`` is masked, as the giver knows whom it means."""

    number: str
    name: str
    relation: Relation
    account_id: str


def receivers(bank: Bank, connection: Connection, actor: Actor) -> list[Receiver]:
    """The member's registered kin to whom a gift would pass today, the nearest first.

    Raises, the first that applies:
        NotPermitted: no member.
        NoProfileInForce: no adopted profile covers today.
    """
    require(actor, "read_receivers", Role.MEMBER)
    today = bank.today()
    profile = bank.profile_on(today)
    kin = {row.other_id: Relation(row.relation) for row in connection.execute(
        _KIN, {"me": actor.person_id}
    )}  # fmt: skip
    found = []
    for person_id, member in members(bank, connection, kin).items():
        age = age_on(member.born_on, today) if member.born_on else 0
        try:
            relation_for(profile, kin[person_id], age)
        except TransferNotAllowed:
            continue  # They are not offered: nobody is shown a button that says no.
        found.append(
            Receiver(member.numbers[0], mask_name(member.name), kin[person_id], member.account_id)
        )
    return sorted(found, key=lambda one: (_NEAREST.index(one.relation), one.number))


def may_donate(bank: Bank) -> bool:
    """Whether the policy of today lets members give to the public pool.

    Raises:
        NoProfileInForce: no adopted profile covers today.
    """
    allowed = bank.profile_on(bank.today()).transfer.donation_to
    return allowed is not None and POOL in allowed.value
