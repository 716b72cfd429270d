"""暂停参与: proposed by one person, decided by another, appealed and answered by a third."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from timebank.clock import from_milliseconds
from timebank.suspensions.actions import (
    LONGEST_WORDS,
    answer_appeal,
    appeal,
    decide_proposal,
    lift,
    propose,
)
from timebank.suspensions.model import Part, Proposal, Reason
from timebank.suspensions.queries import ShownSuspension, suspensions_listed

router = APIRouter(prefix="/api/v1/suspensions", tags=["suspensions"])

SuspensionId = Annotated[str, Path(min_length=1, max_length=64)]


class StatedSuspension(BaseModel):
    """Whom to suspend and why; the words are sealed for the person."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: str = Field(min_length=1, max_length=20, description="Member number.")
    part: Annotated[Part, Field(strict=False)]
    reason: Annotated[Reason, Field(strict=False)]
    words: str = Field(max_length=LONGEST_WORDS)
    until_on: str = Field("", max_length=20, description="YYYY-MM-DD; empty: until it is lifted.")


class StatedWords(BaseModel):
    """What is said."""

    model_config = ConfigDict(extra="forbid", strict=True)

    words: str = Field(max_length=LONGEST_WORDS)


class StatedDecision(StatedWords):
    """What is decided, and why."""

    approved: bool


class StatedAnswer(StatedWords):
    """Whether an appeal is upheld, and why."""

    upheld: bool


class Proposed(BaseModel):
    """The suspension, and the last day on which it holds without a decision."""

    suspension: str
    until_on: str


class Appealed(BaseModel):
    """The suspension, and the day by which the appeal is answered."""

    suspension: str
    due_on: str


class Stands(BaseModel):
    """Where the suspension stands now."""

    suspension: str
    state: str


class StepShown(BaseModel):
    """One step of its history."""

    step: str
    actor_id: str
    at: datetime
    words: str


class SuspensionShown(BaseModel):
    """A suspension under masks, with its history."""

    suspension_id: str
    number: str
    name: str
    station_code: str
    part: str
    reason: str
    state: str
    from_on: str
    until_on: str
    asked_until_on: str
    appeal_due_on: str
    is_over: bool
    open_orders: int = Field(description="Wishes and visits to come for which somebody else goes.")
    steps: list[StepShown]


class SuspensionPage(BaseModel):
    """Suspensions, the newest first; ``next`` is empty on the last page."""

    items: list[SuspensionShown]
    next: str


@router.get("", responses=problems("not_permitted"))
def list_suspensions(
    actor: Actor,
    bank: Bank,
    limit: PageSize = 50,
    before: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> SuspensionPage:
    """Suspensions; a station's staff see their own."""
    with bank.read() as connection:
        found = suspensions_listed(bank, connection, actor, before=before, most=limit + 1)
    shown = found[:limit]
    last = shown[-1].suspension_id if len(found) > limit else ""
    return SuspensionPage(items=[_shown(one) for one in shown], next=last)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unreadable_date", "unknown_member",
                       "person_erased", "already_suspended", "key_reused"),
)  # fmt: skip
def suspend(
    stated: StatedSuspension, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> Proposed:
    """Suspend somebody at once, until another decides."""
    proposal = Proposal(stated.number, stated.part, stated.reason, stated.words, stated.until_on)
    return Proposed.model_validate(propose(bank, actor, proposal, key=idempotency_key).body)


@router.post(
    "/{suspension_id}/decision",
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_suspension", "suspension_not_open",
                       "suspender_decides", "person_erased", "key_reused"),
)  # fmt: skip
def decide(
    suspension_id: SuspensionId,
    stated: StatedDecision,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Stands:
    """Approve or decline what another proposed."""
    answer = decide_proposal(
        bank, actor, suspension_id, stated.words, approved=stated.approved, key=idempotency_key
    )
    return Stands.model_validate(answer.body)


@router.post(
    "/{suspension_id}/end",
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_suspension", "suspension_not_open",
                       "person_erased", "key_reused"),
)  # fmt: skip
def end(
    suspension_id: SuspensionId,
    stated: StatedWords,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Stands:
    """Lift a suspension before its last day."""
    answer = lift(bank, actor, suspension_id, stated.words, key=idempotency_key)
    return Stands.model_validate(answer.body)


@router.post(
    "/{suspension_id}/appeal",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_suspension", "suspension_not_open",
                       "appeal_open", "person_erased", "key_reused"),
)  # fmt: skip
def make_appeal(
    suspension_id: SuspensionId,
    stated: StatedWords,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Appealed:
    """Appeal against one's own suspension, or write down what the member says."""
    answer = appeal(bank, actor, suspension_id, stated.words, key=idempotency_key)
    return Appealed.model_validate(answer.body)


@router.post(
    "/{suspension_id}/appeal/answer",
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_suspension", "no_appeal",
                       "suspender_decides", "person_erased", "key_reused"),
)  # fmt: skip
def answer(
    suspension_id: SuspensionId,
    stated: StatedAnswer,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Stands:
    """Uphold an appeal, which annuls the suspension, or dismiss it."""
    answered = answer_appeal(
        bank, actor, suspension_id, stated.words, upheld=stated.upheld, key=idempotency_key
    )
    return Stands.model_validate(answered.body)


def _shown(one: ShownSuspension) -> SuspensionShown:
    return SuspensionShown(
        suspension_id=one.suspension_id,
        number=one.number,
        name=one.name,
        station_code=one.station_code,
        part=one.part,
        reason=one.reason,
        state=one.state,
        from_on=one.from_on,
        until_on=one.until_on,
        asked_until_on=one.asked_until_on,
        appeal_due_on=one.appeal_due_on,
        is_over=one.is_over,
        open_orders=one.open_orders,
        steps=[
            StepShown(
                step=step.step,
                actor_id=step.actor_id,
                at=from_milliseconds(step.at_ms),
                words=step.words,
            )
            for step in one.steps
        ],
    )
