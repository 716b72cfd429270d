"""Transfers: give, donate, think again within ten minutes, propose and decide grants."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from timebank.clock import from_milliseconds
from timebank.transfers import giving, proposing
from timebank.transfers.model import State
from timebank.transfers.queries import transfers_listed
from timebank.transfers.store import StoredTransfer

router = APIRouter(prefix="/api/v1/transfers", tags=["transfers"])

TransferId = Annotated[str, Path(min_length=1, max_length=64)]
Minutes = Annotated[int, Field(ge=1, le=10_000_000)]
_GIVING = (
    "not_permitted", "assistant_missing", "unknown_member", "no_profile_in_force",
    "transfer_not_allowed", "not_whole_minutes", "floor_exceeded", "content_out_of_profile",
    "key_reused",
)  # fmt: skip


class StatedGift(BaseModel):
    """A gift; a member gives for themselves and leaves ``giver`` and ``assistant`` empty."""

    model_config = ConfigDict(extra="forbid", strict=True)

    receiver: str = Field(min_length=1, max_length=20, description="Member number.")
    minutes: Minutes
    giver: str = Field("", max_length=20, description="Member number, at the counter.")
    assistant: str = Field("", max_length=200, description="Who helped at the counter.")


class StatedDonation(BaseModel):
    """A donation; as a gift, but to a group."""

    model_config = ConfigDict(extra="forbid", strict=True)

    to: Literal["pool", "childless_elder", "hardship_elder", "nonprofit_home"] = "pool"
    minutes: Minutes
    giver: str = Field("", max_length=20, description="Member number, at the counter.")
    assistant: str = Field("", max_length=200, description="Who helped at the counter.")


class StatedFunding(BaseModel):
    """Minutes that are to go from the public pool to the grant fund."""

    model_config = ConfigDict(extra="forbid", strict=True)

    minutes: Minutes


class StatedDecision(BaseModel):
    """What another person says of a proposal."""

    model_config = ConfigDict(extra="forbid", strict=True)

    approve: bool


class Given(BaseModel):
    """What is held now and moves in ten minutes."""

    transfer: str
    state: str
    minutes: int
    code: str = Field(description="The relation of a gift, the group of a donation.")
    undo_until: datetime = Field(description="UTC; before it the giver may undo.")


class Undone(BaseModel):
    """What went back to the giver."""

    transfer: str
    state: str


class Proposed(BaseModel):
    """A proposal that waits for another person."""

    proposal: str
    transfers: int


class Decided(BaseModel):
    """What became of a proposal."""

    proposal: str
    state: str
    entries: list[str]


class TransferShown(BaseModel):
    """A transfer by accounts and codes."""

    transfer_id: str
    kind: str
    state: str
    from_account: str
    to_account: str
    minutes: int
    code: str
    made_on: str
    granted_month: str | None
    proposal_id: str
    station_code: str
    entry_id: str
    made_by: str
    made_at: datetime = Field(description="UTC.")
    undo_until: datetime | None = Field(description="UTC; null where nothing is held.")
    decided_by: str


class TransfersPage(BaseModel):
    """Transfers, the newest first; ask on with `after`."""

    items: list[TransferShown]
    next: str | None


@router.post(
    "/gifts",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*_GIVING, "same_person", "account_cap_exceeded"),
)
def give(stated: StatedGift, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey) -> Given:
    """Give time to kin or a friend, as the policy allows; it is held for ten minutes."""
    asked = giving.Giving(stated.receiver, stated.minutes, stated.giver, stated.assistant)
    return _given(giving.give(bank, actor, asked, key=idempotency_key).body)


@router.post(
    "/donations",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*_GIVING, "donation_group_without_account"),
)
def donate(
    stated: StatedDonation, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> Given:
    """Donate time to the public pool; it is held for ten minutes."""
    asked = giving.Giving(stated.to, stated.minutes, stated.giver, stated.assistant)
    return _given(giving.donate(bank, actor, asked, key=idempotency_key).body)


@router.post(
    "/{transfer_id}/undo",
    responses=problems("not_permitted", "unknown_member", "unknown_transfer", "undo_over",
                       "key_reused"),
)  # fmt: skip
def undo(
    transfer_id: TransferId, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> Undone:
    """Take a gift or donation back within its ten minutes."""
    answer = giving.undo(bank, actor, transfer_id, key=idempotency_key)
    return Undone.model_validate(answer.body)


@router.post(
    "/funding",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "not_whole_minutes", "source_too_small",
                       "no_profile_in_force", "key_reused"),
)  # fmt: skip
def propose_funding(
    stated: StatedFunding, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> Proposed:
    """Propose that the public pool donates to the grant fund."""
    answer = proposing.propose_funding(bank, actor, stated.minutes, key=idempotency_key)
    return Proposed.model_validate(answer.body)


@router.post(
    "/grants",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "no_profile_in_force", "nothing_to_grant",
                       "source_too_small", "key_reused"),
)  # fmt: skip
def propose_grants(actor: Actor, bank: Bank, idempotency_key: IdempotencyKey) -> Proposed:
    """Propose this month's grant for every eligible elder who has none yet."""
    answer = proposing.propose_grants(bank, actor, key=idempotency_key)
    return Proposed.model_validate(answer.body)


@router.post(
    "/proposals/{proposal_id}/decision",
    responses=problems("not_permitted", "no_profile_in_force", "unknown_transfer",
                       "proposal_not_open", "proposer_decides", "proposal_outdated",
                       "source_too_small", "account_cap_exceeded", "key_reused"),
)  # fmt: skip
def decide(
    proposal_id: TransferId,
    stated: StatedDecision,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Decided:
    """Approve or reject a proposal; whoever proposed may only withdraw it."""
    answer = proposing.decide_proposal(
        bank, actor, proposal_id, approve=stated.approve, key=idempotency_key
    )
    return Decided.model_validate(answer.body)


@router.get("", responses=problems("not_permitted", "unknown_member"))
def list_transfers(
    actor: Actor,
    bank: Bank,
    state: State | None = None,
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> TransfersPage:
    """Transfers: a member's own, a station's, or all."""
    with bank.read() as connection:
        found = transfers_listed(connection, actor, state=state, after=after, most=limit + 1)
    items = [_shown(one) for one in found[:limit]]
    return TransfersPage(items=items, next=items[-1].transfer_id if len(found) > limit else None)


def _given(body: dict[str, Any]) -> Given:
    told = {name: value for name, value in body.items() if name != "undo_until_ms"}
    until = from_milliseconds(body["undo_until_ms"])
    return Given.model_validate({**told, "undo_until": until})


def _shown(one: StoredTransfer) -> TransferShown:
    return TransferShown(
        transfer_id=one.transfer_id,
        kind=one.kind,
        state=one.state,
        from_account=one.from_account,
        to_account=one.to_account,
        minutes=one.minutes,
        code=one.code,
        made_on=one.made_on,
        granted_month=one.granted_month,
        proposal_id=one.proposal_id,
        station_code=one.station_code,
        entry_id=one.entry_id,
        made_by=one.made_by,
        made_at=from_milliseconds(one.made_ms),
        undo_until=from_milliseconds(one.undo_until_ms) if one.undo_until_ms else None,
        decided_by=one.decided_by,
    )
