"""时间负债 at the audit door: a picture with its table."""

from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Auditor, Bank
from api.pages.plumbing import frame_of, page_router
from api.pages.render import draw
from timebank.liability.queries import liability_of

router = page_router()

ROOM = "/audit/liability"
BAR_WIDTH = 360
"""Of the longest bar of the picture, in its own units."""


@router.get(ROOM)
def room(request: Request, bank: Bank, actor: Auditor) -> Response:
    """What is owed to whom, by age, and how long it would last."""
    with bank.read() as connection:
        found = liability_of(bank, connection, actor)
    longest = max((band.minutes for band in found.bands), default=0)
    return draw(
        request,
        bank,
        "audit/liability.html",
        frame_of(request, "audit", actor, ROOM),
        found=found,
        widths={
            band.code: band.minutes * BAR_WIDTH // longest if longest else 0 for band in found.bands
        },
    )
