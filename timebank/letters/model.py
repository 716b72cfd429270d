"""The parts of a year for which members get letters, and which of them are due on a day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from timebank.calendar import term_of
from timebank.errors import NoProfileInForce
from timebank.policy.consistency import choose
from timebank.policy.model import Profile

_MONTHS = 12

HANDED_WITHIN_WORKING_DAYS = 10
"""The time that Order 67, art. 11, gives a station for a record; its letters get as much."""


LOOKS_BACK_DAYS = 366
"""What was not made a year after its part's end would tell nobody anything."""


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

    @property
    def due_on(self) -> date:
        """The first working day after it, on which its letters are made.

        The second day after it where the year's 调休 table is missing.
        """
        return term_of(self.last_on, 1)


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


def due_parts(profiles: Iterable[Profile], today: date) -> Iterator[Part]:
    """The parts whose letters are due by ``today`` and that ended within a year, the oldest first.

    The profile in force on a part's last day says whether the year is divided so; ``profiles``
    are all of the book.
    """
    known, since = tuple(profiles), today - timedelta(days=LOOKS_BACK_DAYS)
    every = [
        part
        for year in (today.year - 1, today.year)
        for per_year in range(1, _MONTHS + 1)
        for part in parts_of(year, per_year)
        if since <= part.last_on < today and _per_year(known, part.last_on) == per_year
    ]
    for part in sorted(every, key=lambda one: one.last_on):
        if part.due_on <= today:
            yield part


def handed_by(made_on: date) -> date:
    """The last day on which a station may still say that letters made on ``made_on`` went out."""
    return term_of(made_on, HANDED_WITHIN_WORKING_DAYS)


def _per_year(profiles: Iterable[Profile], day: date) -> int | None:
    try:
        asked = choose(profiles, day).endings.statements_per_year
    except NoProfileInForce:
        return None
    return None if asked is None else asked.value
