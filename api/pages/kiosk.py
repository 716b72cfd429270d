"""The kiosk: card and PIN, then the balance in figures and words, the last ten lines, and out.

One touch further it says who looked at one's data.

The screen keeps nothing: no cache, no autofill, a short session that the page itself leaves behind
when it is over, and whoever comes back to the first screen has signed out.
"""

from typing import Annotated

from fastapi import Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
import timebank.stations.model
from api.dependencies import Bank, MaybeActor, only
from api.pages.forms import Form, empty_form, new_key, typed_in
from api.pages.plumbing import Posted, PostedByAnybody, page_router
from api.pages.render import Frame, draw, go, speech_for, words_for
from api.pages.sign_in import end_session
from api.pages.views import AccountView, line_for_elder, look_for_elder
from api.problems import NotSignedIn, TooManyRequests, status_of
from api.security import SignInLimit, drop_session, set_session
from ledger.balances import balance_of
from ledger.errors import Refusal
from timebank.errors import LockedOut, WrongCredentials
from timebank.people.accesses import accesses_by_others, themselves
from timebank.statements.statement import newest_lines
from timebank.stations import sessions
from timebank.stations.model import Role

router = page_router()

LAST_LINES = 10
LAST_LOOKS = 10
_NOTES = frozenset({"ended", "lapsed"})
_CARD = frozenset({"card"})

Member = Annotated[timebank.stations.model.Actor, Depends(only(Role.MEMBER))]


@router.get("/kiosk")
async def idle(request: Request, bank: Bank, actor: MaybeActor, note: str = "") -> Response:
    """Ask for card and PIN; a member's session that was left open ends here."""
    words = words_for(request, bank)
    said = words(f"kiosk.{note}") if note in _NOTES else ""
    response = _asking(request, bank, empty_form(), note=said)
    if actor is not None and actor.role is Role.MEMBER:
        await end_session(request, bank)
        drop_session(response, request)
    return response


@router.post("/kiosk/sign-in")
async def sign_in(request: Request, bank: Bank, posted: PostedByAnybody) -> Response:
    """Open a member's short session; an unknown card says no more than a wrong PIN."""
    card = typed_in(posted, _CARD).get("card", "")
    pin = posted.get("pin")
    limit: SignInLimit = request.app.state.sign_in_limit
    try:
        limit.check(request, card)
        given = pin if isinstance(pin, str) else ""
        token = await run_in_threadpool(sessions.sign_in_by_card, bank, card, given)
    except (WrongCredentials, LockedOut, TooManyRequests) as refused:
        said = _refused(request, bank, refused)
        form = Form(new_key(), general=said)
        return _asking(request, bank, form, status=status_of(refused.code))
    await end_session(request, bank)
    response = go("/kiosk/account")
    set_session(response, request, token)
    return response


@router.get("/kiosk/account")
def account(request: Request, bank: Bank, actor: Member) -> Response:
    """Show the member their own account, until the session is over."""
    words = words_for(request, bank)
    found = themselves(bank, actor)
    if found is None:
        raise NotSignedIn
    with bank.read() as connection:
        balance = balance_of(connection, found.account_id)
        assert balance is not None
        lines = newest_lines(connection, found.account_id, LAST_LINES)
    response = draw(
        request,
        bank,
        "kiosk/account.html",
        Frame("kiosk"),
        account=AccountView(
            found.name,
            balance.posted,
            balance.held,
            balance.available,
            [line_for_elder(line, words) for line in lines],
        ),
        session_minutes=bank.settings.kiosk_session_minutes,
    )
    return leaving(response, bank)


@router.get("/kiosk/looks")
def looks(
    request: Request,
    bank: Bank,
    actor: Member,
    before: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
) -> Response:
    """Who else looked at the member's data, when and why; one's own looks are not listed."""
    words = words_for(request, bank)
    with bank.read() as connection:
        found = accesses_by_others(bank, connection, actor, before=before, most=LAST_LOOKS + 1)
    shown = found[:LAST_LOOKS]
    response = draw(
        request,
        bank,
        "kiosk/looks.html",
        Frame("kiosk"),
        looks=[look_for_elder(one, words) for one in shown],
        older=shown[-1].number if len(found) > LAST_LOOKS else None,
        is_first=before is None,
        session_minutes=bank.settings.kiosk_session_minutes,
    )
    return leaving(response, bank)


@router.post("/kiosk/sign-out")
async def sign_out(request: Request, bank: Bank, _posted: Posted) -> Response:
    """End the session, here and in the browser, and show the first screen."""
    await end_session(request, bank)
    response = go("/kiosk?note=ended")
    drop_session(response, request)
    return response


def leaving(response: Response, bank: timebank.bank.Bank) -> Response:
    """The page, which the browser leaves when the session is over; no script is needed."""
    seconds = bank.settings.kiosk_session_minutes * 60
    response.headers["Refresh"] = f"{seconds}; url=/kiosk?note=lapsed"
    return response


def _asking(
    request: Request, bank: Bank, form: Form, *, note: str = "", status: int = 200
) -> Response:
    return draw(
        request, bank, "kiosk/sign_in.html", Frame("kiosk"), status=status, form=form, note=note
    )


def _refused(request: Request, bank: Bank, refused: Refusal) -> str:
    words = words_for(request, bank)
    if isinstance(refused, WrongCredentials):
        return words("kiosk.wrong")
    if isinstance(refused, LockedOut):
        return words("kiosk.locked", minutes=refused.facts["minutes"])
    return speech_for(request).refusal(refused)
