"""What an elder may use their minutes for: how many visits, or why none yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from ledger.errors import Refusal
from timebank.errors.base import BankRefusal
from timebank.people.identity import age_on
from timebank.people.model import ELDER, Member
from timebank.policy.eligibility import check_redeemer
from timebank.policy.model import Profile
from timebank.policy.pricing import ServiceFacts, price

VISIT_MINUTES = 60
"""The visit that the sentence speaks of; shorter where the policy caps an order below."""

VISIT_CLASS = "companionship"
_STARTS_AT_MINUTE = 10 * 60
"""In the forenoon, where no policy charges for the hour of the day."""


@dataclass(frozen=True, slots=True)
class Affordable:
    """How many visits of ``visit_minutes`` the minutes pay, each charged ``charged_minutes``.

    ``refused`` is why the policy does not let them be used yet; ``visits`` is then 0.
    """

    visits: int
    visit_minutes: int
    charged_minutes: int
    refused: Refusal | None = None


def affordable(
    profile: Profile,
    member: Member,
    on: date,
    *,
    posted: int,
    available: int,
    noted: Collection[str] = (),
) -> Affordable | None:
    """What ``available`` minutes pay on that day; ``None`` for who is not registered as an elder.

    ``posted`` is what the policy's minimum asks about, ``noted`` the member's conditions.
    """
    if ELDER not in member.roles:
        return None
    cap = profile.caps.order_minutes
    length = VISIT_MINUTES if cap is None else min(VISIT_MINUTES, cap.value)
    facts = ServiceFacts(length, VISIT_CLASS, _STARTS_AT_MINUTE, has_payer=True)
    charged = price(profile, facts).charged
    age = age_on(member.born_on, on) if member.born_on else 0
    try:
        check_redeemer(profile, age, posted, noted=frozenset(noted))
    except BankRefusal as refused:
        return Affordable(0, length, charged, refused)
    return Affordable(max(available, 0) // charged if charged else 0, length, charged)
