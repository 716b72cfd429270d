"""Which elders the policy grants time to: by age, from the vault, and by what was noted of them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from timebank.bank import Bank
from timebank.estates.living import RESTING
from timebank.people.conditions import conditions_noted
from timebank.people.directory import members
from timebank.people.identity import age_on
from timebank.people.model import ELDER
from timebank.transfers.model import eligibility_of

_RESTING = text(RESTING)


@dataclass(frozen=True, slots=True)
class Eligible:
    """An elder by account, and the condition code that is signed and stays in the clear."""

    account_id: str
    condition: str


def eligible_people(bank: Bank, on: date) -> list[Eligible]:
    """Everybody to whom the profile of ``on`` grants time, in the order of their person ids.

    Whoever died, moved away or asked to be forgotten is not among them, nor is whose birth date is
    not known.

    Raises:
        NoProfileInForce: no adopted profile covers the day.
    """
    profile = bank.profile_on(on)
    if not profile.grants.eligible:
        return []
    found = []
    with bank.read() as connection:
        noted = conditions_noted(bank, connection)
        gone = {row.person_id for row in connection.execute(_RESTING)}
        known = members(bank, connection, [who for who in noted if who not in gone])
    for person_id, person in sorted(known.items()):
        if person.born_on is None or ELDER not in person.roles:
            continue
        condition = eligibility_of(profile, age_on(person.born_on, on), noted[person_id])
        if condition is not None:
            found.append(Eligible(person.account_id, condition))
    return found
