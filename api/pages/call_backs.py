"""Call-backs at the station: a list to print, and what each call came to."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.forms import Form, empty_form, key_in, new_key, typed_in
from api.pages.plumbing import Posted, frame_of, page_router
from api.pages.render import draw, go, speech_for, words_for
from api.pages.station import chosen, stations_of
from api.pages.views import help_name
from api.problems import status_of
from ledger.errors import Refusal
from timebank.call_backs.actions import note_outcome
from timebank.call_backs.model import Outcome
from timebank.call_backs.queries import MOST, CallShown, calling_list
from timebank.errors import MissingField, NotPermitted
from timebank.stations.model import Actor
from timebank.stations.staff import offices_of

router = page_router()

ROOM = "/station/call-backs"
_FIELDS = frozenset({"outcome", "remark", "at"})


@router.get(ROOM)
def call_backs(
    request: Request,
    bank: Bank,
    actor: Clerk,
    at: Annotated[str, Query(max_length=40)] = "",
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Whom to ask; the look at names and telephones is written down."""
    note = words_for(request, bank)("call_back.done") if done else ""
    return _room(request, bank, actor, at, note=note)


@router.post(f"{ROOM}/{{call_id}}")
def said(request: Request, bank: Bank, actor: Clerk, call_id: str, posted: Posted) -> Response:
    """Write down what came of a call; the line leaves the list once nobody has to call again."""
    typed = typed_in(posted, _FIELDS)
    try:
        outcome = _outcome(typed.get("outcome", ""))
        note_outcome(bank, actor, call_id, outcome, typed.get("remark", ""), key=key_in(posted))
    except NotPermitted:
        raise
    except Refusal as refused:
        is_bare = refused.code == "missing_field"
        words = words_for(request, bank)
        told = words("call_back.remark_needed") if is_bare else speech_for(request).refusal(refused)
        form = Form(new_key(), typed, general=told)
        return _room(
            request, bank, actor, typed.get("at", ""), form=form, refused_id=call_id,
            status=status_of(refused.code),
        )  # fmt: skip
    return go(f"{ROOM}?done=yes&at={typed.get('at', '')}")


def _outcome(given: str) -> Outcome:
    try:
        return Outcome(given)
    except ValueError:
        raise MissingField(field="reason") from None


def _room(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    at: str,
    *,
    note: str = "",
    form: Form | None = None,
    refused_id: str = "",
    status: int = 200,
) -> Response:
    stations = stations_of(bank, actor)
    station = chosen(stations, at)
    found = list[CallShown]() if station is None else calling_list(bank, actor, station.code)
    words = words_for(request, bank)
    offered = [("", words("call_back.choose"))]
    offered += [(one.value, words.or_code("call_outcome", one.value)) for one in Outcome]
    with bank.read() as connection:
        offices = offices_of(connection, {one.caller for one in found})
    return draw(
        request,
        bank,
        "station/call_backs.html",
        frame_of(request, "station", actor, ROOM),
        status=status,
        stations=stations,
        station=station,
        choose=ROOM,
        calls=found,
        is_cut=len(found) == MOST,
        offices=offices,
        offered=offered,
        form=form or empty_form(),
        blank=empty_form(),
        refused_id=refused_id,
        help_name=help_name,
        note=note,
    )
