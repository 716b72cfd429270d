"""Reading runs of letters: what a station still has to print and to hand out."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from timebank.clock import from_milliseconds, local_date
from timebank.errors.letters import UnknownLetterRun
from timebank.letters.model import Part, handed_by, parts_of
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

READERS = (Role.OPERATOR, Role.AUDITOR, Role.CLERK, Role.REVIEWER)

_COLUMNS = (
    "SELECT run_id, station_code, part, first_on, last_on, made_ms, made_by, letters, left_out, "
    "list_hash, drawn_ms, drawn_by, drawn_letters, handed_ms, handed_by FROM letter_run "
)
_ONE = text(_COLUMNS + "WHERE book_id = 1 AND run_id = :run")
_NEWEST = "WHERE book_id = 1 AND run_id < :before{at} ORDER BY run_id DESC LIMIT :most"
_LAST = "lett_g"
"""Sorts behind every id in any collation."""


@dataclass(frozen=True, slots=True)
class LettersRun:
    """A run as it stands; see :class:`timebank.letters.tables.LetterRun`.  Moments are ms UTC."""

    run_id: str
    station_code: str
    part: str
    first_on: str
    last_on: str
    made_ms: int
    made_by: str
    letters: int
    left_out: int
    list_hash: str
    drawn_ms: int | None
    drawn_by: str
    drawn_letters: int
    handed_ms: int | None
    handed_by: str

    @property
    def hand_by(self) -> date:
        """The last day on which the station says in time that they went out."""
        return handed_by(local_date(from_milliseconds(self.made_ms)))

    @property
    def the_part(self) -> Part:
        """The part of a year that its name stands for."""
        year, rest = self.part.split("-")
        number, of = rest.split("of")
        return parts_of(int(year), int(of))[int(number) - 1]


def letter_runs(
    connection: Connection,
    actor: Actor,
    *,
    station_code: str | None = None,
    before: str = "",
    most: int = 50,
) -> list[LettersRun]:
    """Runs of one station or, for the district, of all; the newest first, ``before`` an id.

    Raises:
        NotPermitted: neither staff nor auditor, or staff of another station.
    """
    require(actor, "read_letter_runs", *READERS)
    wanted = station_code if station_code is not None else actor.station_code or None
    asked: dict[str, Any] = {"before": before or _LAST, "most": most}
    at = ""
    if wanted is not None:
        require_station(actor, "read_letter_runs", wanted)
        at, asked["station"] = " AND station_code = :station", wanted
    rows = connection.execute(text(_COLUMNS + _NEWEST.format(at=at)), asked)
    return [LettersRun(*row) for row in rows]


def letter_run(connection: Connection, actor: Actor, run_id: str) -> LettersRun:
    """One run.

    Raises, the first that applies:
        NotPermitted: neither staff nor auditor.
        UnknownLetterRun: there is no such run.
        NotPermitted: staff of another station.
    """
    require(actor, "read_letter_runs", *READERS)
    row = connection.execute(_ONE, {"run": run_id}).first()
    if row is None:
        raise UnknownLetterRun(run=run_id[:60])
    require_station(actor, "read_letter_runs", row.station_code)
    return LettersRun(*row)
