"""Letters: a station's runs, the file for its printer, and the statement that they went out."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize, Staff
from api.problems import problems
from api.streaming import begun
from timebank.clock import from_milliseconds
from timebank.letters.making import draw_run
from timebank.letters.queries import LettersRun, letter_runs
from timebank.letters.runs import confirm_handed

router = APIRouter(prefix="/api/v1/letters", tags=["letters"])

RunId = Annotated[str, Path(min_length=1, max_length=64)]


class LettersRunShown(BaseModel):
    """One part of a year at one station; counts and opaque ids, nobody's name."""

    run_id: str
    station_code: str = Field(description="Empty for members of no station.")
    part: str = Field(description="`2023-1of2`: the year, and which part of how many.")
    first_on: str
    last_on: str
    made_at: datetime
    made_by: str
    letters: int = Field(description="Members who were to get one when the run was made.")
    left_out: int = Field(description="Members who died, moved away or asked to be forgotten.")
    list_hash: str = Field(description="SHA-256 (hex) over their sorted ids.")
    drawn_at: datetime | None = Field(description="Of the last whole file.")
    drawn_by: str
    drawn_letters: int
    hand_by: str = Field(description="Last local day to say in time that they went out.")
    handed_at: datetime | None
    handed_by: str


class LettersRunPage(BaseModel):
    """Runs, the newest first; ``next`` is null on the last page."""

    items: list[LettersRunShown]
    next: str | None


class HandedOut(BaseModel):
    """The run whose letters went out."""

    run: str
    part: str
    letters: int


@router.get("", responses=problems("not_permitted"))
def runs(
    bank: Bank,
    actor: Staff,
    station: Annotated[
        str | None, Query(max_length=20, description="Empty: members of no station.")
    ] = None,
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> LettersRunPage:
    """Runs of a station; without one those of one's own, or of all for the district."""
    with bank.read() as connection:
        found = letter_runs(connection, actor, station_code=station, before=after, most=limit + 1)
    shown = [_shown(one) for one in found[:limit]]
    return LettersRunPage(items=shown, next=shown[-1].run_id if len(found) > limit else None)


@router.get(
    "/{run_id}/file",
    response_class=Response,
    responses={
        **problems("not_permitted", "unknown_letter_run"),
        200: {"content": {"application/pdf": {}, "application/zip": {}}},
    },
)
def file(bank: Bank, actor: Actor, run_id: RunId) -> Response:
    """The letters as one PDF, or beyond a hundred as a ZIP of PDFs; each name is a noted look."""
    drawn = draw_run(bank, actor, run_id)
    named = {"Content-Disposition": f'attachment; filename="{drawn.name}"'}
    headers = named | {"Cache-Control": "no-store"}
    return StreamingResponse(begun(drawn.pieces), media_type=drawn.media_type, headers=headers)


@router.post(
    "/{run_id}/handed",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        "not_permitted", "unknown_letter_run", "letters_handed_before", "letters_not_drawn",
        "key_reused",
    ),
)  # fmt: skip
def hand(run_id: RunId, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey) -> HandedOut:
    """State, for good, that a run's letters were printed and handed over or posted."""
    answer = confirm_handed(bank, actor, run_id, key=idempotency_key)
    return HandedOut.model_validate(answer.body)


def _shown(one: LettersRun) -> LettersRunShown:
    return LettersRunShown(
        run_id=one.run_id,
        station_code=one.station_code,
        part=one.part,
        first_on=one.first_on,
        last_on=one.last_on,
        made_at=from_milliseconds(one.made_ms),
        made_by=one.made_by,
        letters=one.letters,
        left_out=one.left_out,
        list_hash=one.list_hash,
        drawn_at=None if one.drawn_ms is None else from_milliseconds(one.drawn_ms),
        drawn_by=one.drawn_by,
        drawn_letters=one.drawn_letters,
        hand_by=one.hand_by.isoformat(),
        handed_at=None if one.handed_ms is None else from_milliseconds(one.handed_ms),
        handed_by=one.handed_by,
    )
