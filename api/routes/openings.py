"""Opening balances of an older scheme: hand in, confirm, approve, send back, reverse."""

from datetime import datetime
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, UploadFile, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, Clerk, IdempotencyKey, PageSize, Tried
from api.problems import RequestTooLarge, ValidationFailed, problems
from api.uploads import saved_upload
from ledger.bundle import hash_file
from timebank.clock import from_milliseconds
from timebank.openings import actions, queries
from timebank.openings.approving import approve_openings
from timebank.openings.importing import OpeningResult, import_openings
from timebank.openings.model import State

router = APIRouter(prefix="/api/v1/openings", tags=["openings"])

OpeningId = Annotated[str, Path(min_length=1, max_length=64)]
BatchId = Annotated[str, Path(min_length=1, max_length=64)]


class RefusedOpening(BaseModel):
    """A row that was not taken, why, and what to do."""

    sheet: str
    row: int
    code: str
    explanation: str
    mend: str


class TakenOpening(BaseModel):
    """A row that was taken, as it was read."""

    sheet: str
    row: int
    number: str = Field(description="Member number of the holder.")
    page: str
    minutes: int
    stands_on: str


class OpeningsTaken(BaseModel):
    """What became of a list; nothing of it can be spent yet."""

    batch: str = Field(description="Empty for a dry run.")
    title: str
    accepted: int
    already: int = Field(description="Rows that an earlier list brought in alike.")
    refused: int
    minutes: int
    stated_minutes: int | None = Field(description="The list's own 合计.")
    taken: list[TakenOpening]
    refusals: list[RefusedOpening]


class OpeningList(BaseModel):
    """A list by the states of its rows."""

    batch_id: str
    station_code: str
    title: str
    imported_by: str
    imported_at: datetime = Field(description="UTC.")
    refused: int
    rows: int
    awaiting_holder: int
    awaiting_approval: int
    posted: int
    returned: int
    minutes: int
    posted_minutes: int


class OpeningLists(BaseModel):
    """Lists, the newest first; ask on with `before`."""

    items: list[OpeningList]
    next: str | None


class OpeningShown(BaseModel):
    """A row; the name is masked, the page empty where its holder asked to be forgotten."""

    model_config = ConfigDict(from_attributes=True)

    opening_id: str
    batch_id: str
    place: int
    station_code: str
    number: str
    name: str
    page: str
    minutes: int
    stands_on: str
    state: str
    how: str = Field(description="paper or self; empty before the confirmation.")
    slip: str
    reason: str
    credited_minutes: int
    overflow_minutes: int
    entry_id: str
    recorded_by: str
    confirmed_by: str
    decided_by: str


class OpeningsPage(BaseModel):
    """Rows in their order; ask on with `after`."""

    items: list[OpeningShown]
    next: int | None


class StatedConfirmation(BaseModel):
    """A row that its holder has confirmed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    opening: str = Field(min_length=1, max_length=64)
    slip: str = Field("", max_length=60, description="The paper's number; a member needs none.")


class StatedConfirmations(BaseModel):
    """Rows that are confirmed together, all or none."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rows: list[StatedConfirmation] = Field(min_length=1, max_length=actions.MOST_AT_ONCE)


class OpeningsConfirmed(BaseModel):
    """How many rows await approval now."""

    confirmed: int


class NotPosted(BaseModel):
    """A confirmed row that an approval could not post."""

    place: int
    code: str


class OpeningsApproved(BaseModel):
    """What an approval posted; minutes."""

    batch: str
    approved: int
    minutes: int
    overflow: int = Field(description="Beyond an account's cap, given to the public pool.")
    waiting: int = Field(description="Rows that their holders have not confirmed.")
    own: int = Field(description="Rows that the approver confirmed; another must approve them.")
    refused: list[NotPosted]


