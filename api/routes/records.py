"""Service records: log one or a thousand, read them, review them, undo them.

Logging is the busiest route: it waits for the writer on the event loop, and sends the very bytes
that the book remembers for the key.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
import structlog
from fastapi import APIRouter, Path, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.dependencies import STATION_STAFF, Actor, Bank, IdempotencyKey, PageSize, Staff
from api.preferences import APPLIED, prefers_receipt
from api.preferences import STATED as STATED_PREFERENCE
from api.problems import ValidationFailed, document, problems, status_of
from api.quick import actor_of, body_of, key_of, needs
from api.schemas import BatchAnswer, Recorded, answers
from api.shapes import (
    Explanation,
    Record,
    RecordsPage,
    Reviewed,
    SeenRoster,
    record_cursor,
    record_of_cursor,
    shown,
)
from ledger.action import Action
from ledger.errors import LedgerFault, Refusal
from ledger.writer import Decided
from timebank.errors import UnreadableTime
from timebank.receipts.issuing import receipts_of_answer
from timebank.records import queries
from timebank.records.actions import prepare_log, reverse_record
from timebank.records.explaining import explain_record, explanation_as_json
from timebank.records.model import Payer, StatedService, TimeSpent
from timebank.records.review import review_record
from timebank.stations.actions import require

router = APIRouter(prefix="/api/v1/records", tags=["records"])

MOST_AT_ONCE = 1_000
_log = structlog.get_logger("timebank.api")
_WALL_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$"
REFUSED_WHEN_LOGGED = (
    "not_permitted",
    "unknown_station",
    "missing_field",
    "unreadable_time",
    "end_before_start",
    "duration_mismatch",
    "time_spent_invalid",
    "duration_out_of_range",
    "group_too_large",
    "payer_not_allowed",
    "not_volunteer_activity",
    "unknown_member",
    "not_a_volunteer",
    "not_a_recipient",
    "ambiguous_member",
    "in_the_future",
    "too_late_without_reason",
    "excluded_service",
    "under_age",
    "not_retired",
    "record_not_good",
    "self_service",
    "own_spouse",
    "too_young_to_redeem",
    "not_resident",
    "not_redeemable",
    "not_redemption_day",
    "quarter_used_up",
    "duplicate",
    "overlapping_service",
    "order_cap_exceeded",
    "daily_cap_exceeded",
    "account_cap_exceeded",
    "floor_exceeded",
    "ceiling_exceeded",
    "no_profile_in_force",
    "content_out_of_profile",
    "submission_too_large",
    "key_reused",
)

RecordId = Annotated[str, Path(min_length=1, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class StatedRecord(BaseModel):
    """A service as somebody states it; people by member number or by name, several joined by 、."""

    model_config = ConfigDict(extra="forbid", strict=True)

    station: str = Field(min_length=1, max_length=20)
    volunteers: list[Name] = Field(min_length=1, max_length=200)
    recipients: list[Name] = Field([], max_length=200)
    starts_at: str = Field(pattern=_WALL_TIME, description="Local wall time, 2026-03-05T14:00.")
    ends_at: str = Field(pattern=_WALL_TIME)
    content: str = Field(min_length=1, max_length=200)
    stated_minutes: int | None = Field(None, ge=0, le=10_000)
    public: str | None = Field(None, max_length=100, description="Served whom, if nobody by name.")
    head_count: int = Field(0, ge=0, le=100_000)
    place: str = Field("", max_length=200)
    note: str = Field("", max_length=500)
    payer: Literal["nobody", "elder", "grant", "pool"] = "nobody"
    reason: str = Field("", max_length=200, description="Why it is recorded so late.")
    travel_minutes: int = Field(0, ge=0, le=1_440, description="Travel inside the interval.")
    rest_minutes: int = Field(0, ge=0, le=1_440, description="Meals and rest inside it.")
    aim_met: bool = Field(True, description="False where a short visit did not reach its aim.")

    def service(self) -> StatedService:
        """The statement as the time bank takes it.

        Raises:
            UnreadableTime: a day or a time of day that does not exist.
        """
        return StatedService(
            tuple(self.volunteers),
            tuple(self.recipients),
            _moment("start", self.starts_at),
            _moment("end", self.ends_at),
            self.content,
            self.stated_minutes,
            self.public,
            self.head_count,
            self.place,
            self.note,
            Payer(self.payer),
            self.reason,
            TimeSpent(self.travel_minutes, self.rest_minutes, self.aim_met),
        )


class StatedBatch(BaseModel):
    """Up to a thousand services, each answered for itself."""

    model_config = ConfigDict(extra="forbid", strict=True)

    items: list[StatedRecord] = Field(min_length=1, max_length=MOST_AT_ONCE)


STATED: tuple[type[BaseModel], ...] = (StatedRecord, StatedBatch)
"""What requests state whose bodies are read by hand; the OpenAPI document lists them."""


class Verdict(BaseModel):
    """What the second person says; a record is sent back with a reason."""

    model_config = ConfigDict(extra="forbid", strict=True)

    approve: bool
    reason: str = Field("", max_length=200)
    roster: SeenRoster | None = Field(
        None, description="What a record of many volunteers is approved by."
    )


class Reversal(BaseModel):
    """Why a posted record is undone."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(min_length=1, max_length=200)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_class=Response,
    responses={
        **answers(Recorded, status=201, description="Recorded."),
        **problems(*REFUSED_WHEN_LOGGED),
    },
    openapi_extra=needs(StatedRecord, STATED_PREFERENCE),
)
async def log_service(request: Request) -> Response:
    """Log one service.  The same key repeats the same bytes; an answer is durable.

    With `Prefer: receipt` it carries the receipts of what was recorded, each time against the
    newest checkpoint.
    """
    actor, key = actor_of(request), key_of(request)
    stated = await body_of(request, StatedRecord)
    state = request.app.state
    action = prepare_log(state.bank, actor, stated.station, stated.service(), key=key)
    decided: Decided = await state.desk.submit(action)
    headers = {"Idempotency-Replayed": "true"} if decided.replayed else {}
    told = told_bytes(decided)
    if prefers_receipt(request):
        receipts = await run_in_threadpool(_receipts, state.bank, decided)
        if receipts is not None:
            told = told[:-1] + b',"receipts":%b}' % orjson.dumps(receipts)
            headers |= APPLIED
    return Response(told, 201, headers, "application/json")


