"""People: register one, list and read them under masks, read a balance by number."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize, Staff
from api.problems import problems
from timebank.orders.family import let_family_confirm
from timebank.people.amending import amend_person, amended_of
from timebank.people.conditions import note_condition
from timebank.people.identity import (
    check_birth_date,
    check_id_number,
    check_name,
    check_number,
    check_telephone,
)
from timebank.people.joining import join, numbers_of
from timebank.people.model import Newcomer
from timebank.people.reading import people_shown, person_shown

router = APIRouter(prefix="/api/v1/people", tags=["people"])

Number = Annotated[str, Path(min_length=1, max_length=20, description="Member number.")]


class NumberAndRole(BaseModel):
    """A number under which the person is known, and what they are under it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: str = Field(max_length=40, examples=["V0001"], description="Empty: one is given.")
    role: Literal["volunteer", "elder", "volunteer elder"]


class StatedPerson(BaseModel):
    """Somebody who is to be registered; everything but the name may be missing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=100, repr=False)
    numbers: list[NumberAndRole] = Field(min_length=1, max_length=8)
    id_number: str | None = Field(None, max_length=40, repr=False)
    telephone: str | None = Field(None, max_length=40, repr=False)
    born_on: Annotated[date, Field(strict=False)] | None = Field(None, repr=False)
    consents: list[Literal["services", "portrait", "family_confirms"]] = Field(
        max_length=3, description="What the person agreed to; `services` is needed."
    )

    def newcomer(self, today: date) -> Newcomer:
        """The person checked and folded.

        Raises, the first that applies:
            NameInvalid, NumberInvalid, IdNumberInvalid, BirthDateDisagrees, TelephoneInvalid.
        """
        name = check_name(self.name)
        numbers = tuple(
            (check_number(one.number) if one.number else "", one.role) for one in self.numbers
        )
        born_on, id_number = self.born_on, None
        if self.id_number:
            identity = check_id_number(self.id_number, today)
            born_on, id_number = check_birth_date(identity, self.born_on), identity.number
        telephone = check_telephone(self.telephone) if self.telephone else None
        return Newcomer(name, numbers, born_on, id_number, telephone)


class StatedAmendment(BaseModel):
    """What is to stand from now on, and what was shown for it; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str | None = Field(None, max_length=100, repr=False)
    id_number: str | None = Field(None, max_length=40, repr=False)
    telephone: str | None = Field(None, max_length=40, repr=False)
    born_on: Annotated[date, Field(strict=False)] | None = Field(None, repr=False)
    proof: str = Field(max_length=200, repr=False)


class StatedCondition(BaseModel):
    """What makes somebody a key elder, and what was shown for it; or that it has ended."""

    model_config = ConfigDict(extra="forbid", strict=True)

    condition: str = Field(min_length=1, max_length=60, examples=["low_income"])
    proof: str = Field(min_length=1, max_length=200, repr=False)
    consented: bool = Field(False, description="The person agreed separately that it is kept.")
    applies: bool = True


class StatedFamilyConsent(BaseModel):
    """Whether relatives may read, confirm and dispute the elder's orders."""

    model_config = ConfigDict(extra="forbid", strict=True)

    allowed: bool


class Registered(BaseModel):
    """The person's opaque id and numbers; the same for somebody who was registered before."""

    person: str
    numbers: list[str]


class ListedPerson(BaseModel):
    """One number of a person; the name is masked."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    role: str
    person_id: str
    account_id: str
    station_code: str
    name: str = Field(description="Masked: 王＊＊; 停止使用 or 已注销 after forgetting.")
    state: str = Field(description="active, restricted or erased.")


class PeoplePage(BaseModel):
    """People in the order of their numbers; ask on with `after`."""

    items: list[ListedPerson]
    next: str | None = Field(description="The `after` of the next page; null behind the last.")


class Person(BaseModel):
    """One person, masked."""

    model_config = ConfigDict(from_attributes=True)

    person_id: str
    account_id: str
    numbers: list[str]
    roles: list[str]
    name: str
    id_number: str = Field(description="Masked, empty where none is known.")
    telephone: str = Field(description="Masked, empty where none is known.")
    state: str = Field(description="active, restricted or erased.")


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        "not_permitted",
        "name_invalid",
        "number_invalid",
        "id_number_invalid",
        "id_number_typed_as_number",
        "birth_date_disagrees",
        "telephone_invalid",
        "consent_missing",
        "person_restricted",
        "unknown_role",
        "number_taken",
        "key_reused",
    ),
)
def register_person(
    stated: StatedPerson, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> Registered:
    """Register one person.  Who is known by ID number keeps the account and gains the numbers."""
    newcomer = stated.newcomer(bank.today())
    person = join(bank, actor, newcomer, stated.consents, key=idempotency_key)
    with bank.read() as connection:
        return Registered(person=person, numbers=numbers_of(connection, person))


@router.get("", responses=problems("not_permitted"))
def list_people(
    actor: Staff,
    bank: Bank,
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=20, description="Number behind which to go on.")] = "",
) -> PeoplePage:
    """People by number, names masked; a station's staff see its own and the district's."""
    with bank.read() as connection:
        found = people_shown(bank, connection, actor, after=after, most=limit + 1)
    items = [ListedPerson.model_validate(one) for one in found[:limit]]
    return PeoplePage(items=items, next=items[-1].number if len(found) > limit else None)


@router.get("/{number}", responses=problems("not_permitted", "unknown_member"))
def read_person(number: Number, actor: Actor, bank: Bank) -> Person:
    """The person of a number, masked; a member may read themselves."""
    with bank.read() as connection:
        return Person.model_validate(person_shown(bank, connection, actor, number))


@router.post(
    "/{number}/identity",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(
        "name_invalid", "id_number_invalid", "id_number_typed_as_number", "birth_date_disagrees",
        "telephone_invalid", "not_permitted", "missing_field", "content_out_of_profile",
        "unknown_member", "person_erased", "id_number_taken",
    ),
)  # fmt: skip
def amend(
    number: Number,
    stated: StatedAmendment,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> None:
    """Put a person's data right; it is written down among the looks at them."""
    amended = amended_of(
        stated.name, stated.id_number, stated.telephone, stated.born_on, bank.today()
    )
    amend_person(bank, actor, number, amended, stated.proof)


@router.post(
    "/{number}/conditions",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(
        "not_permitted", "condition_unknown", "missing_field", "content_out_of_profile",
        "consent_missing", "unknown_member",
    ),
)  # fmt: skip
def note(
    number: Number,
    stated: StatedCondition,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> None:
    """Note a condition for which the policy grants time; it is sealed, and nobody reads it here."""
    note_condition(
        bank,
        actor,
        number,
        stated.condition,
        stated.proof,
        consented=stated.consented,
        applies=stated.applies,
    )


@router.post(
    "/{number}/family",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_permitted", "unknown_member"),
)
def let_family(
    number: Number,
    stated: StatedFamilyConsent,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> None:
    """Note the elder's consent that relatives confirm for them, or its end."""
    let_family_confirm(bank, actor, number, allowed=stated.allowed)
