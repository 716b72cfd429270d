"""The parts of a year for which members get letters."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Part:
    """Part ``number`` of the ``of`` parts of a year; both days are inside."""

    year: int
    number: int
    of: int
    first_on: date
    last_on: date

    @property
    def name(self) -> str:
        """The year, and which part of how many: ``2023-1of2``."""
        return f"{self.year}-{self.number}of{self.of}"


def parts_of(year: int, per_year: int) -> tuple[Part, ...]:
    """The year in ``per_year`` parts (1 to 12) of whole months, as even as they can be."""
    ends = [_MONTHS * part // per_year for part in range(per_year + 1)]
    return tuple(
        Part(year, place, per_year, date(year, begins + 1, 1), _month_ends(year, behind))
        for place, (begins, behind) in enumerate(pairwise(ends), 1)
    )


def _month_ends(year: int, month: int) -> date:
    behind = date(year + month // _MONTHS, month % _MONTHS + 1, 1)
    return behind - timedelta(days=1)
