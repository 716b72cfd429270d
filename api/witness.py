"""The application of a witness: ``add-checkpoint`` of tlog-witness, and nothing else.

Source: https://c2sp.org/tlog-witness
"""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ledger.witness import SIZE_TYPE
from ledger.witness_state import MOST_REQUEST_BYTES, Outcome, Witness, WitnessStateDamaged

__all__ = ["create_witness"]

STATUS = {
    Outcome.COSIGNED: 200,
    Outcome.MALFORMED: 400,
    Outcome.UNKNOWN_KEY: 403,
    Outcome.UNKNOWN_LOG: 404,
    Outcome.CONFLICT: 409,
    Outcome.NOT_CONSISTENT: 422,
}
"""As the protocol fixes them."""

_TOO_LARGE, _NOT_NOW = 413, 503


def create_witness(witness: Witness) -> Starlette:
    """The HTTP application of one witness."""

    async def add_checkpoint(request: Request) -> Response:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST_REQUEST_BYTES:
                return Response(status_code=_TOO_LARGE, headers={"Connection": "close"})
        try:
            # It waits for a lock and for the disk.
            verdict = await run_in_threadpool(witness.add_checkpoint, bytes(body))
        except (OSError, WitnessStateDamaged):
            return Response(status_code=_NOT_NOW)
        kind = SIZE_TYPE if verdict.outcome is Outcome.CONFLICT else "text/plain; charset=utf-8"
        # As a header, because the framework would add a charset to the protocol's own type.
        headers = {"Content-Type": kind}
        return Response(verdict.text, STATUS[verdict.outcome], headers=headers)

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])
