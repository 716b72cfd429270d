"""Transfers as values, and the pure rules of who may get what; shared with the verifier."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ledger.encoding import Json
from timebank.errors import AccountCapExceeded
from timebank.people.model import Relation
from timebank.policy.eligibility import check_gift
from timebank.policy.model import Profile

UNDO_MS = 10 * 60_000
"""A gift or donation may be undone for ten minutes (MIIT 2021); only then it moves."""

HOLD_DAYS = 30
"""How long a gift waits at most to be settled, should no job run; then it goes back."""

POOL = "pool"
"""The one group of ``donation_to`` for which the book has an account."""


class Kind(StrEnum):
    """Kinds of transfer; permanent words.  The last two are kinds of entry as well."""

    GIFT = "gift"
    DONATION = "donation"
    GRANT = "grant"
    GRANT_FUNDING = "grant_funding"


HELD_FIRST = (Kind.GIFT, Kind.DONATION)
"""What is held for ten minutes; its entry is the settlement of that hold."""


class State(StrEnum):
    """Where a transfer stands; permanent words.

    ``lapsed`` went back to the giver without anybody's undoing it; ``carried_over`` was posted in
    the book before this one.
    """

    HELD = "held"
    PROPOSED = "proposed"
    POSTED = "posted"
    UNDONE = "undone"
    LAPSED = "lapsed"
    REJECTED = "rejected"
    CARRIED_OVER = "carried_over"


_CLOSEST = {
    Relation.SPOUSE: ("spouse", "relative", "friend"),
    Relation.PARENT: ("lineal_relative", "relative", "friend"),
    Relation.CHILD: ("lineal_relative", "relative", "friend"),
    Relation.GRANDPARENT: ("lineal_relative", "relative", "friend"),
    Relation.GRANDCHILD: ("lineal_relative", "relative", "friend"),
    Relation.SIBLING: ("relative", "friend"),
    Relation.RELATIVE: ("relative", "friend"),
    Relation.FRIEND: ("friend",),
}
"""The policy's words for a registered relation, the closest first (民法典 1045: 配偶 and 血亲 are
亲属); whoever is not registered as kin is a friend."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a transfer is to move: accounts, whole minutes and the code that allows it.

    ``code`` is a gift's relation, a donation's group, a grant's eligibility; empty otherwise.
    """

    kind: Kind
    transfer_id: str
    from_account: str
    to_account: str
    minutes: int
    code: str = ""

    def facts(self) -> dict[str, Json]:
        """What is signed of it whenever it is stated; accounts and codes, never a name."""
        named: dict[str, Json] = {_CODE_NAME[self.kind]: self.code} if self.code else {}
        return {
            **named,
            "from": self.from_account,
            "minutes": self.minutes,
            "to": self.to_account,
            "transfer": self.transfer_id,
        }


_CODE_NAME = {
    Kind.GIFT: "relation",
    Kind.DONATION: "group",
    Kind.GRANT: "eligibility",
    Kind.GRANT_FUNDING: "",
}


def code_name(kind: Kind) -> str:
    """How signed facts call the code of a transfer; empty where it has none."""
    return _CODE_NAME[kind]


def relation_for(profile: Profile, kin: Relation | None, receiver_age: int) -> str:
    """The relation under which the policy lets a gift pass; ``kin`` is what is registered.

    ``receiver_age`` is in full years, 0 where it is not known.

    Raises:
        TransferNotAllowed: see :func:`timebank.policy.eligibility.check_gift`.
    """
    words = ("friend",) if kin is None else _CLOSEST[kin]
    allowed = profile.transfer.relations
    listed = [word for word in words if allowed is not None and word in allowed.value]
    relation = listed[0] if listed else words[0]
    check_gift(profile, relation, receiver_age)
    return relation


def check_room(profile: Profile, posted: int, coming: int, minutes: int) -> None:
    """Let ``minutes`` go to an account that has ``posted`` and awaits ``coming`` already.

    Raises:
        AccountCapExceeded: it would hold more than the policy lets an account have.
    """
    cap = profile.caps.account_minutes
    if cap is not None and posted + coming + minutes > cap.value:
        raise AccountCapExceeded(cap_minutes=cap.value, minutes=minutes)


def eligibility_of(profile: Profile, age: int, conditions: Collection[str]) -> str | None:
    """The condition for which the profile grants time to somebody of that age; ``None``: nothing.

    Ages are in full years, both bounds inside; of several the first in the profile's order.
    """
    for clause in profile.grants.eligible:
        group = clause.value
        if age < group.minimum_age or (group.maximum_age is not None and age > group.maximum_age):
            continue
        for condition in group.conditions:
            if condition in conditions:
                return condition
    return None


def conditions_of(profile: Profile) -> tuple[str, ...]:
    """Every condition that the profile knows, in its order, each once."""
    every = (code for clause in profile.grants.eligible for code in clause.value.conditions)
    return tuple(dict.fromkeys(every))
