"""What the routes of campaigns take and answer."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from timebank.campaigns.figures import ByState, CampaignFigures
from timebank.campaigns.model import (
    Kind,
    StatedCampaign,
    StatedUnit,
    Theme,
)
from timebank.campaigns.shown import Kept, ShownCampaign, ShownEdition, ShownUnit
from timebank.clock import from_milliseconds

_STATED = ConfigDict(extra="forbid", strict=True)
_SHOWN = ConfigDict(from_attributes=True)


class StatedTheme(BaseModel):
    """A theme of a new campaign."""

    model_config = _STATED

    name: str = Field(min_length=1, max_length=60)
    serves: bool = Field(True, description="False where it is for nobody in particular.")


class StatedCampaignUnit(BaseModel):
    """A unit of a new campaign."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=60)
    kind: Kind
    station: str = Field(min_length=1, max_length=20, description="Whose staff act for it.")


class NewCampaign(BaseModel):
    """A campaign as it is opened; both deadlines are days that are still in time."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    receiver: str = Field(min_length=1, max_length=60, description="The receiving unit.")
    starts_on: date
    ends_on: date
    tables_due_on: date
    summaries_due_on: date
    themes: list[StatedTheme] = Field(min_length=1, max_length=20)
    units: list[StatedCampaignUnit] = Field(min_length=1, max_length=500)

    def stated(self) -> StatedCampaign:
        """The campaign as the time bank takes it."""
        return StatedCampaign(
            self.name,
            self.receiver,
            self.starts_on,
            self.ends_on,
            self.tables_due_on,
            self.summaries_due_on,
            tuple(Theme(one.name, one.serves) for one in self.themes),
            tuple(StatedUnit(one.code, one.name, one.kind, one.station) for one in self.units),
        )


class CampaignOpened(BaseModel):
    """The id of a campaign."""

    campaign: str


class ThemeShown(BaseModel):
    """A theme."""

    name: str
    serves: bool


class CampaignShown(BaseModel):
    """A campaign."""

    campaign_id: str
    name: str
    receiver: str
    starts_on: str
    ends_on: str
    tables_due_on: str
    summaries_due_on: str
    themes: list[ThemeShown]

    @classmethod
    def of(cls, one: ShownCampaign) -> "CampaignShown":
        """The campaign as it is answered."""
        themes = [ThemeShown(name=name, serves=serves) for name, serves in one.themes]
        return cls(
            campaign_id=one.campaign_id,
            name=one.name,
            receiver=one.receiver,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            tables_due_on=one.tables_due_on,
            summaries_due_on=one.summaries_due_on,
            themes=themes,
        )


class UnitShown(BaseModel):
    """A line of the board: not_reported, reported or returned, and whether it is late."""

    unit_code: str
    name: str
    kind: str
    station_code: str
    table_state: str
    table_at: datetime | None = Field(description="UTC.")
    table_reason: str
    table_late: bool
    package_state: str
    package_at: datetime | None = Field(description="UTC.")
    package_reason: str
    package_late: bool

    @classmethod
    def of(cls, one: ShownUnit) -> "UnitShown":
        """The line as it is answered."""
        at = [None if ms is None else from_milliseconds(ms)
              for ms in (one.table_ms, one.package_ms)]  # fmt: skip
        return cls(
            unit_code=one.unit_code,
            name=one.name,
            kind=one.kind,
            station_code=one.station_code,
            table_state=one.table_state,
            table_at=at[0],
            table_reason=one.table_reason,
            table_late=one.table_late,
            package_state=one.package_state,
            package_at=at[1],
            package_reason=one.package_reason,
            package_late=one.package_late,
        )


class WrongCell(BaseModel):
    """A cell of a table that cannot be taken, and what to do."""

    model_config = _SHOWN

    row: int
    column: str
    code: str
    explanation: str
    mend: str


class TableReported(BaseModel):
    """What became of a table: with anything wrong nothing of it was taken."""

    model_config = _SHOWN

    reported: bool
    activities: int
    added: int
    changed: int
    dropped: int
    wrong: list[WrongCell]


class StatedReturn(BaseModel):
    """Why something goes back."""

    model_config = _STATED

    reason: str = Field(min_length=1, max_length=200)


class UnitReturned(BaseModel):
    """What went back."""

    campaign: str
    unit: str
    state: str


class FiguresShown(BaseModel):
    """Figures of one state; whole minutes."""

    activities: int = Field(description="场次")
    heads: int = Field(description="人次: people served.")
    minutes: int = Field(description="Credited, or to be credited.")
    given_minutes: int
    late_minutes: int
    volunteers: int = Field(description="Different people.")
    teams: int = Field(description="Different organising units.")


class FiguresByState(BaseModel):
    """Figures of the three states, which are never added together."""

    posted: FiguresShown
    under_notice: FiguresShown
    pending: FiguresShown

    @classmethod
    def of(cls, one: ByState) -> "FiguresByState":
        """The figures as they are answered."""
        return cls.model_validate(one.as_json())


class CampaignFiguresShown(BaseModel):
    """Figures of a campaign or of one unit, up to a service day."""

    until: str = Field(description="Empty: no cut-off.")
    total: FiguresByState
    themes: dict[str, FiguresByState]
    units: dict[str, FiguresByState] = Field(description="By unit code.")

    @classmethod
    def of(cls, found: CampaignFigures) -> "CampaignFiguresShown":
        """The figures as they are answered."""
        return cls(
            until=found.until_on,
            total=FiguresByState.of(found.total),
            themes={name: FiguresByState.of(one) for name, one in found.themes.items()},
            units={code: FiguresByState.of(one) for code, one in found.units.items()},
        )


class ActivityShown(BaseModel):
    """A line of a project table; the stated figures are the table's own."""

    model_config = _SHOWN

    activity_id: str
    campaign_id: str
    unit_code: str
    serial: int
    name: str
    theme: str
    served: str
    held_on: str
    starts_at: str
    ends_at: str
    location: str
    wanted: int | None
    stated_attended: int | None
    stated_minutes: int | None
    stated_heads: int | None
    team: str
    note: str


