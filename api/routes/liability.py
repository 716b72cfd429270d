"""What the books owe, by the age of who holds it, against what is given and used in a year."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Auditor, Bank
from api.problems import problems
from timebank.liability.queries import liability_of

router = APIRouter(prefix="/api/v1/liability", tags=["liability"])


class BandShown(BaseModel):
    """Holders of one age and what is owed to them."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    holders: int
    minutes: int


class LiabilityShown(BaseModel):
    """The whole, in minutes."""

    model_config = ConfigDict(from_attributes=True)

    on: str
    bands: list[BandShown]
    owed_minutes: int
    pool_minutes: int
    fund_minutes: int
    umbrella_minutes: int = Field(description="Went to the umbrella body after deaths.")
    shortfall_minutes: int = Field(description="Lent to take records back and still open.")
    given_minutes: int = Field(description="Credited for services of the twelve months behind.")
    used_minutes: int = Field(description="Charged for services of the twelve months behind.")
    late_minutes: int = Field(description="Of the given ones, those whose records came late.")
    months_to_use: int | None = Field(description="At that pace, rounded up; null: nothing used.")


@router.get("", responses=problems("not_permitted"))
def liability(actor: Auditor, bank: Bank) -> LiabilityShown:
    """What is owed today."""
    with bank.read() as connection:
        return LiabilityShown.model_validate(liability_of(bank, connection, actor))
