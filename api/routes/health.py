"""Whether the server lives, whether it may be asked, and what it counted."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.dependencies import Bank
from api.figures import CONTENT_TYPE, Figures
from api.problems import problems
from api.services import Services, State, bank_size
from ledger.errors import LedgerFault

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: str


class Part(BaseModel):
    """One thing that the server needs."""

    name: str
    ready: bool
    why: str


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
    try:
        bank_size(bank)
        database = State("database", True)
    except LedgerFault as fault:
        database = State("database", False, fault.code)
    except Exception:
        database = State("database", False, "storage_fault")
    states = [database, *services.states()]
    ready = all(state.ready for state in states)
    if not ready:
        response.status_code = 503
    parts = [Part(name=one.name, ready=one.ready, why=one.why) for one in states]
    return Readiness(ready=ready, parts=parts)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems()},
)
async def metrics(request: Request) -> Response:
    """Figures in Prometheus' text format; they name nobody.  Keep it inside your network."""
    figures: Figures = request.app.state.figures
    return Response(figures.text(), headers={"content-type": CONTENT_TYPE})