class PhotographShown(BaseModel):
    """A photograph without its bytes."""

    model_config = _SHOWN

    photograph_id: str
    caption: str
    consent: bool
    width: int
    height: int
    digest: str


class ReportShown(BaseModel):
    """A press report."""

    model_config = _SHOWN

    report_id: str
    title: str
    outlet: str
    published_on: str
    link: str


class EditionShown(BaseModel):
    """A package as it was submitted."""

    number: int
    until_on: str
    digest: str = Field(description="Hex SHA-256 of the ZIP file.")
    bytes: int
    submitted_by: str
    submitted_at: datetime = Field(description="UTC.")

    @classmethod
    def of(cls, one: ShownEdition) -> "EditionShown":
        """The edition as it is answered."""
        return cls(
            number=one.number,
            until_on=one.until_on,
            digest=one.digest,
            bytes=one.bytes,
            submitted_by=one.submitted_by,
            submitted_at=from_milliseconds(one.submitted_ms),
        )


class PackageShown(BaseModel):
    """What a unit keeps for its package; the summary is drafted where `own_summary` is false."""

    unit: UnitShown
    summary: str
    own_summary: bool
    photographs: list[PhotographShown]
    reports: list[ReportShown]
    editions: list[EditionShown]

    @classmethod
    def of(cls, kept: Kept, summary: str) -> "PackageShown":
        """The package as it is answered."""
        return cls(
            unit=UnitShown.of(kept.unit),
            summary=summary,
            own_summary=bool(kept.summary),
            photographs=[PhotographShown.model_validate(one) for one in kept.photographs],
            reports=[ReportShown.model_validate(one) for one in kept.reports],
            editions=[EditionShown.of(one) for one in kept.editions],
        )


class StatedSummary(BaseModel):
    """A unit's own summary; empty lets the drafted one stand."""

    model_config = _STATED

    text: str = Field(max_length=10_000)


class StatedReport(BaseModel):
    """A press report to keep."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=100)
    outlet: str = Field(min_length=1, max_length=100)
    published_on: date
    link: str = Field("", max_length=500)


class ItemKept(BaseModel):
    """The id of a photograph or press report."""

    item: str


class ItemGone(BaseModel):
    """What was removed."""

    removed: str


class EditionForgotten(BaseModel):
    """An edition that nobody can open any more."""

    unit: str
    edition: int


class StatedSubmission(BaseModel):
    """Up to which service day a package counts; by default the campaign's last."""

    model_config = ConfigDict(extra="forbid")

    until: date | None = None


class PackageSubmitted(BaseModel):
    """The edition that was kept, or stands because nothing changed."""

    edition: int
    digest: str
