"""api/routes/health.py, api/services.py and api/figures.py: ready or not, and what was counted."""

import json
import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from ledger.tiles import TileFolder
from tests.support.banks import new_bank
from tests.support.clients import Desk, record


def parts(desk):
    said = desk.client().get("/readyz")
    return said.status_code, {one["name"]: one["ready"] for one in said.json()["parts"]}


def test_a_server_lives_and_is_ready(shared_desk):
    assert shared_desk.client().get("/healthz").json() == {"status": "ok"}
    status, found = parts(shared_desk)
    assert status == 200
    assert found["database"]
    assert found["publisher"]


def test_without_its_tables_a_server_is_not_ready_and_says_no_more(desk):
    file = desk.tried.settings.data / "timebank.sqlite3"
    desk.tried.bank.database.dispose()
    file.rename(file.with_suffix(".gone"))

    said = desk.client().get("/readyz")

    assert (said.status_code, said.json()["ready"]) == (503, False)
    assert said.json()["parts"][0] == {
        "name": "database", "ready": False, "why": "storage_fault", "needed": True,
    }  # fmt: skip
    desk.tried.bank.database.dispose()
    file.with_suffix(".gone").replace(file)


def test_jobs_that_run_elsewhere_and_are_silent_are_told_of(desk):
    desk.tried.clock.move(timedelta(days=3))

    status, found = parts(desk)

    assert status == 200
    assert not found["scheduler"]


def test_what_is_logged_is_published_before_the_server_ends(tmp_path):
    with new_bank(tmp_path) as tried:
        tried.people("V0001", "E0001")
        with TestClient(create_app(tried.bank)):
            tried.issue("V0001", 60)

        assert TileFolder(tried.settings.log_folder).checkpoint_note() is not None
        assert tried.bank.on_commit == []


def test_the_server_opens_the_book_of_its_settings(tmp_path):
    with new_bank(tmp_path, scheduler_in_server=True) as tried:
        app = create_app(settings=tried.settings)
        with TestClient(app) as client:
            said = client.get("/readyz")

        # Its jobs have been silent since the book was founded, until they are caught up.
        assert {one["name"]: one["needed"] for one in said.json()["parts"]} == {
            "database": True, "publisher": True, "scheduler": True,
        }  # fmt: skip


def test_figures_count_and_name_nobody(desk):
    desk.tried.people("V0001", "E0001")
    client = desk.client("clerk")
    for _time in range(2):
        client.post("/api/v1/records", json=record(), headers=desk.key())
    client.get("/api/v1/people/V0001/balance?effective_until=2023-04-01")

    text = desk.client().get("/metrics").text

    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    assert figures["timebank_posts_total"] == "2.0"
    assert figures['timebank_refusals_total{code="duplicate"}'] == "1.0"
    assert figures["timebank_commit_seconds_count"] == "2.0"
    assert float(figures["timebank_groups_total"]) >= 2
    assert figures["timebank_queue_depth"] == "0.0"
    assert float(figures["timebank_log_size"]) > 10
    served = 'timebank_requests_total{method="POST",route="/api/v1/records",status="201"}'
    assert figures[served] == "1.0"
    assert "V0001" not in text


def test_the_access_log_has_the_route_and_never_who_or_what(tmp_path):
    file = tmp_path / "logs" / "access.log"
    with new_bank(tmp_path, access_log_file=file) as tried:
        tried.people("V0001")
        with TestClient(create_app(tried.bank)) as client:
            desk = Desk(tried, client.app)
            desk.client("auditor").get("/api/v1/people/V0001/balance?known_before=x&name=王德胜")
            client.get("/nowhere/王德胜")

    text = file.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(one["method"], one["route"], one["status"]) for one in lines] == [
        ("GET", "/api/v1/people/{name}/balance", 422),
        ("GET", "unmatched", 404),
    ]
    assert set(lines[0]) == {"at", "request", "method", "route", "status", "ms"}
    assert lines[0]["at"] == "2023-04-06T01:00:00+00:00"
    for part in ("V0001", "王德胜", "known_before", desk.token("auditor")):
        assert part not in text


# A sentence may name a scheme ("a link begins with https://"); what a browser would fetch may not.
LOADS_FROM_ELSEWHERE = re.compile(
    r"""(?:\b(?:src|srcset|href|action|data)\s*=|\burl\(|@import)\s*["']?\s*(?:https?:)?//""",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_the_reference_loads_nothing_from_elsewhere(shared_desk, path):
    said = shared_desk.client().get(path)

    assert said.status_code == 200
    assert not LOADS_FROM_ELSEWHERE.search(said.text)
    assert "<script" not in said.text


@pytest.mark.parametrize(
    "planted",
    [
        '<link rel="stylesheet" href="https://cdn.example/a.css">',
        "<img src=//cdn.example/a.png>",
        "body { background: url( 'http://cdn.example/a.png' ) }",
        "@import 'https://cdn.example/a.css';",
    ],
)
def test_a_load_from_elsewhere_would_be_seen(planted):
    assert LOADS_FROM_ELSEWHERE.search(planted)
