"""Clearing between districts: statements, their comparison, netting, ends of partnerships."""

from typing import Annotated

from fastapi import APIRouter, File, Path, Query, UploadFile, status
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.dependencies import Auditor, Bank, IdempotencyKey, Operator
from api.problems import RequestTooLarge, problems
from timebank.clearing.between_stations import BetweenStations, as_csv, between_stations
from timebank.clearing.ending import ask_end, decide_end
from timebank.clearing.making import make_statement, statement_file
from timebank.clearing.netting import decide_netting, propose_netting
from timebank.clearing.queries import positions
from timebank.clearing.statement import MOST_BYTES
from timebank.clearing.taking import take_statement

router = APIRouter(prefix="/api/v1/clearing", tags=["clearing"])

OneId = Annotated[str, Path(min_length=1, max_length=64)]
Month = Annotated[str, Query(max_length=20, description="A month, `YYYY-MM`.")]
TEXT = "text/plain; charset=utf-8"


class StatedMonth(BaseModel):
    """A partner by its log's origin, and a month."""

    model_config = ConfigDict(extra="forbid", strict=True)

    partner: str = Field(min_length=1, max_length=120, description="Origin of the partner's log.")
    month: str = Field(max_length=20, description="`YYYY-MM`.")


class StatedDecision(BaseModel):
    """Whether it is approved, or withdrawn."""

    model_config = ConfigDict(extra="forbid", strict=True)

    approve: bool


class StatedEnding(BaseModel):
    """The partner whose partnership shall end."""

    model_config = ConfigDict(extra="forbid", strict=True)

    partner_id: str = Field(min_length=1, max_length=64)


class StatementMade(BaseModel):
    """This book's statement of a month; minutes as its clearing account has them."""

    partner: str
    month: str
    opening: int
    closing: int
    hash: str


class StatementTaken(BaseModel):
    """The partner's statement of a month; minutes as the partner's account has them."""

    statement: str
    partner: str
    month: str
    opening: int
    closing: int


class NettingProposed(BaseModel):
    """A netting that waits; `minutes` are what the clearing account had at the month's end."""

    netting: str
    partner: str
    month: str
    minutes: int


class NettingDecided(BaseModel):
    """What became of a netting; the entry is empty where it was withdrawn."""

    netting: str
    state: str
    entry: str = ""
    minutes: int = 0


class EndingStated(BaseModel):
    """The end of a partnership, and where it stands."""

    ending: str
    partner: str
    state: str


class MonthShown(BaseModel):
    """What both books say of a month; null where a statement is missing."""

    model_config = ConfigDict(from_attributes=True)

    month: str
    opening: int | None
    closing: int | None
    hash: str
    their_opening: int | None
    their_closing: int | None
    their_hash: str
    taken_by: str
    differences: int = Field(description="What keeps the month from being netted.")
    netting_id: str
    netting_state: str = Field(description="Empty where nobody has proposed to net the month.")
    netted_minutes: int
    proposed_by: str


class MismatchShown(BaseModel):
    """A line, or a month, that the other side has not, or has otherwise."""

    model_config = ConfigDict(from_attributes=True)

    what: str
    month: str
    entry: str
    ours: int
    theirs: int
    on: str


class PositionShown(BaseModel):
    """How the book stands with a partner."""

    model_config = ConfigDict(from_attributes=True)

    partner_id: str
    origin: str
    name: str
    is_active: bool
    clearing_minutes: int
    settled_minutes: int = Field(description="Netted since the beginning.")
    months: list[MonthShown]
    mismatches: list[MismatchShown]
    ending_id: str = Field(description="The end that waits for a second person; else empty.")
    ending_asked_by: str


class Positions(BaseModel):
    """Every partner with a clearing account."""

    items: list[PositionShown]


class BetweenShown(BaseModel):
    """What one station gave to elders of another."""

    model_config = ConfigDict(from_attributes=True)

    station: str
    home: str = Field(description="Where the elders are registered.")
    records: int
    minutes: int


class Between(BaseModel):
    """The report of a month."""

    month: str
    items: list[BetweenShown]


@router.get("", responses=problems("not_permitted"))
def list_positions(actor: Auditor, bank: Bank) -> Positions:
    """Partners, their months, and where both books differ."""
    with bank.read() as connection:
        found = positions(connection, actor)
    return Positions(items=[PositionShown.model_validate(one) for one in found])


@router.post(
    "/statements",
    responses=problems("not_permitted", "not_a_period", "unknown_partner", "unknown_clearing",
                       "clearing_month_open"),
)  # fmt: skip
def make(
    stated: StatedMonth, actor: Operator, bank: Bank, idempotency_key: IdempotencyKey
) -> StatementMade:
    """Make this book's statement of a month that is over, or find it; the same each time."""
    return StatementMade.model_validate(make_statement(bank, actor, stated.partner, stated.month))