@router.post(
    "/batch",
    response_class=Response,
    responses={**answers(BatchAnswer), **problems("not_permitted")},
    openapi_extra=needs(StatedBatch),
)
async def log_services(request: Request) -> Response:
    """Log up to a thousand services; each is recorded or refused for itself.

    Item n has the key `KEY/n`, so the same batch under the same key repeats every answer.
    """
    actor, key = actor_of(request), key_of(request)
    require(actor, "log_service", *STATION_STAFF)
    stated = await body_of(request, StatedBatch)
    state = request.app.state
    prepared = await run_in_threadpool(_prepare, state.bank, actor, stated.items, key)
    actions = [one for one in prepared if isinstance(one, Action)]
    decided = iter(await state.desk.submit_all(actions))
    results = [next(decided) if isinstance(one, Action) else one for one in prepared]
    parts = [_item(result) for result in results]
    accepted = sum(isinstance(result, Decided) for result in results)
    head = b'{"accepted":%d,"refused":%d,"items":[' % (accepted, len(parts) - accepted)
    return Response(head + b",".join(parts) + b"]}", media_type="application/json")


@router.get("", responses=problems("not_permitted"))
def list_records(
    actor: Staff,
    bank: Bank,
    station: Annotated[str, Query(max_length=20)] = "",
    state: Literal["", "awaiting_review", "under_notice", "posted", "rejected", "reversed"] = "",
    batch: Annotated[str, Query(max_length=64)] = "",
    on: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="Service date.")] = "",
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> RecordsPage:
    """Records, station by station, the newest first; a station's staff see their own."""
    with bank.read() as connection:
        found = queries.records_listed(
            bank,
            connection,
            actor,
            station_code=station,
            state=state,
            service_on=on,
            batch_id=batch,
            after=_after(after),
            most=limit + 1,
        )
    return _page(found, limit)


