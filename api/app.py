"""The application factory: ``uvicorn --factory api.app:create_app``.

Nothing is decided here: routes and pages are put together, the book is opened when the server
starts and closed when it stops.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from api import problems
from api.attempts import Attempts
from api.figures import AccessLog, Figures
from api.middleware import Served, Surroundings
from api.openapi import describe
from api.pages import plumbing
from api.pages import router as pages
from api.quick import PlainRoute
from api.routes import ROUTERS
from api.routes.records import log_service
from api.security import SignInLimit
from api.services import Services, bank_size, failing_witnesses
from api.sessions import Sessions
from api.waiting import Desk
from ledger.errors import LedgerFault, Refusal
from timebank.bank import Bank
from timebank.config import Settings
from timebank.jobs.upkeep import published_size
from timebank.logs import configure_logging

__all__ = ["create_app"]


def create_app(bank: Bank | None = None, settings: Settings | None = None) -> FastAPI:
    """The HTTP application over ``bank``, or over the book that ``settings`` name.

    A bank that is given stays open when the application stops; without one the book is opened at
    start-up, with settings from the environment where none are given.
    """
    read = bank.settings if bank is not None else settings or Settings()  # type: ignore[call-arg]

    configure_logging(read)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if bank is None:
                _attach(app, stack.enter_context(Bank.open(read)))
            count = _count_groups(app)
            app.state.bank.on_commit.append(count)
            stack.callback(app.state.bank.on_commit.remove, count)
            stack.callback(app.state.access_log.close)
            services = app.state.services = Services(app.state.bank)
            stack.callback(services.stop)
            services.start()
            yield

    app = FastAPI(
        title="时间银行 Time bank",
        version="1",
        lifespan=lifespan,
        docs_url=None,  # The usual page loads scripts from elsewhere; ours is a route.
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.settings = read
    if bank is not None:
        _attach(app, bank)
    app.add_middleware(
        Surroundings,
        tell=lambda request: _tell(app, request),
        most_upload=read.upload_max_bytes + 2**20,
    )
    for kind in (Refusal, LedgerFault):
        app.add_exception_handler(kind, problems.on_refusal)
    app.add_exception_handler(RequestValidationError, problems.on_validation)
    app.add_exception_handler(HTTPException, plumbing.on_http)
    app.router.routes.extend(_served_routes())
    describe(app, ROUTERS)
    # The busiest route has nothing for the framework to solve, and pays for it all the same: it is
    # asked first, plainly.  The document still describes the router's own.
    app.router.routes.insert(0, PlainRoute("/api/v1/records", log_service, methods=["POST"]))
    return app


@cache
def _served_routes() -> tuple[BaseRoute, ...]:
    """Every route and page; what the framework works out for each of them is kept with it.

    It does that at the first request, in half a second, and would do it anew for each application
    that includes the routers by itself.
    """
    joined = APIRouter()
    for router in (*ROUTERS, pages):
        joined.include_router(router)
    return tuple(joined.routes)


def _attach(app: FastAPI, bank: Bank) -> None:
    """Put what serves requests beside the open bank."""
    state = app.state
    state.bank = bank
    state.sessions = Sessions(bank)
    state.attempts = Attempts(bank)
    state.sign_in_limit = SignInLimit()
    state.figures = figures = Figures(
        lambda: state.desk.waiting,
        lambda: bank_size(bank),
        lambda: published_size(bank),
        failing_witnesses(bank),
    )
    state.desk = Desk(bank, figures.acknowledged)
    state.services = Services(bank)
    state.access_log = AccessLog(bank.settings)


def _count_groups(app: FastAPI) -> Callable[[int], None]:
    def count(_size: int) -> None:
        app.state.figures.groups.inc()

    return count


def _tell(app: FastAPI, request: Served) -> None:
    state = app.state
    state.figures.served(request)
    state.access_log.write(state.bank.clock.now(), request)
