"""区间清算 at the operator's door: each partner's months, what differs, netting, and an end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Operator
from api.pages.forms import Form, empty_form, key_in, new_key, refused_form, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.render import draw, go, speech_for, words_for
from api.problems import status_of
from ledger.errors import Refusal
from timebank.clearing.between_stations import as_csv, between_stations
from timebank.clearing.ending import ask_end, decide_end
from timebank.clearing.making import make_due_statements, statement_file
from timebank.clearing.model import NettingState
from timebank.clearing.netting import decide_netting, propose_netting
from timebank.clearing.queries import positions
from timebank.clearing.statement import MOST_BYTES
from timebank.clearing.taking import take_statement
from timebank.errors import NotPermitted
from timebank.stations.model import Actor

router = page_router()

ROOM = "/operator/clearing"
_DONE = frozenset({"made", "taken", "proposed", "decided", "asked"})

Done = Annotated[str, Query(max_length=20)]
Month = Annotated[str, Query(max_length=20)]
Origin = Annotated[str, Query(max_length=120)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a page is drawn with: the words of what was done, a refused form, a month."""

    note: str = ""
    form: Form | None = None
    month: str = ""
    status: int = 200


@router.get(ROOM)
def room(
    request: Request, bank: Bank, actor: Operator, done: Done = "", month: Month = ""
) -> Response:
    """Every partner, and the report between stations of a month, by default of this one."""
    said = words_for(request, bank)(f"clearing.done_{done}") if done in _DONE else ""
    return _room(request, bank, actor, _Asked(note=said, month=month))


@router.post(ROOM + "/statements")
def make(request: Request, bank: Bank, actor: Operator, posted: Posted) -> Response:
    """Make the statements of months that are over."""
    key_in(posted)
    return _tried(request, bank, actor, lambda: make_due_statements(bank, actor), "made")


@router.get(ROOM + "/statement")
def statement(bank: Bank, actor: Operator, partner: Origin, month: Month) -> Response:
    """The file for the partner."""
    named = f'attachment; filename="{month}.clearing-statement"'
    text = statement_file(bank, actor, partner, month)
    return Response(
        text, headers={"Content-Disposition": named}, media_type="text/plain; charset=utf-8"
    )


@router.post(ROOM + "/taken")
def take(request: Request, bank: Bank, actor: Operator, posted: Posted) -> Response:
    """Take in a partner's statement."""
    key, file = key_in(posted), posted.get("file")
    data = file.file.read(MOST_BYTES + 1) if isinstance(file, UploadFile) else b""
    return _tried(request, bank, actor, lambda: take_statement(bank, actor, data, key=key), "taken")


@router.post(ROOM + "/nettings")
def propose(request: Request, bank: Bank, actor: Operator, posted: Posted) -> Response:
    """Propose to net a month."""
    typed, key = typed_in(posted, frozenset({"partner", "month"})), key_in(posted)
    origin, month = typed.get("partner", ""), typed.get("month", "")
    return _tried(
        request, bank, actor,
        lambda: propose_netting(bank, actor, origin, month, key=key), "proposed",
    )  # fmt: skip


@router.post(f"{ROOM}/nettings/{{netting_id}}/decide")
def decide(
    request: Request, bank: Bank, actor: Operator, netting_id: str, posted: Posted
) -> Response:
    """Approve a netting, or withdraw it."""
    approve, key = _approves(posted), key_in(posted)
    return _tried(
        request, bank, actor,
        lambda: decide_netting(bank, actor, netting_id, approve=approve, key=key), "decided",
    )  # fmt: skip


@router.post(f"{ROOM}/partners/{{partner_id}}/end")
def end(request: Request, bank: Bank, actor: Operator, partner_id: str, posted: Posted) -> Response:
    """Ask to end a partnership."""
    key = key_in(posted)
    return _tried(request, bank, actor, lambda: ask_end(bank, actor, partner_id, key=key), "asked")


@router.post(f"{ROOM}/endings/{{ending_id}}/decide")
def decide_ending(
    request: Request, bank: Bank, actor: Operator, ending_id: str, posted: Posted
) -> Response:
    """End the partnership, or withdraw what was asked."""
    approve, key = _approves(posted), key_in(posted)
    return _tried(
        request, bank, actor,
        lambda: decide_end(bank, actor, ending_id, approve=approve, key=key), "decided",
    )  # fmt: skip


@router.get(ROOM + "/between.csv")
def between_csv(bank: Bank, actor: Operator, month: Month) -> Response:
    """The report between stations for Excel and WPS."""
    with bank.read() as connection:
        data = as_csv(month, between_stations(connection, actor, month))
    named = f'attachment; filename="between-stations-{month}.csv"'
    return Response(
        data, headers={"Content-Disposition": named}, media_type="text/csv; charset=utf-8"
    )


def _approves(posted: Any) -> bool:
    return typed_in(posted, frozenset({"decision"})).get("decision", "") == "approve"


def _tried(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    act: Callable[[], object],
    done: str,
) -> Response:
    """Do it and lead back to the room, or say above it what was refused."""
    try:
        act()
    except NotPermitted:
        raise
    except Refusal as refused:
        form = refused_form({}, refused, speech_for(request).refusal(refused), frozenset())
        asked = _Asked(form=form, status=status_of(refused.code))
        return _room(request, bank, actor, asked)
    return go(f"{ROOM}?done={done}")


def _room(request: Request, bank: timebank.bank.Bank, actor: Actor, asked: _Asked) -> Response:
    month = asked.month or bank.today().isoformat()[:7]
    with bank.read() as connection:
        found = positions(connection, actor)
        between = between_stations(connection, actor, month)
    return draw(
        request,
        bank,
        "operator/clearing.html",
        frame_of(request, "operator", actor, ROOM),
        status=asked.status,
        form=asked.form or empty_form(),
        blank=Form(new_key(), {}),
        month_form=Form(new_key(), {"month": month}),
        note=asked.note,
        positions=found,
        between=between,
        month=month,
        waits=NettingState.PROPOSED.value,
        me=actor.actor_id,
    )
