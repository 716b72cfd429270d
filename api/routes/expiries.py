"""Credit that expires: month by month, each announcement with its reason, and giving back."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Auditor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from timebank.expiry.explaining import explain_expiry
from timebank.expiry.giving_back import LONGEST_REASON, give_back
from timebank.expiry.queries import expiries_by_month, expiries_listed, expiry_rule

router = APIRouter(prefix="/api/v1/expiries", tags=["expiries"])

ExpiryId = Annotated[str, Path(min_length=1, max_length=64)]


class RuleShown(BaseModel):
    """What today's policy says of the end of credit, with its clauses."""

    model_config = ConfigDict(from_attributes=True)

    expires_after_months: int
    expires_source: str
    notice_months: int
    notice_source: str
    policy: str


class MonthShown(BaseModel):
    """What was announced for a month and what became of it, in minutes."""

    model_config = ConfigDict(from_attributes=True)

    month: str = Field(description="YYYY-MM, in which it falls due.")
    holders: int
    announced_minutes: int
    open_minutes: int = Field(description="Wait for their day.")
    expired_minutes: int
    given_back_minutes: int
    lapsed_minutes: int = Field(description="Not carried out; what is left is announced anew.")
    used_minutes: int = Field(description="Used or set aside in time.")


class ExpiriesShown(BaseModel):
    """Today's rule, null where credit lives for ever, and every month, the newest first."""

    rule: RuleShown | None
    months: list[MonthShown]


class AnnouncementShown(BaseModel):
    """One announcement; ``why`` is empty unless it lapsed."""

    model_config = ConfigDict(from_attributes=True)

    announcement_id: str
    account_id: str
    station_code: str
    minutes: int
    announced_on: str
    due_on: str
    state: str
    why: str
    expired_minutes: int
    entry_id: str
    policy: str
    reason: str = Field(description="Why it was given back.")


class AnnouncementPage(BaseModel):
    """Announcements in their order; ``next`` is empty on the last page."""

    items: list[AnnouncementShown]
    next: str


class InputsShown(BaseModel):
    """What decided, in minutes, as it stood before the entry."""

    model_config = ConfigDict(from_attributes=True)

    posted_minutes: int
    kept_since: str = Field(description="First day of recording whose credit still lived.")
    received_minutes: int
    old_minutes: int
    held_minutes: int
    derived_minutes: int


class ExplanationShown(BaseModel):
    """Why so much expired, line by line in both languages."""

    model_config = ConfigDict(from_attributes=True)

    announcement_id: str
    state: str
    why: str
    minutes: int
    announced_on: str
    due_on: str
    expired_minutes: int
    entry_id: str
    policy: str
    inputs: InputsShown | None
    agrees: bool
    zh: list[str]
    en: list[str]


class StatedReason(BaseModel):
    """Why it is given back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(max_length=LONGEST_REASON)


class GivenBack(BaseModel):
    """The reversal's entry, and what came back."""

    entry: str
    minutes: int


@router.get("", responses=problems("not_permitted"))
def expiries(actor: Auditor, bank: Bank) -> ExpiriesShown:
    """Announced and expired minutes of every month, and the rule of today."""
    with bank.read() as connection:
        months = expiries_by_month(connection, actor)
    rule = expiry_rule(bank)
    return ExpiriesShown(
        rule=None if rule is None else RuleShown.model_validate(rule),
        months=[MonthShown.model_validate(one) for one in months],
    )


@router.get("/announcements", responses=problems("not_permitted"))
def announcements(
    actor: Auditor,
    bank: Bank,
    month: Annotated[
        str,
        Query(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2]))?$", description="YYYY-MM; empty: every month."),
    ] = "",
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> AnnouncementPage:
    """Each announcement with what became of it; accounts, no names."""
    with bank.read() as connection:
        found = expiries_listed(connection, actor, month=month, after=after, most=limit + 1)
    shown = found[:limit]
    return AnnouncementPage(
        items=[AnnouncementShown.model_validate(one) for one in shown],
        next=shown[-1].announcement_id if len(found) > limit else "",
    )


@router.get("/announcements/{expiry_id}/explanation", responses=problems("unknown_expiry"))
def explanation(expiry_id: ExpiryId, actor: Actor, bank: Bank) -> ExplanationShown:
    """Why so much expired, for its holder, the station's staff and the district."""
    with bank.read() as connection:
        return ExplanationShown.model_validate(explain_expiry(bank, connection, actor, expiry_id))


@router.post(
    "/announcements/{expiry_id}/return",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_expiry", "nothing_expired",
                       "expiry_carried_over", "floor_exceeded", "key_reused"),
)  # fmt: skip
def return_expired(
    expiry_id: ExpiryId,
    stated: StatedReason,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> GivenBack:
    """Give back what expired, by a linked reversal."""
    answer = give_back(bank, actor, expiry_id, stated.reason, key=idempotency_key)
    return GivenBack.model_validate(answer.body)
