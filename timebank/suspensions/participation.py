"""Whether somebody takes part: asked wherever they would be sent, served, paid or give away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from ledger.draft import Draft
from timebank.errors.suspensions import PersonSuspended
from timebank.suspensions.model import Part

_STOPPED = (
    "SELECT part FROM suspension WHERE book_id = 1 AND person_id = ? AND ended_ms IS NULL "
    "AND from_on <= ? AND (until_on = '' OR until_on >= ?)"
)
_EVERY = (
    "SELECT person_id, part, from_on, until_on FROM suspension "
    "WHERE book_id = 1 AND ended_ms IS NULL"
)
STOPPED_ON = "ended_ms IS NULL AND from_on <= :on AND (until_on = '' OR until_on >= :on)"
"""A condition on ``suspension`` alone: it is in force on the day ``:on``."""


def check_participating(draft: Draft, person_id: str, part: Part, on: date, field: str) -> None:
    """Let a person take part as ``part`` on ``on``; as the group sees it.

    Raises:
        PersonSuspended: they are suspended in that part.
    """
    day = on.isoformat()
    found = draft.rows(_STOPPED, person_id, day, day)
    if any(row[0] in (part.value, Part.BOTH.value) for row in found):
        raise PersonSuspended(field=field)


@dataclass(frozen=True, slots=True)
class Suspended:
    """Everybody's suspensions at one moment, for whoever asks about many people: there are few."""

    _by_person: dict[str, list[tuple[str, str, str]]]

    @classmethod
    def in_draft(cls, draft: Draft) -> "Suspended":
        """As the group sees them."""
        return cls._of(draft.rows(_EVERY))

    @classmethod
    def committed(cls, connection: Connection) -> "Suspended":
        """As they are committed."""
        return cls._of(connection.execute(text(_EVERY)).all())

    @classmethod
    def _of(cls, rows: Iterable[Iterable[str]]) -> "Suspended":
        found: dict[str, list[tuple[str, str, str]]] = {}
        for person_id, part, from_on, until_on in rows:
            found.setdefault(person_id, []).append((part, from_on, until_on))
        return cls(found)

    def stops(self, person_id: str, part: Part, on: date, *, first_day: bool = True) -> bool:
        """Whether somebody is suspended in that part on ``on``.

        ``first_day`` of a suspension counts, except for records: what was given in the morning is
        not lost by what was decided in the afternoon.
        """
        day = on.isoformat()
        return any(
            called in (part.value, Part.BOTH.value)
            and (from_on <= day if first_day else from_on < day)
            and (not until_on or day <= until_on)
            for called, from_on, until_on in self._by_person.get(person_id, ())
        )
