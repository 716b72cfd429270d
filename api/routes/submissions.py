"""Services that a device has signed, one or many, and where its key stands in its sequence."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, status
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.dependencies import Bank, Staff
from api.problems import problems
from api.quick import actor_of, body_of, key_of, needs
from api.routes.records import REFUSED_WHEN_LOGGED, StatedRecord, told_bytes
from api.schemas import BatchRecorded, Recorded, answers
from ledger.draft import Action
from ledger.encoding import MOST_BYTES
from ledger.errors import Refusal
from ledger.writer import Decided
from timebank.keys.actions import standing_of
from timebank.records.model import StatedService
from timebank.records.signed_batches import Sent, prepare_batch
from timebank.records.signed_form import MOST_ROWS, SALT_BYTES
from timebank.records.submitting import prepare_submission

router = APIRouter(prefix="/api/v1", tags=["submissions"])


class StatedSubmission(BaseModel):
    """A device's signed note, what it states in full, and the salt that binds the two."""

    model_config = ConfigDict(extra="forbid", strict=True)

    note: str = Field(min_length=1, max_length=MOST_BYTES, description="The signed note.")
    salt: str = Field(pattern=rf"^[0-9a-f]{{{2 * SALT_BYTES}}}$")
    service: StatedRecord


class StatedSigned(BaseModel):
    """One service of a signed batch in full, and the salt of its commitment."""

    model_config = ConfigDict(extra="forbid", strict=True)

    salt: str = Field(pattern=rf"^[0-9a-f]{{{2 * SALT_BYTES}}}$")
    service: StatedRecord


class StatedSignedBatch(BaseModel):
    """A device's signed note of many rows, and what it states in full, in the rows' order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    note: str = Field(min_length=1, max_length=MOST_BYTES, description="The signed note.")
    services: list[StatedSigned] = Field(min_length=1, max_length=MOST_ROWS)


class KeyStanding(BaseModel):
    """What the key's next submission must state as `seq` and `prev`."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    role: str
    vkey: str
    next_seq: int
    prev: str
    ended: bool


STATED: tuple[type[BaseModel], ...] = (StatedSubmission, StatedSigned, StatedSignedBatch)
"""What requests state whose bodies are read by hand; the OpenAPI document lists them."""


REFUSED_WHEN_SIGNED = (
    "submission_too_large",
    "submission_unfit",
    "signing_key_unknown",
    "signing_key_of_another",
    "signing_key_ended",
    "sequence_broken",
    "sequence_forked",
)
"""What a signed note may be refused for, whatever it says."""


@router.post(
    "/submissions",
    status_code=status.HTTP_201_CREATED,
    response_class=Response,
    responses={
        **answers(Recorded, status=201, description="Recorded."),
        **problems(
            *REFUSED_WHEN_LOGGED, *REFUSED_WHEN_SIGNED
        ),
    },
    openapi_extra=needs(StatedSubmission),
)  # fmt: skip
async def submit_service(request: Request) -> Response:
    """Record one service under a device's own signature; its note becomes the leaf's."""
    actor, key = actor_of(request), key_of(request)
    stated = await body_of(request, StatedSubmission)
    state = request.app.state
    action = await run_in_threadpool(
        prepare_submission,
        state.bank,
        actor,
        stated.service.station,
        stated.service.service(),
        note=stated.note,
        salt=bytes.fromhex(stated.salt),
        key=key,
    )
    return await _decided(state, action)


@router.post(
    "/submissions/batch",
    status_code=status.HTTP_201_CREATED,
    response_class=Response,
    responses={
        **answers(BatchRecorded, status=201, description="Each is recorded or refused."),
        **problems("not_permitted", "unknown_station", *REFUSED_WHEN_SIGNED),
    },
    openapi_extra=needs(StatedSignedBatch),
)
async def submit_services(request: Request) -> Response:
    """Record many services under one signature; a refused one leaves the others alone.

    All are of one station.  A service with several volunteers has a row for each of them.
    """
    actor, key = actor_of(request), key_of(request)
    stated = await body_of(request, StatedSignedBatch)
    state = request.app.state
    action = await run_in_threadpool(
        prepare_batch,
        state.bank,
        actor,
        [_sent(one) for one in stated.services],
        note=stated.note,
        key=key,
    )
    return await _decided(state, action)


def _sent(one: StatedSigned) -> Sent:
    stated: StatedService | Refusal
    try:
        stated = one.service.service()
    except Refusal as refusal:  # Its rows say so; the others go on.
        stated = refusal
    return Sent(one.service.station, stated, bytes.fromhex(one.salt))


async def _decided(state: Any, action: Action) -> Response:
    decided: Decided = await state.desk.submit(action)
    headers = {"Idempotency-Replayed": "true"} if decided.replayed else None
    return Response(told_bytes(decided), 201, headers, "application/json")


@router.get("/keys/{name:path}", responses=problems("not_permitted", "signing_key_unknown"))
def read_key(
    name: Annotated[str, Path(min_length=1, max_length=120)], _actor: Staff, bank: Bank
) -> KeyStanding:
    """Where a key stands: a device asks before it signs what waits."""
    with bank.read() as connection:
        return KeyStanding.model_validate(standing_of(connection, name))
