"""Statements in large type: for a member, and for the clerk who prints for an elder."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from dateutil.relativedelta import relativedelta
from fastapi import Path
from starlette.responses import Response, StreamingResponse

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.kiosk_parts import Member, who_asks
from api.pages.plumbing import page_router
from api.pages.render import NO_STORE
from api.streaming import begun
from timebank.people.reading import account_of_reader
from timebank.statements.formats import format_named
from timebank.statements.writing import statement_for
from timebank.stations.model import Actor

router = page_router()

_LARGE = format_named("large-pdf")


@router.get("/my/statement.pdf")
def own_statement(bank: Bank, actor: Member) -> Response:
    """What came and went on one's own account in the last twelve months."""
    person, _balance = who_asks(bank, actor)
    return _paper(bank, actor, person.account_id)


@router.get("/station/people/{number}/statement.pdf")
def statement_for_elder(
    bank: Bank, actor: Clerk, number: Annotated[str, Path(min_length=1, max_length=64)]
) -> Response:
    """The same of any member, whom the clerk prints it for."""
    return _paper(bank, actor, number)


def _paper(bank: timebank.bank.Bank, actor: Actor, name: str) -> Response:
    last = bank.today()
    first = last - relativedelta(years=1) + relativedelta(days=1)
    headers = NO_STORE | {"Content-Disposition": 'inline; filename="statement.pdf"'}
    pieces = begun(_written(bank, actor, name, first, last))
    return StreamingResponse(pieces, media_type=_LARGE.media_type, headers=headers)


def _written(
    bank: timebank.bank.Bank, actor: Actor, name: str, first: date, last: date
) -> Iterator[bytes]:
    with statement_for(
        bank, _LARGE, lambda rows: account_of_reader(rows, actor, name), from_on=first, to_on=last
    ) as found:
        yield from _LARGE.write(found)
