"""The short way through a busy route: who asks, the key and the body, read by hand.

The framework would resolve each of them as a dependency, which costs several times what they are.
What these functions refuse is refused in the same words, and the OpenAPI document says the same.
"""

import re
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import Scope

from api.problems import NotSignedIn
from api.security import session_token
from timebank.stations.model import Actor

KEY_LENGTHS = (8, 64)
KEY_PATTERN = r"^[\x21-\x7e]+$"
_KEY = re.compile(r"[\x21-\x7e]{8,64}")

Shape = TypeVar("Shape", bound=BaseModel)


class PlainRoute(Route):
    """A route that is called with the request alone; figures and log know it by its template."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """How far the request fits, and what the route adds to its scope."""
        match, added = super().matches(scope)
        return match, {**added, "route": self}


def actor_of(request: Request) -> Actor:
    """Who asks.

    Raises:
        NotSignedIn: the request carries no live session.
    """
    actor: Actor | None = request.app.state.sessions.actor_of(session_token(request))
    if actor is None:
        raise NotSignedIn
    return actor


def key_of(request: Request) -> str:
    """The request's idempotency key.

    Raises:
        RequestValidationError: there is none, or it is of another form.
    """
    key = request.headers.get("idempotency-key")
    if key is None or not _KEY.fullmatch(key):
        kind = "missing" if key is None else "string_pattern_mismatch"
        raise RequestValidationError([{"type": kind, "loc": ("header", "idempotency-key")}])
    return key


async def body_of(request: Request, shape: type[Shape]) -> Shape:
    """The request's JSON body as ``shape``.

    Raises:
        RequestValidationError: no JSON, or of another form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind != "application/json":
        raise RequestValidationError([{"type": "content_type", "loc": ("body",)}])
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError(
            [{"type": one["type"], "loc": ("body", *one["loc"])} for one in wrong]
        ) from None


def needs(shape: type[BaseModel], *headers: dict[str, Any]) -> dict[str, Any]:
    """The ``openapi_extra=`` of a route that reads session, key and a ``shape`` by hand.

    ``headers`` are further parameters that it reads.
    """
    least, most = KEY_LENGTHS
    return {
        "parameters": [
            {
                "name": "idempotency-key",
                "in": "header",
                "required": True,
                "description": "Names one attempt; the same key repeats the same answer.",
                "schema": {
                    "type": "string",
                    "minLength": least,
                    "maxLength": most,
                    "pattern": KEY_PATTERN,
                },
            },
            *headers,
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}
            },
        },
        "security": SESSION,
    }


SESSION: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
"""How a session may be borne, as the document says it."""
