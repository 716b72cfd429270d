"""Messages: what a station's people are told, and that a clerk has told somebody."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from timebank.clock import from_milliseconds
from timebank.outbox.actions import note_told
from timebank.outbox.queries import Call, messages_listed

router = APIRouter(prefix="/api/v1/messages", tags=["messages"])

Number = Annotated[int, Path(ge=1, le=2**53)]


class MessageShown(BaseModel):
    """A message to a person, under masks; the text is for who tells it, on the call list."""

    number: int
    event: str
    subject: str = Field(description="Id of the order or the transfer.")
    member: str = Field(description="Member number; empty where nobody is left.")
    name: str
    telephone: str
    state: str
    attempts: int
    error: str
    made_at: datetime
    told_at: datetime | None
    told_by: str


class MessagePage(BaseModel):
    """Messages, the oldest first; ``next`` is empty on the last page."""

    items: list[MessageShown]
    next: int | None


class Told(BaseModel):
    """The message that was told, and when."""

    number: int
    told_at: datetime


@router.get("", responses=problems("not_permitted"))
def messages(
    bank: Bank,
    actor: Actor,
    station: Annotated[str, Query(min_length=1, max_length=20)],
    limit: PageSize = 50,
    everything: Annotated[bool, Query(description="Also what was sent or told.")] = False,
    after: Annotated[int, Query(ge=0, le=2**53, description="Number of the last one.")] = 0,
) -> MessagePage:
    """A station's messages; by default whom it still has to tell."""
    with bank.read() as connection:
        found = messages_listed(
            bank, connection, actor, station, everything=everything, after=after, most=limit + 1
        )
    more = len(found) > limit
    shown = [_shown(one) for one in found[:limit]]
    return MessagePage(items=shown, next=shown[-1].number if more else None)


@router.post("/{number}/told", responses=problems("not_permitted", "unknown_message"))
def told(bank: Bank, actor: Actor, number: Number, idempotency_key: IdempotencyKey) -> Told:
    """Note that a clerk told the person; a second time changes nothing."""
    done = note_told(bank, actor, number)
    return Told(number=done["number"], told_at=from_milliseconds(done["told_ms"]))


def _shown(call: Call) -> MessageShown:
    one = call.message
    return MessageShown(
        number=one.number,
        event=one.event.value,
        subject=one.subject,
        member=call.number,
        name=call.name,
        telephone=call.telephone,
        state=one.state.value,
        attempts=one.attempts,
        error=one.error,
        made_at=from_milliseconds(one.made_ms),
        told_at=None if one.told_ms is None else from_milliseconds(one.told_ms),
        told_by=one.told_by,
    )
