"""转往其他区 at the station: who moves, who comes, and with which districts the book works."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, new_key, refused_form, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.render import draw, go, speech_for, words_for
from api.problems import status_of
from ledger.errors import Refusal
from timebank.errors import NotPermitted
from timebank.moves.arriving import approve_arrival, return_arrival, state_arrival
from timebank.moves.credit_statement import MOST_BYTES
from timebank.moves.departing import approve_departure, ask_departure, return_departure
from timebank.moves.issuing import credit_statement
from timebank.moves.model import PartnerState
from timebank.moves.partners import decide_partner, propose_partner
from timebank.moves.queries import (
    ShownMove,
    arrivals_listed,
    departures_listed,
    partners_listed,
)
from timebank.stations.model import Actor, Role

router = page_router()

ROOM = "/station/moves"
LISTED = 20
ASKED, BROUGHT, PARTNER = (
    frozenset({"number", "partner", "slip"}),
    frozenset({"number"}),
    frozenset({"partner", "name"}),
)
_DECIDERS = frozenset({Role.REVIEWER, Role.OPERATOR})
_DONE = frozenset({"asked", "stated", "approved", "returned", "proposed", "decided"})

Done = Annotated[str, Query(max_length=20)]
Before = Annotated[str, Query(max_length=64)]


@router.get(ROOM)
def room(
    request: Request,
    bank: Bank,
    actor: Clerk,
    done: Done = "",
    before_away: Before = "",
    before_in: Before = "",
) -> Response:
    """The forms, the moves of both directions, and the partner districts."""
    said = words_for(request, bank)(f"move.done_{done}") if done in _DONE else ""
    before = (before_away, before_in)
    return _room(request, bank, actor, {"": empty_form()}, note=said, before=before)


@router.post(ROOM + "/away")
def ask(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Note that a member moves."""
    typed, key = typed_in(posted, ASKED), key_in(posted)

    def act() -> None:
        number, to, slip = (typed.get(name, "") for name in ("number", "partner", "slip"))
        ask_departure(bank, actor, number, to, slip, key=key)

    return _tried(request, bank, actor, act, "asked", "away", typed, ASKED)


@router.post(ROOM + "/in")
def bring(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Take in the file that a member brings."""
    typed, key, file = typed_in(posted, BROUGHT), key_in(posted), posted.get("file")
    data = b""
    if isinstance(file, UploadFile):
        data = file.file.read(MOST_BYTES + 1)

    def act() -> None:
        state_arrival(bank, actor, typed.get("number", ""), data, key=key)

    return _tried(request, bank, actor, act, "stated", "in", typed, BROUGHT)


@router.post(f"{ROOM}/away/{{move_id}}/approve")
def approve_away(
    request: Request, bank: Bank, actor: Clerk, move_id: str, posted: Posted
) -> Response:
    """Move the balance."""
    key = key_in(posted)
    return _tried(
        request, bank, actor, lambda: approve_departure(bank, actor, move_id, key=key), "approved"
    )


@router.post(f"{ROOM}/in/{{move_id}}/approve")
def approve_in(
    request: Request, bank: Bank, actor: Clerk, move_id: str, posted: Posted
) -> Response:
    """Credit what came."""
    key = key_in(posted)
    return _tried(
        request, bank, actor, lambda: approve_arrival(bank, actor, move_id, key=key), "approved"
    )


@router.post(f"{ROOM}/away/{{move_id}}/return")
def return_away(
    request: Request, bank: Bank, actor: Clerk, move_id: str, posted: Posted
) -> Response:
    """Send a move back that waits."""
    reason, key = typed_in(posted, frozenset({"reason"})).get("reason", ""), key_in(posted)
    return _tried(
        request, bank, actor,
        lambda: return_departure(bank, actor, move_id, reason, key=key), "returned",
    )  # fmt: skip


@router.post(f"{ROOM}/in/{{move_id}}/return")
def return_in(request: Request, bank: Bank, actor: Clerk, move_id: str, posted: Posted) -> Response:
    """Send a move from another district back that waits."""
    reason, key = typed_in(posted, frozenset({"reason"})).get("reason", ""), key_in(posted)
    return _tried(
        request, bank, actor,
        lambda: return_arrival(bank, actor, move_id, reason, key=key), "returned",
    )  # fmt: skip


@router.get(f"{ROOM}/away/{{move_id}}/statement")
def statement(bank: Bank, actor: Clerk, move_id: str) -> Response:
    """The file that the person takes along."""
    named = f'attachment; filename="{move_id}.credit-statement"'
    text = credit_statement(bank, actor, move_id)
    return Response(
        text, headers={"Content-Disposition": named}, media_type="text/plain; charset=utf-8"
    )


@router.post(ROOM + "/partners")
def propose(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Propose another district."""
    typed, key = typed_in(posted, PARTNER), key_in(posted)

    def act() -> None:
        propose_partner(bank, actor, typed.get("partner", ""), typed.get("name", ""), key=key)

    return _tried(request, bank, actor, act, "proposed", "partner", typed, PARTNER)


@router.post(f"{ROOM}/partners/{{partner_id}}/decide")
def decide(request: Request, bank: Bank, actor: Clerk, partner_id: str, posted: Posted) -> Response:
    """Approve a proposed district, or withdraw the proposal."""
    wanted, key = typed_in(posted, frozenset({"decision"})).get("decision", ""), key_in(posted)
    return _tried(
        request, bank, actor,
        lambda: decide_partner(bank, actor, partner_id, approve=wanted == "approve", key=key),
        "decided",
    )  # fmt: skip


def _tried(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    act: Callable[[], object],
    done: str,
    of: str = "",
    typed: dict[str, str] | None = None,
    fields: frozenset[str] = frozenset(),
) -> Response:
    """Do it and lead back to the room, or show the form ``of`` again with what was refused."""
    try:
        act()
    except NotPermitted:
        raise
    except Refusal as refused:
        said = speech_for(request).refusal(refused)
        form = refused_form(typed or {}, refused, said, fields)
        forms = {of: form, "": Form(new_key(), {}, general=form.general)}
        return _room(request, bank, actor, forms, status=status_of(refused.code))
    return go(f"{ROOM}?done={done}")


def _room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    forms: dict[str, Form],
    *,
    note: str = "",
    before: tuple[str, str] = ("", ""),
    status: int = 200,
) -> Response:
    with bank.read() as connection:
        partners = partners_listed(connection, actor)
        away = departures_listed(bank, connection, actor, before=before[0], most=LISTED + 1)
        come = arrivals_listed(bank, connection, actor, before=before[1], most=LISTED + 1)
    active = [(one.origin, one.name) for one in partners if one.state == PartnerState.ACTIVE]
    return draw(
        request,
        bank,
        "station/moves.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=forms[""],
        away_form=forms.get("away", empty_form()),
        in_form=forms.get("in", empty_form()),
        partner_form=forms.get("partner", empty_form()),
        blank=empty_form(),
        note=note,
        partners=partners,
        active=active,
        lists=(("away", away[:LISTED], _next(away)), ("in", come[:LISTED], _next(come))),
        decides=actor.role in _DECIDERS,
        runs=actor.role is Role.OPERATOR,
        me=actor.actor_id,
    )


def _next(found: list[ShownMove]) -> str:
    return found[LISTED - 1].move_id if len(found) > LISTED else ""
