"""Whether a service may earn under a profile, and what it is worth: pure, for what-if and why."""

from dataclasses import dataclass

from timebank.policy.eligibility import (
    NOBODY_NOTED,
    check_class,
    check_earner,
    check_relation,
)
from timebank.policy.model import Profile
from timebank.policy.pricing import Priced, ServiceFacts, price


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What the rules ask about one volunteer beside the service itself.

    ``age`` is in full years on the day of the service, ``None`` where nobody knows it.
    ``relations`` are how the volunteer calls the recipients who are kin; ``self`` is one of them.
    ``noted`` are the codes that were noted of the volunteer; ``professional`` says that the class
    of the service needs a trained hand.
    """

    age: int | None = None
    relations: tuple[str, ...] = ()
    in_institution_group: bool = False
    noted: frozenset[str] = NOBODY_NOTED
    professional: bool = False


def admit(profile: Profile, service_class: str, circumstance: Circumstance) -> None:
    """Let one volunteer of a service earn, in the order in which recording asks.

    Raises, the first that applies:
        ExcludedService: the class earns nothing.
        UnderAge, NotRetired, RecordNotGood: by who the volunteer is.
        SelfService, OwnSpouse: by whom the service was for.
    """
    check_class(profile, service_class, professional=circumstance.professional)
    check_earner(
        profile,
        circumstance.age,
        in_institution_group=circumstance.in_institution_group,
        noted=circumstance.noted,
    )
    for relation in circumstance.relations:
        check_relation(profile, relation)


def judge(profile: Profile, facts: ServiceFacts, circumstance: Circumstance) -> Priced:
    """What one volunteer's part is worth.

    Raises, the first that applies:
        ExcludedService … OwnSpouse: as :func:`admit`.
        OrderCapExceeded, DailyCapExceeded, AccountCapExceeded: as
            :func:`timebank.policy.pricing.price`.
    """
    admit(profile, facts.service_class, circumstance)
    return price(profile, facts)