@router.get("/queue", responses=problems("not_permitted"))
def list_queue(
    actor: Actor,
    bank: Bank,
    station: Annotated[str, Query(max_length=20)] = "",
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> RecordsPage:
    """Records that await a second person, the oldest of each station first."""
    with bank.read() as connection:
        found = queries.queue(
            bank, connection, actor, station_code=station, after=_after(after), most=limit + 1
        )
    return _page(found, limit)


@router.get("/{record_id}", responses=problems("not_permitted", "unknown_record"))
def read_record(record_id: RecordId, actor: Actor, bank: Bank) -> Record:
    """One record with its people under masks."""
    with bank.read() as connection:
        return shown(queries.record_of(bank, connection, actor, record_id))


@router.get("/{record_id}/explanation", responses=problems("not_permitted", "unknown_record"))
def explain(record_id: RecordId, actor: Actor, bank: Bank) -> Explanation:
    """Why its minutes are what they are, priced anew under the profile that priced them.

    `differs` and `not_repeatable` are answers, not refusals: the lines say what does not fit.
    """
    with bank.read() as connection:
        found = explain_record(bank, connection, actor, record_id)
    return Explanation.model_validate(explanation_as_json(found))


@router.post(
    "/{record_id}/review",
    responses=problems(
        "not_permitted", "missing_field", "unknown_record", "not_awaiting_review",
        "already_reviewed", "reviewer_is_recorder", "reviewer_kept_roster", "roster_missing",
        "roster_unfit", "roster_short", "ceiling_exceeded", "floor_exceeded",
        "key_reused",
    ),
)  # fmt: skip
def review(
    record_id: RecordId,
    verdict: Verdict,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Reviewed:
    """Approve a record or send it back; who recorded it may not.

    A record of many volunteers (mark `event`) is approved with the `roster` that was signed.
    """
    answer = review_record(
        bank,
        actor,
        record_id,
        approve=verdict.approve,
        reason=verdict.reason,
        roster=None if verdict.roster is None else verdict.roster.seen(),
        key=idempotency_key,
    )
    return Reviewed.model_validate(answer.body)


@router.post(
    "/{record_id}/reversal",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        "not_permitted", "missing_field", "unknown_record", "not_awaiting_review",
        "record_carried_over", "already_reversed", "floor_exceeded", "key_reused",
    ),
)  # fmt: skip
def reverse(
    record_id: RecordId,
    stated: Reversal,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Reviewed:
    """Undo a posted record by reversals; the record stays and shows it."""
    answer = reverse_record(bank, actor, record_id, stated.reason, key=idempotency_key)
    return Reviewed.model_validate(answer.body)


def _moment(field: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableTime(field=field, given=text) from None


def told_bytes(decided: Decided) -> bytes:
    """The remembered answer with the leaf beside it: the same bytes each time."""
    return decided.answer[:-1] + b',"leaf_index":%d}' % decided.leaf_index


def _receipts(bank: Any, decided: Decided) -> list[str] | None:
    """The receipts of what is recorded already, ``None`` where they cannot be had at present.

    A fault here must not answer for the record, which is durable; whoever asks for the receipt
    alone hears of it.
    """
    try:
        return receipts_of_answer(bank, decided)
    except LedgerFault as fault:
        _log.error("receipt_failed", code=fault.code, leaf=decided.leaf_index)
        return None


def _prepare(
    bank: Any, actor: Any, items: list[StatedRecord], key: str
) -> list[Action | Refusal | LedgerFault]:
    prepared: list[Action | Refusal | LedgerFault] = []
    for number, item in enumerate(items):
        try:
            service = item.service()
            prepared.append(prepare_log(bank, actor, item.station, service, key=f"{key}/{number}"))
        except Refusal as refusal:
            prepared.append(refusal)
    return prepared


def _item(result: Decided | Refusal | LedgerFault) -> bytes:
    if isinstance(result, Decided):
        return b'{"status":201,"record":' + told_bytes(result) + b"}"
    return b'{"status":%d,"problem":%b}' % (status_of(result.code), document(result))


def _after(cursor: str) -> queries.After | None:
    try:
        return record_of_cursor(cursor)
    except ValueError:
        raise ValidationFailed(field="after") from None


def _page(found: list[queries.ShownRecord], limit: int) -> RecordsPage:
    items = [shown(one) for one in found[:limit]]
    return RecordsPage(items=items, next=record_cursor(found, limit))
