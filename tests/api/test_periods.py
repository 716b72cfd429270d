"""api/routes/periods.py and its page: closings listed, made once, with a receipt that verifies."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.visitors import Visitor
from timebank.audit.receipt_cli import main
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.model import Actor, Role

PATH = "/api/v1/periods"
MAY = datetime(2023, 4, 30, 16, 0, tzinfo=UTC)


@pytest.fixture
def may(desk):
    """A desk in May, with an entry in April."""
    desk.tried.people("V0001")
    desk.tried.issue("V0001", 90)
    desk.tried.clock.set(MAY + timedelta(days=2))
    return desk


def close(desk, period="2023-04", role="operator", body=None, **headers):
    path = f"{PATH}/{period}/closing"
    return desk.client(role).post(path, json=body or {}, headers={**desk.key(), **headers})


def test_a_month_is_closed_and_listed(may):
    told = may.client("auditor").get(PATH).json()
    assert (told["items"], told["to_close"]["period"]) == ([], "2023-04")
    assert told["to_close"]["is_over"] is True
    said = close(may)
    assert said.status_code == 201, said.text
    closed = said.json()
    assert (closed["entries"], closed["minutes"], closed["late"]) == (1, 90, 0)
    assert {"kind": "member", "opening": 0, "in": 90, "out": 0, "closing": 90} in closed["kinds"]
    told = may.client("operator").get(PATH).json()
    assert told["items"] == [closed]
    assert (told["to_close"]["period"], told["to_close"]["is_over"]) == ("2023-05", False)


def test_closings_come_page_by_page(may):
    may.tried.clock.move(timedelta(days=40))
    close(may)
    close(may, "2023-05")
    client, before, seen = may.client("auditor"), "", []
    while before is not None:
        page = client.get(PATH, params={"limit": 1, "before": before}).json()
        seen += [one["period"] for one in page["items"]]
        before = page["next"]
    assert seen == ["2023-05", "2023-04"]


def test_a_repeated_request_closes_once(may):
    key = may.key()
    first, again = close(may, **key), close(may, **key)
    assert (first.status_code, first.content) == (again.status_code, again.content)


@pytest.mark.parametrize(
    ("period", "status", "code"),
    [
        ("2023-05", 409, "period_not_next"),
        ("2023-13", 422, "not_a_period"),
        ("2023-04", 409, "period_closed_before"),
    ],
)
def test_what_cannot_be_closed_says_why(may, period, status, code):
    if code == "period_closed_before":
        close(may)
    said = close(may, period)
    assert (said.status_code, said.json()["code"]) == (status, code)


def test_a_month_that_still_runs_is_not_closed(desk):
    said = close(desk)
    assert (said.status_code, said.json()["code"]) == (409, "period_not_over")


@pytest.mark.parametrize("role", ["auditor", "clerk", "reviewer"])
def test_only_the_operator_closes(may, role):
    assert close(may, role=role).status_code == 403
    listed = may.client(role).get(PATH).status_code
    assert listed == (200 if role == "auditor" else 403)


def test_an_alarm_stands_in_the_way_until_a_reason_is_given(may):
    may.tried.behind("UPDATE balance SET posted = posted + 1 WHERE posted = 90")
    reconcile(may.tried.bank, Actor("staff_operator", Role.OPERATOR))
    said = close(may)
    assert (said.status_code, said.json()["code"]) == (409, "severe_findings_open")
    closed = close(may, body={"reason": "已查明，五月冲正"})
    assert closed.status_code == 201
    assert closed.json()["severe_findings"] == said.json()["facts"]["findings"]
    assert "结账时未处理的严重问题" in Visitor(may, "auditor").open("/audit/periods")


def test_the_receipt_of_a_closing_verifies_offline(may, tmp_path, capsys):
    missing = may.client("auditor").get(f"{PATH}/2023-04/receipt")
    assert (missing.status_code, missing.json()["code"]) == (404, "period_not_closed")
    closed = close(may).json()
    receipt = may.client("auditor").get(closed["receipt"])
    assert closed["closing_id"] in receipt.headers["content-disposition"]
    file = tmp_path / "closing.tlog-proof"
    file.write_text(receipt.text, "utf-8", newline="\n")
    vkey = str(may.tried.bank.log_key.vkey)
    assert main([str(file), "--vkey", vkey]) == 0
    told = capsys.readouterr().out
    assert "期间结账" in told
    assert "2023-04" in told
    assert closed["balances"] in told


def test_the_page_shows_what_stands_open_and_every_closed_month(may):
    may.tried.clock.move(timedelta(days=40))
    visitor = Visitor(may, "auditor")
    page = visitor.open("/audit/periods")
    assert "还没有月份结过账" in page
    assert "下一个要结账的月份：2023-04" in page
    close(may)
    close(may, "2023-05")
    page = visitor.open("/audit/periods")
    assert page.index("<h2>2023-05</h2>") < page.index("<h2>2023-04</h2>")
    assert "1 笔（凭证号 1 至 1）" in page
    assert "时间发行" in page
    assert "该月尚未结束" in page
    assert 'href="/api/v1/periods/2023-04/receipt"' in page
