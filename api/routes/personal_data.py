"""A person's own data: looked at with a reason, handed out, forgotten, and who looked."""

from datetime import date
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.dependencies import Actor, Bank, IdempotencyKey, Operator, PageSize
from api.problems import problems
from api.routes.people import Number
from timebank.people.accesses import MOST_REASON, accesses_shown, look
from timebank.people.exporting import as_html, export_for_relative, export_person
from timebank.people.forgetting import forget
from timebank.people.model import Relation
from timebank.statements.statement import recorded_at

router = APIRouter(prefix="/api/v1/people/{number}", tags=["personal data"])


class StatedReason(BaseModel):
    """Why somebody's data is looked at; the person can read it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(min_length=1, max_length=MOST_REASON, repr=False)


class StatedRelative(BaseModel):
    """What a near relative is to the dead, and what they showed as proof."""

    model_config = ConfigDict(extra="forbid", strict=True)

    relation: Annotated[Relation, Field(strict=False)]
    proof: str = Field(min_length=1, max_length=MOST_REASON, repr=False)


class Identity(BaseModel):
    """What the vault holds of a person, unmasked."""

    model_config = ConfigDict(from_attributes=True)

    person_id: str
    name: str = Field(repr=False)
    born_on: date | None = Field(repr=False)
    id_number: str | None = Field(repr=False)
    telephone: str | None = Field(repr=False)


class Forgotten(BaseModel):
    """What became of the request."""

    person: str
    outcome: Literal["restricted", "forgotten"]
    until: date | None = Field(description="Until when the books must keep the data.")
    backups_unreadable_from: date = Field(
        description="When no backup of the key store may be left: from then on old backups of "
        "the book cannot be read either."
    )


class ListedAccess(BaseModel):
    """One look at the person's data."""

    number: int
    at: str = Field(description="RFC 3339, UTC.")
    actor_id: str
    role: str
    title: str = Field(description="Office of a member of staff.")
    purpose: str = Field(description="own, look, export or relative.")
    fields: list[str]
    reason: dict[str, str] = Field(description="What was stated; empty for auditors.")


class AccessPage(BaseModel):
    """Looks, the newest first; ask on with `before`."""

    items: list[ListedAccess]
    next: int | None = Field(description="The `before` of the next page; null behind the last.")


@router.post(
    "/look",
    responses=problems("not_permitted", "missing_field", "unknown_member", "person_erased"),
)
def look_at_person(
    stated: StatedReason,
    number: Number,
    actor: Operator,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> Identity:
    """The person unmasked.  Every call is a look of its own, whatever its key."""
    return Identity.model_validate(look(bank, actor, number, stated.reason))


@router.get("/accesses", responses=problems("not_permitted", "unknown_member"))
def list_accesses(
    number: Number,
    actor: Actor,
    bank: Bank,
    limit: PageSize = 50,
    before: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
) -> AccessPage:
    """Who looked at the person's data, for operator, auditor and the person."""
    with bank.read() as connection:
        found = accesses_shown(bank, connection, actor, number, before=before, most=limit + 1)
    items = [
        ListedAccess(
            number=one.number,
            at=recorded_at(one.accessed_ms),
            actor_id=one.actor_id,
            role=one.role,
            title=one.title,
            purpose=one.purpose,
            fields=list(one.fields),
            reason=dict(one.stated),
        )
        for one in found[:limit]
    ]
    return AccessPage(items=items, next=items[-1].number if len(found) > limit else None)


_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Everything about the person, as a file.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/html": {"schema": {"type": "string"}},
        },
    }
}


@router.get(
    "/export",
    response_class=Response,
    responses={**_FILE, **problems("not_permitted", "unknown_member", "person_erased")},
)
def export_data(
    number: Number,
    actor: Actor,
    bank: Bank,
    form: Annotated[Literal["json", "html"], Query(alias="format")] = "json",
) -> Response:
    """Everything about the person, for the operator's desk or their own session; a look itself."""
    return _file(export_person(bank, actor, number), form)


@router.post(
    "/export",
    response_class=Response,
    responses={
        **_FILE,
        **problems("not_permitted", "missing_field", "unknown_member", "person_erased"),
    },
)
def export_data_for_relative(
    stated: StatedRelative,
    number: Number,
    actor: Operator,
    bank: Bank,
    idempotency_key: IdempotencyKey,
    form: Annotated[Literal["json", "html"], Query(alias="format")] = "json",
) -> Response:
    """The same for a near relative of the dead; every call is a look of its own."""
    found = export_for_relative(bank, actor, number, stated.relation, stated.proof)
    return _file(found, form)


@router.post(
    "/forget",
    responses=problems(
        "not_permitted", "unknown_member", "person_erased", "holds_open", "balance_remains",
        "key_reused",
    ),
)  # fmt: skip
def forget_data(
    number: Number, actor: Operator, bank: Bank, idempotency_key: IdempotencyKey
) -> Forgotten:
    """Restrict the person's data while the books must keep it, destroy it afterwards."""
    done = forget(bank, actor, number, key=idempotency_key)
    return Forgotten.model_validate(done.as_json())


def _file(found: dict[str, Any], form: str) -> Response:
    content = as_html(found).encode() if form == "html" else orjson.dumps(found)
    kind = "text/html; charset=utf-8" if form == "html" else "application/json"
    disposition = f'attachment; filename="person.{form}"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
