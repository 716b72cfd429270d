"""结对 at the station: who promised whom to come, what was given, and who takes over."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, typed_in
from api.pages.plumbing import Posted, acted, frame_of, page_router
from api.pages.reading import day_in, minutes_in
from api.pages.render import draw, words_for
from api.pages.views import help_name
from timebank.errors import OrderValueInvalid
from timebank.pairings.actions import make_pairing
from timebank.pairings.changing import add_volunteer, end_pairing, hand_over
from timebank.pairings.model import MOST_PROMISED, Promise, Role
from timebank.pairings.queries import pairings_listed
from timebank.records.classes import offered_classes
from timebank.stations.model import Actor
from timebank.stations.model import Role as Office

router = page_router()

ROOM = "/station/pairings"
LISTED = 20
ALERT_DAYS = "14"
_NEW = frozenset({"elder", "lead", "second", "backup", "minutes", "alert_days", "what", "until",
                  "proof", "risks"})  # fmt: skip
_STEP = frozenset({"leaving", "coming", "number", "role", "reason"})
_DONE = frozenset({"make", "add", "hand", "end"})

Done = Annotated[str, Query(max_length=20)]
Before = Annotated[str, Query(max_length=64)]


@router.get(ROOM)
def room(
    request: Request, bank: Bank, actor: Clerk, done: Done = "", before: Before = ""
) -> Response:
    """What was promised and given, and the form for a new pairing."""
    said = words_for(request, bank)(f"pairing.done_{done}") if done in _DONE else ""
    return _room(request, bank, actor, _blank(), note=said, before=before)


@router.post(ROOM)
def make(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Note what was agreed."""
    typed = typed_in(posted, _NEW)

    def act() -> None:
        make_pairing(bank, actor, _promise(bank, typed), key=key_in(posted))

    shown = partial(_room, request, bank, actor)
    return acted(request, typed, act, done=f"{ROOM}?done=make", shown=shown)


@router.post(f"{ROOM}/{{pairing_id}}/add")
def add(request: Request, bank: Bank, actor: Clerk, pairing_id: str, posted: Posted) -> Response:
    """Add a member or a backup."""

    def act(typed: dict[str, str], key: str) -> None:
        role = Role.BACKUP if typed.get("role") == Role.BACKUP.value else Role.MEMBER
        add_volunteer(bank, actor, pairing_id, typed.get("number", ""), role, key=key)

    return _step(request, bank, actor, pairing_id, posted, "add", act)


@router.post(f"{ROOM}/{{pairing_id}}/hand-over")
def change(request: Request, bank: Bank, actor: Clerk, pairing_id: str, posted: Posted) -> Response:
    """Let a volunteer leave and another take over."""

    def act(typed: dict[str, str], key: str) -> None:
        leaving, coming = typed.get("leaving", ""), typed.get("coming", "")
        hand_over(bank, actor, pairing_id, leaving, coming, typed.get("reason", ""), key=key)

    return _step(request, bank, actor, pairing_id, posted, "hand", act)


@router.post(f"{ROOM}/{{pairing_id}}/end")
def end(request: Request, bank: Bank, actor: Clerk, pairing_id: str, posted: Posted) -> Response:
    """End it today."""

    def act(typed: dict[str, str], key: str) -> None:
        end_pairing(bank, actor, pairing_id, typed.get("reason", ""), key=key)

    return _step(request, bank, actor, pairing_id, posted, "end", act)


def _blank() -> Form:
    return empty_form(alert_days=ALERT_DAYS)


def _promise(bank: timebank.bank.Bank, typed: dict[str, str]) -> Promise:
    given = ((typed.get(name, ""), role) for name, role in (
        ("lead", Role.LEAD), ("second", Role.MEMBER), ("backup", Role.BACKUP)
    ))  # fmt: skip
    until, days = typed.get("until", ""), typed.get("alert_days", "")
    if not (days.isascii() and days.isdigit()):
        raise OrderValueInvalid(field="alert_days", given=days[:20])
    return Promise(
        typed.get("elder", ""),
        tuple((number, role) for number, role in given if number),
        minutes_in(typed, "minutes", MOST_PROMISED),
        int(days[:9]),
        (typed["what"],) if typed.get("what") else (),
        typed.get("proof", ""),
        typed.get("risks", ""),
        day_in(until, "until", bank.today()).isoformat() if until else "",
    )


def _step(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    pairing_id: str,
    posted: Posted,
    done: str,
    act: Callable[[dict[str, str], str], None],
) -> Response:
    typed, key = typed_in(posted, _STEP), key_in(posted)
    shown = partial(_room, request, bank, actor, of=f"{done}-{pairing_id}")
    return acted(request, typed, lambda: act(typed, key), done=f"{ROOM}?done={done}", shown=shown)


def _room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    status: int = 200,
    *,
    note: str = "",
    of: str = "",
    before: str = "",
) -> Response:
    words = words_for(request, bank)
    with bank.read() as connection:
        found = pairings_listed(bank, connection, actor, before=before, most=LISTED + 1)
    return draw(
        request,
        bank,
        "station/pairings.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        new_form=_blank() if of else form,
        blank=empty_form(),
        of=of,
        help_name=help_name,
        pairings=found[:LISTED],
        next=found[LISTED - 1].pairing_id if len(found) > LISTED else "",
        offered=[("", words("pairing.any_service"))]
        + [(one.code, help_name(words, one.code)) for one in offered_classes()],
        roles=[
            (one.value, words.or_code("pairing_role", one.value))
            for one in (Role.MEMBER, Role.BACKUP)
        ],
        leaving={
            one.pairing_id: [
                (who.number, f"{who.name} {who.number}")
                for who in one.volunteers
                if not who.until_on
            ]
            for one in found
        },
        changes=actor.role in (Office.CLERK, Office.OPERATOR),
        note=note,
    )
