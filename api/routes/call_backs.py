"""Call-backs: who is to be asked about which record, what came of it, and how they were drawn."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize, Staff
from api.problems import problems
from timebank.call_backs.actions import note_outcome
from timebank.call_backs.model import LONGEST_REMARK, Outcome
from timebank.call_backs.queries import CallShown, DrawShown, calls_listed, draws_listed
from timebank.clock import from_milliseconds

router = APIRouter(prefix="/api/v1/call-backs", tags=["call-backs"])

CallId = Annotated[str, Path(max_length=64)]


class AttemptShown(BaseModel):
    """What came of one call; the remark is for the person's own copy of their data."""

    attempt: int
    outcome: Outcome
    said_by: str
    said_at: datetime


class CallBackShown(BaseModel):
    """Somebody who is asked about a record, under masks."""

    call_id: str
    week: str = Field(description="The Monday of the draw.")
    place: int = Field(description="Place in the draw.")
    record_id: str
    record_number: int
    record_state: str
    station_code: str
    caller: str = Field(description="Id of who is to call; empty where nobody could be named.")
    due_on: str
    starts_at: str
    ends_at: str
    class_code: str
    member: str = Field(description="Member number; empty where nobody is left.")
    name: str
    telephone: str
    volunteers: list[str]
    is_open: bool
    attempts: list[AttemptShown]


class CallBackPage(BaseModel):
    """Calls, the oldest first; ``next`` is null on the last page."""

    items: list[CallBackShown]
    next: str | None


class CallDrawShown(BaseModel):
    """A draw, with everything that it takes to repeat it."""

    week: str
    draw_id: str
    origin: str
    first_leaf: int
    size: int = Field(description="Leaves of the checkpoint that seeds the draw.")
    root: str = Field(description="Its root, base64.")
    entries: int
    list_hash: str = Field(description="SHA-256 (hex) over the sorted ids that could be drawn.")
    drawn_at: datetime


class StatedOutcome(BaseModel):
    """What came of a call."""

    model_config = ConfigDict(extra="forbid", strict=True)

    outcome: Outcome = Field(strict=False)
    remark: str = Field("", max_length=LONGEST_REMARK, description="Sealed for the person.")


class Noted(BaseModel):
    """The attempt's number."""

    call: str
    attempt: int
    outcome: Outcome


@router.get("", responses=problems("not_permitted"))
def call_backs(
    bank: Bank,
    actor: Staff,
    station: Annotated[str, Query(min_length=1, max_length=20)],
    limit: PageSize = 50,
    everything: Annotated[bool, Query(description="Also what has its outcome.")] = False,
    after: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> CallBackPage:
    """A station's calls; by default those that still need an outcome."""
    with bank.read() as connection:
        found = calls_listed(
            bank, connection, actor, station, everything=everything, after=after, most=limit + 1
        )
    shown = [_shown(one) for one in found[:limit]]
    return CallBackPage(items=shown, next=shown[-1].call_id if len(found) > limit else None)


@router.get("/draws", responses=problems("not_permitted"))
def draws(bank: Bank, actor: Staff, limit: PageSize = 50) -> list[CallDrawShown]:
    """The draws, the newest first, for whoever repeats them."""
    with bank.read() as connection:
        return [_drawn(one) for one in draws_listed(connection, actor, most=limit)]


@router.post(
    "/{call_id}/outcomes",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        "not_permitted", "order_value_invalid", "missing_field", "unknown_call",
        "caller_was_handler", "call_ended", "key_reused",
    ),
)  # fmt: skip
def say(
    call_id: CallId,
    stated: StatedOutcome,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Noted:
    """Write down what came of a call, for good."""
    answer = note_outcome(bank, actor, call_id, stated.outcome, stated.remark, key=idempotency_key)
    return Noted.model_validate(answer.body)


def _shown(one: CallShown) -> CallBackShown:
    return CallBackShown(
        call_id=one.call_id,
        week=one.week,
        place=one.place,
        record_id=one.record_id,
        record_number=one.record_number,
        record_state=one.record_state,
        station_code=one.station_code,
        caller=one.caller,
        due_on=one.due_on,
        starts_at=one.started_at,
        ends_at=one.ended_at,
        class_code=one.class_code,
        member=one.number,
        name=one.name,
        telephone=one.telephone,
        volunteers=list(one.volunteers),
        is_open=one.is_open,
        attempts=[
            AttemptShown(
                attempt=said.place,
                outcome=said.outcome,
                said_by=said.said_by,
                said_at=from_milliseconds(said.said_ms),
            )
            for said in one.attempts
        ],
    )


def _drawn(one: DrawShown) -> CallDrawShown:
    return CallDrawShown(
        week=one.week,
        draw_id=one.draw_id,
        origin=one.origin,
        first_leaf=one.first_leaf,
        size=one.size,
        root=one.root,
        entries=one.entries,
        list_hash=one.list_hash,
        drawn_at=from_milliseconds(one.drawn_ms),
    )