@router.get(
    "/statement",
    response_class=Response,
    responses={
        200: {
            "description": "The signed statement for the partner; it is text.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems("not_permitted", "not_a_period", "unknown_clearing"),
    },
)
def read_statement(
    actor: Auditor,
    bank: Bank,
    partner: Annotated[str, Query(min_length=1, max_length=120)],
    month: Month,
) -> Response:
    """This book's statement of a partner and month as a file."""
    text = statement_file(bank, actor, partner, month)
    named = f'attachment; filename="{month}.clearing-statement"'
    return Response(text, headers={"Content-Disposition": named}, media_type=TEXT)


@router.post(
    "/taken",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "request_too_large", "clearing_unreadable",
                       "unknown_partner", "clearing_elsewhere", "clearing_month_open",
                       "clearing_month_known", "key_reused"),
)  # fmt: skip
def take(
    actor: Operator,
    bank: Bank,
    idempotency_key: IdempotencyKey,
    file: Annotated[UploadFile, File(description="The partner's statement of a month.")],
) -> StatementTaken:
    """Take in what a partner says of a month."""
    if (file.size or 0) > MOST_BYTES:
        raise RequestTooLarge(most=MOST_BYTES)
    answer = take_statement(bank, actor, file.file.read(), key=idempotency_key)
    return StatementTaken.model_validate(answer.body)


@router.post(
    "/nettings",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "not_a_period", "unknown_partner", "unknown_clearing",
                       "clearing_month_open", "clearing_differs", "netting_awaits",
                       "month_netted", "nothing_to_net", "key_reused"),
)  # fmt: skip
def propose(
    stated: StatedMonth, actor: Operator, bank: Bank, idempotency_key: IdempotencyKey
) -> NettingProposed:
    """Propose to net a month on which both statements agree; another operator approves."""
    answer = propose_netting(bank, actor, stated.partner, stated.month, key=idempotency_key)
    return NettingProposed.model_validate(answer.body)


@router.post(
    "/nettings/{netting_id}/decision",
    responses=problems("not_permitted", "unknown_netting", "netting_not_open", "mover_decides",
                       "unknown_partner", "no_profile_in_force", "key_reused"),
)  # fmt: skip
def decide(
    netting_id: OneId,
    stated: StatedDecision,
    actor: Operator,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> NettingDecided:
    """Take what was agreed on off the clearing account, or withdraw the proposal."""
    answer = decide_netting(bank, actor, netting_id, approve=stated.approve, key=idempotency_key)
    return NettingDecided.model_validate(answer.body)


@router.post(
    "/endings",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "unknown_partner", "partner_not_open", "ending_awaits",
                       "partner_not_level", "partner_busy", "key_reused"),
)  # fmt: skip
def end(
    stated: StatedEnding, actor: Operator, bank: Bank, idempotency_key: IdempotencyKey
) -> EndingStated:
    """Ask to end a partnership with nothing left over; another operator approves."""
    answer = ask_end(bank, actor, stated.partner_id, key=idempotency_key)
    return EndingStated.model_validate(answer.body)


@router.post(
    "/endings/{ending_id}/decision",
    responses=problems("not_permitted", "unknown_ending", "ending_not_open", "mover_decides",
                       "partner_not_open", "partner_not_level", "partner_busy", "key_reused"),
)  # fmt: skip
def decide_ending(
    ending_id: OneId,
    stated: StatedDecision,
    actor: Operator,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> EndingStated:
    """End the partnership, or withdraw what was asked."""
    answer = decide_end(bank, actor, ending_id, approve=stated.approve, key=idempotency_key)
    return EndingStated.model_validate(answer.body)


@router.get("/between-stations", responses=problems("not_permitted", "not_a_period"))
def report_between(actor: Auditor, bank: Bank, month: Month) -> Between:
    """What each station gave to elders of each other station in a month."""
    items = [BetweenShown.model_validate(one) for one in _between(actor, bank, month)]
    return Between(month=month, items=items)


@router.get(
    "/between-stations.csv",
    response_class=Response,
    responses={
        200: {
            "description": "The report for Excel and WPS.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
        **problems("not_permitted", "not_a_period"),
    },
)
def report_between_csv(actor: Auditor, bank: Bank, month: Month) -> Response:
    """The same report as CSV."""
    data = as_csv(month, _between(actor, bank, month))
    named = f'attachment; filename="between-stations-{month}.csv"'
    return Response(
        data, headers={"Content-Disposition": named}, media_type="text/csv; charset=utf-8"
    )


def _between(actor: Auditor, bank: Bank, month: str) -> list[BetweenStations]:
    with bank.read() as connection:
        return between_stations(connection, actor, month)
