"""Periods: what was closed, what comes next and how the books stand, and closing a month."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.dependencies import Auditor, Bank, IdempotencyKey, Operator, PageSize
from api.problems import problems
from api.routes.receipts import TEXT
from timebank.clock import from_milliseconds
from timebank.periods.actions import close_period
from timebank.periods.model import Checklist, ClosedPeriod
from timebank.periods.view import look_over, next_period, periods_listed
from timebank.receipts.issuing import receipt_of_closing
from timebank.reconciliation.actions import TEXT_MAX_CHARACTERS

router = APIRouter(prefix="/api/v1/periods", tags=["periods"])

Month = Annotated[str, Path(min_length=7, max_length=7, description="YYYY-MM")]


class KindOfAccount(BaseModel):
    """A line of the trial balance, in minutes."""

    kind: str
    opening: int
    received: int = Field(alias="in")
    given: int = Field(alias="out")
    closing: int


class Closing(BaseModel):
    """A closed period, as its leaf states it."""

    period: str
    from_at: datetime = Field(description="Its first moment, UTC.")
    until_at: datetime = Field(description="The first moment after it, UTC.")
    closed_at: datetime
    closing_id: str
    leaf_index: int
    first: int | None = Field(description="First journal entry number; null without entries.")
    last: int | None
    entries: int
    late: int = Field(description="Entries that count from a day before the period.")
    minutes: int
    accounts: int
    balances: str = Field(description="Root over all account balances at its end, in hex.")
    kinds: list[KindOfAccount] = Field(description="The trial balance.")
    severe_findings: int = Field(description="Alarms that were open when it was closed.")
    receipt: str = Field(description="Where its receipt is, a path of this server.")


class NextPeriod(BaseModel):
    """The period that is to be closed next, and how the books stand."""

    period: str
    until_at: datetime
    is_over: bool
    severe_findings: int
    open_findings: int
    awaiting_review: int
    under_notice: int
    open_holds: int
    silent_jobs: list[str]
    reconciled_at: datetime | None


class Periods(BaseModel):
    """Closed periods, the newest first, and what comes next; ask on with `before`."""

    items: list[Closing]
    next: str | None = Field(description="The `before` of the next page; null behind the last.")
    to_close: NextPeriod


class StatedClosing(BaseModel):
    """Why a period is closed while alarms are open; left out where none is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(
        "",
        max_length=TEXT_MAX_CHARACTERS,
        description="Becomes a comment of each open alarm; names of people do not belong there.",
    )


@router.get("", responses=problems())
def list_periods(
    actor: Auditor,
    bank: Bank,
    limit: PageSize = 50,
    before: Annotated[str, Query(max_length=7, description="`next` of the page before.")] = "",
) -> Periods:
    """Closed periods, and how the books stand before the next one is closed."""
    with bank.read() as connection:
        found = periods_listed(connection, before=before, most=limit + 1)
        following = next_period(connection)
    items = [shown_closing(one) for one in found[:limit]]
    return Periods(
        items=items,
        next=items[-1].period if len(found) > limit else None,
        to_close=_next(look_over(bank, following), bank.now_ms()),
    )


@router.post(
    "/{period}/closing",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        "not_a_period", "period_closed_before", "period_not_next", "period_not_over",
        "severe_findings_open", "content_out_of_profile", "key_reused",
    ),
)  # fmt: skip
def create_closing(
    period: Month,
    stated: StatedClosing,
    actor: Operator,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Closing:
    """Close a month that is over: one signed leaf, which cannot be undone."""
    closed = close_period(bank, actor, period, reason=stated.reason, key=idempotency_key)
    return shown_closing(closed)


@router.get(
    "/{period}/receipt",
    response_class=Response,
    responses={
        200: {
            "description": "A tlog-proof, whose `extra` is the closing leaf.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems("period_not_closed"),
    },
)
def read_closing_receipt(period: Month, actor: Auditor, bank: Bank) -> Response:
    """The receipt of a period's closing."""
    issued = receipt_of_closing(bank, actor, period)
    named = f'attachment; filename="{issued.entry_id}.tlog-proof"'
    return Response(str(issued.receipt), headers={"Content-Disposition": named}, media_type=TEXT)


def shown_closing(one: ClosedPeriod) -> Closing:
    """A closed period as answers have it."""
    stated: dict[str, Any] = one.closing.as_json()
    return Closing(
        from_at=from_milliseconds(stated.pop("from")),
        until_at=from_milliseconds(stated.pop("until")),
        closed_at=from_milliseconds(one.recorded_ms),
        closing_id=one.closing_id,
        leaf_index=one.leaf_index,
        severe_findings=one.severe_findings,
        receipt=f"/api/v1/periods/{one.closing.period.name}/receipt",
        **stated,
    )


def _next(found: Checklist, now_ms: int) -> NextPeriod:
    return NextPeriod(
        period=found.period.name,
        until_at=from_milliseconds(found.period.until_ms),
        is_over=found.period.until_ms <= now_ms,
        severe_findings=found.severe_findings,
        open_findings=found.open_findings,
        awaiting_review=found.awaiting_review,
        under_notice=found.under_notice,
        open_holds=found.open_holds,
        silent_jobs=list(found.silent_jobs),
        reconciled_at=None
        if found.reconciled_ms is None
        else from_milliseconds(found.reconciled_ms),
    )
