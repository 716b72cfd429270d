"""The OpenAPI document: what the framework writes, completed by what it cannot know.

Routes declare their own codes by ``responses=problems(…)``; what the surroundings and the session
may answer is added here once, from the route's method and dependencies.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from api.problems import SCHEMA, problems
from api.quick import SESSION
from api.routes import records, submissions
from api.schemas import prepared_schemas
from api.security import SAFE_METHODS, SESSION_COOKIE

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A session's token."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
}
_CHANGES = ("unreadable_request", "origin_rejected", "request_too_large")
_SESSION_NEEDED = ("not_signed_in",)
_ROLE_NEEDED = ("not_permitted",)


def describe(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Let ``app``, into which ``routers`` were included, answer the completed document."""
    write = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = write()
            _complete(routers, document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(routers: Sequence[APIRouter], document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = SCHEMA
    schemas |= {
        name: one
        for name, one in prepared_schemas(records.STATED + submissions.STATED).items()
        if name not in schemas
    }
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for route in api_routes(routers):
        for method in route.methods or ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                _complete_operation(operation, method, _guards(route))


def _complete_operation(operation: dict[str, Any], method: str, guards: set[str]) -> None:
    codes: tuple[str, ...] = ()
    if method not in SAFE_METHODS:
        codes += _CHANGES
    if guards or "security" in operation:
        codes += _SESSION_NEEDED
        operation["security"] = SESSION
    if "permitted" in guards:
        codes += _ROLE_NEEDED
    answers = operation["responses"]
    for status, answer in problems(*codes).items():
        said = answers.setdefault(str(status), answer)
        words = [*said["description"].split("; "), *answer["description"].split("; ")]
        said["description"] = "; ".join(dict.fromkeys(words))
    operation["responses"] = dict(sorted(answers.items()))


def api_routes(routers: Sequence[APIRouter]) -> Iterator[APIRoute]:
    """Every route that stands in the document."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and router.include_in_schema and route.include_in_schema:
                yield route


def _guards(route: APIRoute) -> set[str]:
    """Names of the dependencies that ask for a session or for a role."""
    found, waiting = set(), list(route.dependant.dependencies)
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        name = getattr(dependant.call, "__name__", "")
        if name in ("signed_in", "permitted"):
            found.add(name)
    return found
