"""Taking back a record whose minutes are spent: proposed, decided by another, and what is open."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from timebank.shortfalls.explaining import explain_reversal
from timebank.shortfalls.proposing import LONGEST_REASON, decide_reversal, propose_reversal
from timebank.shortfalls.queries import proposals_listed, shortfalls_listed

router = APIRouter(prefix="/api/v1", tags=["shortfalls"])

Id = Annotated[str, Path(min_length=1, max_length=64)]
Cursor = Annotated[str, Query(max_length=64, description="`next` of the page before.")]


class StatedReason(BaseModel):
    """Why the record must go back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(max_length=LONGEST_REASON)


class StatedDecision(BaseModel):
    """Whether the record goes back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    approve: bool


class Proposed(BaseModel):
    """The proposal, and the minutes that are missing as of now."""

    missing: int
    proposal: str
    record: str


class Decided(BaseModel):
    """What became of it; ``missing`` minutes were lent, ``entries`` are the reversals."""

    entries: list[str]
    missing: int
    proposal: str
    record: str
    state: str


class ProposalShown(BaseModel):
    """A proposal; moments are UTC milliseconds."""

    model_config = ConfigDict(from_attributes=True)

    proposal_id: str
    record_id: str
    record_number: int
    service_on: str
    station_code: str
    reason: str
    state: str
    covered_minutes: int
    proposed_by: str
    proposed_ms: int
    decided_by: str
    decided_ms: int | None


class ProposalPage(BaseModel):
    """Proposals, the newest first; ``next`` is empty on the last page."""

    items: list[ProposalShown]
    next: str


class Explained(BaseModel):
    """Line by line, in both languages."""

    model_config = ConfigDict(from_attributes=True)

    zh: list[str]
    en: list[str]


class ShortfallShown(BaseModel):
    """What an account is short of and what came back, in minutes."""

    model_config = ConfigDict(from_attributes=True)

    account_id: str
    number: str
    open_minutes: int
    recovered_minutes: int
    since_ms: int


class ShortfallPage(BaseModel):
    """Accounts with an open shortfall, by account; ``next`` is empty on the last page."""

    items: list[ShortfallShown]
    next: str


@router.post(
    "/records/{record_id}/reversal-proposals",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_record", "not_awaiting_review",
                       "record_carried_over", "reversal_proposed", "nothing_missing",
                       "key_reused"),
)  # fmt: skip
def propose(
    record_id: Id, stated: StatedReason, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> Proposed:
    """Propose to take a posted record back though its minutes are spent."""
    answer = propose_reversal(bank, actor, record_id, stated.reason, key=idempotency_key)
    return Proposed.model_validate(answer.body)


@router.post(
    "/reversal-proposals/{proposal_id}/decision",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "unknown_reversal_proposal", "reversal_proposal_not_open",
                       "reversal_proposer_decides", "not_awaiting_review", "already_reversed",
                       "floor_exceeded", "ceiling_exceeded", "no_profile_in_force", "key_reused"),
)  # fmt: skip
def decide(
    proposal_id: Id,
    stated: StatedDecision,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Decided:
    """Approve a proposal of somebody else, or withdraw it."""
    answer = decide_reversal(bank, actor, proposal_id, approve=stated.approve, key=idempotency_key)
    return Decided.model_validate(answer.body)


@router.get("/reversal-proposals", responses=problems("not_permitted"))
def proposals(actor: Actor, bank: Bank, limit: PageSize = 50, after: Cursor = "") -> ProposalPage:
    """Proposals: a reviewer's station's, or all for the district."""
    with bank.read() as connection:
        found = proposals_listed(connection, actor, before=after, most=limit + 1)
    shown = found[:limit]
    return ProposalPage(
        items=[ProposalShown.model_validate(one) for one in shown],
        next=shown[-1].proposal_id if len(found) > limit else "",
    )


@router.get(
    "/reversal-proposals/{proposal_id}/explanation",
    responses=problems("not_permitted", "unknown_reversal_proposal", "no_profile_in_force"),
)
def explain(proposal_id: Id, actor: Actor, bank: Bank) -> Explained:
    """What was lent, what came back, and what the policy takes next."""
    with bank.read() as connection:
        return Explained.model_validate(explain_reversal(bank, connection, actor, proposal_id))


@router.get("/shortfalls", responses=problems("not_permitted"))
def shortfalls(actor: Actor, bank: Bank, limit: PageSize = 50, after: Cursor = "") -> ShortfallPage:
    """Who is short of what, for the district."""
    with bank.read() as connection:
        found = shortfalls_listed(connection, actor, after=after, most=limit + 1)
    shown = found[:limit]
    return ShortfallPage(
        items=[ShortfallShown.model_validate(one) for one in shown],
        next=shown[-1].account_id if len(found) > limit else "",
    )
