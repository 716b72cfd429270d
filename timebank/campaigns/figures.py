"""What a campaign came to: activities, people served, minutes, volunteers and teams.

Every figure is added up from service records that rosters became, each of which the ledger has an
entry of once it is posted.  What is posted, under notice and pending stays apart everywhere.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from timebank.records.model import BACK_DATED, State

STATES = (State.POSTED, State.UNDER_NOTICE, State.AWAITING_REVIEW)
"""The three states whose figures stand apart; what was sent back or reversed counts nowhere."""

_LINES = text(
    "SELECT a.unit_code, a.theme, a.team, a.activity_id, a.serial, a.name, r.record_id, "
    "r.station_code, r.number, r.service_on, r.state, r.head_count, r.given_minutes, r.marks, "
    "p.person_id, p.credited_minutes, p.entry_id, n.opened_on "
    "FROM campaign_activity a "
    "JOIN campaign_record l ON l.book_id = a.book_id AND l.activity_id = a.activity_id "
    "JOIN service_record r ON r.book_id = l.book_id AND r.record_id = l.record_id "
    "JOIN record_person p ON p.book_id = r.book_id AND p.record_id = r.record_id "
    "AND p.part = 'volunteer' "
    "LEFT JOIN record_notice n ON n.book_id = r.book_id AND n.record_id = r.record_id "
    "WHERE a.book_id = 1 AND a.campaign_id = :campaign AND r.state IN ('posted', "
    "'awaiting_review') AND r.service_on <= :until AND a.unit_code >= :first "
    "AND a.unit_code <= :last ORDER BY a.unit_code, a.serial, r.station_code, r.number"
)

_LATEST, _LAST_CODE = "9999-12-31", "\U0010fffd"


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One volunteer's part in one record: what the figures are added up from."""

    unit_code: str
    theme: str
    team: str
    activity_id: str
    serial: int
    name: str
    record_id: str
    station_code: str
    number: int
    service_on: str
    state: State
    heads: int
    given_minutes: int
    credited_minutes: int
    person_id: str
    entry_id: str
    is_late: bool = False

    @property
    def late_minutes(self) -> int:
        """The credited minutes, if the record came late by the policy; else 0."""
        return self.credited_minutes if self.is_late else 0


@dataclass(slots=True)
class Figures:
    """Figures of one state; ``minutes`` are credited ones, or those that wait to be.

    ``late_minutes`` are those of them whose records came late by the policy.
    """

    heads: int = 0
    minutes: int = 0
    given_minutes: int = 0
    late_minutes: int = 0
    _activities: set[str] = field(default_factory=set, repr=False)
    _volunteers: set[str] = field(default_factory=set, repr=False)
    _teams: set[str] = field(default_factory=set, repr=False)

    @property
    def activities(self) -> int:
        """场次: activities with at least one such record."""
        return len(self._activities)

    @property
    def volunteers(self) -> int:
        """志愿者: different people, however often they served."""
        return len(self._volunteers)

    @property
    def teams(self) -> int:
        """队伍: different organising units."""
        return len(self._teams)

    def add(self, line: FigureLine) -> None:
        """Count one line in."""
        self.heads += line.heads
        self.minutes += line.credited_minutes
        self.given_minutes += line.given_minutes
        self.late_minutes += line.late_minutes
        self._activities.add(line.activity_id)
        self._volunteers.add(line.person_id)
        self._teams.add(line.team)

    def as_json(self) -> dict[str, int]:
        """The figures for a program."""
        return {
            "activities": self.activities,
            "heads": self.heads,
            "minutes": self.minutes,
            "given_minutes": self.given_minutes,
            "late_minutes": self.late_minutes,
            "volunteers": self.volunteers,
            "teams": self.teams,
        }


class ByState:
    """Figures of one theme, unit or activity, one for each state."""

    def __init__(self) -> None:
        self.posted, self.under_notice, self.pending = Figures(), Figures(), Figures()

    def of(self, state: State) -> Figures:
        """The figures of that state."""
        if state is State.POSTED:
            return self.posted
        return self.under_notice if state is State.UNDER_NOTICE else self.pending

    def as_json(self) -> dict[str, dict[str, int]]:
        """All three for a program."""
        return {
            "posted": self.posted.as_json(),
            "under_notice": self.under_notice.as_json(),
            "pending": self.pending.as_json(),
        }


@dataclass(slots=True)
class CampaignFigures:
    """Figures up to a day, altogether, by theme, by unit and by activity."""

    until_on: str
    total: ByState = field(default_factory=ByState)
    themes: dict[str, ByState] = field(default_factory=dict)
    units: dict[str, ByState] = field(default_factory=dict)
    activities: dict[str, ByState] = field(default_factory=dict)


def figure_lines(
    connection: Connection, campaign_id: str, *, until_on: str = "", unit_code: str = ""
) -> Iterator[FigureLine]:
    """Every line up to a service day, of one unit or of all, in the order of tables and records."""
    asked = {
        "campaign": campaign_id,
        "until": until_on or _LATEST,
        "first": unit_code,
        "last": unit_code or _LAST_CODE,
    }
    for row in connection.execute(_LINES, asked):
        yield FigureLine(
            row.unit_code, row.theme, row.team, row.activity_id, row.serial, row.name,
            row.record_id, row.station_code, row.number, row.service_on, _state_of(row),
            row.head_count, row.given_minutes, row.credited_minutes, row.person_id, row.entry_id,
            BACK_DATED in row.marks.split(),
        )  # fmt: skip


def added_up(
    lines: Iterable[FigureLine], until_on: str, themes: Iterable[str], units: Iterable[str]
) -> CampaignFigures:
    """The figures of those lines; themes and units without any stand there with nothing."""
    found = CampaignFigures(until_on)
    found.themes = {theme: ByState() for theme in themes}
    found.units = {unit: ByState() for unit in units}
    for line in lines:
        for into in (
            found.total,
            found.themes.setdefault(line.theme, ByState()),
            found.units.setdefault(line.unit_code, ByState()),
            found.activities.setdefault(line.activity_id, ByState()),
        ):
            into.of(line.state).add(line)
    return found


def _state_of(row: Any) -> State:
    if row.state == State.POSTED:
        return State.POSTED
    return State.AWAITING_REVIEW if row.opened_on is None else State.UNDER_NOTICE
