"""Registers: hand in a file, see what was refused, approve what awaits a second person."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile, status
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.dependencies import Actor, Bank, Clerk, IdempotencyKey, Tried
from api.problems import problems
from api.shapes import Batch, shown_batch
from api.uploads import saved_upload
from ledger.bundle import hash_file
from timebank.records.error_sheets import error_sheet, keep_error_sheet
from timebank.records.importing import ImportResult, import_register
from timebank.records.queries import batch_of
from timebank.records.review import approve_batch

router = APIRouter(prefix="/api/v1/registers", tags=["registers"])

BatchId = Annotated[str, PathParameter(min_length=1, max_length=64)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExplainedRow(BaseModel):
    """A row that was not posted, why, and what to do."""

    sheet: str
    row: int
    code: str
    explanation: str
    mend: str


class WaitingEvent(BaseModel):
    """A record of many volunteers that waits for a signed roster, whatever the import's state."""

    sheet: str
    row: int = Field(description="The first of its rows.")
    record: str
    volunteers: int


class Imported(BaseModel):
    """What became of a register; minutes are credited ones."""

    batch: str = Field(description="Empty for a dry run.")
    state: str = Field(description="posted, awaiting_review, under_notice or dry_run")
    title: str
    accepted: int
    already_posted: int
    refused: int
    minutes: int
    refused_minutes: int
    stated_minutes: int | None = Field(description="The register's own 合计.")
    by_volunteer: dict[str, int]
    refusals: list[ExplainedRow]
    events: list[WaitingEvent] = []


class Approved(BaseModel):
    """An import whose records are reviewed now."""

    batch: str
    approved: int
    state: str
    events: int = Field(0, description="Records that still wait for their signed rosters.")


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        "not_permitted", "unreadable_file", "header_not_found", "nothing_to_read",
        "unknown_station", "no_profile_in_force", "key_reused", "request_too_large",
    ),
)  # fmt: skip
def upload_register(
    actor: Clerk,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
    file: Annotated[UploadFile, File(description=".xlsx, .xls, .ods, or .csv.")],
    station: Annotated[str, Form(min_length=1, max_length=20)],
    reason: Annotated[str, Form(max_length=200)] = "",
    dry_run: Annotated[bool, Form(description="Judge every row and write nothing.")] = False,
) -> Imported:
    """Post every row that may be posted and say of each other one why not."""
    most = bank.settings.upload_max_bytes
    with tempfile.TemporaryDirectory() as scratch:
        path = saved_upload(file, Path(scratch).joinpath("register"), most)
        stated = f"{file.filename}\n{station}\n{reason}\n{dry_run}\n{hash_file(path)}"
        content = stated.encode("utf-8", "replace")

        def make() -> Imported:
            result = import_register(
                bank, actor, station, path, key=idempotency_key, reason=reason, dry_run=dry_run
            )
            if not dry_run:
                keep_error_sheet(bank, path, result)
            return _imported(result)

        return tried.answer("upload_register", actor, idempotency_key, content, make)


@router.get("/batches/{batch_id}", responses=problems("not_permitted", "unknown_batch"))
def read_batch(batch_id: BatchId, actor: Actor, bank: Bank) -> Batch:
    """An import: its totals, and its refused rows by sheet, row and code."""
    with bank.read() as connection:
        return shown_batch(batch_of(connection, actor, batch_id))


@router.get(
    "/batches/{batch_id}/error-sheet",
    response_class=Response,
    responses={
        200: {
            "description": "The refused rows as a workbook to mend and hand in again.",
            "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems("not_permitted", "unknown_batch"),
    },
)
def read_error_sheet(batch_id: BatchId, actor: Actor, bank: Bank) -> Response:
    """The refused rows of an import; kept for thirty days."""
    return Response(
        error_sheet(bank, actor, batch_id),
        media_type=XLSX,
        headers={"Content-Disposition": 'attachment; filename="refused.xlsx"'},
    )


@router.post(
    "/batches/{batch_id}/approval",
    responses=problems(
        "not_permitted", "unknown_batch", "reviewer_is_recorder", "reviewer_kept_roster",
        "already_reviewed", "roster_missing",
        "not_awaiting_review", "ceiling_exceeded", "floor_exceeded", "key_reused",
    ),
)  # fmt: skip
def approve(
    batch_id: BatchId, actor: Actor, bank: Bank, tried: Tried, idempotency_key: IdempotencyKey
) -> Approved:
    """Approve every record of an import that awaits it; who imported it may not."""
    return tried.answer(
        "approve",
        actor,
        idempotency_key,
        batch_id.encode(),
        lambda: Approved.model_validate(
            approve_batch(bank, actor, batch_id, key=idempotency_key).body
        ),
    )


def _imported(result: ImportResult) -> Imported:
    return Imported(
        batch=result.batch_id,
        state=result.state,
        title=result.title,
        accepted=result.accepted,
        already_posted=result.already_posted,
        refused=result.refused,
        minutes=result.minutes,
        refused_minutes=result.refused_minutes,
        stated_minutes=result.stated_minutes,
        by_volunteer=result.by_volunteer,
        refusals=[
            ExplainedRow(
                sheet=one.sheet,
                row=one.row,
                code=one.code,
                explanation=one.explanation,
                mend=one.mend,
            )
            for one in result.refusals
        ],
        events=[
            WaitingEvent(
                sheet=one.sheet, row=one.row, record=one.record_id, volunteers=one.volunteers
            )
            for one in result.events
        ],
    )
