"""Whether the server lives, whether it may be asked, and what it counted."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.dependencies import Bank
from api.figures import CONTENT_TYPE, Figures
from api.problems import problems
from api.services import Services, State, bank_size
from ledger.errors import LedgerFault
from timebank.bank import Bank as OpenBank

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: str


class Part(BaseModel):
    """One thing that the server needs."""

    name: str
    ready: bool
    why: str
    needed: bool


class Readiness(BaseModel):
    """Whether requests should come here."""

    ready: bool
    parts: list[Part]


@router.get("/healthz", responses=problems())
async def healthz() -> Alive:
    """The process runs and its event loop turns; nothing else is asked."""
    return Alive(status="ok")


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={**problems(), 503: {"model": Readiness, "description": "A part is not ready."}},
)
def readyz(request: Request, response: Response, bank: Bank) -> Any:
    """Database and head can be read, nothing is forked, nothing has fallen silent."""
    services: Services = request.app.state.services
    states = [_database(bank)]
    if states[0].ready:
        states += services.states()
    ready = all(state.ready for state in states if state.needed)
    if not ready:
        response.status_code = 503
    parts = [Part(name=one.name, ready=one.ready, why=one.why, needed=one.needed) for one in states]
    return Readiness(ready=ready, parts=parts)


def _database(bank: OpenBank) -> State:
    try:
        bank_size(bank)
    except LedgerFault as fault:
        return State("database", False, fault.code)
    except Exception:  # Whatever the driver raises: the answer is the same, and names nothing.
        return State("database", False, "storage_fault")
    return State("database", True)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems()},
)
async def metrics(request: Request) -> Response:
    """Figures in Prometheus' text format; they name nobody.  Keep it inside your network."""
    figures: Figures = request.app.state.figures
    return Response(figures.text(), headers={"content-type": CONTENT_TYPE})
