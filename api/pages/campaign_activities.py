"""An activity at the station: its roster, signing in and out, its hours, and whom it serves."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.campaigns import ROOM as CAMPAIGNS
from api.pages.forms import Form, empty_form, key_in, refused_form, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.reading import heads_in, time_in, times_in
from api.pages.receipts import qr_of
from api.pages.render import draw, go, speech_for
from api.problems import status_of
from ledger.errors import Refusal
from timebank.campaigns.finding import KEEPERS
from timebank.campaigns.hours import hand_in_hours
from timebank.campaigns.model import Category, Line, Served
from timebank.campaigns.people import forget_served, note_served, served_of
from timebank.campaigns.queries import activity_shown, campaign_shown, roster_shown
from timebank.campaigns.rosters import keep_roster, take_off_roster
from timebank.campaigns.self_signing import SLOT_MINUTES, code_now, make_codes, scanned_text
from timebank.campaigns.signings import marks_of
from timebank.clock import local_datetime
from timebank.errors import NotPermitted
from timebank.stations.model import Actor, Role

router = page_router()

ROOM = "/station/activities"
REFRESH_SECONDS = 60
"""How often the page with the code comes anew; a code is good for longer."""

_ROSTER = frozenset({"volunteer", "start", "end"})
_HOURS = frozenset({"head_count", "reason"})
_SERVED = frozenset({"name", "category", "guardian"})
_DONE = frozenset({"kept", "gone", "handed", "partly", "noted"})

Done = Annotated[str, Query(max_length=20)]


@router.get("/station/activities/{activity_id}")
def activity_page(
    request: Request, bank: Bank, actor: Clerk, activity_id: str, done: Done = ""
) -> Response:
    """The roster of an activity and what may be done with it."""
    return _draw(request, bank, actor, activity_id, done=done)


@router.post("/station/activities/{activity_id}/roster")
def keep(request: Request, bank: Bank, actor: Clerk, activity_id: str, posted: Posted) -> Response:
    """Put people on the roster, with times where they are known already."""
    typed, key = typed_in(posted, _ROSTER), key_in(posted)

    def step() -> str:
        with bank.read() as connection:
            activity = activity_shown(connection, actor, activity_id)
        starts_at, ends_at = _times(typed, date.fromisoformat(activity.held_on))
        line = Line(typed.get("volunteer", ""), starts_at, ends_at)
        keep_roster(bank, actor, activity_id, [line], key=key)
        return "kept"

    return _step(request, bank, actor, activity_id, "roster", typed, _ROSTER, step)


@router.post("/station/activities/{activity_id}/sign")
def sign(request: Request, bank: Bank, actor: Clerk, activity_id: str, posted: Posted) -> Response:
    """Sign somebody in or out at this minute."""
    typed, key = typed_in(posted, frozenset({"number", "what"})), key_in(posted)
    now = local_datetime(bank.clock.now()).replace(tzinfo=None, second=0, microsecond=0)
    comes = typed.get("what") == "in"

    def step() -> str:
        line = Line(typed.get("number", ""), now if comes else None, None if comes else now)
        keep_roster(bank, actor, activity_id, [line], key=key)
        return "kept"

    return _step(request, bank, actor, activity_id, "lines", {}, frozenset(), step)


@router.post("/station/activities/{activity_id}/remove")
def take_off(
    request: Request, bank: Bank, actor: Clerk, activity_id: str, posted: Posted
) -> Response:
    """Take somebody off the roster."""
    number, key = typed_in(posted, frozenset({"number"})).get("number", ""), key_in(posted)

    def step() -> str:
        take_off_roster(bank, actor, activity_id, number, key=key)
        return "gone"

    return _step(request, bank, actor, activity_id, "lines", {}, frozenset(), step)


@router.get("/station/activities/{activity_id}/code")
def code_page(request: Request, bank: Bank, actor: Clerk, activity_id: str) -> Response:
    """The code of this minute in large figures; the page comes anew by itself, without a script."""
    with bank.read() as connection:
        activity = activity_shown(connection, actor, activity_id)
        code = code_now(bank, connection, actor, activity_id)
    if not code:
        return go(f"{ROOM}/{activity_id}")
    response = draw(
        request,
        bank,
        "station/activity_code.html",
        frame_of(request, "station", actor, CAMPAIGNS),
        activity=activity,
        at=f"{ROOM}/{activity_id}",
        code=code,
        qr=qr_of(scanned_text(activity_id, code).encode()),
        minutes=SLOT_MINUTES,
        blank=empty_form(),
    )
    response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@router.post("/station/activities/{activity_id}/codes")
def new_codes(bank: Bank, actor: Clerk, activity_id: str, _posted: Posted) -> Response:
    """Let volunteers sign themselves in, or end the codes that were shown."""
    make_codes(bank, actor, activity_id)
    return go(f"{ROOM}/{activity_id}/code")


@router.post("/station/activities/{activity_id}/hours")
def hand_in(
    request: Request, bank: Bank, actor: Clerk, activity_id: str, posted: Posted
) -> Response:
    """Hand in the hours of everybody who is signed in and out."""
    typed, key = typed_in(posted, _HOURS), key_in(posted)

    def step() -> str:
        heads = heads_in(typed.get("head_count", ""))
        answer = hand_in_hours(
            bank, actor, activity_id, heads=heads, reason=typed.get("reason", ""), key=key
        )
        return "partly" if answer.body["refused"] else "handed"

    return _step(request, bank, actor, activity_id, "hours", typed, _HOURS, step)


@router.post("/station/activities/{activity_id}/served")
def note(request: Request, bank: Bank, actor: Clerk, activity_id: str, posted: Posted) -> Response:
    """Note somebody in particular whom the activity serves."""
    typed, key = typed_in(posted, _SERVED), key_in(posted)
    known = {one.value: one for one in Category}

    def step() -> str:
        served = Served(
            known.get(typed.get("category", ""), Category.OTHER),
            typed.get("name", ""),
            typed.get("guardian", ""),
        )
        note_served(bank, actor, activity_id, served, key=key)
        return "noted"

    return _step(request, bank, actor, activity_id, "served", typed, _SERVED, step)


@router.post("/station/activities/{activity_id}/served/{person_id}/forget")
def forget(
    request: Request, bank: Bank, actor: Clerk, activity_id: str, person_id: str, posted: Posted
) -> Response:
    """Destroy what names somebody whom the activity served."""
    key = key_in(posted)

    def step() -> str:
        forget_served(bank, actor, person_id, key=key)
        return "gone"

    return _step(request, bank, actor, activity_id, "served", {}, frozenset(), step)


# Parts -------------------------------------------------------------------------------------


def _times(typed: dict[str, str], on: date) -> tuple[datetime | None, datetime | None]:
    """Both times, a start alone, or none."""
    if typed.get("end", ""):
        return times_in(typed, on)
    if not typed.get("start", ""):
        return None, None
    minute = time_in(typed["start"], "start").minute
    return datetime.combine(on, datetime.min.time()).replace(
        hour=minute // 60 % 24, minute=minute % 60
    ), None


def _step(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    activity_id: str,
    part: str,
    typed: dict[str, str],
    fields: frozenset[str],
    step: Callable[[], str],
) -> Response:
    try:
        done = step()
    except NotPermitted:
        raise
    except Refusal as refused:
        said = speech_for(request).refusal(refused)
        form = refused_form(typed, refused, said, fields)
        status = status_of(refused.code)
        return _draw(request, bank, actor, activity_id, form=form, part=part, status=status)
    return go(f"{ROOM}/{activity_id}?done={done}")


def _draw(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    activity_id: str,
    *,
    form: Form | None = None,
    part: str = "",
    done: str = "",
    status: int = 200,
) -> Response:
    keeps = actor.role in KEEPERS
    with bank.read() as connection:
        activity = activity_shown(connection, actor, activity_id)
        lines = roster_shown(bank, connection, actor, activity_id)
        served = served_of(bank, connection, activity_id)
        campaign = campaign_shown(connection, actor, activity.campaign_id)
        code = code_now(bank, connection, actor, activity_id) if keeps else ""
        marks = marks_of(connection.execute, activity_id)
    ready = [one for one in lines if one.is_open and one.signed_in_at and one.signed_out_at]
    return draw(
        request,
        bank,
        "station/activity.html",
        frame_of(request, "station", actor, CAMPAIGNS),
        status=status,
        here=f"{ROOM}/{activity_id}",
        activity=activity,
        campaign=campaign,
        back=f"{CAMPAIGNS}/{campaign.campaign_id}/units/{activity.unit_code}",
        at=f"{ROOM}/{activity_id}",
        lines=lines,
        ready=len(ready),
        is_today=activity.held_on == bank.today().isoformat(),
        serves=dict(campaign.themes).get(activity.theme, False),
        served=served,
        categories=[one.value for one in Category],
        blank=empty_form(),
        form=form or empty_form(),
        part=part,
        done=done if done in _DONE else "",
        signs_self=bool(code),
        marks=marks,
        reviews=actor.role in (Role.REVIEWER, Role.OPERATOR),
    )
