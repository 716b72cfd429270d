"""Adopting a profile: its whole text becomes a leaf, and what was recorded keeps its price."""

from datetime import date
from typing import Any

from ledger.draft import Draft
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.policy.consistency import check_start, check_timeline
from timebank.policy.model import Profile
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

_LATEST = "SELECT max(service_on) FROM service_record WHERE book_id = 1"


def adopt(bank: Bank, actor: Actor, profile: Profile, *, key: str) -> Answer:
    """Make a profile part of the book from its first day on; answers its version.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        PolicyExists: the book has adopted it before.
        ProfilesOverlap: a day would have two profiles.
        ProfilePricesThePast: a service of its first day or a later one is recorded.
    """
    require(actor, "adopt_policy", Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        facts = {"do": "adopt_policy", "profile": profile.name, "text": profile.text}
        draft.adopt_policy(profile.version, dict(facts))
        check_timeline([*bank.profiles, profile])
        ((latest,),) = draft.rows(_LATEST)
        check_start(profile, None if latest is None else date.fromisoformat(latest))
        return {"policy": profile.version}

    content = {"profile": profile.name, "digest": profile.digest}
    return bank.act(bank.action(actor, "policy", decide, key=key, content=content))
