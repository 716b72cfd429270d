"""Who is what to whom: kinship with its proof, and the delegates that elders named."""

from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey
from api.problems import problems
from timebank.people.delegates import (
    LONGEST_PROOF,
    Authority,
    delegates_of,
    end_delegate,
    name_delegate,
)
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation

router = APIRouter(prefix="/api/v1/people", tags=["people"])

Number = Annotated[str, Path(min_length=1, max_length=20, description="Member number.")]


class StatedKinship(BaseModel):
    """What another person is to this one, and what was shown for it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    other: str = Field(min_length=1, max_length=20, description="Member number.")
    relation: Annotated[Relation, Field(strict=False)]
    proof: str = Field(max_length=LONGEST_PROOF, repr=False)


class StatedAuthority(BaseModel):
    """Whom an elder names, for what and how long, and the paper that was shown."""

    model_config = ConfigDict(extra="forbid", strict=True)

    delegate: str = Field(min_length=1, max_length=20, description="Member number.")
    proof: str = Field(max_length=LONGEST_PROOF, repr=False)
    until_on: str = Field("", max_length=20, description="YYYY-MM-DD; empty: until taken back.")
    may_ask: bool = Field(False, description="To ask for care, too.")


class DelegateShown(BaseModel):
    """An authority that runs, masked."""

    model_config = ConfigDict(from_attributes=True)

    elder_number: str
    elder_name: str
    delegate_number: str
    delegate_name: str
    may_ask: bool
    until_on: str


@router.post(
    "/{number}/kin",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_member", "same_person",
                       "person_erased"),
)  # fmt: skip
def note_kin(
    number: Number,
    stated: StatedKinship,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> None:
    """Note what another person is to this one, from both sides."""
    mine, other = number.strip().upper(), stated.other.strip().upper()
    note_kinship(bank, actor, mine, other, stated.relation, stated.proof)


@router.get("/{number}/delegates", responses=problems("not_permitted", "unknown_member"))
def list_delegates(number: Number, actor: Actor, bank: Bank) -> list[DelegateShown]:
    """Authorities that run from or to a person."""
    with bank.read() as connection:
        found = delegates_of(bank, connection, actor, number)
    return [DelegateShown.model_validate(one) for one in found]


@router.post(
    "/{number}/delegates",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unreadable_date", "unknown_member",
                       "same_person", "person_erased", "not_a_recipient", "delegate_named"),
)  # fmt: skip
def name(
    number: Number,
    stated: StatedAuthority,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> None:
    """Note whom the elder of the number names."""
    authority = Authority(number, stated.delegate, stated.proof, stated.until_on, stated.may_ask)
    name_delegate(bank, actor, authority)


@router.post(
    "/{number}/delegates/{delegate}/end",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_permitted", "unknown_member", "no_delegate"),
)
def end(
    number: Number, delegate: Number, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> None:
    """Take an authority back."""
    end_delegate(bank, actor, number, delegate)
