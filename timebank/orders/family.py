"""Who may act for an elder: relatives, where the elder agreed to it, and delegates they named."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors import NotPermitted
from timebank.orders.model import Order
from timebank.people.consents import FAMILY_CONFIRMS, note_consent
from timebank.people.delegates import IS_DELEGATE
from timebank.people.directory import account_of_number, members
from timebank.people.masks import mask_name
from timebank.people.model import Relation
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

_IS_FAMILY = (
    f"{IS_DELEGATE} UNION ALL "
    "SELECT 1 FROM kinship k JOIN consent c ON c.book_id = k.book_id AND c.person_id = k.person_id "
    f"AND c.purpose = '{FAMILY_CONFIRMS}' AND c.withdrawn_ms IS NULL "
    "WHERE k.book_id = 1 AND k.person_id = :elder AND k.other_id = :me AND k.relation <> 'friend'"
)
_RELATIVES = text(
    "SELECT other_id, relation FROM kinship "
    "WHERE book_id = 1 AND person_id = :me AND relation <> 'friend' ORDER BY other_id"
)
_AGREED = text(
    "SELECT 1 FROM consent WHERE book_id = 1 AND person_id = :me "
    f"AND purpose = '{FAMILY_CONFIRMS}' AND withdrawn_ms IS NULL"
)
_ARE_KIN = (
    "SELECT 1 FROM kinship WHERE book_id = 1 AND person_id = ? AND other_id = ? "
    "AND relation <> 'friend'"
)

_MY_ELDERS = (
    "SELECT d.elder_id FROM delegate d WHERE d.book_id = 1 AND d.delegate_id = :me "
    "AND d.ended_ms IS NULL AND (d.until_on = '' OR d.until_on >= :on) UNION ALL "
    "SELECT k.person_id FROM kinship k JOIN consent c ON c.book_id = k.book_id "
    f"AND c.person_id = k.person_id AND c.purpose = '{FAMILY_CONFIRMS}' "
    "AND c.withdrawn_ms IS NULL WHERE k.book_id = 1 AND k.other_id = :me "
    "AND k.relation <> 'friend'"
)
OF_MY_FAMILY = f"o.elder_id IN ({_MY_ELDERS})"
"""Orders of elders whose family or delegate ``:me`` is on ``:on``; a condition on
``service_order o``."""


@dataclass(frozen=True, slots=True)
class OwnFamily:
    """Whom the station knows as an elder's relatives, masked, and whether they may confirm."""

    relatives: tuple[tuple[Relation, str], ...]
    allowed: bool


def own_family(bank: Bank, connection: Connection, actor: Actor) -> OwnFamily:
    """The relatives of the member who asks, and whether the member lets them confirm.

    Raises:
        NotPermitted: no member.
    """
    require(actor, "read_family", Role.MEMBER)
    me = {"me": actor.person_id}
    kin = {row.other_id: Relation(row.relation) for row in connection.execute(_RELATIVES, me)}
    known = members(bank, connection, kin)
    return OwnFamily(
        tuple((kin[who], mask_name(known[who].name)) for who in kin if who in known),
        connection.execute(_AGREED, me).first() is not None,
    )


def has_family(connection: Connection, actor: Actor, on: date) -> bool:
    """Whether some elder lets the member who asks read, confirm and dispute for them on ``on``."""
    query, asked = text(f"{_MY_ELDERS} LIMIT 1"), {"me": actor.person_id, "on": on.isoformat()}
    return connection.execute(query, asked).first() is not None


def let_family_confirm(bank: Bank, actor: Actor, number: str, *, allowed: bool) -> None:
    """Note that an elder lets relatives read, confirm and dispute their orders, or no longer.

    Raises, the first that applies:
        NotPermitted: neither the elder, nor operator or clerk.
        UnknownMember: the number stands for nobody.
    """
    require(actor, "let_family_confirm", Role.OPERATOR, Role.CLERK, Role.MEMBER)
    with bank.read() as connection:
        person_id, _account = account_of_number(connection, number.strip().upper())
    if actor.role is Role.MEMBER and actor.person_id != person_id:
        raise NotPermitted(role=actor.role.value, action="let_family_confirm")

    def change(draft: Draft) -> dict[str, Any]:
        note_consent(draft, person_id, FAMILY_CONFIRMS, given=allowed)
        return {}

    bank.keep_house(change)


def family_in(connection: Connection, actor: Actor, order: Order, on: date) -> bool:
    """Whether the actor may act for the elder on ``on``, as family or delegate; as committed."""
    if actor.role is not Role.MEMBER:
        return False
    asked = {"elder": order.elder_id, "me": actor.person_id, "on": on.isoformat()}
    return connection.execute(text(_IS_FAMILY), asked).first() is not None


def family_for(draft: Draft, actor: Actor, order: Order, on: date) -> bool:
    """The same as the group sees it."""
    if actor.role is not Role.MEMBER:
        return False
    asked = {"elder": order.elder_id, "me": actor.person_id, "on": on.isoformat()}
    return draft.query(text(_IS_FAMILY).bindparams(**asked)).first() is not None


def are_kin(draft: Draft, one: str, other: str) -> bool:
    """Whether two people are relatives; friends are none."""
    return bool(draft.rows(_ARE_KIN, one, other))