class StatedReason(BaseModel):
    """Why a row goes back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(min_length=1, max_length=200)


class OpeningReturned(BaseModel):
    """A row that was sent back."""

    opening: str
    state: str


class OpeningReversed(BaseModel):
    """A row that was reversed; the entry is empty where a cap had taken all of it."""

    opening: str
    state: str
    entry: str


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        "not_permitted", "unreadable_file", "header_not_found", "nothing_to_read",
        "unknown_station", "key_reused", "request_too_large",
    ),
)  # fmt: skip
def hand_in_openings(
    actor: Clerk,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
    file: Annotated[UploadFile, File(description=".xlsx, .xls, .ods, or .csv.")],
    station: Annotated[str, Form(min_length=1, max_length=20)],
    dry_run: Annotated[bool, Form(description="Judge every row and write nothing.")] = False,
) -> OpeningsTaken:
    """Take every row that can be taken and say of each other one why not."""
    most = bank.settings.upload_max_bytes
    if (file.size or 0) > most:
        raise RequestTooLarge(most=most)
    with TemporaryDirectory(prefix="openings-") as folder:
        path = saved_upload(file, FilePath(folder).joinpath("list"), most)
        stated = f"{file.filename}\n{station}\n{dry_run}\n{hash_file(path)}"

        def make() -> OpeningsTaken:
            return _taken(
                import_openings(bank, actor, station, path, key=idempotency_key, dry_run=dry_run)
            )

        content = stated.encode("utf-8", "replace")
        return tried.answer("hand_in_openings", actor, idempotency_key, content, make)


@router.get("/lists", responses=problems("not_permitted"))
def list_opening_lists(
    actor: Actor,
    bank: Bank,
    limit: PageSize = 50,
    before: Annotated[str, Query(max_length=80, description="`next` of the page before.")] = "",
) -> OpeningLists:
    """Lists: a station's own, or all."""
    with bank.read() as connection:
        found = queries.lists_listed(connection, actor, before=_before(before), most=limit + 1)
    items = [_list(one) for one in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return OpeningLists(
        items=items, next=None if last is None else f"{last.imported_ms}.{last.batch_id}"
    )


@router.get("/lists/{batch_id}", responses=problems("not_permitted", "unknown_batch"))
def read_opening_list(batch_id: BatchId, actor: Actor, bank: Bank) -> OpeningList:
    """A list by the states of its rows."""
    with bank.read() as connection:
        return _list(queries.list_of(connection, actor, batch_id))


@router.get("/lists/{batch_id}/rows", responses=problems("not_permitted", "unknown_batch"))
def list_openings(
    batch_id: BatchId,
    actor: Actor,
    bank: Bank,
    state: State | None = None,
    limit: PageSize = 50,
    after: Annotated[int, Query(ge=0, le=2**53, description="`next` of the page before.")] = 0,
) -> OpeningsPage:
    """The rows of a list, of one state or of all."""
    wanted = "" if state is None else state.value
    with bank.read() as connection:
        found = queries.openings_listed(
            bank, connection, actor, batch_id, state=wanted, after=after, most=limit + 1
        )
    items = [OpeningShown.model_validate(one) for one in found[:limit]]
    return OpeningsPage(items=items, next=items[-1].place if len(found) > limit else None)


@router.get("/mine", responses=problems("not_permitted"))
def list_own_openings(actor: Actor, bank: Bank) -> list[OpeningShown]:
    """The rows of a member that await their confirmation."""
    with bank.read() as connection:
        found = queries.own_openings(bank, connection, actor)
    return [OpeningShown.model_validate(one) for one in found]


@router.post(
    "/confirmations",
    responses=problems(
        "not_permitted", "missing_field", "slip_number_invalid", "unknown_opening",
        "opening_not_waiting", "slip_number_used", "key_reused",
    ),
)  # fmt: skip
def confirm(
    stated: StatedConfirmations, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> OpeningsConfirmed:
    """Record signed papers, or confirm one's own rows; all or none."""
    signed = [actions.Signed(one.opening, one.slip) for one in stated.rows]
    answer = actions.confirm_openings(bank, actor, signed, key=idempotency_key)
    return OpeningsConfirmed.model_validate(answer.body)


@router.post(
    "/lists/{batch_id}/approval",
    responses=problems(
        "not_permitted", "unknown_batch", "approver_not_independent", "no_opening_to_approve",
        "no_profile_in_force", "key_reused",
    ),
)  # fmt: skip
def approve(
    batch_id: BatchId, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> OpeningsApproved:
    """Post what is confirmed; neither who handed it in nor who recorded a confirmation may."""
    made = approve_openings(bank, actor, batch_id, key=idempotency_key)
    return OpeningsApproved(
        batch=made.batch_id,
        approved=made.approved,
        minutes=made.minutes,
        overflow=made.overflow,
        waiting=made.waiting,
        own=made.own,
        refused=[NotPosted(place=place, code=code) for place, code in made.refused],
    )


@router.post(
    "/{opening_id}/return",
    responses=problems("not_permitted", "missing_field", "unknown_opening", "opening_not_waiting",
                       "key_reused"),
)  # fmt: skip
def send_back(
    opening_id: OpeningId,
    stated: StatedReason,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> OpeningReturned:
    """Send a row back that is not posted."""
    answer = actions.return_opening(bank, actor, opening_id, stated.reason, key=idempotency_key)
    return OpeningReturned.model_validate(answer.body)


@router.post(
    "/{opening_id}/reversal",
    responses=problems("not_permitted", "missing_field", "unknown_opening", "opening_not_waiting",
                       "floor_exceeded", "key_reused"),
)  # fmt: skip
def reverse(
    opening_id: OpeningId,
    stated: StatedReason,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> OpeningReversed:
    """Reverse a posted row by a linked entry."""
    answer = actions.reverse_opening(bank, actor, opening_id, stated.reason, key=idempotency_key)
    return OpeningReversed.model_validate(answer.body)


def _taken(result: OpeningResult) -> OpeningsTaken:
    return OpeningsTaken(
        batch=result.batch_id,
        title=result.title,
        accepted=result.accepted,
        already=result.already,
        refused=result.refused,
        minutes=result.minutes,
        stated_minutes=result.stated_minutes,
        taken=[
            TakenOpening(
                sheet=one.sheet, row=one.row, number=one.number, page=one.page,
                minutes=one.minutes, stands_on=one.stands_on,
            )
            for one in result.taken
        ],
        refusals=[
            RefusedOpening(
                sheet=one.sheet, row=one.row, code=one.code, explanation=one.explanation,
                mend=one.mend,
            )
            for one in result.refusals
        ],
    )  # fmt: skip


def _before(cursor: str) -> queries.Before | None:
    moment, _dot, batch_id = cursor.partition(".")
    if not cursor:
        return None
    if not (moment.isascii() and moment.isdecimal() and len(moment) < 16 and batch_id):
        raise ValidationFailed(field="before")
    return queries.Before(int(moment), batch_id)


def _list(one: queries.ShownList) -> OpeningList:
    return OpeningList(
        batch_id=one.batch_id,
        station_code=one.station_code,
        title=one.title,
        imported_by=one.imported_by,
        imported_at=from_milliseconds(one.imported_ms),
        refused=one.refused,
        rows=one.rows,
        awaiting_holder=one.awaiting_holder,
        awaiting_approval=one.awaiting_approval,
        posted=one.posted,
        returned=one.returned,
        minutes=one.minutes,
        posted_minutes=one.posted_minutes,
    )
