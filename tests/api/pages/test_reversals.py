"""api/pages/reversals.py, api/routes/shortfalls.py: a record goes back, by two if it is spent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR
from tests.support.clients import Desk, desk_of
from tests.support.forging import log
from tests.support.givers import SECOND, TEN_MINUTES, TRANSFER, Givers, givers_with
from tests.support.visitors import Visitor
from timebank.shortfalls.proposing import propose_reversal

ROOM = "/station/reversals"
API = "/api/v1"

Spent = tuple[Givers, Desk]


@pytest.fixture
def spent(tmp_path: Path) -> Iterator[Spent]:
    """Record 1 brought V0001 300 minutes, of which 200 are given away."""
    with givers_with(tmp_path, TRANSFER) as givers:
        givers.donate(minutes=200)
        givers.tried.clock.move(TEN_MINUTES)
        givers.settle()
        with desk_of(givers.tried) as desk:
            yield givers, desk


def shown(desk: Desk, role: str = "operator", number: str = "1") -> Visitor:
    """Somebody who has found a record by its number."""
    visitor = Visitor(desk, role)
    visitor.open(f"{ROOM}?station=XFL&number={number}")
    return visitor


def test_what_is_there_goes_back_at_once(spent: Spent) -> None:
    givers, desk = spent
    log(givers.tried, volunteers="V0002", recipients="E0002", at="16:00")
    reviewer = shown(desk, "reviewer", "2")
    assert "第 2 号" in reviewer.html
    reviewer.send(reviewer.form(f"{ROOM}/records/"), reason="", step="reverse")
    assert (reviewer.status, "必须填写" in reviewer.html) == (422, True)
    reviewer.send(reviewer.form(f"{ROOM}/records/"), reason="登记错人", step="reverse")
    assert "已冲销，时间已退回" in reviewer.html
    assert givers.balance("V0002") == (0, 0)
    reviewer.open(f"{ROOM}?number=2")
    assert "原因：登记错人" in reviewer.html
    assert "冲销这条记录" not in reviewer.html


def test_what_is_spent_is_proposed_and_another_approves(spent: Spent) -> None:
    givers, desk = spent
    reviewer = shown(desk, "reviewer")
    reviewer.send(reviewer.form(f"{ROOM}/records/"), reason="活动没有举行", step="reverse")
    assert reviewer.status == 409
    assert "可用时间不足" in reviewer.html
    assert "另一位区级管理员批准" in reviewer.html
    assert "活动没有举行" in reviewer.html
    reviewer.send(reviewer.form(f"{ROOM}/records/"), reason="活动没有举行", step="propose")
    assert "已提出申请" in reviewer.html
    assert "批准冲销" not in reviewer.html
    operator = shown(desk)
    operator.send(operator.form(f"{ROOM}/proposals/"), decision="approve")
    assert "已批准并冲销" in operator.html
    assert "3小时20分钟" in operator.html
    assert "V0001" in operator.html
    assert givers.balance("V0001") == (0, 0)


def test_whoever_proposed_may_only_withdraw(spent: Spent) -> None:
    givers, desk = spent
    operator = shown(desk)
    operator.send(operator.form(f"{ROOM}/records/"), reason="活动没有举行", step="propose")
    assert "须由另一人批准" in operator.html
    form = operator.form(f"{ROOM}/proposals/")
    operator.send(form, decision="approve")
    assert operator.status == 403
    assert "不能自己批准" in operator.html
    operator.send(operator.form(f"{ROOM}/proposals/"), decision="withdraw")
    assert "申请已撤回" in operator.html
    assert givers.balance("V0001") == (100, 0)


@pytest.mark.parametrize("number", ["2", "0", "-1", "１", "9" * 12, "x"])
def test_a_number_of_no_record_is_refused(spent: Spent, number: str) -> None:
    visitor = shown(spent[1], number=number)
    assert visitor.status == 404
    assert "没有" in visitor.html


def test_a_clerk_takes_nothing_back(spent: Spent) -> None:
    clerk = Visitor(spent[1], "clerk")
    clerk.open(ROOM)
    assert clerk.status == 403
    clerk.open("/station")
    assert ROOM not in clerk.html


def test_over_http(spent: Spent) -> None:
    givers, desk = spent
    client = desk.client("operator")
    (record,) = [one["record_id"] for one in client.get(f"{API}/records").json()["items"]]
    path = f"{API}/records/{record}"
    plain = client.post(f"{path}/reversal", json={"reason": "x"}, headers=desk.key())
    assert plain.json()["code"] == "floor_exceeded"
    asked = client.post(f"{path}/reversal-proposals", json={"reason": "x"}, headers=desk.key())
    assert (asked.status_code, asked.json()["missing"]) == (201, 200)
    decision = f"{API}/reversal-proposals/{asked.json()['proposal']}/decision"
    own = client.post(decision, json={"approve": True}, headers=desk.key())
    assert (own.status_code, own.json()["code"]) == (403, "reversal_proposer_decides")
    ended = client.post(decision, json={"approve": False}, headers=desk.key())
    assert ended.json()["state"] == "withdrawn"
    givers.tried.clock.move(TEN_MINUTES)
    again = propose_reversal(givers.tried.bank, SECOND, record, "x", key="second-0001")
    decision = f"{API}/reversal-proposals/{again.body['proposal']}/decision"
    done = client.post(decision, json={"approve": True}, headers=desk.key())
    assert (done.json()["state"], done.json()["missing"]) == ("approved", 200)
    first = client.get(f"{API}/reversal-proposals", params={"limit": 1}).json()
    assert first["items"][0]["state"] == "approved"
    (second,) = client.get(
        f"{API}/reversal-proposals", params={"limit": 1, "after": first["next"]}
    ).json()["items"]
    assert second["state"] == "withdrawn"
    auditor = desk.client("auditor")
    (short,) = auditor.get(f"{API}/shortfalls").json()["items"]
    assert (short["number"], short["open_minutes"]) == ("V0001", 200)
    assert desk.client("reviewer").get(f"{API}/shortfalls").status_code == 403
    assert OPERATOR.actor_id not in str(short)
