"""Closed months: the trial balance of each with its receipt, and how the books stand now."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Auditor, Bank
from api.pages.catalogue import Words
from api.pages.plumbing import frame_of, page_router
from api.pages.render import draw, words_for
from ledger.periods import KindTotal
from timebank.periods.model import ClosedPeriod, title_names, total_of
from timebank.periods.view import look_over, next_period, periods_listed

router = page_router()

MOST_LISTED = 120
"""Ten years; older closings are read over HTTP."""


@dataclass(frozen=True, slots=True)
class PeriodView:
    """A closed month in the reader's language; ``rows`` end with the totals."""

    name: str
    numbers: str
    late: int
    minutes: int
    accounts: int
    closed_ms: int
    severe_findings: int
    root: str
    receipt: str
    rows: Sequence[tuple[str, KindTotal]]


@router.get("/audit/periods")
def periods(request: Request, bank: Bank, actor: Auditor) -> Response:
    """Every closed month, the newest first, behind the checklist of the next one."""
    words = words_for(request, bank)
    with bank.read() as connection:
        listed = [period_view(one, words) for one in periods_listed(connection, most=MOST_LISTED)]
        following = next_period(connection)
    return draw(
        request,
        bank,
        "audit/periods.html",
        frame_of(request, "audit", actor, "/audit/periods"),
        periods=listed,
        checklist=look_over(bank, following),
        is_over=following.until_ms <= bank.now_ms(),
    )


def period_view(one: ClosedPeriod, words: Words) -> PeriodView:
    """A closing for the screen."""
    closing = one.closing
    numbers = words("period.none")
    if closing.first is not None:
        numbers = words(
            "period.numbers", entries=closing.entries, first=closing.first, last=closing.last
        )
    rows = [(words.of_pair(*title_names(total.kind)), total) for total in closing.kinds]
    return PeriodView(
        closing.period.name,
        numbers,
        closing.late,
        closing.minutes,
        closing.accounts,
        one.recorded_ms,
        one.severe_findings,
        closing.balances,
        f"/api/v1/periods/{closing.period.name}/receipt",
        [*rows, (words("period.total"), total_of(closing.kinds))],
    )
