"""Stations: open one, list them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Bank, IdempotencyKey, Operator, PageSize, Staff, Tried
from api.hiring import Hired, StatedStaff, hire_once
from api.problems import problems
from timebank.clock import from_milliseconds
from timebank.stations.actions import open_station
from timebank.stations.directory import stations_listed

router = APIRouter(prefix="/api/v1/stations", tags=["stations"])


class StatedStation(BaseModel):
    """A station that is to be opened."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str = Field(min_length=1, max_length=20, pattern="^[A-Za-z0-9][A-Za-z0-9-]*$")
    name: str = Field(min_length=1, max_length=80)


class Opened(BaseModel):
    """A station that is open; its key signs from now on what is recorded there."""

    code: str
    account: str = Field(description="Its clearing account.")


class ListedStation(BaseModel):
    """A station."""

    code: str
    name: str
    account_id: str
    key_name: str
    records: int = Field(description="Service records numbered so far.")
    opened_at: datetime = Field(description="UTC.")


class StationsPage(BaseModel):
    """Stations in the order of their codes; ask on with `after`."""

    items: list[ListedStation]
    next: str | None


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems("station_code_invalid", "station_exists", "key_reused"),
)
def create_station(
    stated: StatedStation, actor: Operator, bank: Bank, idempotency_key: IdempotencyKey
) -> Opened:
    """Open a station with a signing key and a clearing account."""
    account = open_station(bank, actor, stated.code, stated.name, key=idempotency_key)
    return Opened(code=stated.code, account=account)


@router.post(
    "/{code}/staff",
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        "missing_field", "content_out_of_profile", "unknown_station", "staff_exists", "key_reused"
    ),
)
def hire_staff(
    code: Annotated[str, Path(min_length=1, max_length=20, description="Code of the station.")],
    stated: StatedStaff,
    actor: Operator,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
    response: Response,
) -> Hired:
    """Let somebody sign in at a station.  The first password is in this answer and no later one."""
    response.headers["Cache-Control"] = "no-store"
    return hire_once(bank, tried, actor, code, stated, key=idempotency_key)


@router.get("", responses=problems())
def list_stations(
    actor: Staff,
    bank: Bank,
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=20, description="Code behind which to go on.")] = "",
) -> StationsPage:
    """Stations by code."""
    with bank.read() as connection:
        found = stations_listed(connection, after=after, most=limit + 1)
    items = [
        ListedStation(
            code=one.code,
            name=one.name,
            account_id=one.account_id,
            key_name=one.key_name,
            records=one.records,
            opened_at=from_milliseconds(one.opened_ms),
        )
        for one in found[:limit]
    ]
    return StationsPage(items=items, next=items[-1].code if len(found) > limit else None)
