"""Campaigns, units, activities, rosters and what a unit hands in afterwards."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key
from timebank.campaigns.model import Category, Kind, Signing, Standing

_KINDS = ", ".join(f"'{one.value}'" for one in Kind)
_SIGNINGS = ", ".join(f"'{one.value}'" for one in Signing)
_STANDINGS = ", ".join(f"'{one.value}'" for one in Standing)
_CATEGORIES = ", ".join(f"'{one}'" for one in ("leader", *(one.value for one in Category)))


class Campaign(SQLModel, table=True):
    """A campaign; days are local, ``receiver`` is the name of the receiving unit."""

    __tablename__ = "campaign"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    campaign_id: str = key(TEXT)
    name: str = column(TEXT)
    receiver: str = column(TEXT)
    starts_on: str = column(TEXT)
    ends_on: str = column(TEXT)
    tables_due_on: str = column(TEXT)
    summaries_due_on: str = column(TEXT)
    opened_by: str = column(TEXT)
    opened_ms: int = column()


class CampaignTheme(SQLModel, table=True):
    """A theme; ``place`` counts from 1, ``serves`` is 0 where it is for nobody in particular."""

    __tablename__ = "campaign_theme"
    __table_args__ = (CheckConstraint("serves IN (0, 1)", "campaign_theme_serves"), CLUSTERED)

    book_id: int = key()
    campaign_id: str = key(TEXT)
    name: str = key(TEXT)
    place: int = column()
    serves: int = column()


class CampaignUnit(SQLModel, table=True):
    """A unit of a campaign and where its table and its package stand.

    ``table_ms`` is when the table was last reported, ``table_reason`` why it went back; the same
    of the package.  ``summary`` is the unit's own text, empty while the drafted one stands.
    """

    __tablename__ = "campaign_unit"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", "campaign_unit_kinds"),
        CheckConstraint(f"table_state IN ({_STANDINGS})", "campaign_unit_tables"),
        CheckConstraint(f"package_state IN ({_STANDINGS})", "campaign_unit_packages"),
        CLUSTERED,
    )

    book_id: int = key()
    campaign_id: str = key(TEXT)
    unit_code: str = key(TEXT)
    name: str = column(TEXT)
    kind: str = column(TEXT)
    station_code: str = column(TEXT)
    table_state: str = column(TEXT)
    table_ms: int | None = column(nullable=True)
    table_by: str = column(TEXT)
    table_reason: str = column(TEXT)
    package_state: str = column(TEXT)
    package_ms: int | None = column(nullable=True)
    package_reason: str = column(TEXT)
    summary: str = column(TEXT)


class CampaignActivity(SQLModel, table=True):
    """A line of a unit's project table; ``serial`` is its 序号, once per unit.

    ``starts_at`` and ``ends_at`` are local wall times or empty; the ``stated`` figures are what
    the table said, nothing where it said nothing.  ``leader_id`` names a sealed person, ``team``
    is the organising unit, ``live`` 0 where a later table left the line out.
    """

    __tablename__ = "campaign_activity"
    __table_args__ = (
        CheckConstraint("live IN (0, 1)", "campaign_activity_live"),
        Index("campaign_activity_serial", "book_id", "campaign_id", "unit_code", "serial"),
        CLUSTERED,
    )

    book_id: int = key()
    activity_id: str = key(TEXT)
    campaign_id: str = column(TEXT)
    unit_code: str = column(TEXT)
    serial: int = column()
    name: str = column(TEXT)
    theme: str = column(TEXT)
    served: str = column(TEXT)
    held_on: str = column(TEXT)
    starts_at: str = column(TEXT)
    ends_at: str = column(TEXT)
    location: str = column(TEXT)
    wanted: int | None = column(nullable=True)
    stated_attended: int | None = column(nullable=True)
    stated_minutes: int | None = column(nullable=True)
    stated_heads: int | None = column(nullable=True)
    leader_id: str = column(TEXT)
    team: str = column(TEXT)
    note: str = column(TEXT)
    live: int = column()


class CampaignPerson(SQLModel, table=True):
    """Somebody who is no member: who leads an activity, or whom it serves.

    ``sealed`` has what names them, and their guardian, under a wrapped key of their own; it is
    empty once they are forgotten.
    """

    __tablename__ = "campaign_person"
    __table_args__ = (
        CheckConstraint(f"category IN ({_CATEGORIES})", "campaign_person_categories"),
        Index("campaign_person_by_activity", "book_id", "activity_id"),
        CLUSTERED,
    )

    book_id: int = key()
    person_id: str = key(TEXT)
    activity_id: str = column(TEXT)
    category: str = column(TEXT)
    sealed: bytes = column(BYTES)
    noted_by: str = column(TEXT)
    noted_ms: int = column()


class CampaignRoster(SQLModel, table=True):
    """A volunteer of an activity; wall times are empty until they are signed in and out.

    ``record_id`` is the service record that the line last became, empty before.
    """

    __tablename__ = "campaign_roster"
    __table_args__ = (
        Index("campaign_roster_by_person", "book_id", "person_id"),
        CLUSTERED,
    )

    book_id: int = key()
    activity_id: str = key(TEXT)
    person_id: str = key(TEXT)
    signed_in_at: str = column(TEXT)
    signed_out_at: str = column(TEXT)
    record_id: str = column(TEXT)
    kept_by: str = column(TEXT)
    kept_ms: int = column()


class CampaignSigning(SQLModel, table=True):
    """What was done to a line of a roster; ``place`` counts from 1 for each line.

    ``at`` is the local wall time that stands since, empty where it is about none; ``means`` is how
    the volunteer showed to be there, or ``staff``.  Whoever stands in ``by_id`` keeps the roster.
    """

    __tablename__ = "campaign_signing"
    __table_args__ = (
        CheckConstraint(f"step IN ({_SIGNINGS})", "campaign_signing_steps"),
        CLUSTERED,
    )

    book_id: int = key()
    activity_id: str = key(TEXT)
    person_id: str = key(TEXT)
    place: int = key()
    step: str = column(TEXT)
    at: str = column(TEXT)
    means: str = column(TEXT)
    by_id: str = column(TEXT)
    noted_ms: int = column()


class CampaignDoor(SQLModel, table=True):
    """From what the codes of an activity are made with which volunteers sign themselves in.

    ``secret`` is replaced when staff make new codes; it is nobody's, and opens nothing else.
    """

    __tablename__ = "campaign_door"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    activity_id: str = key(TEXT)
    secret: bytes = column(BYTES)
    made_by: str = column(TEXT)
    made_ms: int = column()


class CampaignRecord(SQLModel, table=True):
    """The link from a service record to the activity that it was a part of."""

    __tablename__ = "campaign_record"
    __table_args__ = (
        Index("campaign_record_by_activity", "book_id", "activity_id"),
        CLUSTERED,
    )

    book_id: int = key()
    record_id: str = key(TEXT)
    activity_id: str = column(TEXT)


class CampaignPhotograph(SQLModel, table=True):
    """A photograph as it was drawn anew, without what the camera wrote beside it."""

    __tablename__ = "campaign_photograph"
    __table_args__ = (
        CheckConstraint("consent IN (0, 1)", "campaign_photograph_consent"),
        Index("campaign_photograph_by_unit", "book_id", "campaign_id", "unit_code"),
        CLUSTERED,
    )

    book_id: int = key()
    photograph_id: str = key(TEXT)
    campaign_id: str = column(TEXT)
    unit_code: str = column(TEXT)
    caption: str = column(TEXT)
    consent: int = column()
    jpeg: bytes = column(BYTES)
    digest: str = column(TEXT)
    width: int = column()
    height: int = column()
    kept_by: str = column(TEXT)
    kept_ms: int = column()


class CampaignReport(SQLModel, table=True):
    """A press report: where something was published about a unit's activities."""

    __tablename__ = "campaign_report"
    __table_args__ = (
        Index("campaign_report_by_unit", "book_id", "campaign_id", "unit_code"),
        CLUSTERED,
    )

    book_id: int = key()
    report_id: str = key(TEXT)
    campaign_id: str = column(TEXT)
    unit_code: str = column(TEXT)
    title: str = column(TEXT)
    outlet: str = column(TEXT)
    published_on: str = column(TEXT)
    link: str = column(TEXT)
    kept_by: str = column(TEXT)
    kept_ms: int = column()


