"""时间到期: month by month, why minutes expired, and at the operator's door giving them back."""

from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Auditor, Bank, Operator
from api.pages.forms import Form, empty_form, key_in, typed_in
from api.pages.plumbing import Posted, acted, frame_of, page_router
from api.pages.render import Frame, draw, speech_for, words_for
from api.problems import status_of
from timebank.errors import UnknownMember
from timebank.expiry.explaining import ExplainedExpiry
from timebank.expiry.giving_back import give_back
from timebank.expiry.queries import (
    ExpiredCredit,
    expired_credit,
    expiries_by_month,
    expiry_rule,
)
from timebank.stations.model import Actor

router = page_router()

ROOM = "/audit/expiries"
BACK_ROOM = "/operator/expiries"
LISTED = 20

_BACK = frozenset({"reason", "number", "after"})

Number = Annotated[str, Query(max_length=20)]
Id = Annotated[str, Query(max_length=64)]


@router.get(ROOM)
def room(request: Request, bank: Bank, actor: Auditor) -> Response:
    """What was announced and what expired, and the rule of today with its clauses."""
    with bank.read() as connection:
        months = expiries_by_month(connection, actor)
    return draw(
        request,
        bank,
        "audit/expiries.html",
        frame_of(request, "audit", actor, ROOM),
        months=months,
        rule=expiry_rule(bank),
    )


def explained_expiry(
    request: Request, bank: timebank.bank.Bank, frame: Frame, found: ExplainedExpiry, *, back: str
) -> Response:
    """The page of one announcement; ``back`` is where its link stood."""
    words = words_for(request, bank)
    return draw(
        request,
        bank,
        "expiry.html",
        frame,
        lines=[words.of_pair(*pair) for pair in zip(found.zh, found.en, strict=True)],
        agrees=found.agrees,
        back=back,
    )


@router.get(BACK_ROOM)
def expired(
    request: Request,
    bank: Bank,
    actor: Operator,
    number: Number = "",
    after: Id = "",
    done: Number = "",
) -> Response:
    """What expired, of everybody or of one person, with a form to give it back."""
    note = words_for(request, bank)("expiry.done_back") if done == "back" else ""
    return _expired(request, bank, actor, empty_form(), number=number, after=after, note=note)


@router.post(f"{BACK_ROOM}/{{expiry_id}}/return")
def give(request: Request, bank: Bank, actor: Operator, expiry_id: str, posted: Posted) -> Response:
    """Give back what expired, with the reason that was typed."""
    typed, key = typed_in(posted, _BACK), key_in(posted)
    number, after = typed.get("number", ""), typed.get("after", "")
    return acted(
        request,
        typed,
        lambda: give_back(bank, actor, expiry_id, typed.get("reason", ""), key=key),
        done=f"{BACK_ROOM}?{urlencode({'done': 'back', 'number': number, 'after': after})}",
        shown=partial(_expired, request, bank, actor, of=expiry_id, number=number, after=after),
    )


def _expired(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    form: Form,
    status: int = 200,
    *,
    number: str = "",
    after: str = "",
    of: str = "",
    note: str = "",
) -> Response:
    found: list[ExpiredCredit] = []
    missing = ""
    try:
        with bank.read() as connection:
            found = expired_credit(
                bank, connection, actor, number=number, after=after, most=LISTED + 1
            )
    except UnknownMember as refused:
        missing, status = speech_for(request).refusal(refused), max(status, status_of(refused.code))
    return draw(
        request,
        bank,
        "operator/expiries.html",
        frame_of(request, "operator", actor, BACK_ROOM),
        status=status,
        form=form,
        blank=empty_form(),
        of=of,
        asked=number,
        after=after,
        missing=missing,
        found=found[:LISTED],
        further=found[LISTED - 1].announcement_id if len(found) > LISTED else "",
        note=note,
    )
