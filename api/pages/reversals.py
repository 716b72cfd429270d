"""冲销 at the station: find a record, take it back, or propose it where its minutes are spent."""

from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.catalogue import Words
from api.pages.forms import Form, empty_form, key_in, typed_in
from api.pages.plumbing import Posted, acted, form_after, frame_of, page_router
from api.pages.records import record_views
from api.pages.render import draw, words_for
from api.problems import status_of
from ledger.errors import FloorExceeded
from timebank.errors import UnknownRecord
from timebank.policy.explain import Explanation
from timebank.records.actions import reverse_record
from timebank.records.queries import record_numbered, record_of
from timebank.shortfalls.explaining import explain_reversal
from timebank.shortfalls.proposing import decide_reversal, propose_reversal
from timebank.shortfalls.queries import proposals_listed, shortfalls_listed
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

router = page_router()

ROOM = "/station/reversals"
LISTED = 50
_DONE = frozenset({"reverse", "propose", "approve", "withdraw"})
_REASON = frozenset({"reason"})

Short = Annotated[str, Query(max_length=20)]
Id = Annotated[str, Query(max_length=64)]


@router.get(ROOM)
def room(
    request: Request,
    bank: Bank,
    actor: Clerk,
    done: Short = "",
    station: Short = "",
    number: Short = "",
    before: Id = "",
) -> Response:
    """The record that was asked for by its number, what is proposed, and who is short of time."""
    require(actor, "reverse_record", Role.REVIEWER, Role.OPERATOR)
    said = words_for(request, bank)(f"reversal.done_{done}") if done in _DONE else ""
    typed = {"number": number, "station": station or actor.station_code}
    if not number:
        return _room(request, bank, actor, empty_form(**typed), note=said, before=before)
    try:
        with bank.read() as connection:
            record = record_numbered(connection, actor, typed["station"], number)
    except UnknownRecord as refused:
        form = form_after(request, typed, refused)
        return _room(request, bank, actor, form, status_of(refused.code))
    return _room(request, bank, actor, empty_form(**typed), record=record)


@router.post(ROOM + "/records/{record_id}")
def reverse(request: Request, bank: Bank, actor: Clerk, record_id: str, posted: Posted) -> Response:
    """Take the record back, or propose it where a first try has shown that its minutes are spent.

    The second is a button of its own, since another person must agree.
    """
    typed = typed_in(posted, frozenset({"reason", "step"}))
    proposes = typed.get("step", "") == "propose"
    step = propose_reversal if proposes else reverse_record

    is_spent = proposes

    def act() -> None:
        nonlocal is_spent
        try:
            step(bank, actor, record_id, typed.get("reason", ""), key=key_in(posted))
        except FloorExceeded:
            is_spent = True
            raise

    def shown(form: Form, status: int) -> Response:
        return _room(request, bank, actor, form, status, record=record_id, is_spent=is_spent)

    done = f"{ROOM}?done={'propose' if proposes else 'reverse'}"
    return acted(request, typed, act, done=done, shown=shown)


@router.post(ROOM + "/proposals/{proposal_id}")
def decide(
    request: Request, bank: Bank, actor: Clerk, proposal_id: str, posted: Posted
) -> Response:
    """Approve a proposal, or withdraw it."""
    typed = typed_in(posted, frozenset({"decision"}))
    approve = typed.get("decision", "") == "approve"

    def act() -> None:
        decide_reversal(bank, actor, proposal_id, approve=approve, key=key_in(posted))

    done = f"{ROOM}?done={'approve' if approve else 'withdraw'}"
    return acted(request, typed, act, done=done, shown=partial(_room, request, bank, actor))


def _room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    status: int = 200,
    *,
    note: str = "",
    record: str = "",
    before: str = "",
    is_spent: bool = False,
) -> Response:
    words = words_for(request, bank)
    decides = actor.role is Role.OPERATOR
    with bank.read() as connection:
        shown = [record_of(bank, connection, actor, record)] if record else []
        proposals = proposals_listed(connection, actor, before=before, most=LISTED + 1)
        short = shortfalls_listed(connection, actor, most=LISTED) if decides else []
        why = {
            one.proposal_id: _lines(
                words, explain_reversal(bank, connection, actor, one.proposal_id)
            )
            for one in proposals[:LISTED]
            if one.covered_minutes
        }
    return draw(
        request,
        bank,
        "station/reversals.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        form=form,
        blank=empty_form(),
        found=record_views(shown, actor, words),
        is_spent=is_spent,
        proposals=proposals[:LISTED],
        next=proposals[LISTED - 1].proposal_id if len(proposals) > LISTED else "",
        short=short,
        why=why,
        decides=decides,
        me=actor.actor_id,
        note=note,
    )


def _lines(words: Words, told: Explanation) -> list[str]:
    """An explanation in the reader's language."""
    return [words.of_pair(*pair) for pair in zip(told.zh, told.en, strict=True)]
