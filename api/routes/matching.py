"""Matching: who might take an order, a whole day at once, and what is known of people for it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, Clerk, IdempotencyKey, Operator, Tried
from api.problems import problems
from api.routes.people import Number
from timebank.matching import queries
from timebank.matching.actions import LONGEST_REASON, Told, draw_area, keep_apart, pause, tell
from timebank.matching.assigning import DayPlan, Proposal, assign_day
from timebank.matching.facts import Asked
from timebank.matching.model import Window

router = APIRouter(prefix="/api/v1", tags=["matching"])

OrderId = Annotated[str, Path(min_length=1, max_length=64)]
Most = Annotated[int, Query(alias="limit", ge=1, le=200, description="Most items of each list.")]
_DAY = r"^(\d{4}-\d{2}-\d{2})?$"
Gender = Literal["", "female", "male"]


class Why(BaseModel):
    """A rule at work, as a sentence."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    zh: str
    en: str
    points: int = Field(description="What it gave or took; 0 for a hard rule.")


class CandidateShown(BaseModel):
    """A volunteer who may be asked, masked."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    name: str
    points: int
    reasons: list[Why]


class BarredShown(BaseModel):
    """A volunteer whom a hard rule keeps from the order, masked."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    name: str
    why: Why


class CandidatesShown(BaseModel):
    """Volunteers for one order: the best first, and whom a hard rule refuses."""

    model_config = ConfigDict(from_attributes=True)

    order_id: str
    ranked: list[CandidateShown]
    refused: list[BarredShown]
    refused_by: dict[str, int] = Field(description="Everybody who is refused, counted by rule.")


class OpenOrderShown(BaseModel):
    """An open order as a volunteer sees it: nothing that names the elder."""

    order_id: str
    number: int
    station_code: str
    class_code: str
    wanted_on: str
    wanted_at: str
    wanted_minutes: int
    points: int
    reasons: list[Why]


class OpenOrdersShown(BaseModel):
    """Open orders, the best for the volunteer first."""

    items: list[OpenOrderShown]


class StatedDay(BaseModel):
    """A day of a station that is to be given out; nothing is matched unless `commit` is true."""

    model_config = ConfigDict(extra="forbid", strict=True)

    station: str = Field(min_length=1, max_length=20)
    on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Wished day.")
    commit: bool = False


class Matched(BaseModel):
    """What became of one match: its state, or the code and sentences of its refusal."""

    state: str = ""
    held_minutes: int = 0
    code: str = ""
    zh: str = ""
    en: str = ""


class ProposalShown(BaseModel):
    """An order of the day; `number` is empty where nobody is proposed, and `why` says why."""

    order_id: str
    order_number: int
    wanted_at: str
    wanted_minutes: int
    class_code: str
    number: str
    volunteer: str = Field(description="Masked.")
    points: int
    why: list[Why]
    answer: Matched | None = Field(description="Null in a dry run.")


class DayShown(BaseModel):
    """A station's day, given out."""

    station: str
    on: str
    points: int = Field(description="Of all proposals, less what further visits of a day cost.")
    proposals: list[ProposalShown]


class StatedWindow(BaseModel):
    """A time of the week, in minutes of the day; `to_minute` is outside."""

    model_config = ConfigDict(extra="forbid", strict=True)

    weekday: int = Field(ge=1, le=7, description="1 is Monday.")
    from_minute: int = Field(ge=0, le=1439)
    to_minute: int = Field(ge=1, le=1440)


class StatedMatching(BaseModel):
    """What is told of a person; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid", strict=True)

    skills: list[Annotated[str, Field(max_length=40)]] | None = Field(None, max_length=40)
    free_times: list[StatedWindow] | None = Field(None, max_length=50)
    area: str | None = Field(None, max_length=20, description="Empty ends the consent to it.")
    area_consent: bool = Field(False, description="The person agreed to this separately.")
    insured_until: str | None = Field(None, pattern=_DAY)
    agreed_until: str | None = Field(None, pattern=_DAY)
    gender: Gender | None = Field(None, repr=False)
    gender_wish: Gender | None = Field(None, repr=False)

    def told(self) -> Told:
        """The same for the action."""
        windows = None
        if self.free_times is not None:
            windows = tuple(
                Window(one.weekday, one.from_minute, one.to_minute) for one in self.free_times
            )
        return Told(
            None if self.skills is None else tuple(self.skills),
            windows,
            self.area,
            self.area_consent,
            self.insured_until,
            self.agreed_until,
            self.gender,
            self.gender_wish,
        )


class StatedPause(BaseModel):
    """From when until when a volunteer takes nothing; an empty `from_on` ends the pause."""

    model_config = ConfigDict(extra="forbid", strict=True)

    from_on: str = Field(pattern=_DAY)
    until_on: str = Field("", pattern=_DAY, description="Last day; empty has no end.")
    reason: str = Field("", max_length=LONGEST_REASON, repr=False)


class StatedExclusion(BaseModel):
    """A volunteer who is to be kept apart from the elder, or no longer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    volunteer: str = Field(min_length=1, max_length=20)
    apart: bool = True


class Apart(BaseModel):
    """Somebody who is kept apart from the person, masked."""

    number: str
    name: str


class MatchingShown(BaseModel):
    """What matching knows of a person."""

    skills: list[str]
    free_times: list[StatedWindow]
    area: str
    insured_until: str
    agreed_until: str
    paused_from: str
    paused_until: str
    gender: str = Field(repr=False)
    gender_wish: str = Field(repr=False)
    pause_reason: str = Field(repr=False)
    apart: list[Apart] = Field(description="Empty for members: an exclusion is not theirs to see.")


