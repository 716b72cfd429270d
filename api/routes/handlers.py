"""What each handler did in a period, in figures."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.dependencies import Auditor, Bank
from api.problems import ValidationFailed, problems
from timebank.integrity.statistics import handler_figures

router = APIRouter(prefix="/api/v1/handlers", tags=["handlers"])


class FiguresShown(BaseModel):
    """One handler's work; everything but the reviews is of what they recorded."""

    handler: str = Field(description="Opaque id; empty: members who confirmed their own visits.")
    login: str
    title: str
    station_code: str
    entries: int
    imported: int
    late: int
    late_minutes: int = Field(description="Served minutes of the late ones.")
    whole_hours: int
    returned: int
    asked: int
    disagreed: int
    reviews: int
    median_review_seconds: int | None


class Handlers(BaseModel):
    """Everybody who recorded or reviewed, the busiest first; both days are counted."""

    first_on: date
    last_on: date
    items: list[FiguresShown]


@router.get("", responses=problems("not_permitted", "validation_failed"))
def handlers(
    bank: Bank,
    actor: Auditor,
    first: Annotated[date, Query(alias="from", description="Local day.")],
    last: Annotated[date, Query(alias="to", description="Local day, counted.")],
) -> Handlers:
    """Figures of every handler over days of recording and reviewing."""
    if last < first:
        raise ValidationFailed(field="to")
    with bank.read() as connection:
        found = handler_figures(connection, actor, first, last)
    items = [FiguresShown.model_validate(one, from_attributes=True) for one in found]
    return Handlers(first_on=first, last_on=last, items=items)
