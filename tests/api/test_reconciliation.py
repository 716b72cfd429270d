"""api/routes/reconciliation.py and api/attempts.py: checks run, findings spoken about, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from api.attempts import KEPT_MS
from timebank.reconciliation.registry import CHECKS

RUNS, FINDINGS = "/api/v1/checks/runs", "/api/v1/findings"


@pytest.fixture
def found_desk(desk):
    """A desk whose books were tampered with, and a reconciliation that found it."""
    desk.tried.people("V0001")
    desk.tried.issue("V0001", 60)
    desk.tried.behind("UPDATE balance SET posted = posted + 1 WHERE posted = 60")
    said = desk.client("auditor").post(RUNS, headers=desk.key())
    assert said.status_code == 201
    assert not said.json()["ok"]
    return desk


def a_finding(desk):
    return desk.client("auditor").get(FINDINGS).json()["items"][0]["finding_id"]


def say(desk, what, text, role="operator", **headers):
    return desk.client(role).post(
        f"{FINDINGS}/{a_finding(desk)}/{what}",
        json={"text": text},
        headers={**desk.key(), **headers},
    )


def test_every_check_is_listed(shared_desk):
    told = shared_desk.client("auditor").get("/api/v1/checks").json()

    assert [one["name"] for one in told["items"]] == [check.name for check in CHECKS]


def test_sound_books_agree(desk):
    told = desk.client("auditor").post(RUNS, headers=desk.key()).json()

    assert {one["result"] for one in told["checks"]} <= {"agrees", "not_checkable"}
    assert (told["ok"], told["open_findings"]) == (True, 0)


def test_a_finding_says_what_differs_in_both_languages(found_desk):
    shown = found_desk.client("auditor").get(f"{FINDINGS}/{a_finding(found_desk)}").json()

    assert (shown["state"], shown["owner"]) == ("open", "operator")
    zh, en = shown["sentences"][0]
    assert zh.endswith("。")
    assert en.isascii()


def test_findings_come_page_by_page(found_desk):
    client, before, seen = found_desk.client("auditor"), "", []
    while before is not None:
        page = client.get(FINDINGS, params={"limit": 1, "before": before, "state": "all"}).json()
        seen += [one["finding_id"] for one in page["items"]]
        before = page["next"]

    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == len(client.get(FINDINGS, params={"limit": 200}).json()["items"])


def test_a_comment_is_said_once_under_its_key(found_desk):
    key = found_desk.key()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(say, found_desk, "comments", "正在核实", **key) for _ in range(4)]
        answers = [one.result() for one in waiting]

    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    assert answers[0].json()["comment"].count("正在核实") == 1


def test_a_key_for_another_comment_is_refused(found_desk):
    key = found_desk.key()
    say(found_desk, "comments", "正在核实", **key)

    said = say(found_desk, "comments", "已经核实", **key)

    assert (said.status_code, said.json()["code"]) == (409, "key_reused")


@pytest.mark.parametrize(("later_ms", "times"), [(-1, 1), (0, 2), (1, 2)])
def test_an_attempt_is_remembered_for_its_time(found_desk, later_ms, times):
    key, token = found_desk.key(), found_desk.token("auditor")
    say(found_desk, "comments", "正在核实", "auditor", **key)
    found_desk.tried.clock.move(timedelta(milliseconds=KEPT_MS + later_ms))
    found_desk.forget(token)

    said = say(found_desk, "comments", "正在核实", "auditor", **key)

    assert said.json()["comment"].count("正在核实") == times


def test_a_refused_attempt_may_be_made_again(found_desk):
    key = found_desk.key()
    assert say(found_desk, "explanation", " ", **key).json()["code"] == "missing_field"

    assert say(found_desk, "explanation", "测试改动", **key).json()["state"] == "explained"


def test_a_closed_finding_stays_closed(found_desk):
    finding = a_finding(found_desk)
    path = f"{FINDINGS}/{finding}"
    operator = found_desk.client("operator")

    closed = operator.post(f"{path}/closure", json={"text": "已更正"}, headers=found_desk.key())
    again = operator.post(f"{path}/closure", json={"text": "再次"}, headers=found_desk.key())

    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert (again.status_code, again.json()["code"]) == (409, "finding_closed")
    listed = operator.get(FINDINGS, params={"state": "closed"}).json()["items"]
    assert [one["finding_id"] for one in listed] == [finding]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_finding_is_not_found(shared_desk, method):
    client = shared_desk.client("operator")
    if method == "GET":
        said = client.get(f"{FINDINGS}/finding_none")
    else:
        said = client.post(
            f"{FINDINGS}/finding_none/comments", json={"text": "?"}, headers=shared_desk.key()
        )

    assert (said.status_code, said.json()["code"]) == (404, "unknown_finding")
