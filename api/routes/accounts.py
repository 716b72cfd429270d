"""Balances and statements, by account id or by member number."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime
from starlette.responses import Response, StreamingResponse

from api.dependencies import Actor, Bank, PageSize
from api.problems import ValidationFailed, problems
from api.quick import SESSION, actor_of
from api.schemas import Balance, StatementOfAccount, answers
from api.streaming import begun
from timebank.expiry.queries import coming_expiries
from timebank.people.directory import state_of_account
from timebank.people.reading import account_of_reader, balance_shown, posted_at
from timebank.statements.formats import Format, format_named
from timebank.statements.objects import coming_as_json, line_as_json
from timebank.statements.origins import origins_of_account
from timebank.statements.pages import After, statement_page
from timebank.statements.writing import statement_for

router = APIRouter(prefix="/api/v1", tags=["accounts"])

AccountName = Annotated[
    str, Path(min_length=1, max_length=64, description="Account id or member number.")
]
EffectiveUntil = Annotated[
    date | None, Query(description="Count only what was effective on or before this day.")
]
KnownBefore = Annotated[
    AwareDatetime | None, Query(description="Count only what was recorded before this instant.")
]
FromDay = Annotated[date | None, Query(alias="from", description="First local day of recording.")]
ToDay = Annotated[date | None, Query(alias="to", description="Last local day of recording.")]
_CURSOR = re.compile(r"([0-9]{1,15})\.([0-9]{1,9})", re.ASCII)


@router.get(
    "/people/{name}/balance",
    response_class=Response,
    responses={**answers(Balance), **problems("not_permitted", "unknown_member")},
    openapi_extra={"security": SESSION},
)
@router.get(
    "/accounts/{name}/balance",
    response_class=Response,
    responses={
        **answers(Balance),
        **problems("not_permitted", "account_not_found", "unknown_member"),
    },
    openapi_extra={"security": SESSION},
)
async def read_balance(
    request: Request,
    name: AccountName,
    effective_until: EffectiveUntil = None,
    known_before: KnownBefore = None,
) -> Response:
    """Posted, held and available minutes of now; with a bound also what was posted for the pair."""
    actor, bank = actor_of(request), request.app.state.bank
    with bank.read() as connection:
        balance = balance_shown(connection, actor, name)
        told: dict[str, Any] = {
            "account": balance.account_id,
            "kind": balance.kind,
            "posted": balance.posted,
            "held": balance.held,
            "available": balance.available,
            "floor": balance.floor,
            "ceiling": balance.ceiling,
        }
        if effective_until is not None or known_before is not None:
            told["posted_for"] = {
                "effective_until": effective_until,
                "known_before": known_before,
                "posted": posted_at(
                    connection,
                    balance,
                    effective_until=effective_until,
                    known_before=known_before,
                ),
            }
    return Response(orjson.dumps(told), media_type="application/json")


@router.get(
    "/accounts/{name}/statement",
    response_class=Response,
    responses={
        **answers(StatementOfAccount, "text/csv", "application/pdf"),
        **problems("not_permitted", "account_not_found", "unknown_member", "statement_too_long"),
    },
)
def read_statement(
    name: AccountName,
    actor: Actor,
    bank: Bank,
    from_on: FromDay = None,
    to_on: ToDay = None,
    form: Annotated[Literal["json", "csv", "pdf", "large-pdf"], Query(alias="format")] = "json",
    limit: PageSize = 50,
    after: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> Response:
    """Lines with the balance after each: JSON in pages, or the whole as CSV or PDF.

    An entry belongs to the day on which it was recorded, so a statement never changes later.
    """
    if form != "json":
        chosen = format_named(form)
        return StreamingResponse(
            begun(_file(bank, actor, name, chosen, from_on, to_on)),
            media_type=chosen.media_type,
            headers={"Content-Disposition": f'attachment; filename="statement.{chosen.suffix}"'},
        )
    with bank.read() as connection:
        account_id = account_of_reader(connection, actor, name)
        page = statement_page(
            connection,
            account_id,
            from_on=from_on,
            to_on=to_on,
            after=_after(after),
            most=limit,
            pages=origins_of_account(bank, connection, account_id),
        )
        holder = state_of_account(connection, account_id)
        expiring = coming_expiries(bank, connection, account_id, to_on)
    told = {
        "account": page.account_id,
        "kind": page.account_kind,
        "holder": holder,
        "opening": page.opening,
        "lines": [line_as_json(line) for line in page.lines],
        "closing": page.lines[-1].balance if page.lines else page.opening,
        "expiring": [coming_as_json(one) for one in expiring],
        "next": None if page.next is None else f"{page.next.leaf_index}.{page.next.place}",
    }
    return Response(orjson.dumps(told), media_type="application/json")


def _file(
    bank: Bank,
    actor: Actor,
    name: str,
    form: Format,
    from_on: date | None,
    to_on: date | None,
) -> Iterator[bytes]:
    with statement_for(
        bank, form, lambda rows: account_of_reader(rows, actor, name), from_on=from_on, to_on=to_on
    ) as found:
        yield from form.write(found)


def _after(cursor: str) -> After | None:
    if not cursor:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise ValidationFailed(field="after")
    return After(int(found[1]), int(found[2]))
