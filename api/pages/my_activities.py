"""A volunteer's activities on the telephone: what they are on the roster of, in and out."""

from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank
from api.pages.forms import Form, empty_form, field_of, key_in, new_key, typed_in
from api.pages.kiosk_parts import Code, Member, show
from api.pages.plumbing import Posted, page_router
from api.pages.render import go, speech_for, words_for
from api.problems import status_of
from api.security import SignInLimit
from ledger.errors import Refusal
from timebank.campaigns.model import Signing
from timebank.campaigns.self_signing import LONGEST_SCAN, own_activities, sign_self
from timebank.clock import local_datetime
from timebank.errors import NotPermitted
from timebank.errors.campaigns import UnknownActivity
from timebank.stations.model import Actor

router = page_router()

ROOM = "/my/activities"
_FIELDS = frozenset(("code", "at"))
_DONE = frozenset(("in", "out", "not_sent"))
_LONGEST_AT = 16


@router.get(ROOM)
def list_page(request: Request, bank: Bank, actor: Member) -> Response:
    """The activities of the last days and to come on whose roster the member stands."""
    with bank.read() as connection:
        found = own_activities(bank, connection, actor)
    return show(request, bank, "my/activities.html", activities=found)


@router.get(f"{ROOM}/{{activity_id}}")
def activity_page(
    request: Request, bank: Bank, actor: Member, activity_id: str, done: Code = ""
) -> Response:
    """One of them, and what the member may do there now."""
    return _draw(request, bank, actor, activity_id, empty_form(), done=done)


@router.post(f"{ROOM}/{{activity_id}}/sign_in")
def sign_in(
    request: Request, bank: Bank, actor: Member, activity_id: str, posted: Posted
) -> Response:
    """Sign in by the code on the staff's screen."""
    return _sign(request, bank, actor, activity_id, Signing.IN, posted)


@router.post(f"{ROOM}/{{activity_id}}/sign_out")
def sign_out(
    request: Request, bank: Bank, actor: Member, activity_id: str, posted: Posted
) -> Response:
    """Sign out, with the code or at one's word; a time kept without network may come later."""
    return _sign(request, bank, actor, activity_id, Signing.OUT, posted)


def _sign(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    activity_id: str,
    step: Signing,
    posted: Posted,
) -> Response:
    typed = typed_in(posted, _FIELDS)
    code = typed.get("code", "")[:LONGEST_SCAN]
    at = typed.get("at", "")[:_LONGEST_AT] if step is Signing.OUT else ""
    try:
        if code:  # Codes are not guessed.
            limit: SignInLimit = request.app.state.sign_in_limit
            limit.check(request, f"{activity_id}/{actor.actor_id}")
        sign_self(bank, actor, activity_id, step, code=code, at=at, key=key_in(posted))
    except (NotPermitted, UnknownActivity):
        raise
    except Refusal as refused:
        said = speech_for(request).refusal(refused)
        is_code = field_of(refused) == "code"
        wrong = {"code": said} if is_code else {}
        form = Form(new_key(), {}, wrong, "" if is_code else said)
        status = status_of(refused.code)
        return _draw(request, bank, actor, activity_id, form, status=status)
    return go(f"{ROOM}/{activity_id}?done={step.value}")


def _draw(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    activity_id: str,
    form: Form,
    *,
    done: str = "",
    status: int = 200,
) -> Response:
    words = words_for(request, bank)
    with bank.read() as connection:
        mine = {one.activity_id: one for one in own_activities(bank, connection, actor)}
    if activity_id not in mine:
        raise UnknownActivity(activity=activity_id[:60])
    said = words(f"my_activity.done_{done}") if done in _DONE else ""
    now = local_datetime(bank.clock.now()).replace(tzinfo=None).isoformat(timespec="seconds")
    return show(
        request,
        bank,
        "my/activity.html",
        here=f"{ROOM}/{activity_id}",
        status=status,
        room=ROOM,
        activity=mine[activity_id],
        steps=[one.value for one in mine[activity_id].steps],
        form=form,
        note="" if done == "not_sent" else said,
        wrong=form.general or (said if done == "not_sent" else ""),
        now=now,
    )
