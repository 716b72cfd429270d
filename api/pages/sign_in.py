"""Signing in and out at the doors of the staff."""

from functools import partial
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Bank
from api.pages.forms import Form, new_key, typed_in
from api.pages.plumbing import Posted, PostedByAnybody, page_router, sign_in_page, words_of
from api.pages.render import go, speech_for
from api.problems import TooManyRequests, status_of
from api.security import (
    SignInLimit,
    device_mark,
    drop_session,
    session_token,
    set_device,
    set_session,
)
from ledger.errors import Refusal
from timebank.errors import LockedOut, WrongCredentials
from timebank.integrity.acts import device_of
from timebank.stations import sessions

router = page_router()

StaffDoor = Literal["station", "audit", "operator"]
_LOGIN = frozenset({"login"})


@router.post("/{door}/sign-in")
async def sign_in(
    request: Request, bank: Bank, door: StaffDoor, posted: PostedByAnybody
) -> Response:
    """Open a session and lead into the door; a wrong login says no more than a wrong password."""
    login = typed_in(posted, _LOGIN).get("login", "")
    password = posted.get("password")
    limit: SignInLimit = request.app.state.sign_in_limit
    try:
        limit.check(request, login)
        given = password if isinstance(password, str) else ""
        mark = device_mark(request)
        opened = partial(sessions.sign_in, device=device_of(mark))
        token = await run_in_threadpool(opened, bank, login, given)
    except (WrongCredentials, LockedOut, TooManyRequests) as refused:
        return _again(request, door, login, refused)
    await end_session(request, bank)
    response = go(f"/{door}")
    set_session(response, request, token)
    set_device(response, request, mark)
    return response


@router.post("/{door}/sign-out")
async def sign_out(request: Request, bank: Bank, door: StaffDoor, _posted: Posted) -> Response:
    """End the session, here and in the browser."""
    await end_session(request, bank)
    response = go(f"/{door}?note=ended")
    drop_session(response, request)
    return response


async def end_session(request: Request, bank: Bank) -> None:
    """End the session that the browser still holds, so that it is good for nothing any more."""
    token = session_token(request)
    if token:
        await run_in_threadpool(sessions.sign_out, bank, token)
        request.app.state.sessions.forget(token)


def _again(request: Request, door: str, login: str, refused: Refusal) -> Response:
    if isinstance(refused, WrongCredentials):
        said = words_of(request)("sign_in.wrong")
    else:
        said = speech_for(request).refusal(refused)
    form = Form(new_key(), {"login": login}, general=said)
    return sign_in_page(request, door, form=form, status=status_of(refused.code))
