"""更正申请: somebody says what is recorded wrongly, and is answered within ten working days."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from timebank.clock import from_milliseconds
from timebank.corrections.actions import LONGEST_WORDS, answer_correction, ask_correction
from timebank.corrections.model import Kind, Wrong
from timebank.corrections.queries import ShownCorrection, corrections_listed

router = APIRouter(prefix="/api/v1/corrections", tags=["corrections"])

CorrectionId = Annotated[str, Path(min_length=1, max_length=64)]


class StatedWrong(BaseModel):
    """What is wrong; ``number`` is whose record it is, and left empty by members."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Annotated[Kind, Field(strict=False)]
    words: str = Field(max_length=LONGEST_WORDS)
    record: str = Field("", max_length=64, description="The record, for the kind `record`.")
    number: str = Field("", max_length=20, description="Member number.")


class StatedReply(BaseModel):
    """Whether it was mended, and what is said to the member."""

    model_config = ConfigDict(extra="forbid", strict=True)

    mended: bool
    reason: str = Field(max_length=LONGEST_WORDS)
    mended_by: str = Field("", max_length=64, description="The record that was missing.")


class CorrectionAsked(BaseModel):
    """The request, and the last day for its answer."""

    correction: str
    due_on: str


class CorrectionStands(BaseModel):
    """Where the request stands now."""

    correction: str
    state: str


class CorrectionShown(BaseModel):
    """A request under masks with its answer."""

    correction_id: str
    number: str
    name: str
    station_code: str
    kind: str
    record_id: str
    state: str
    asked_by: str
    asked_at: datetime
    due_on: str
    is_overdue: bool
    words: str
    answered_by: str
    answered_at: datetime | None
    answer: str
    mended_by: str


class CorrectionPage(BaseModel):
    """Requests, the newest first; ``next`` is empty on the last page."""

    items: list[CorrectionShown]
    next: str


@router.get("", responses=problems("not_permitted"))
def list_corrections(
    actor: Actor,
    bank: Bank,
    limit: PageSize = 50,
    before: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> CorrectionPage:
    """Requests; a station's staff see its own, a member theirs."""
    with bank.read() as connection:
        found = corrections_listed(bank, connection, actor, before=before, most=limit + 1)
    shown = found[:limit]
    last = shown[-1].correction_id if len(found) > limit else ""
    return CorrectionPage(items=[_shown(one) for one in shown], next=last)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_member", "unknown_record",
                       "person_erased", "correction_asked", "key_reused"),
)  # fmt: skip
def ask(
    stated: StatedWrong, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> CorrectionAsked:
    """Say what is recorded wrongly."""
    wrong = Wrong(stated.kind, stated.words, stated.record, stated.number)
    return CorrectionAsked.model_validate(
        ask_correction(bank, actor, wrong, key=idempotency_key).body
    )


@router.post(
    "/{correction_id}/answer",
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_correction", "correction_answered",
                       "corrector_not_independent", "nothing_mended", "person_erased",
                       "key_reused"),
)  # fmt: skip
def answer(
    correction_id: CorrectionId,
    stated: StatedReply,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> CorrectionStands:
    """Say that it was mended, or why not."""
    answered = answer_correction(
        bank, actor, correction_id, stated.reason,
        mended=stated.mended, mended_by=stated.mended_by, key=idempotency_key,
    )  # fmt: skip
    return CorrectionStands.model_validate(answered.body)


def _shown(one: ShownCorrection) -> CorrectionShown:
    return CorrectionShown(
        correction_id=one.correction_id,
        number=one.number,
        name=one.name,
        station_code=one.station_code,
        kind=one.kind,
        record_id=one.record_id,
        state=one.state,
        asked_by=one.asked_by,
        asked_at=from_milliseconds(one.asked_ms),
        due_on=one.due_on,
        is_overdue=one.is_overdue,
        words=one.words,
        answered_by=one.answered_by,
        answered_at=None if one.answered_ms is None else from_milliseconds(one.answered_ms),
        answer=one.answer,
        mended_by=one.mended_by,
    )
