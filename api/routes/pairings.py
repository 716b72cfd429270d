"""结对: volunteers who promised one elder to come, and whether they did."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, IdempotencyKey, PageSize
from api.problems import problems
from timebank.pairings.actions import make_pairing
from timebank.pairings.changing import add_volunteer, end_pairing, hand_over
from timebank.pairings.model import LONGEST_ALERT_DAYS, MOST_MEMBERS, MOST_PROMISED, Promise, Role
from timebank.pairings.parts import LONGEST_TEXT
from timebank.pairings.queries import pairings_listed

router = APIRouter(prefix="/api/v1/pairings", tags=["pairings"])

PairingId = Annotated[str, Path(min_length=1, max_length=64)]
MemberNumber = Annotated[str, Field(min_length=1, max_length=20, description="Member number.")]


class StatedVolunteer(BaseModel):
    """A volunteer and what they are in the pairing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: MemberNumber
    role: Annotated[Role, Field(strict=False)]


class StatedPairing(BaseModel):
    """What an elder and volunteers agreed to; proof and risks are sealed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    elder: MemberNumber
    volunteers: list[StatedVolunteer] = Field(min_length=1, max_length=MOST_MEMBERS)
    minutes: int = Field(ge=1, le=MOST_PROMISED, description="A month, each but a backup.")
    alert_days: int = Field(ge=1, le=LONGEST_ALERT_DAYS)
    classes: list[str] = Field(default_factory=list, max_length=20)
    proof: str = Field(max_length=LONGEST_TEXT, repr=False)
    risks: str = Field("", max_length=LONGEST_TEXT, repr=False)
    until_on: str = Field("", max_length=20, description="YYYY-MM-DD; empty: open.")


class StatedHandOver(BaseModel):
    """Who leaves, who takes their role, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    leaving: MemberNumber
    coming: str = Field("", max_length=20, description="Empty: nobody.")
    reason: str = Field(max_length=LONGEST_TEXT)


class StatedEnd(BaseModel):
    """Why it ends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(max_length=LONGEST_TEXT)


class PairingMade(BaseModel):
    """The pairing's id."""

    pairing: str


class MonthShown(BaseModel):
    """A month of one volunteer."""

    model_config = ConfigDict(from_attributes=True)

    month: str
    promised_minutes: int
    given_minutes: int
    late_minutes: int = Field(description="Of the given ones, those whose records came late.")
    is_kept: bool


class VolunteerShown(BaseModel):
    """A volunteer of a pairing, masked; months, the newest first."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    name: str
    role: str
    from_on: str
    until_on: str
    kept: list[MonthShown]


class PairingShown(BaseModel):
    """A pairing under masks."""

    model_config = ConfigDict(from_attributes=True)

    pairing_id: str
    number: str
    name: str
    station_code: str
    minutes: int
    alert_days: int
    classes: list[str]
    from_on: str
    until_on: str
    ended_on: str
    is_over: bool
    last_visit_on: str
    days_without: int
    is_overdue: bool
    risks: str
    reason: str
    volunteers: list[VolunteerShown]


class PairingPage(BaseModel):
    """Pairings, the newest first; ``next`` is empty on the last page."""

    items: list[PairingShown]
    next: str


_VOLUNTEER = (
    "unknown_member", "person_erased", "not_a_volunteer", "organisation_not_sent",
    "unknown_pairing", "pairing_ended", "in_the_pairing", "person_deceased", "person_suspended",
    "own_spouse", "kept_apart", "no_profile_in_force", "key_reused",
)  # fmt: skip


@router.get("", responses=problems("not_permitted"))
def list_pairings(
    actor: Actor,
    bank: Bank,
    limit: PageSize = 50,
    before: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> PairingPage:
    """Pairings with what was promised and given; a station's staff see their own."""
    with bank.read() as connection:
        found = pairings_listed(bank, connection, actor, before=before, most=limit + 1)
    shown = found[:limit]
    last = shown[-1].pairing_id if len(found) > limit else ""
    return PairingPage(items=[PairingShown.model_validate(one) for one in shown], next=last)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_class", "unreadable_date",
                       "lead_needed", "pairing_full", "not_a_recipient", "already_paired",
                       *_VOLUNTEER),
)  # fmt: skip
def make(
    stated: StatedPairing, actor: Actor, bank: Bank, idempotency_key: IdempotencyKey
) -> PairingMade:
    """Note what an elder and volunteers agreed to."""
    promise = Promise(
        stated.elder,
        tuple((one.number, one.role) for one in stated.volunteers),
        stated.minutes,
        stated.alert_days,
        tuple(stated.classes),
        stated.proof,
        stated.risks,
        stated.until_on,
    )
    return PairingMade.model_validate(make_pairing(bank, actor, promise, key=idempotency_key).body)


@router.post(
    "/{pairing_id}/volunteers",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "lead_needed", "pairing_full", *_VOLUNTEER),
)
def add(
    pairing_id: PairingId,
    stated: StatedVolunteer,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> PairingMade:
    """Add a member or backup."""
    answer = add_volunteer(bank, actor, pairing_id, stated.number, stated.role, key=idempotency_key)
    return PairingMade.model_validate(answer.body)


@router.post(
    "/{pairing_id}/hand-over",
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "not_in_the_pairing", "lead_needed",
                       *_VOLUNTEER),
)  # fmt: skip
def change(
    pairing_id: PairingId,
    stated: StatedHandOver,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> PairingMade:
    """Let a volunteer leave and another take their role."""
    answer = hand_over(
        bank, actor, pairing_id, stated.leaving, stated.coming, stated.reason, key=idempotency_key
    )
    return PairingMade.model_validate(answer.body)


@router.post(
    "/{pairing_id}/end",
    responses=problems("not_permitted", "missing_field", "order_value_invalid",
                       "content_out_of_profile", "unknown_pairing", "pairing_ended",
                       "key_reused"),
)  # fmt: skip
def end(
    pairing_id: PairingId,
    stated: StatedEnd,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> PairingMade:
    """End a pairing today."""
    answer = end_pairing(bank, actor, pairing_id, stated.reason, key=idempotency_key)
    return PairingMade.model_validate(answer.body)
