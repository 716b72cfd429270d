"""Answers that several routes give: records, imports, and the cursors between their pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from timebank.clock import from_milliseconds
from timebank.records.explaining import Outcome
from timebank.records.queries import After, ShownBatch, ShownRecord
from timebank.records.rosters import MOST_SIGNATURES, Roster


class PersonInRecord(BaseModel):
    """Somebody's part in a record."""

    model_config = ConfigDict(from_attributes=True)

    part: str = Field(description="volunteer or recipient")
    number: str
    name: str = Field(description="Masked.")
    credited_minutes: int
    entry_id: str = Field(description="Empty before posting.")


class Record(BaseModel):
    """A service record."""

    record_id: str
    station_code: str
    number: int = Field(description="Gap-free per station.")
    starts_at: str = Field(description="Local wall time.")
    ends_at: str
    class_code: str
    content: str
    public: str
    head_count: int
    given_minutes: int
    payer: str
    policy: str
    state: str
    marks: list[str]
    reason: str
    batch_id: str
    recorded_by: str
    recorded_at: datetime = Field(description="UTC.")
    reviewed_by: str
    reviewed_at: datetime | None
    noticed_on: str = Field(description="Day on which its public notice began, or empty.")
    people: list[PersonInRecord]


class PricedMinutes(BaseModel):
    """What a service came to; whole minutes."""

    credited: int
    charged: int
    overflow: int = Field(description="Given to the public pool because a cap was reached.")


class ExplainedVolunteer(BaseModel):
    """One volunteer's part: as stored, as priced anew, and why, the result first."""

    number: str = Field(description="Empty where the person was erased.")
    name: str = Field(description="Masked.")
    entry_id: str = Field(description="Empty before posting.")
    policy: str = Field(description="The profile's version that priced this part.")
    outcome: Outcome
    stored: PricedMinutes
    priced: PricedMinutes | None = Field(description="null where no price came out.")
    zh: list[str]
    en: list[str]


class Explanation(BaseModel):
    """Why a record's minutes are what they are; `zh` and `en` have every line in order."""

    record_id: str
    number: int
    station_code: str
    state: str
    given_minutes: int
    policy: str = Field(description="The profile's version that was in force for the record.")
    outcome: Outcome = Field(description="The least welcome one of the volunteers'.")
    zh: list[str]
    en: list[str]
    volunteers: list[ExplainedVolunteer]


class RecordsPage(BaseModel):
    """Records; ask on with `after`."""

    items: list[Record]
    next: str | None = Field(description="The `after` of the next page; null behind the last.")


class SeenRoster(BaseModel):
    """The signed sheet that whoever approves saw; the paper stays at the station."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sheet: str = Field(max_length=40, description="Its number and page, such as 2026-03/5.")
    signatures: int = Field(ge=0, le=MOST_SIGNATURES)
    scan: str = Field("", max_length=64, description="Hex SHA-256 of a scan, if there is one.")

    def seen(self) -> Roster:
        """The roster as a review takes it."""
        return Roster(self.sheet, self.signatures, self.scan)


class Reviewed(BaseModel):
    """What became of a record."""

    record: str
    state: str
    entries: list[str] = []


class RefusedRow(BaseModel):
    """A row of a register that was not posted."""

    sheet: str
    row: int
    code: str


class Batch(BaseModel):
    """An import and what became of it."""

    batch_id: str
    station_code: str
    title: str
    reason: str
    imported_by: str
    imported_at: datetime
    approved_by: str
    approved_at: datetime | None
    state: str
    accepted: int
    refused: int
    minutes: int
    refusals: list[RefusedRow]


def shown(record: ShownRecord) -> Record:
    """A record as the API answers it."""
    return Record(
        record_id=record.record_id,
        station_code=record.station_code,
        number=record.number,
        starts_at=record.started_at,
        ends_at=record.ended_at,
        class_code=record.class_code,
        content=record.content,
        public=record.public,
        head_count=record.head_count,
        given_minutes=record.given_minutes,
        payer=record.payer,
        policy=record.policy,
        state=record.state,
        marks=list(record.marks),
        reason=record.reason,
        batch_id=record.batch_id,
        recorded_by=record.recorded_by,
        recorded_at=from_milliseconds(record.recorded_ms),
        reviewed_by=record.reviewed_by,
        reviewed_at=_instant(record.reviewed_ms),
        noticed_on=record.noticed_on,
        people=[PersonInRecord.model_validate(one) for one in record.people],
    )


def shown_batch(batch: ShownBatch) -> Batch:
    """An import as the API answers it."""
    return Batch(
        batch_id=batch.batch_id,
        station_code=batch.station_code,
        title=batch.title,
        reason=batch.reason,
        imported_by=batch.imported_by,
        imported_at=from_milliseconds(batch.imported_ms),
        approved_by=batch.approved_by,
        approved_at=_instant(batch.approved_ms),
        state=batch.state,
        accepted=batch.accepted,
        refused=batch.refused,
        minutes=batch.minutes,
        refusals=[
            RefusedRow(sheet=sheet, row=row, code=code) for sheet, row, code in batch.refusals
        ],
    )


class Numbered(Protocol):
    """Something that a station numbers without gaps."""

    @property
    def station_code(self) -> str:
        """The station's code."""

    @property
    def number(self) -> int:
        """From 1 on."""


def record_cursor(found: Sequence[Numbered], limit: int) -> str | None:
    """The cursor behind the first ``limit`` records, ``None`` where that is all of them."""
    if len(found) <= limit:
        return None
    last = found[limit - 1]
    return f"{last.station_code}.{last.number}"


def record_of_cursor(cursor: str) -> After | None:
    """Read :func:`record_cursor` back; empty text is the first page.

    Raises:
        ValueError: not one of our cursors.
    """
    if not cursor:
        return None
    station, _, number = cursor.rpartition(".")
    if not (station.isascii() and number.isascii() and number.isdecimal() and len(number) < 16):
        raise ValueError("not a cursor")
    return After(station, int(number))


def _instant(ms: int | None) -> datetime | None:
    return None if ms is None else from_milliseconds(ms)
