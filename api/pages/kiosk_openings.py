"""At kiosk or telephone a member confirms what their older passbook says, one touch a line."""

from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank
from api.pages.forms import empty_form, key_in, typed_in
from api.pages.kiosk_parts import Code, Member, door_of, show
from api.pages.plumbing import Posted, page_router
from api.pages.render import go, speech_for, words_for
from api.problems import status_of
from ledger.errors import Refusal
from timebank.openings.actions import Signed, confirm_openings
from timebank.openings.queries import own_openings
from timebank.stations.model import Actor

router = page_router()


@router.get("/kiosk/openings")
@router.get("/my/openings")
def own_page(request: Request, bank: Bank, actor: Member, done: Code = "") -> Response:
    """The balances of the member's older passbook that await their word."""
    good = words_for(request, bank)("opening.yours_done") if done else ""
    return _shown(request, bank, actor, good=good)


@router.post("/kiosk/openings")
@router.post("/my/openings")
def confirm(request: Request, bank: Bank, actor: Member, posted: Posted) -> Response:
    """Confirm one of them."""
    opening_id = typed_in(posted, frozenset({"opening"})).get("opening", "")
    try:
        confirm_openings(bank, actor, [Signed(opening_id)], key=key_in(posted))
    except Refusal as refused:
        wrong = speech_for(request).refusal(refused)
        return _shown(request, bank, actor, wrong=wrong, status=status_of(refused.code))
    return go(f"/{door_of(request)}/openings?done=1")


def _shown(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    *,
    good: str = "",
    wrong: str = "",
    status: int = 200,
) -> Response:
    with bank.read() as connection:
        rows = own_openings(bank, connection, actor)
    return show(
        request,
        bank,
        "kiosk/openings.html",
        here=f"/{door_of(request)}/openings",
        status=status,
        good=good,
        wrong=wrong,
        rows=[(one, empty_form()) for one in rows],
    )
