"""单位与团队 at the station: registered, and who belongs to them."""

from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, typed_in
from api.pages.plumbing import Posted, acted, frame_of, page_router
from api.pages.reading import choice_in
from api.pages.render import draw, words_for
from timebank.organisations.actions import end_member, note_member, register_organisation
from timebank.organisations.model import Guardian, Kind, NewOrganisation
from timebank.organisations.queries import members_listed, organisations_listed
from timebank.stations.model import Actor, Role

router = page_router()

ROOM = "/station/organisations"
LISTED = 50
_NEW = frozenset({"number", "name", "kind", "credit_code", "telephone"})
_MEMBER = frozenset({"person", "guardian", "guardian_telephone", "proof"})
_DONE = frozenset({"register", "join", "leave"})

Number = Annotated[str, Query(max_length=20)]
Done = Annotated[str, Query(max_length=20)]


@router.get(ROOM)
def room(
    request: Request,
    bank: Bank,
    actor: Clerk,
    number: Number = "",
    after: Number = "",
    done: Done = "",
) -> Response:
    """Every organisation; of the one that is opened, who belongs to it."""
    note = words_for(request, bank)(f"organisation.done_{done}") if done in _DONE else ""
    return _room(request, bank, actor, empty_form(), number=number, after=after, note=note)


@router.post(ROOM)
def register(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Register one."""
    typed = typed_in(posted, _NEW)

    def act() -> None:
        new = NewOrganisation(
            typed.get("number", ""), typed.get("name", ""), choice_in(typed, "kind", Kind),
            typed.get("credit_code", ""), typed.get("telephone", ""),
        )  # fmt: skip
        register_organisation(bank, actor, new, key=key_in(posted))

    shown = partial(_room, request, bank, actor)
    return acted(request, typed, act, done=f"{ROOM}?done=register", shown=shown)


@router.post(f"{ROOM}/{{number}}/members")
def join(request: Request, bank: Bank, actor: Clerk, number: str, posted: Posted) -> Response:
    """Note that somebody belongs to it; a minor by their guardian's word."""
    typed = typed_in(posted, _MEMBER)
    told = [typed.get(one, "") for one in ("guardian", "guardian_telephone", "proof")]
    guardian = Guardian(*told) if any(told) else None
    return acted(
        request,
        typed,
        lambda: note_member(bank, actor, number, typed.get("person", ""), guardian),
        done=f"{ROOM}?done=join&number={number}",
        shown=partial(_room, request, bank, actor, number=number),
    )


@router.post(f"{ROOM}/{{number}}/members/{{person}}/end")
def leave(
    request: Request, bank: Bank, actor: Clerk, number: str, person: str, posted: Posted
) -> Response:
    """Note that somebody belongs to it up to today."""
    return acted(
        request,
        {},
        lambda: end_member(bank, actor, number, person),
        done=f"{ROOM}?done=leave&number={number}",
        shown=partial(_room, request, bank, actor, number=number),
    )


def _room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    status: int = 200,
    *,
    number: str = "",
    after: str = "",
    note: str = "",
) -> Response:
    words, asked = words_for(request, bank), number.strip().upper()
    with bank.read() as connection:
        found = organisations_listed(bank, connection, actor, after=after, most=LISTED + 1)
        opened = (
            organisations_listed(bank, connection, actor, number=asked, most=1) if asked else []
        )
        people = members_listed(bank, connection, actor, asked) if opened else []
    return draw(
        request,
        bank,
        "station/organisations.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        new_form=empty_form() if number else form,
        blank=empty_form(),
        kinds=[(one.value, words.or_code("organisation_kind", one.value)) for one in Kind],
        organisations=found[:LISTED],
        next=found[LISTED - 1].number if len(found) > LISTED else "",
        opened=opened[0] if opened else None,
        people=people,
        changes=actor.role in (Role.CLERK, Role.OPERATOR),
        note=note,
    )
