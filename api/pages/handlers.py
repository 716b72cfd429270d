"""The handlers' figures as a picture and a table, for auditors and operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Auditor, Bank, Operator
from api.pages.forms import Form, new_key
from api.pages.plumbing import frame_of, page_router
from api.pages.reading import day_in
from api.pages.render import draw, words_for
from timebank.call_backs.queries import DrawShown, draws_listed
from timebank.errors import MissingField, UnreadableDate
from timebank.integrity.model import percent
from timebank.integrity.statistics import HandlerFigures, handler_figures
from timebank.stations.model import Actor

router = page_router()

Text = Annotated[str, Query(max_length=40)]
First = Annotated[str, Query(alias="from", max_length=40)]

MOST_BARS = 20
BAR_WIDTH = 360
"""Of the longest bar of the picture, in its own units."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the picture: widths of what was entered, of the late part, and of reviews."""

    name: str
    entries: int
    reviews: int
    entries_width: int
    late_width: int
    reviews_width: int


@router.get("/audit/handlers")
def for_auditors(
    request: Request, bank: Bank, actor: Auditor, first: First = "", until: Text = ""
) -> Response:
    """What each handler did in a period, by default this month's days so far; and the draws."""
    return _page(request, bank, actor, "audit", first.strip(), until.strip())


@router.get("/operator/handlers")
def for_operators(
    request: Request, bank: Bank, actor: Operator, first: First = "", until: Text = ""
) -> Response:
    """The same at the operator's door."""
    return _page(request, bank, actor, "operator", first.strip(), until.strip())


def _page(
    request: Request, bank: timebank.bank.Bank, actor: Actor, door: str, first: str, until: str
) -> Response:
    words, today = words_for(request, bank), bank.today()
    typed = {"from": first or today.replace(day=1).isoformat(), "until": until or today.isoformat()}
    days, wrong = _days(typed, today)
    if not wrong and days["until"] < days["from"]:
        wrong = {"until": "audit.period_backwards"}
    found, draws = list[HandlerFigures](), list[DrawShown]()
    if not wrong:
        with bank.read() as connection:
            found = handler_figures(connection, actor, days["from"], days["until"])
            draws = draws_listed(connection, actor, most=10)
    names = {one.handler: one.title or one.login or one.handler for one in found}
    names[""] = words("handler.members")
    return draw(
        request,
        bank,
        "handlers.html",
        frame_of(request, door, actor, f"/{door}/handlers"),
        status=422 if wrong else 200,
        form=Form(new_key(), typed, {field: words(key) for field, key in wrong.items()}),
        action=f"/{door}/handlers",
        found=found,
        names=names,
        bars=bars(found, names),
        draws=draws,
        percent=percent,
    )


def _days(typed: dict[str, str], today: date) -> tuple[dict[str, date], dict[str, str]]:
    days: dict[str, date] = {}
    wrong: dict[str, str] = {}
    for field in ("from", "until"):
        try:
            days[field] = day_in(typed[field], field, today)
        except (MissingField, UnreadableDate):
            wrong[field] = "audit.bad_day"
    return days, wrong


def bars(found: Sequence[HandlerFigures], names: dict[str, str]) -> list[Bar]:
    """The picture of the busiest, all to one scale."""
    shown = found[:MOST_BARS]
    most = max((max(one.entries, one.reviews) for one in shown), default=0) or 1
    return [
        Bar(
            names[one.handler],
            one.entries,
            one.reviews,
            one.entries * BAR_WIDTH // most,
            one.late * BAR_WIDTH // most,
            one.reviews * BAR_WIDTH // most,
        )
        for one in shown
    ]
