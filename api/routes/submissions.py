"""Services that a device has signed, and where a device's key stands in its sequence."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, status
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.dependencies import Bank, Staff
from api.problems import problems
from api.quick import actor_of, body_of, key_of, needs
from api.routes.records import REFUSED_WHEN_LOGGED, StatedRecord, told_bytes
from api.schemas import Recorded, answers
from ledger.encoding import MOST_BYTES
from ledger.writer import Decided
from timebank.keys.actions import standing_of
from timebank.records.submitting import SALT_BYTES, prepare_submission

router = APIRouter(prefix="/api/v1", tags=["submissions"])


class StatedSubmission(BaseModel):
    """A device's signed note, what it states in full, and the salt that binds the two."""

    model_config = ConfigDict(extra="forbid", strict=True)

    note: str = Field(min_length=1, max_length=MOST_BYTES, description="The signed note.")
    salt: str = Field(pattern=rf"^[0-9a-f]{{{2 * SALT_BYTES}}}$")
    service: StatedRecord


class KeyStanding(BaseModel):
    """What the key's next submission must state as `seq` and `prev`."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    role: str
    vkey: str
    next_seq: int
    prev: str
    ended: bool


STATED: tuple[type[BaseModel], ...] = (StatedSubmission,)
"""What requests state whose bodies are read by hand; the OpenAPI document lists them."""


@router.post(
    "/submissions",
    status_code=status.HTTP_201_CREATED,
    response_class=Response,
    responses={
        **answers(Recorded, status=201, description="Recorded."),
        **problems(
            *REFUSED_WHEN_LOGGED, "submission_unfit", "sequence_broken", "signing_key_unknown",
            "signing_key_ended",
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
