"""单位与团队: registered with an account of their own, and who belongs to them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from timebank.organisations.actions import (
    LONGEST_TEXT,
    end_member,
    note_member,
    register_organisation,
)
from timebank.organisations.model import Guardian, Kind, NewOrganisation
from timebank.organisations.queries import members_listed, organisations_listed

router = APIRouter(prefix="/api/v1/organisations", tags=["organisations"])

Number = Annotated[str, Path(min_length=1, max_length=20, description="Its number.")]


class StatedOrganisation(BaseModel):
    """Who is to be registered."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: str = Field(min_length=1, max_length=20, examples=["T0001"])
    name: str = Field(max_length=LONGEST_TEXT)
    kind: Annotated[Kind, Field(strict=False)]
    credit_code: str = Field("", max_length=20, description="统一社会信用代码; empty for a team.")
    telephone: str = Field("", max_length=40, repr=False)


class StatedGuardian(BaseModel):
    """Who answers for a minor, and the consent that was shown; sealed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(max_length=LONGEST_TEXT, repr=False)
    telephone: str = Field(max_length=40, repr=False)
    proof: str = Field(max_length=LONGEST_TEXT, repr=False)


class StatedMember(BaseModel):
    """Who belongs to it from today on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: str = Field(min_length=1, max_length=20, description="Member number.")
    guardian: StatedGuardian | None = None


class OrganisationRegistered(BaseModel):
    """The opaque id."""

    organisation: str


class OrganisationShown(BaseModel):
    """A body with its balance."""

    model_config = ConfigDict(from_attributes=True)

    organisation_id: str
    number: str
    name: str
    kind: str
    credit_code: str
    posted_minutes: int
    held_minutes: int
    people: int


class OrganisationPage(BaseModel):
    """Organisations by number; ``next`` is empty on the last page."""

    items: list[OrganisationShown]
    next: str


class MemberShown(BaseModel):
    """Who belongs or belonged to it, masked."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    name: str
    from_on: str
    until_on: str
    has_guardian: bool


@router.get("", responses=problems("not_permitted"))
def list_organisations(
    actor: Actor,
    bank: Bank,
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=20, description="`next` of the page before.")] = "",
) -> OrganisationPage:
    """Organisations by number."""
    with bank.read() as connection:
        found = organisations_listed(bank, connection, actor, after=after, most=limit + 1)
    shown = found[:limit]
    last = shown[-1].number if len(found) > limit else ""
    return OrganisationPage(
        items=[OrganisationShown.model_validate(one) for one in shown], next=last
    )


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems("missing_field", "order_value_invalid", "content_out_of_profile",
                       "number_invalid", "telephone_invalid", "credit_code_invalid",
                       "not_permitted", "person_restricted", "number_taken",
                       "credit_code_taken", "key_reused"),
)  # fmt: skip
def register(
    stated: StatedOrganisation, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> OrganisationRegistered:
    """Register a body with an account of its own."""
    new = NewOrganisation(
        stated.number, stated.name, stated.kind, stated.credit_code, stated.telephone
    )
    made = register_organisation(bank, actor, new, key=idempotency_key)
    return OrganisationRegistered(organisation=made)


@router.get("/{number}/members", responses=problems("not_permitted", "unknown_organisation"))
def list_members(number: Number, actor: Actor, bank: Bank) -> list[MemberShown]:
    """Who belongs or belonged to it."""
    with bank.read() as connection:
        found = members_listed(bank, connection, actor, number)
    return [MemberShown.model_validate(one) for one in found]


@router.post(
    "/{number}/members",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_permitted", "unknown_member", "guardian_missing", "missing_field",
                       "order_value_invalid", "content_out_of_profile", "telephone_invalid",
                       "person_erased", "unknown_organisation", "belongs_already"),
)  # fmt: skip
def join(
    number: Number,
    stated: StatedMember,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> None:
    """Note that somebody belongs to it; a minor by their guardian's word."""
    told = stated.guardian
    guardian = None if told is None else Guardian(told.name, told.telephone, told.proof)
    note_member(bank, actor, number, stated.number, guardian)


@router.post(
    "/{number}/members/{person}/end",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_permitted", "unknown_member", "belongs_not"),
)
def leave(
    number: Number, person: Number, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> None:
    """Note that somebody belongs to it up to today."""
    end_member(bank, actor, number, person)
