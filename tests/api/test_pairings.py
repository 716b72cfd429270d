"""api/routes/pairings.py and api/pages/pairings.py: made, seen, handed over and ended."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.api.test_suspensions import form_to
from tests.support.clients import Desk, desk_of
from tests.support.forging import bank_with, log
from tests.support.visitors import PageForm, Visitor, forms_of
from tests.timebank.pairings.test_pairings import PEOPLE

PATH = "/api/v1/pairings"
STATED = {
    "elder": "E0001",
    "volunteers": [{"number": "V0001", "role": "lead"}, {"number": "V0002", "role": "backup"}],
    "minutes": 240,
    "alert_days": 14,
    "classes": ["companionship"],
    "proof": "双方签字",
    "risks": "有狗",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with bank_with(tmp_path, people=PEOPLE) as tried, desk_of(tried) as found:
        yield found


def test_from_the_promise_to_the_end(desk: Desk) -> None:
    clerk, auditor = desk.client("clerk"), desk.client("auditor")
    key = desk.key()
    made = [clerk.post(PATH, json=STATED, headers=key) for _time in range(2)]
    assert (made[0].status_code, made[0].json()) == (201, made[1].json())
    pairing = made[0].json()["pairing"]
    again = clerk.post(PATH, json=STATED, headers=desk.key())
    assert (again.status_code, again.json()["code"]) == (409, "already_paired")
    added = {"number": "V0003", "role": "member"}
    assert clerk.post(f"{PATH}/{pairing}/volunteers", json=added, headers=desk.key()).is_success
    handed = {"leaving": "V0001", "coming": "V0003", "reason": "搬家"}
    assert clerk.post(f"{PATH}/{pairing}/hand-over", json=handed, headers=desk.key()).is_success
    refused = auditor.post(f"{PATH}/{pairing}/end", json={"reason": "不"}, headers=desk.key())
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    (seen,) = auditor.get(PATH).json()["items"]
    assert (seen["number"], seen["risks"], seen["classes"]) == ("E0001", "", ["companionship"])
    running = [(one["number"], one["role"]) for one in seen["volunteers"] if not one["until_on"]]
    assert running == [("V0002", "backup"), ("V0003", "lead")]
    done = clerk.post(f"{PATH}/{pairing}/end", json={"reason": "老人搬走"}, headers=desk.key())
    assert done.json() == {"pairing": pairing}
    assert clerk.get(PATH).json()["items"][0]["is_over"] is True
    assert desk.client("kiosk").get(PATH).status_code == 403


def test_pairings_come_page_by_page(desk: Desk) -> None:
    clerk = desk.client("clerk")
    for elder in ("E0001", "E0002"):
        clerk.post(PATH, json={**STATED, "elder": elder}, headers=desk.key())
    first = clerk.get(PATH, params={"limit": 1}).json()
    second = clerk.get(PATH, params={"limit": 1, "before": first["next"]}).json()
    numbers = [one["number"] for one in first["items"] + second["items"]]
    assert (sorted(numbers), second["next"]) == (["E0001", "E0002"], "")


def test_the_page_of_the_station(desk: Desk) -> None:
    clerk = Visitor(desk, "clerk")
    assert "还没有结对。" in clerk.open("/station/pairings")
    typed = {"elder": "E0001", "lead": "V0001", "backup": "V0002", "minutes": "4小时",
             "proof": "双方签字", "risks": "楼道没有灯", "what": "companionship"}  # fmt: skip
    page = clerk.send(making(clerk), **typed | {"minutes": "很多"})
    assert clerk.status == 422
    page = clerk.send(making(clerk), **typed | {"alert_days": "十"})
    assert clerk.status == 422
    page = clerk.send(making(clerk), **typed | {"alert_days": "14"})
    assert "结对已登记。" in page
    assert "注意：楼道没有灯" in page
    log(desk.tried, on="2023-04-05", minutes=60)
    desk.tried.clock.move(timedelta(minutes=1))
    page = clerk.send(form_to(clerk, "/add"), number="V0003", role="member")
    assert "已增加志愿者。" in page
    page = clerk.send(form_to(clerk, "/hand-over"), leaving="V0001", coming="", reason="搬家")
    assert clerk.status == 422
    assert "须有一位" in page
    page = clerk.send(form_to(clerk, "/hand-over"), leaving="V0001", coming="V0003", reason="搬家")
    assert "交接已登记。" in page
    page = clerk.send(form_to(clerk, "/end"), reason="老人住进养老院")
    assert "结束原因：老人住进养老院" in page
    assert "增加志愿者" not in page


def making(visitor: Visitor) -> PageForm:
    return next(one for one in forms_of(visitor.html) if one.action == "/station/pairings")


def test_who_only_reads_changes_nothing(desk: Desk) -> None:
    desk.client("clerk").post(PATH, json=STATED, headers=desk.key())
    page = Visitor(desk, "reviewer").open("/station/pairings")
    assert "每人每月 4小时" in page
    assert "登记交接" not in page
