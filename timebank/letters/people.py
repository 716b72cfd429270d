"""Who gets a letter of a part: members of a station who are there, by opaque id."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from timebank.call_backs.model import list_hash
from timebank.clock import day_ends, milliseconds
from timebank.letters.model import Part

_PEOPLE = text(
    "SELECT p.person_id, p.state, "
    "EXISTS (SELECT 1 FROM estate t WHERE t.book_id = 1 AND t.person_id = p.person_id "
    "AND t.withdrawn_ms IS NULL) AS died, "
    "EXISTS (SELECT 1 FROM departure d WHERE d.book_id = 1 AND d.person_id = p.person_id "
    "AND d.state = 'moved') AS moved "
    "FROM person p WHERE p.book_id = 1 AND p.station_code = :station "
    "AND p.registered_ms < :behind ORDER BY p.person_id"
)

_STATIONS = text(
    "SELECT DISTINCT station_code FROM person WHERE book_id = 1 AND state = 'active' "
    "AND registered_ms < :behind ORDER BY station_code"
)


@dataclass(frozen=True, slots=True)
class Addressed:
    """Who gets a letter, in the order of the stack, and how many of the station's people do not."""

    person_ids: tuple[str, ...]
    left_out: int

    @property
    def list_hash(self) -> str:
        """SHA-256 (hex) over the ids, so that a list can be compared and says nobody's name."""
        return list_hash(self.person_ids)


def addressed(connection: Connection, part: Part, station_code: str) -> Addressed:
    """Everybody of a station who had joined by the part's end and is neither dead, gone nor erased.

    ``station_code`` is empty for members of no station.
    """
    asked = {"station": station_code, "behind": milliseconds(day_ends(part.last_on))}
    people, left_out = [], 0
    for row in connection.execute(_PEOPLE, asked):
        if row.state == "active" and not row.died and not row.moved:
            people.append(row.person_id)
        else:
            left_out += 1
    return Addressed(tuple(people), left_out)


def stations_addressed(connection: Connection, part: Part) -> tuple[str, ...]:
    """The stations that have members who get letters, by code; empty: those of no station."""
    asked = {"behind": milliseconds(day_ends(part.last_on))}
    return tuple(connection.execute(_STATIONS, asked).scalars())
