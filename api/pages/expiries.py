"""时间到期 at the audit door, month by month; and why minutes expired, at either door."""

from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Auditor, Bank
from api.pages.plumbing import frame_of, page_router
from api.pages.render import Frame, draw, words_for
from timebank.expiry.explaining import ExplainedExpiry
from timebank.expiry.queries import expiries_by_month, expiry_rule

router = page_router()

ROOM = "/audit/expiries"


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
