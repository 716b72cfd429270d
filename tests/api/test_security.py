"""api/security.py: headers on every answer, and requests that only our own pages may cause."""

import pytest
from starlette.requests import Request

from api.problems import OriginRejected
from api.security import (
    CONTENT_SECURITY_POLICY,
    SESSION_COOKIE,
    check_form,
    check_origin,
    form_token,
)
from tests.support.clients import record

PATHS = ["/healthz", "/api/v1/me", "/nowhere", "/log/checkpoint", "/docs", "/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_bears_the_headers(shared_desk, path):
    headers = shared_desk.client().get(path).headers

    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "cache-control" in headers


def test_nothing_may_be_loaded_from_elsewhere_or_written_inline():
    policy = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))

    assert policy["default-src"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"


def test_what_is_personal_is_stored_nowhere_on_the_way(shared_desk):
    assert shared_desk.client().get("/api/v1/me").headers["cache-control"] == "no-store"


SITES = [
    ({}, True),
    ({"sec-fetch-site": "same-origin"}, True),
    ({"sec-fetch-site": "none"}, True),
    ({"sec-fetch-site": "same-site"}, False),
    ({"sec-fetch-site": "cross-site"}, False),
    ({"sec-fetch-site": "cross-site", "origin": "http://bank.example"}, False),
    ({"origin": "http://bank.example"}, True),
    ({"origin": "https://bank.example"}, True),
    ({"origin": "http://bank.example:8080"}, False),
    ({"origin": "http://evil.example"}, False),
    ({"origin": "null"}, False),
    ({"origin": ""}, False),
]


@pytest.mark.parametrize(("headers", "passes"), SITES)
def test_only_our_own_pages_may_change_something(headers, passes):
    headers = {"host": "bank.example", **headers}
    check_origin("GET", headers)
    if passes:
        check_origin("POST", headers)
    else:
        with pytest.raises(OriginRejected):
            check_origin("POST", headers)


def test_another_site_is_refused_before_anything_is_read(shared_desk):
    said = shared_desk.client("clerk").post(
        "/api/v1/records",
        json=record(),
        headers={**shared_desk.key(), "Sec-Fetch-Site": "cross-site"},
    )

    assert (said.status_code, said.json()["code"]) == (403, "origin_rejected")
    assert said.headers["x-frame-options"] == "DENY"


def request_with(token: str = "") -> Request:
    headers = [(b"cookie", f"{SESSION_COOKIE}={token}".encode())] if token else []
    return Request({"type": "http", "headers": headers})


def test_a_form_of_the_session_passes_with_its_token_alone():
    request = request_with("session-one")

    check_form(request, form_token(request))
    for given in ("", "x", None, form_token(request_with("session-two"))):
        with pytest.raises(OriginRejected):
            check_form(request, given)


def test_the_form_token_does_not_tell_the_session():
    assert "session-one" not in form_token(request_with("session-one"))


def test_before_sign_in_there_is_no_form_token():
    assert form_token(request_with()) == ""
    check_form(request_with(), "")
