"""Sessions: staff sign in by login and password, members by card and PIN."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.dependencies import Actor, Bank
from api.problems import problems
from api.security import (
    SignInLimit,
    device_mark,
    drop_session,
    session_token,
    set_device,
    set_session,
)
from timebank.integrity.acts import device_of
from timebank.stations import sessions

router = APIRouter(prefix="/api/v1", tags=["sessions"])


class StaffSignIn(BaseModel):
    """Somebody who works here."""

    model_config = ConfigDict(extra="forbid", strict=True)

    by: Literal["password"] = "password"
    login: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=1_024, repr=False)


class CardSignIn(BaseModel):
    """A member at a kiosk."""

    model_config = ConfigDict(extra="forbid", strict=True)

    by: Literal["card"]
    card_number: str = Field(min_length=1, max_length=64, repr=False)
    pin: str = Field(min_length=1, max_length=64, repr=False)
    station: str = Field("", max_length=20, description="Code of the kiosk's station.")


class Session(BaseModel):
    """A new session; the token is shown once and also set as the browser's cookie."""

    token: str = Field(description="Send it as `Authorization: Bearer`.")
    expires_after_minutes: int
    role: str
    station: str


class Me(BaseModel):
    """Who asks."""

    actor: str = Field(description="Opaque id.")
    role: str
    station: str = Field(description="Empty for the district's own staff.")


@router.post(
    "/sessions",
    status_code=status.HTTP_201_CREATED,
    responses=problems("wrong_credentials", "locked_out", "too_many_requests"),
)
async def sign_in(
    stated: StaffSignIn | CardSignIn,
    request: Request,
    response: Response,
    bank: Bank,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=64, description="Taken and not used: a sign-in is never remembered."),
    ] = None,
) -> Session:
    """Open a session.  Hashing runs beside the event loop; guessing is slowed down and locked."""
    limit: SignInLimit = request.app.state.sign_in_limit
    mark = device_mark(request)
    device = device_of(mark)
    if isinstance(stated, StaffSignIn):
        limit.check(request, stated.login)
        opened = partial(sessions.sign_in, device=device)
        token = await run_in_threadpool(opened, bank, stated.login, stated.password)
        minutes = bank.settings.session_minutes
    else:
        limit.check(request, stated.card_number)
        token = await run_in_threadpool(
            partial(sessions.sign_in_by_card, device=device),
            bank,
            stated.card_number,
            stated.pin,
            stated.station,
        )
        minutes = bank.settings.kiosk_session_minutes
    actor = request.app.state.sessions.actor_of(token)
    set_session(response, request, token)
    set_device(response, request, mark)
    return Session(
        token=token,
        expires_after_minutes=minutes,
        role=actor.role.value,
        station=actor.station_code,
    )


@router.delete("/sessions/current", status_code=status.HTTP_204_NO_CONTENT, responses=problems())
async def sign_out(request: Request, response: Response, bank: Bank, actor: Actor) -> None:
    """End the session of this request, here and in the browser."""
    token = session_token(request)
    await run_in_threadpool(sessions.sign_out, bank, token)
    request.app.state.sessions.forget(token)
    drop_session(response, request)


@router.get("/me", responses=problems())
async def me(actor: Actor) -> Me:
    """Who asks, as the session says."""
    return Me(actor=actor.actor_id, role=actor.role.value, station=actor.station_code)
