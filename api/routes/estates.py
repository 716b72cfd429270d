"""After a death: reported by one person, settled by another, taken back where it was wrong."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from timebank.clock import from_milliseconds
from timebank.estates.actions import (
    LONGEST_TEXT,
    Share,
    report_death,
    reverse_settlement,
    settle_estate,
    withdraw_report,
)
from timebank.estates.explaining import explain_estate
from timebank.estates.model import MOST_HEIRS
from timebank.estates.queries import ShownEstate, estates_listed

router = APIRouter(prefix="/api/v1/estates", tags=["estates"])

EstateId = Annotated[str, Path(min_length=1, max_length=64)]


class StatedDeath(BaseModel):
    """Who has died, when, and what was shown for it; the last two are sealed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: str = Field(min_length=1, max_length=20, description="Member number.")
    died_on: str = Field(max_length=20, description="YYYY-MM-DD")
    proof: str = Field(max_length=LONGEST_TEXT)


class StatedReason(BaseModel):
    """Why it is taken back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(max_length=LONGEST_TEXT)


class StatedShare(BaseModel):
    """What one relative receives."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: str = Field(min_length=1, max_length=20, description="Member number.")
    minutes: int = Field(ge=1, le=10_000_000)


class StatedSettlement(BaseModel):
    """What relatives receive; the policy's share goes to the umbrella body, else to the pool."""

    model_config = ConfigDict(extra="forbid", strict=True)

    shares: list[StatedShare] = Field(max_length=MOST_HEIRS)


class Reported(BaseModel):
    """The report's id."""

    estate: str


class Settled(Reported):
    """The entry, and what went to the pool and to the umbrella body."""

    entry: str
    pool_minutes: int
    umbrella_minutes: int


class Reversed(Reported):
    """The reversal's entry."""

    entry: str


class RelativeShown(BaseModel):
    """A registered relative, masked."""

    number: str
    name: str
    relation: str


class ShareShown(BaseModel):
    """What went to a relative; for the pool ``relation`` is empty, for the other ``umbrella``."""

    entry_id: str
    name: str
    relation: str
    minutes: int
    settled_by: str
    settled_at: datetime
    is_reversed: bool


class EstateShown(BaseModel):
    """A report under masks, with what is on the account and what was settled."""

    estate_id: str
    number: str
    name: str
    station_code: str
    reported_by: str
    reported_at: datetime
    is_withdrawn: bool
    posted_minutes: int
    held_minutes: int
    open_orders: int = Field(description="Wishes and visits to come that somebody must cancel.")
    relatives: list[RelativeShown]
    shares: list[ShareShown]


class EstatePage(BaseModel):
    """Reports, the newest first; ``next`` is empty on the last page."""

    items: list[EstateShown]
    next: str


@router.get("", responses=problems("not_permitted"))
def list_estates(
    actor: Actor,
    bank: Bank,
    limit: PageSize = 50,
    before: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> EstatePage:
    """Reported deaths; a station's staff see their own."""
    with bank.read() as connection:
        found = estates_listed(bank, connection, actor, before=before, most=limit + 1)
    shown = found[:limit]
    last = shown[-1].estate_id if len(found) > limit else ""
    return EstatePage(items=[_shown(one) for one in shown], next=last)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "unreadable_date", "in_the_future", "missing_field",
                       "order_value_invalid", "content_out_of_profile", "unknown_member",
                       "person_erased", "person_deceased", "key_reused"),
)  # fmt: skip
def report(
    stated: StatedDeath, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> Reported:
    """Note a death: cards and sessions end, and the account rests."""
    answer = report_death(
        bank, actor, stated.number, stated.died_on, stated.proof, key=idempotency_key
    )
    return Reported.model_validate(answer.body)


class SharingExplained(BaseModel):
    """Why the minutes were shared so, line by line in both languages."""

    model_config = ConfigDict(from_attributes=True)

    zh: list[str]
    en: list[str]


@router.get("/{estate_id}/explanation", responses=problems("not_permitted", "unknown_estate"))
def explain(estate_id: EstateId, actor: Actor, bank: Bank) -> SharingExplained:
    """Every settlement of a report, shared anew under the policy of its day."""
    with bank.read() as connection:
        return SharingExplained.model_validate(explain_estate(bank, connection, actor, estate_id))


@router.post(
    "/{estate_id}/withdrawal",
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_estate", "reporter_decides",
                       "estate_settled", "key_reused"),
)  # fmt: skip
def withdraw(
    estate_id: EstateId,
    stated: StatedReason,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Reported:
    """Take a wrong report back; another person than who reported."""
    answer = withdraw_report(bank, actor, estate_id, stated.reason, key=idempotency_key)
    return Reported.model_validate(answer.body)


@router.post(
    "/{estate_id}/settlement",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "not_whole_minutes", "unknown_member",
                       "unknown_estate", "reporter_decides", "holds_open", "nothing_left",
                       "heir_not_kin", "person_deceased", "no_profile_in_force",
                       "shares_too_large", "account_cap_exceeded",
                       "key_reused"),
)  # fmt: skip
def settle(
    estate_id: EstateId,
    stated: StatedSettlement,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Settled:
    """Give what the account has to relatives and the pool."""
    shares = [Share(one.number, one.minutes) for one in stated.shares]
    answer = settle_estate(bank, actor, estate_id, shares, key=idempotency_key)
    return Settled.model_validate(answer.body)


@router.post(
    "/settlements/{entry_id}/reversal",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_estate", "reporter_decides",
                       "settlement_carried_over", "floor_exceeded", "no_profile_in_force",
                       "key_reused"),
)  # fmt: skip
def reverse(
    entry_id: EstateId,
    stated: StatedReason,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Reversed:
    """Undo a settlement by a linked reversal; another person than who settled."""
    answer = reverse_settlement(bank, actor, entry_id, stated.reason, key=idempotency_key)
    return Reversed.model_validate(answer.body)


def _shown(one: ShownEstate) -> EstateShown:
    return EstateShown(
        estate_id=one.estate_id,
        number=one.number,
        name=one.name,
        station_code=one.station_code,
        reported_by=one.reported_by,
        reported_at=from_milliseconds(one.reported_ms),
        is_withdrawn=one.is_withdrawn,
        posted_minutes=one.posted_minutes,
        held_minutes=one.held_minutes,
        open_orders=one.open_orders,
        relatives=[
            RelativeShown(number=kin.number, name=kin.name, relation=kin.relation)
            for kin in one.relatives
        ],
        shares=[
            ShareShown(
                entry_id=share.entry_id,
                name=share.name,
                relation=share.relation,
                minutes=share.minutes,
                settled_by=share.settled_by,
                settled_at=from_milliseconds(share.settled_ms),
                is_reversed=share.is_reversed,
            )
            for share in one.shares
        ],
    )
