"""What the routes of a campaign's activities take and answer."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from timebank.campaigns.model import MOST_LINES, Category

_STATED = ConfigDict(extra="forbid", strict=True)
_SHOWN = ConfigDict(from_attributes=True)


class StatedLine(BaseModel):
    """A line of a roster; local wall times, left out where they are not known yet."""

    model_config = ConfigDict(extra="forbid")

    volunteer: str = Field(min_length=1, max_length=500, description="Several joined by 、.")
    signed_in_at: datetime | None = None
    signed_out_at: datetime | None = None


class StatedRoster(BaseModel):
    """Lines that are kept together, all or none."""

    model_config = ConfigDict(extra="forbid")

    lines: list[StatedLine] = Field(min_length=1, max_length=MOST_LINES)


class RosterKept(BaseModel):
    """How many lines were kept."""

    activity: str
    kept: int


class StatedGoing(BaseModel):
    """Who is taken off a roster."""

    model_config = _STATED

    number: str = Field(min_length=1, max_length=20)


class RosterLine(BaseModel):
    """Somebody on a roster; the name is masked, the state that of their record."""

    model_config = _SHOWN

    number: str
    name: str
    signed_in_at: str
    signed_out_at: str
    record_id: str
    state: str
    is_open: bool = Field(description="May be changed and handed in.")


class StatedHours(BaseModel):
    """What is said of an activity's hours beside its roster."""

    model_config = _STATED

    heads: int | None = Field(None, ge=0, le=1_000_000, description="People served.")
    reason: str = Field("", max_length=200, description="Why it comes late.")


class RefusedLine(BaseModel):
    """A line that was not handed in."""

    person: str
    code: str


class HoursHandedIn(BaseModel):
    """What another person now approves as the import `batch`."""

    batch: str
    accepted: int
    minutes: int
    state: str
    refused: list[RefusedLine]


class StatedServed(BaseModel):
    """Somebody in particular whom an activity serves; kept sealed."""

    model_config = ConfigDict(extra="forbid")

    category: Category
    name: str = Field(min_length=1, max_length=60)
    guardian: str = Field("", max_length=60, description="Needed for a child.")


class ServedShown(BaseModel):
    """Somebody whom an activity serves, masked; empty where they were forgotten."""

    model_config = _SHOWN

    person_id: str
    category: str
    name: str
    guardian: str


class ServedNoted(BaseModel):
    """The id under which somebody is kept."""

    person: str


class ServedForgotten(BaseModel):
    """Whose data were destroyed."""

    forgotten: str
