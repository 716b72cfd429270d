"""What a request for correction is about, and when its answer is due; values only.

Members may query what is recorded of them and report errors, and the organisation must check and
amend (Order 67 of the Ministry of Civil Affairs, art. 12 and 13; Personal Information Protection
Law, art. 46).  Ten working days are the term that the Order sets for recording (art. 11).
"""

from dataclasses import dataclass, field
from enum import StrEnum

ANSWERED_WITHIN = 10
"""Working days."""


class Kind(StrEnum):
    """What is not right; permanent words."""

    RECORD = "record"
    MISSING = "missing"
    PERSONAL = "personal"


class State(StrEnum):
    """Where a request stands; permanent words."""

    ASKED = "asked"
    MENDED = "mended"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What somebody says is wrong; ``record_id`` is set for the kind ``record`` alone.

    ``number`` is whose record it is, and counts for staff alone: members speak for themselves.
    """

    kind: Kind
    words: str = field(repr=False)
    record_id: str = ""
    number: str = ""
