"""People as the rest of the time bank sees them: an opaque id, an account, numbers and roles."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

VOLUNTEER, ELDER = "volunteer", "elder"
ROLES = (VOLUNTEER, ELDER)
GROUP = "group"
"""The role, beside volunteer, of an organisation; nobody is registered with it as a person."""


class Relation(StrEnum):
    """What one person is to another; permanent words."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    SIBLING = "sibling"
    RELATIVE = "relative"
    FRIEND = "friend"

    @property
    def seen_back(self) -> "Relation":
        """What the first is to the second, where the second is this to the first."""
        return _SEEN_BACK.get(self, self)


_SEEN_BACK = {
    Relation.PARENT: Relation.CHILD,
    Relation.CHILD: Relation.PARENT,
    Relation.GRANDPARENT: Relation.GRANDCHILD,
    Relation.GRANDCHILD: Relation.GRANDPARENT,
}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is to be registered, checked and folded by :mod:`timebank.people.identity`.

    ``numbers`` are pairs of member number and role, or roles joined by a blank; an empty number is
    to be found for them.
    """

    name: str = field(repr=False)
    numbers: tuple[tuple[str, str], ...]
    born_on: date | None = field(default=None, repr=False)
    id_number: str | None = field(default=None, repr=False)
    telephone: str | None = field(default=None, repr=False)
    is_organisation: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A registered person with what the vault says of them; never stored, never logged."""

    person_id: str
    account_id: str
    numbers: tuple[str, ...]
    roles: tuple[str, ...]
    name: str = field(repr=False)
    born_on: date | None = field(default=None, repr=False)
    id_number: str | None = field(default=None, repr=False)
    telephone: str | None = field(default=None, repr=False)
