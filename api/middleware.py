"""What happens around every request: an id, the headers, the origin check, the access log.

One plain ASGI layer, because each layer costs every request.  The access log has the route's
template, never the path, the query or anybody's name.
"""

import asyncio
import itertools
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import InternalError, RequestTooLarge, answer
from api.security import HEADERS, SAFE_METHODS, STRICT_TRANSPORT, check_origin
from ledger.errors import Refusal
from ledger.ids import new_id

REQUEST_ID = b"x-request-id"
NO_STORE = (b"cache-control", b"no-store")
MOST_JSON_BYTES = 2 * 2**20
"""Largest body of a request that uploads no file."""

_UPLOADS = re.compile(r"/(api/v1/registers|api/v1/openings|station/register|station/openings)$")
_log = structlog.get_logger("timebank.api")


class Served(NamedTuple):
    """One answered request, as the access log and the figures know it."""

    request_id: str
    method: str
    route: str
    status: int
    seconds: float


class Surroundings:
    """The layer around the routes.

    ``tell`` hears of each answered request, ``most_upload`` is the bound of an upload in bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        tell: Callable[[Served], None],
        most_upload: int,
    ) -> None:
        self._app = app
        self._tell = tell
        self._most_upload = most_upload
        # Counted, not drawn: to ask the system for chance would give the interpreter's lock away
        # to the writer, which hands it back late.
        self._stem, self._numbers = new_id("req")[:-8], itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        now = asyncio.get_running_loop().time
        began = now()
        request_id = f"{self._stem}{next(self._numbers):08x}"
        status = 500
        started = False

        async def send_out(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                started = True
                status = message["status"]
                _add_headers(message, request_id, scope["scheme"])
            await send(message)

        try:
            await self._serve(scope, receive, send_out)
        except Exception:
            _log.exception("request_failed", request=request_id, route=_route(scope))
            status = 500
            if started:
                raise
            await answer(InternalError())(scope, receive, send_out)
        finally:
            self._tell(Served(request_id, scope["method"], _route(scope), status, now() - began))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            most = self._most_upload if _UPLOADS.search(scope["path"]) else MOST_JSON_BYTES
            try:
                check_origin(scope["method"], headers)
                receive = _bounded(receive, headers, most)
            except Refusal as refusal:
                await answer(refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _bounded(receive: Receive, headers: Headers, most: int) -> Receive:
    """``receive`` with the body bounded; a stated length is believed, as the server holds to it.

    Raises:
        RequestTooLarge: the stated length is above ``most`` bytes.
    """
    stated = headers.get("content-length")
    if stated is not None:
        if stated.isdecimal() and int(stated) > most:
            raise RequestTooLarge(most=most)
        return receive
    if "transfer-encoding" not in headers:
        return receive
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:  # The one error that the framework's body reader lets through.
            raise HTTPException(413, detail=str(most))
        return message

    return counted


def _add_headers(message: Message, request_id: str, scheme: str) -> None:
    headers: list[Any] = list(message.get("headers", []))
    names = {name for name, _value in headers}
    headers += [pair for pair in HEADERS if pair[0] not in names]
    headers.append((REQUEST_ID, request_id.encode()))
    if NO_STORE[0] not in names:
        headers.append(NO_STORE)
    if scheme == "https":
        headers.append(STRICT_TRANSPORT)
    message["headers"] = headers


def _route(scope: Scope) -> str:
    """The template of the route that was matched, without what was filled in."""
    path = getattr(scope.get("route"), "path", None)
    return str(path) if path else "unmatched"
