"""What an organisation is and who belongs to it; values only."""

from dataclasses import dataclass, field
from enum import StrEnum

ADULT_AGE = 18
"""Full years; whoever is younger belongs to a group by their guardian's word (Civil Code, art. 17
and 19; 志愿服务条例, art. 7)."""


class Kind(StrEnum):
    """What sort of body it is; permanent words."""

    UNIT = "unit"
    TOWN = "town"
    PRACTICE_CENTRE = "practice_centre"
    SCHOOL = "school"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """Who is to be registered: a number like a member's, a name, and how it is reached.

    ``credit_code`` is the 统一社会信用代码, empty for a body that has none, such as a team.
    """

    number: str
    name: str
    kind: Kind
    credit_code: str = ""
    telephone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who answers for a minor, how they are reached, and the consent that was shown."""

    name: str = field(repr=False)
    telephone: str = field(repr=False)
    proof: str = field(repr=False)
