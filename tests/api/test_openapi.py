"""The OpenAPI document: schemathesis asks every route and finds nothing that it does not say."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.schemas import BaseSchema

from api.openapi import api_routes
from api.routes import ROUTERS
from tests.support.banks import new_bank
from tests.support.clients import Desk, desk_of
from tests.support.counts import count
from tests.support.postgres import fresh_database

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "http.md"
_FOUND = sorted(
    (
        (method, route.path_format, route)
        for route in api_routes(ROUTERS)
        for method in route.methods or ()
    ),
    key=lambda found: found[:2],
)
ROUTES = [(method, path) for method, path, _route in _FOUND]
KEPT_APART = {("DELETE", "/api/v1/sessions/current"): "ends the session that asks"}
NOT_ASKED = (
    "positive_data_acceptance",  # A well-formed request may be refused: that is what codes are for.
    "missing_required_header",  # Without its key a POST is malformed (422), not forbidden.
)
EXAMPLES = settings(
    max_examples=count(8, 4),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def takes_anything(route: APIRoute) -> bool:
    """Whether a route has a parameter or a body that somebody could get wrong."""
    stated = route.dependant
    return bool(
        stated.path_params or stated.query_params or stated.header_params or stated.body_params
    )


ASKED = [
    pytest.param(method, path, mode, id=f"{method} {path} {mode.value}")
    for method, path, route in _FOUND
    for mode in GenerationMode
    if (method, path) not in KEPT_APART
    # Where nothing is stated, nothing can be stated wrongly.
    and (mode is GenerationMode.POSITIVE or takes_anything(route))
]


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def either_desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """The application over a bank of the module, once on each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("shared_desk")
        return
    server = request.getfixturevalue("postgres_server")
    with (
        fresh_database(server) as database,
        new_bank(tmp_path_factory.mktemp("postgres"), database=database) as tried,
        desk_of(tried) as found,
    ):
        yield found


@cache
def document_of(app: FastAPI) -> BaseSchema:
    """The document, read once for all that ask by it."""
    schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    return schema


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path", "mode"), ASKED)
def test_a_route_answers_as_the_document_says(
    either_desk: Desk, method: str, path: str, mode: GenerationMode
) -> None:
    operation = document_of(either_desk.app)[path][method]
    headers = {"Authorization": f"Bearer {either_desk.token('operator')}"}
    left_out = CHECKS.get_by_names(NOT_ASKED)

    @given(case=operation.as_strategy(generation_mode=mode))
    @EXAMPLES
    def asked(case: Case) -> None:
        case.call_and_validate(headers=headers, excluded_checks=left_out)

    asked()


def test_every_route_stands_on_the_reference_page():
    page = REFERENCE.read_text(encoding="utf-8")

    missing = [route for route in ROUTES if f"| `{route[0]} {route[1]}` |" not in page]

    assert not missing


def test_every_route_says_what_it_refuses(shared_desk):
    document = shared_desk.app.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert {"422", "500", "503"} <= set(answers), (method, path)
            if method != "get":
                assert {"400", "403", "413"} <= set(answers), (method, path)
            if "security" in operation:
                assert "401" in answers, (method, path)


def test_every_post_that_is_remembered_takes_a_key(shared_desk):
    for path, methods in shared_desk.app.openapi()["paths"].items():
        if "post" not in methods:
            continue
        named = {one["name"].lower(): one for one in methods["post"].get("parameters", ())}
        assert "idempotency-key" in named, path
        assert named["idempotency-key"]["required"] is (path != "/api/v1/sessions"), path
