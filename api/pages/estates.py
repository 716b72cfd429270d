"""余额承接 at the station: a clerk reports a death, the district's operator settles."""

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
from timebank.estates.actions import (
    Share,
    report_death,
    reverse_settlement,
    settle_estate,
    withdraw_report,
)
from timebank.estates.explaining import explain_shares
from timebank.estates.queries import ShownEstate, estates_listed
from timebank.stations.model import Actor, Role

router = page_router()

ROOM = "/station/estates"
LISTED = 50
MOST = 10_000_000
REPORT = frozenset({"number", "date", "proof"})
_DONE = frozenset({"report", "withdraw", "settle", "reverse"})

Done = Annotated[str, Query(max_length=20)]
Before = Annotated[str, Query(max_length=64)]


@router.get(ROOM)
def room(
    request: Request, bank: Bank, actor: Clerk, done: Done = "", before: Before = ""
) -> Response:
    """The form for a report, and what was reported."""
    said = words_for(request, bank)(f"estate.done_{done}") if done in _DONE else ""
    return _room(request, bank, actor, empty_form(), note=said, before=before)


@router.post(ROOM)
def report(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Note a death."""
    typed = typed_in(posted, REPORT)

    def act() -> None:
        on = day_in(typed.get("date", ""), "date", bank.today()).isoformat()
        report_death(
            bank, actor, typed.get("number", ""), on, typed.get("proof", ""), key=key_in(posted)
        )

    shown = partial(_room, request, bank, actor)
    return acted(request, typed, act, done=f"{ROOM}?done=report", shown=shown)


@router.post(f"{ROOM}/{{estate_id}}/settle")
def settle(request: Request, bank: Bank, actor: Clerk, estate_id: str, posted: Posted) -> Response:
    """Give what is on the account to the relatives whose minutes were filled in, and the pool."""
    with bank.read() as connection:
        found = estates_listed(bank, connection, actor, estate_id=estate_id)
    kin = [one for estate in found for one in estate.relatives]
    typed = typed_in(posted, frozenset(one.number for one in kin))

    def act() -> None:
        shares = [
            Share(one.number, minutes_in(typed, one.number, MOST))
            for one in kin
            if typed.get(one.number, "")
        ]
        settle_estate(bank, actor, estate_id, shares, key=key_in(posted))

    shown = partial(_room, request, bank, actor, of=estate_id)
    return acted(request, typed, act, done=f"{ROOM}?done=settle", shown=shown)


@router.post(f"{ROOM}/{{estate_id}}/withdraw")
def withdraw(
    request: Request, bank: Bank, actor: Clerk, estate_id: str, posted: Posted
) -> Response:
    """Take a wrong report back."""
    typed = typed_in(posted, frozenset({"reason"}))

    def act() -> None:
        withdraw_report(bank, actor, estate_id, typed.get("reason", ""), key=key_in(posted))

    shown = partial(_room, request, bank, actor, of=estate_id)
    return acted(request, typed, act, done=f"{ROOM}?done=withdraw", shown=shown)


@router.post(f"{ROOM}/settlements/{{entry_id}}/reverse")
def reverse(request: Request, bank: Bank, actor: Clerk, entry_id: str, posted: Posted) -> Response:
    """Undo a settlement."""
    typed = typed_in(posted, frozenset({"reason"}))

    def act() -> None:
        reverse_settlement(bank, actor, entry_id, typed.get("reason", ""), key=key_in(posted))

    shown = partial(_room, request, bank, actor, of=entry_id)
    return acted(request, typed, act, done=f"{ROOM}?done=reverse", shown=shown)


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
    with bank.read() as connection:
        found: list[ShownEstate] = estates_listed(
            bank, connection, actor, before=before, most=LISTED + 1
        )
    return draw(
        request,
        bank,
        "station/estates.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        report_form=empty_form() if of else form,
        blank=empty_form(),
        of=of,
        estates=found[:LISTED],
        why={one.estate_id: _why(request, bank, one) for one in found[:LISTED] if one.shares},
        next=found[LISTED - 1].estate_id if len(found) > LISTED else "",
        settles=actor.role is Role.OPERATOR,
        withdraws=actor.role in (Role.OPERATOR, Role.REVIEWER),
        note=note,
    )


def _why(request: Request, bank: timebank.bank.Bank, estate: ShownEstate) -> list[str]:
    """How the settlements came about, in the reader's language."""
    words, told = words_for(request, bank), explain_shares(bank, estate)
    return [words.of_pair(*pair) for pair in zip(told.zh, told.en, strict=True)]
