"""What staff see of a campaign, as values; people are masked, and no value has bytes of a file."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ShownCampaign:
    """A campaign with its days and themes, each with whether it serves somebody."""

    campaign_id: str
    name: str
    receiver: str
    starts_on: str
    ends_on: str
    tables_due_on: str
    summaries_due_on: str
    themes: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """A line of the board; ``late`` says that something came, or is missing, after its day."""

    unit_code: str
    name: str
    kind: str
    station_code: str
    table_state: str
    table_ms: int | None
    table_reason: str
    table_late: bool
    package_state: str
    package_ms: int | None
    package_reason: str
    package_late: bool


@dataclass(frozen=True, slots=True)
class ShownActivity:
    """A line of a project table; the ``stated`` figures are the table's own."""

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


@dataclass(frozen=True, slots=True)
class ShownLine:
    """Somebody on a roster, masked; ``state`` is that of their record, empty before."""

    person_id: str
    number: str
    name: str
    signed_in_at: str
    signed_out_at: str
    record_id: str
    state: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class ShownPhotograph:
    """A photograph without its bytes."""

    photograph_id: str
    caption: str
    consent: bool
    width: int
    height: int
    digest: str


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A press report."""

    report_id: str
    title: str
    outlet: str
    published_on: str
    link: str


@dataclass(frozen=True, slots=True)
class ShownEdition:
    """A submitted package without its bytes."""

    number: int
    until_on: str
    digest: str
    bytes: int
    submitted_by: str
    submitted_ms: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What a unit keeps for its package."""

    unit: ShownUnit
    summary: str
    photographs: list[ShownPhotograph] = field(default_factory=list)
    reports: list[ShownReport] = field(default_factory=list)
    editions: list[ShownEdition] = field(default_factory=list)
