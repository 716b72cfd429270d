"""api/routes/corrections.py and api/pages/corrections.py: at the counter and at the kiosk."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.pages import corrections
from tests.api.test_suspensions import form_to
from tests.support.clients import PIN, Desk, desk_of
from tests.support.forging import bank_with, log
from tests.support.visitors import Visitor
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card

PATH = "/api/v1/corrections"
STATED = {"number": "V0001", "kind": "missing", "words": "周三没有记"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with bank_with(tmp_path) as tried, desk_of(tried) as found:
        yield found


def test_from_the_request_to_the_answer(desk: Desk) -> None:
    record = log(desk.tried)
    member, reviewer = desk.client("member"), desk.client("reviewer")
    stated = {"kind": "record", "record": record, "words": "只有一小时"}
    key = desk.key()
    made = [member.post(PATH, json=stated, headers=key) for _time in range(2)]
    assert (made[0].status_code, made[0].json()) == (201, made[1].json())
    correction = made[0].json()["correction"]
    again = member.post(PATH, json=stated, headers=desk.key())
    assert (again.status_code, again.json()["code"]) == (409, "correction_asked")
    reply = {"mended": True, "reason": "已冲销"}
    early = reviewer.post(f"{PATH}/{correction}/answer", json=reply, headers=desk.key())
    assert (early.status_code, early.json()["code"]) == (409, "nothing_mended")
    done = reviewer.post(
        f"{PATH}/{correction}/answer", json={"mended": False, "reason": "签退为十点半"},
        headers=desk.key(),
    )  # fmt: skip
    assert (done.status_code, done.json()["state"]) == (200, "refused")
    (own,) = member.get(PATH).json()["items"]
    assert (own["answer"], own["is_overdue"]) == ("签退为十点半", False)
    assert desk.client("kiosk").get(PATH).status_code == 403


def test_requests_come_page_by_page(desk: Desk) -> None:
    clerk = desk.client("clerk")
    for number in ("V0001", "V0002", "E0001"):
        clerk.post(PATH, json={**STATED, "number": number}, headers=desk.key())
    first = clerk.get(PATH, params={"limit": 2}).json()
    second = clerk.get(PATH, params={"limit": 2, "before": first["next"]}).json()
    numbers = [one["number"] for one in first["items"] + second["items"]]
    assert (sorted(numbers), second["next"]) == (["E0001", "V0001", "V0002"], "")


def test_the_page_of_the_station(desk: Desk) -> None:
    clerk, reviewer = Visitor(desk, "clerk"), Visitor(desk, "reviewer")
    assert "没有更正申请。" in clerk.open("/station/corrections")
    typed = {"number": "V0001", "kind": "missing", "words": "周三没有记"}
    page = clerk.send(clerk.form("/station/corrections"), **typed | {"number": "V0009"})
    assert clerk.status == 404
    page = clerk.send(clerk.form("/station/corrections"), **typed)
    assert "已登记，请另一人核实答复。" in page
    assert "由您登记，须另一人答复。" in page
    reviewer.open("/station/corrections")
    page = reviewer.send(form_to(reviewer, "/answer"), reason="已补记", choice="mended")
    assert reviewer.status == 409
    assert "尚未更正" in page
    desk.tried.clock.move(timedelta(minutes=1))
    log(desk.tried)
    page = reviewer.send(form_to(reviewer, "/answer"), reason="已补记", choice="mended", record="1")
    assert "已答复。" in page
    assert "已更正" in page


def test_what_waits_longest_stands_first_and_pages_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "LISTED", 1)
    clerk = Visitor(desk, "clerk")
    for number in ("V0001", "E0001"):
        clerk.open("/station/corrections")
        clerk.send(
            clerk.form("/station/corrections"), number=number, kind="missing", words="没有记"
        )
        desk.tried.clock.move(timedelta(minutes=1))
    page = clerk.open("/station/corrections")
    assert page.index("V0001") < page.index("E0001")
    further = page.partition('href="/station/corrections?')[2].partition('"')[0]
    rest = clerk.open(f"/station/corrections?{further}")
    assert ("V0001" in rest, "E0001" in rest) == (True, False)


def test_one_touch_at_the_kiosk(desk: Desk) -> None:
    record = log(desk.tried)
    issue_card(desk.tried.bank, FOUNDER, "V0001", PIN)
    visitor = Visitor(desk)
    visitor.open("/kiosk")
    page = visitor.send(visitor.form("/kiosk/sign-in"), card="V0001", pin=PIN)
    assert 'href="/kiosk/corrections"' in page
    page = visitor.open("/kiosk/corrections")
    assert "您帮助别人 1小时30分" in page
    page = visitor.send(visitor.form("/kiosk/corrections"))  # The first button: that record.
    assert "已经记下，10个工作日内答复您。" in page
    assert "这条不对" not in page
    (asked,) = desk.client("clerk").get(PATH).json()["items"]
    assert (asked["kind"], asked["record_id"]) == ("record", record)
    page = visitor.send(visitor.form("/kiosk/corrections"), kind="nothing")
    assert visitor.status == 422


def test_data_are_put_right_where_the_request_stands(desk: Desk) -> None:
    stated = {"number": "V0001", "kind": "personal", "words": "名字写错了"}
    desk.client("clerk").post(PATH, json=stated, headers=desk.key())
    reviewer, clerk = Visitor(desk, "reviewer"), Visitor(desk, "clerk")
    assert "更正资料" not in reviewer.open("/station/corrections")
    clerk.open("/station/corrections")
    page = clerk.send(form_to(clerk, "/people/V0001"), telephone="12", proof="身份证")
    assert clerk.status == 422
    page = clerk.send(
        form_to(clerk, "/people/V0001"), name="欧阳建国", telephone="", proof="身份证"
    )
    assert "资料已更正" in page
    assert "欧＊＊" in page or "欧阳＊＊" in page
    over_http = {"telephone": "13987654321", "proof": "本人告知"}
    done = desk.client("clerk").post(
        "/api/v1/people/V0001/identity", json=over_http, headers=desk.key()
    )
    assert done.status_code == 204
    assert desk.client("clerk").get("/api/v1/people/V0001").json()["telephone"] == "139****4321"
