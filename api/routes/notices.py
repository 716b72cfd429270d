"""Public notices, for anybody; objections to what stands there, and decisions about them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize, Staff
from api.problems import ValidationFailed, problems
from api.shapes import record_cursor, record_of_cursor
from timebank.clock import from_milliseconds
from timebank.notices.actions import LONGEST_REASON, decide_objection, object_to
from timebank.notices.queries import (
    Objection,
    notices_listed,
    objections_of,
    open_objections,
)

router = APIRouter(prefix="/api/v1", tags=["notices"])

RecordId = Annotated[str, Path(max_length=64)]
After = Annotated[str, Query(max_length=64, description="`next` of the page before.")]
_OF_AN_OBJECTION = (
    "not_permitted", "missing_field", "order_value_invalid", "unknown_record",
    "not_awaiting_review", "not_under_notice", "key_reused",
)  # fmt: skip


class NoticeShown(BaseModel):
    """A record under notice; nobody who was cared for is named, volunteers are masked."""

    record_id: str
    station_code: str
    number: int
    service_on: str
    class_code: str
    given_minutes: int
    opened_on: str
    until_on: str = Field(description="Its last day; empty where that year's 调休 is unknown.")
    volunteers: list[str]


class NoticePage(BaseModel):
    """What is under notice, station by station; ``next`` is null on the last page."""

    items: list[NoticeShown]
    next: str | None


class StatedObjection(BaseModel):
    """Why a record is not right."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(max_length=LONGEST_REASON)


class StatedDecision(BaseModel):
    """What became of an objection, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    upheld: bool
    reason: str = Field(max_length=LONGEST_REASON)


class Objected(BaseModel):
    """The objection's place among those of the record."""

    objection: int
    record: str


class Decided(Objected):
    """The record's state since: ``under_notice`` or ``rejected``."""

    state: str


class ObjectionShown(BaseModel):
    """An objection and, once it is decided, what became of it."""

    record_id: str
    station_code: str
    number: int
    objection: int
    objected_by: str
    reason: str
    objected_at: datetime
    upheld: bool | None
    decided_by: str
    decision: str
    decided_at: datetime | None


@router.get("/notices", responses=problems("validation_failed"))
def list_notices(
    bank: Bank,
    station: Annotated[str, Query(max_length=20)] = "",
    limit: PageSize = 50,
    after: After = "",
) -> NoticePage:
    """What is under public notice; nobody has to sign in."""
    try:
        behind = record_of_cursor(after)
    except ValueError:
        raise ValidationFailed(field="after") from None
    with bank.read() as connection:
        found = notices_listed(bank, connection, station_code=station, after=behind, most=limit + 1)
    items = [NoticeShown.model_validate(one, from_attributes=True) for one in found[:limit]]
    return NoticePage(items=items, next=record_cursor(found, limit))


@router.get("/notices/objections", responses=problems("not_permitted"))
def list_objections(actor: Staff, bank: Bank, limit: PageSize = 50) -> list[ObjectionShown]:
    """Objections that wait for a decision, the oldest first."""
    with bank.read() as connection:
        return [_shown(one) for one in open_objections(connection, actor, most=limit)]


@router.get("/records/{record_id}/objections", responses=problems("not_permitted"))
def objections(record_id: RecordId, actor: Staff, bank: Bank) -> list[ObjectionShown]:
    """Everything that was objected to a record, and what became of it."""
    with bank.read() as connection:
        return [_shown(one) for one in objections_of(connection, actor, record_id)]


@router.post(
    "/records/{record_id}/objections",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*_OF_AN_OBJECTION, "already_objected"),
)
def object_(
    record_id: RecordId,
    stated: StatedObjection,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Objected:
    """Object to a record under notice: no credit moves until somebody else has decided."""
    answer = object_to(bank, actor, record_id, stated.reason, key=idempotency_key)
    return Objected.model_validate(answer.body)


@router.post(
    "/records/{record_id}/objections/decision",
    responses=problems(*_OF_AN_OBJECTION, "no_open_objection", "decider_not_independent"),
)
def decide(
    record_id: RecordId,
    stated: StatedDecision,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Decided:
    """Uphold the open objection, which sends the record back, or dismiss it."""
    answer = decide_objection(
        bank, actor, record_id, stated.reason, upheld=stated.upheld, key=idempotency_key
    )
    return Decided.model_validate(answer.body)


def _shown(one: Objection) -> ObjectionShown:
    decided_at = None if one.decided_ms is None else from_milliseconds(one.decided_ms)
    return ObjectionShown(
        record_id=one.record_id,
        station_code=one.station_code,
        number=one.number,
        objection=one.place,
        objected_by=one.objected_by,
        reason=one.reason,
        objected_at=from_milliseconds(one.objected_ms),
        upheld=one.upheld,
        decided_by=one.decided_by,
        decision=one.decision,
        decided_at=decided_at,
    )
