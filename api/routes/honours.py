"""Stars: which grade volunteers have reached, and why."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Actor, Bank, PageSize
from api.problems import problems
from timebank.honours.model import Stars
from timebank.honours.queries import OwnStars, stars_by_number, stars_listed

router = APIRouter(prefix="/api/v1", tags=["honours"])


class StarsShown(BaseModel):
    """Stars today; ``undone`` were reached once and went with a reversal."""

    model_config = ConfigDict(from_attributes=True)

    count: int
    most: int
    undone: int
    given_minutes: int
    missing_minutes: int | None = Field(description="To the next star; null: there is none.")


class StarredShown(BaseModel):
    """A volunteer under the mask."""

    number: str
    name: str
    stars: StarsShown


class StarredPage(BaseModel):
    """Volunteers, those with most minutes first; ``next`` is empty on the last page."""

    items: list[StarredShown]
    next: str


class StarsExplained(BaseModel):
    """One person's stars and why; ``stars`` is null where the policy has none."""

    stars: StarsShown | None
    zh: list[str]
    en: list[str]


@router.get("/stars", responses=problems("not_permitted"))
def list_stars(
    actor: Actor,
    bank: Bank,
    station: Annotated[str, Query(max_length=20)] = "",
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=100, description="`next` of the page before.")] = "",
) -> StarredPage:
    """Volunteers who gave something; a station's staff see their own."""
    with bank.read() as connection:
        found = stars_listed(
            bank, connection, actor, station_code=station, after=after, most=limit + 1
        )
    shown = found[:limit]
    return StarredPage(
        items=[
            StarredShown(number=one.number, name=one.name, stars=_shown(one.stars)) for one in shown
        ],
        next=shown[-1].cursor if len(found) > limit else "",
    )


@router.get("/people/{number}/stars", responses=problems("not_permitted", "unknown_member"))
def read_stars(
    number: Annotated[str, Path(min_length=1, max_length=20, description="Member number.")],
    actor: Actor,
    bank: Bank,
) -> StarsExplained:
    """One person's stars, with the ladder, its clause and the minutes behind them."""
    with bank.read() as connection:
        found: OwnStars | None = stars_by_number(bank, connection, actor, number)
    if found is None:
        return StarsExplained(stars=None, zh=[], en=[])
    return StarsExplained(stars=_shown(found.stars), zh=list(found.why.zh), en=list(found.why.en))


def _shown(stars: Stars) -> StarsShown:
    return StarsShown.model_validate(stars)