class StatedArea(BaseModel):
    """An area with its middle on the city's own grid, in whole metres."""

    model_config = ConfigDict(extra="forbid", strict=True, from_attributes=True)

    code: str = Field(min_length=1, max_length=20, pattern="^[A-Za-z0-9][A-Za-z0-9-]*$")
    name: str = Field(min_length=1, max_length=80)
    east_metres: int = Field(ge=-1_000_000, le=1_000_000)
    north_metres: int = Field(ge=-1_000_000, le=1_000_000)


class Areas(BaseModel):
    """Every area by code."""

    items: list[StatedArea]


@router.get(
    "/orders/{order_id}/candidates",
    responses=problems("not_permitted", "unknown_order", "order_step_not_allowed"),
)
def list_candidates(
    order_id: OrderId, actor: Clerk, bank: Bank, limit: Most = 20
) -> CandidatesShown:
    """Volunteers for a published order, ranked with reasons; names are masked."""
    return CandidatesShown.model_validate(queries.candidates(bank, actor, order_id, most=limit))


@router.post(
    "/orders/assignment",
    responses=problems(
        "not_permitted", "matching_value_invalid", "extra_missing", "no_profile_in_force",
        "unknown_station", "key_reused",
    ),
)  # fmt: skip
def assign_orders(
    stated: StatedDay, actor: Clerk, bank: Bank, tried: Tried, idempotency_key: IdempotencyKey
) -> DayShown:
    """Propose volunteers for all open orders of a day at once; match them where `commit` is set."""

    def made() -> DayShown:
        return _day(
            assign_day(
                bank, actor, stated.station, stated.on, commit=stated.commit, key=idempotency_key
            )
        )

    content = stated.model_dump_json().encode()
    return tried.answer("assignment", actor, idempotency_key, content, made)


@router.get("/people/{number}/open-orders", responses=problems("not_permitted", "unknown_member"))
def list_open_orders(number: Number, actor: Actor, bank: Bank, limit: Most = 20) -> OpenOrdersShown:
    """Open orders that would suit a volunteer, with reasons; a member reads their own."""
    found = queries.open_orders(bank, actor, number, most=limit)
    return OpenOrdersShown(
        items=[
            OpenOrderShown(
                **_order(one.asked),  # type: ignore[arg-type]
                number=one.asked.number,
                station_code=one.asked.station_code,
                wanted_on=one.asked.wanted_on,
                points=one.points,
                reasons=[Why.model_validate(why) for why in one.reasons],
            )
            for one in found
        ]
    )


@router.get("/people/{number}/matching", responses=problems("not_permitted", "unknown_member"))
def read_matching(number: Number, actor: Actor, bank: Bank) -> MatchingShown:
    """What matching knows of a person, for staff of their station and for themselves."""
    return MatchingShown.model_validate(queries.matching_shown(bank, actor, number))


@router.post(
    "/people/{number}/matching",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(
        "not_permitted", "unknown_member", "matching_value_invalid", "consent_missing",
        "unknown_area", "person_erased",
    ),
)  # fmt: skip
def tell_matching(
    number: Number,
    stated: StatedMatching,
    actor: Actor,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> None:
    """Tell skills, free times, area, papers, gender or wish; members tell of their free times."""
    tell(bank, actor, number, stated.told())


@router.post(
    "/people/{number}/matching/pause",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(
        "not_permitted", "unknown_member", "matching_value_invalid", "missing_field",
        "content_out_of_profile", "person_erased",
    ),
)  # fmt: skip
def pause_matching(
    number: Number, stated: StatedPause, actor: Clerk, bank: Bank, idempotency_key: IdempotencyKey
) -> None:
    """Pause a volunteer, or end the pause."""
    pause(
        bank, actor, number, from_on=stated.from_on, until_on=stated.until_on, reason=stated.reason
    )


@router.post(
    "/people/{number}/matching/exclusions",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_permitted", "unknown_member", "same_person"),
)
def exclude_volunteer(
    number: Number,
    stated: StatedExclusion,
    actor: Clerk,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> None:
    """Keep an elder and a volunteer apart, or no longer; neither of them is told."""
    keep_apart(bank, actor, number, stated.volunteer, apart=stated.apart)


@router.get("/areas", responses=problems("not_permitted"))
def list_areas(actor: Actor, bank: Bank) -> Areas:
    """Every area, by code."""
    with bank.read() as connection:
        found = queries.areas_listed(connection, actor)
    return Areas(items=[StatedArea.model_validate(one) for one in found])


@router.post(
    "/areas",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("matching_value_invalid", "content_out_of_profile"),
)
def create_area(
    stated: StatedArea, actor: Operator, bank: Bank, idempotency_key: IdempotencyKey
) -> None:
    """Note an area, or move it.  One that bears a station's code is where its people are."""
    draw_area(bank, actor, stated.code, stated.name, stated.east_metres, stated.north_metres)


def _order(asked: Asked) -> dict[str, str | int]:
    return {
        "order_id": asked.request.order_id,
        "wanted_at": asked.wanted_at,
        "wanted_minutes": asked.request.minutes,
        "class_code": asked.request.class_code,
    }


def _day(plan: DayPlan) -> DayShown:
    return DayShown(
        station=plan.station_code,
        on=plan.on,
        points=plan.points,
        proposals=[_proposal(one) for one in plan.proposals],
    )


def _proposal(one: Proposal) -> ProposalShown:
    return ProposalShown(
        **_order(one.asked),  # type: ignore[arg-type]
        order_number=one.asked.number,
        number=one.number,
        volunteer=one.volunteer,
        points=one.points,
        why=[Why.model_validate(why) for why in one.why],
        answer=None if one.answer is None else Matched.model_validate(one.answer),
    )
