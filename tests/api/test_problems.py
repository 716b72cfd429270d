"""api/problems.py: every code has its status, every "no" is a document, no value is repeated."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.middleware import MOST_JSON_BYTES
from api.problems import (
    MEDIA_TYPE,
    OWN_REFUSALS,
    NotSignedIn,
    TooManyRequests,
    answer,
    document,
    problems,
)
from api.statuses import STATUS
from ledger.errors import FAULTS, FloorExceeded, LedgerFault, StorageFault
from timebank.bank import REFUSALS
from timebank.errors import LockedOut, MissingField

EVERY = {
    **REFUSALS,
    **{kind.code: kind for kind in (*OWN_REFUSALS, *FAULTS, LedgerFault)},
}


ERRORS = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def test_the_reference_page_has_the_codes_of_http():
    page = ERRORS.read_text(encoding="utf-8")
    rows = [f"| `{one.code}` | {one.message_zh} | {one.message_en} |" for one in OWN_REFUSALS]

    assert not [row for row in rows if row not in page]


def test_the_table_has_every_code_and_no_other():
    assert sorted(STATUS) == sorted(EVERY)


@pytest.mark.parametrize("code", sorted(STATUS))
def test_a_status_says_no(code):
    assert 400 <= STATUS[code] < 600


def test_no_code_of_http_is_one_of_the_house():
    assert not {kind.code for kind in OWN_REFUSALS} & set(REFUSALS)


def test_a_document_says_who_is_meant_in_both_languages():
    said = answer(MissingField(field="volunteer"))

    assert said.status_code == 422
    assert said.media_type == MEDIA_TYPE
    assert bytes(said.body) == (
        b'{"type":"/docs#missing_field","title":"Unprocessable Entity","status":422,'
        b'"code":"missing_field","detail":"' + "“志愿者”没有填写；这一栏必须填写。".encode() + b'",'
        b'"detail_en":"The volunteer is missing; every record needs it.",'
        b'"field":"volunteer","facts":{"field":"volunteer"}}'
    )


def test_the_same_refusal_is_the_same_bytes():
    one, two = (
        document(FloorExceeded(account="acct_1", available=3, minutes=4)) for _time in range(2)
    )

    assert one == two


def test_a_fault_keeps_its_detail_to_itself():
    said = answer(StorageFault("/srv/secret/book.sqlite3 is gone"))

    assert said.status_code == 503
    assert b"secret" not in bytes(said.body)


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [(TooManyRequests(seconds=60), "60"), (LockedOut(minutes=15), "900")],
    ids=["rate", "lock"],
)
def test_who_must_wait_is_told_how_long(refusal, seconds):
    assert answer(refusal).headers["retry-after"] == seconds


def test_who_must_sign_in_is_told_how():
    assert answer(NotSignedIn()).headers["www-authenticate"] == 'Bearer realm="timebank"'


def test_a_route_cannot_declare_a_code_that_does_not_exist():
    with pytest.raises(KeyError):
        problems("no_such_code")


# Over HTTP -------------------------------------------------------------------------------------


def test_an_unknown_path_and_method_are_problems(shared_desk):
    client = shared_desk.client()

    missing, wrong = client.get("/nowhere"), client.post("/healthz")

    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET"
    assert missing.headers["content-type"] == wrong.headers["content-type"] == MEDIA_TYPE


def test_a_malformed_request_names_fields_and_repeats_no_value(shared_desk):
    body = {"login": "王德胜", "password": 12345, "身份证号": "110101194912310026"}

    said = shared_desk.client().post("/api/v1/sessions", json=body)

    assert said.status_code == 422
    told = said.json()
    assert told["code"] == "validation_failed"
    assert {"field": "password", "in": "body", "why": "string_type"} in told["errors"]
    assert {"field": "?", "in": "body", "why": "extra_forbidden"} in told["errors"]
    for value in ("王德胜", "12345", "身份证号", "110101194912310026"):
        assert value not in said.text


@pytest.mark.parametrize("body", [b"{", b'{"login": \xff}', b"[" * 100_000])
def test_what_is_no_json_cannot_be_read(shared_desk, body):
    said = shared_desk.client().post(
        "/api/v1/sessions", content=body, headers={"Content-Type": "application/json"}
    )

    assert (said.status_code, said.json()["code"]) == (400, "unreadable_request")


@pytest.mark.parametrize(("over", "status"), [(-1, 400), (0, 400), (1, 413)])
def test_a_body_has_a_bound(shared_desk, over, status):
    said = shared_desk.client().post(
        "/api/v1/sessions",
        content=b" " * (MOST_JSON_BYTES + over),
        headers={"Content-Type": "application/json"},
    )

    assert said.status_code == status


@pytest.mark.parametrize(("over", "status"), [(0, 400), (1, 413)])
def test_a_body_of_unstated_length_has_the_same_bound(shared_desk, over, status):
    pieces = (b" " * MOST_JSON_BYTES, b" " * over)

    said = shared_desk.client().post(
        "/api/v1/sessions", content=iter(pieces), headers={"Content-Type": "application/json"}
    )

    assert said.status_code == status


@pytest.mark.parametrize("path", ["/api/v1/registers", "/station/register"])
@pytest.mark.parametrize(("over", "too_large"), [(0, False), (1, True)])
def test_an_upload_has_the_bound_of_the_settings(shared_desk, path, over, too_large):
    most = shared_desk.tried.settings.upload_max_bytes + 2**20  # and the form around the file

    said = shared_desk.client().post(path, headers={"Content-Length": str(most + over)})

    assert (said.status_code == 413) is too_large


def test_our_own_mistake_is_told_without_its_story(desk, caplog):
    app: FastAPI = desk.app

    @app.get("/breaks")
    def breaks() -> None:
        raise RuntimeError("王德胜 has 12 hours")

    said = TestClient(app, raise_server_exceptions=True).get("/breaks")

    assert (said.status_code, said.json()["code"]) == (500, "internal_error")
    assert "王德胜" not in said.text
    assert said.headers["x-request-id"].startswith("req_")
    assert said.headers["x-content-type-options"] == "nosniff"
