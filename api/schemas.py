"""Shapes of answers whose bytes are prepared by hand: documented and tested, not validated.

Validating a long answer costs many times what writing it costs, so these models stand in the
OpenAPI document only, and schemathesis compares them with what is really sent.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

Minutes = int


class PostedFor(BaseModel):
    """What was posted for a pair of bounds."""

    effective_until: str | None
    known_before: str | None
    posted: Minutes


class Balance(BaseModel):
    """An account of now; minutes."""

    account: str
    kind: str
    posted: Minutes
    held: Minutes
    available: Minutes
    floor: Minutes | None
    ceiling: Minutes | None
    posted_for: PostedFor | None = Field(None, description="Where a bound was given.")


class Line(BaseModel):
    """One movement; minutes are positive where the account received."""

    number: int
    place: int
    leaf_index: int
    entry: str = Field(description="Its receipt: GET /entries/{entry}/receipt.")
    kind: str
    effective_on: str
    recorded_at: str
    other: str
    minutes: Minutes
    balance: Minutes
    page: str = Field(description="Of an opening balance: the older scheme's page.")
    given_minutes: int | None = Field(description="Of a service: what it took.")
    policy: str = Field(description="Of a service: the profile that priced it.")
    late_minutes: Minutes = Field(description="The minutes, if it was recorded late; else 0.")


class Expiring(BaseModel):
    """Minutes that expire on a day unless they are used."""

    due_on: str = Field(description="YYYY-MM-DD")
    minutes: Minutes


class StatementOfAccount(BaseModel):
    """A page of a statement; `closing` is what stood behind its last line."""

    account: str
    kind: str
    holder: str = Field(
        description="active, restricted or erased (已注销); empty for the book's own accounts."
    )
    opening: Minutes
    lines: list[Line]
    closing: Minutes
    expiring: list[Expiring] = Field(description="Announced, and not used yet; as of now.")
    next: str | None


class Credit(BaseModel):
    """One volunteer's credit; the entry is empty before posting."""

    account: str
    entry: str
    minutes: Minutes


class Recorded(BaseModel):
    """A record as it was logged.  Prove it: GET /log/proofs/{leaf_index}."""

    record: str
    number: int = Field(description="Gap-free per station.")
    state: str
    minutes: Minutes = Field(description="Given.")
    marks: list[str]
    credits: list[Credit]
    leaf_index: int
    receipts: list[str] | None = Field(
        None, description="With `Prefer: receipt`: a tlog-proof for each entry."
    )


class SignedService(BaseModel):
    """One service of a signed batch: its record as it was logged, or why it was refused."""

    record: str
    code: str | None = Field(None, description="Of its refusal; nothing else is then told.")
    number: int | None = Field(None, description="Gap-free per station.")
    state: str | None = None
    minutes: Minutes | None = Field(None, description="Given.")
    marks: list[str] | None = None
    credits: list[Credit] | None = None


class BatchRecorded(BaseModel):
    """A signed batch; its services in the order of their rows."""

    batch: str
    services: list[SignedService]
    leaf_index: int = Field(description="Of the leaf that has the note; its rows' leaves follow.")


class BatchItem(BaseModel):
    """The answer to one item: a record, or a problem."""

    status: int
    record: Recorded | None = None
    problem: dict[str, Any] | None = None


class BatchAnswer(BaseModel):
    """The answers in the order of the items."""

    accepted: int
    refused: int
    items: list[BatchItem]


PREPARED: tuple[type[BaseModel], ...] = (Balance, StatementOfAccount, Recorded, BatchAnswer)
"""Models that no route names as its own; the OpenAPI document lists them besides."""


def prepared_schemas(stated: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """The JSON schemas of :data:`PREPARED` and ``stated`` and of what they contain, by name."""
    _map, found = models_json_schema(
        [(model, "serialization") for model in PREPARED]
        + [(model, "validation") for model in stated],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def answers(
    model: type[BaseModel], *others: str, status: int = 200, description: str = "Done."
) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route that prepares its bytes: ``model`` as JSON, or ``others``."""
    content: dict[str, Any] = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    }
    content |= {kind: {"schema": {"type": "string"}} for kind in others}
    return {status: {"description": description, "content": content}}