class CampaignEdition(SQLModel, table=True):
    """A package as it was submitted, byte for byte; ``number`` counts from 1 per unit.

    ``digest`` is the SHA-256 of the ``size`` bytes, ``salt`` opens the log's commitment to it.
    ``sealed`` has them under a wrapped key of their own, that of ``key_id``: they name people.
    """

    __tablename__ = "campaign_edition"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    campaign_id: str = key(TEXT)
    unit_code: str = key(TEXT)
    number: int = key()
    until_on: str = column(TEXT)
    digest: str = column(TEXT)
    salt: bytes = column(BYTES)
    size: int = column()
    key_id: str = column(TEXT)
    sealed: bytes = column(BYTES)
    submitted_by: str = column(TEXT)
    submitted_ms: int = column()


CAMPAIGN = core(Campaign)
CAMPAIGN_THEME = core(CampaignTheme)
CAMPAIGN_UNIT = core(CampaignUnit)
CAMPAIGN_ACTIVITY = core(CampaignActivity)
CAMPAIGN_PERSON = core(CampaignPerson)
CAMPAIGN_ROSTER = core(CampaignRoster)
CAMPAIGN_SIGNING = core(CampaignSigning)
CAMPAIGN_DOOR = core(CampaignDoor)
CAMPAIGN_RECORD = core(CampaignRecord)
CAMPAIGN_PHOTOGRAPH = core(CampaignPhotograph)
CAMPAIGN_REPORT = core(CampaignReport)
CAMPAIGN_EDITION = core(CampaignEdition)

ALL = (
    CAMPAIGN,
    CAMPAIGN_THEME,
    CAMPAIGN_UNIT,
    CAMPAIGN_ACTIVITY,
    CAMPAIGN_PERSON,
    CAMPAIGN_ROSTER,
    CAMPAIGN_SIGNING,
    CAMPAIGN_DOOR,
    CAMPAIGN_RECORD,
    CAMPAIGN_PHOTOGRAPH,
    CAMPAIGN_REPORT,
    CAMPAIGN_EDITION,
)
"""What goes over into a book that follows: nothing of it depends on the former log."""

APPEND_ONLY = ("campaign_edition", "campaign_signing")
"""What was submitted, and who did what to a roster, is never overwritten."""
