"""暂停参与 at the station: proposed, decided by another, appealed and answered by a third."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, typed_in
from api.pages.kiosk_parts import Member, door_of
from api.pages.plumbing import Posted, acted, frame_of, page_router
from api.pages.reading import choice_in, day_in
from api.pages.render import draw, go, words_for
from timebank.errors import MissingField
from timebank.errors.suspensions import AppealOpen, SuspensionNotOpen
from timebank.stations.model import Actor, Role
from timebank.suspensions.actions import answer_appeal, appeal, decide_proposal, lift, propose
from timebank.suspensions.model import Part, Proposal, Reason
from timebank.suspensions.queries import suspensions_listed

router = page_router()

ROOM = "/station/suspensions"
LISTED = 50
PROPOSAL = frozenset({"number", "part", "cause", "words", "until"})
_WORDS = frozenset({"reason", "choice"})
_DONE = frozenset({"propose", "decide", "lift", "appeal", "answer"})

Done = Annotated[str, Query(max_length=20)]
Before = Annotated[str, Query(max_length=64)]


@router.get(ROOM)
def room(
    request: Request, bank: Bank, actor: Clerk, done: Done = "", before: Before = ""
) -> Response:
    """The form for a proposal, and what stands."""
    said = words_for(request, bank)(f"suspension.done_{done}") if done in _DONE else ""
    return _room(request, bank, actor, empty_form(), note=said, before=before)


@router.post(ROOM)
def suspend(request: Request, bank: Bank, actor: Clerk, posted: Posted) -> Response:
    """Suspend somebody at once, until another decides."""
    typed = typed_in(posted, PROPOSAL)

    def act() -> None:
        until = typed.get("until", "")
        until_on = day_in(until, "until", bank.today()).isoformat() if until else ""
        part, reason = choice_in(typed, "part", Part), choice_in(typed, "cause", Reason)
        proposal = Proposal(typed.get("number", ""), part, reason, typed.get("words", ""), until_on)
        propose(bank, actor, proposal, key=key_in(posted))

    shown = partial(_room, request, bank, actor)
    return acted(request, typed, act, done=f"{ROOM}?done=propose", shown=shown)


@router.post(f"{ROOM}/{{suspension_id}}/decide")
def decide(
    request: Request, bank: Bank, actor: Clerk, suspension_id: str, posted: Posted
) -> Response:
    """Approve or decline a proposal."""

    def act(reason: str, choice: str, key: str) -> None:
        decide_proposal(
            bank, actor, suspension_id, reason, approved=_yes(choice, "approve", "decline"), key=key
        )

    return _step(request, bank, actor, suspension_id, posted, "decide", act)


@router.post(f"{ROOM}/{{suspension_id}}/lift")
def end(request: Request, bank: Bank, actor: Clerk, suspension_id: str, posted: Posted) -> Response:
    """End it before its last day."""

    def act(reason: str, _choice: str, key: str) -> None:
        lift(bank, actor, suspension_id, reason, key=key)

    return _step(request, bank, actor, suspension_id, posted, "lift", act)


@router.post(f"{ROOM}/{{suspension_id}}/appeal")
def write_appeal(
    request: Request, bank: Bank, actor: Clerk, suspension_id: str, posted: Posted
) -> Response:
    """Write down what the member says against it."""

    def act(reason: str, _choice: str, key: str) -> None:
        appeal(bank, actor, suspension_id, reason, key=key)

    return _step(request, bank, actor, suspension_id, posted, "appeal", act)


@router.post(f"{ROOM}/{{suspension_id}}/answer")
def answer(
    request: Request, bank: Bank, actor: Clerk, suspension_id: str, posted: Posted
) -> Response:
    """Uphold or dismiss an appeal."""

    def act(reason: str, choice: str, key: str) -> None:
        answer_appeal(
            bank, actor, suspension_id, reason, upheld=_yes(choice, "uphold", "dismiss"), key=key
        )

    return _step(request, bank, actor, suspension_id, posted, "answer", act)


@router.post("/kiosk/appeal")
@router.post("/my/appeal")
def touch(request: Request, bank: Bank, actor: Member, posted: Posted) -> Response:
    """The member does not agree, by one touch; the station calls and hears why."""
    suspension_id = typed_in(posted, frozenset({"suspension"})).get("suspension", "")
    said = words_for(request, bank)("suspension.by_touch")
    try:
        appeal(bank, actor, suspension_id, said, key=key_in(posted))
    except (AppealOpen, SuspensionNotOpen):
        return go(f"/{door_of(request)}/account")  # The page says how it stands.
    return go(f"/{door_of(request)}/account")


def _yes(choice: str, yes: str, no: str) -> bool:
    """Which of two buttons was pressed.

    Raises:
        MissingField: neither.
    """
    if choice not in (yes, no):
        raise MissingField(field="choice")
    return choice == yes


def _step(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    suspension_id: str,
    posted: Posted,
    done: str,
    act: Callable[[str, str, str], None],
) -> Response:
    typed, key = typed_in(posted, _WORDS), key_in(posted)
    return acted(
        request,
        typed,
        lambda: act(typed.get("reason", ""), typed.get("choice", ""), key),
        done=f"{ROOM}?done={done}",
        shown=partial(_room, request, bank, actor, of=suspension_id),
    )


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
        found = suspensions_listed(bank, connection, actor, before=before, most=LISTED + 1)
    return draw(
        request,
        bank,
        "station/suspensions.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        proposal_form=empty_form() if of else form,
        blank=empty_form(),
        of=of,
        parts=[(one.value, words.or_code("suspended_part", one.value)) for one in Part],
        reasons=[(one.value, words.or_code("suspended_for", one.value)) for one in Reason],
        suspensions=found[:LISTED],
        next=found[LISTED - 1].suspension_id if len(found) > LISTED else "",
        decides=actor.role is Role.OPERATOR,
        note=note,
    )
