"""api/routes/notices.py, api/pages/notices.py: anybody reads and objects, another decides."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR
from tests.support.clients import Desk, desk_of
from tests.support.forging import bank_with, log
from tests.support.profiles import FOUR_EYES_AND_NOTICE, NOTICE
from tests.support.services import service
from tests.support.visitors import Visitor
from timebank.errors import MissingField
from timebank.records.actions import log_service
from timebank.stations.actions import open_station
from timebank.stations.model import Actor, Role


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An application whose policy shows records for three working days."""
    with bank_with(tmp_path, NOTICE) as tried, desk_of(tried) as found:
        yield found


def test_anybody_reads_what_is_under_notice_page_by_page(desk: Desk) -> None:
    records = [log(desk.tried, at, at=f"{8 + 2 * at}:00") for at in (1, 2)]
    stranger = desk.client()
    first = stranger.get("/api/v1/notices", params={"limit": 1}).json()
    second = stranger.get("/api/v1/notices", params={"after": first["next"]}).json()
    shown = first["items"] + second["items"]
    assert [one["record_id"] for one in shown] == records
    assert (second["next"], shown[0]["until_on"]) == (None, "2023-04-11")
    assert set(shown[0]) == {
        "record_id", "station_code", "number", "service_on", "class_code", "given_minutes",
        "opened_on", "until_on", "volunteers",
    }  # fmt: skip
    wrong = stranger.get("/api/v1/notices", params={"after": "everything"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "validation_failed")
    assert stranger.get("/api/v1/notices/objections").status_code == 401


def test_a_page_ends_at_a_station_of_any_code(desk: Desk) -> None:
    code = "east-2a"
    open_station(desk.tried.bank, OPERATOR, code, "东里", key="station-1")
    clerk = Actor("staff_east", Role.CLERK, code)
    for at in (1, 2):
        stated = service(at=f"{8 + 2 * at}:00")
        log_service(desk.tried.bank, clerk, code, stated, key=f"log-{at:05}")
    stranger = desk.client()
    first = stranger.get("/api/v1/notices", params={"limit": 1}).json()
    second = stranger.get("/api/v1/notices", params={"after": first["next"]}).json()
    assert [one["number"] for one in first["items"] + second["items"]] == [1, 2]
    assert stranger.get("/notice", params={"after": first["next"]}).status_code == 200


def test_the_reviewer_hears_that_what_was_approved_is_shown_first(tmp_path: Path) -> None:
    with bank_with(tmp_path, FOUR_EYES_AND_NOTICE) as tried, desk_of(tried) as desk:
        record = log(tried)
        reviewer = Visitor(desk, "reviewer")
        assert "通过并入账" not in reviewer.open("/station/review")
        page = reviewer.send(reviewer.form(f"/station/reviews/{record}"), decision="approve")
        assert "公示期满" in page
        assert "已通过并入账" not in page
        assert "公示" in reviewer.open(f"/station/records/{record}")


def test_an_objection_and_its_decision_over_http(desk: Desk) -> None:
    record = log(desk.tried)
    path = f"/api/v1/records/{record}/objections"
    clerk, reviewer = desk.client("clerk"), desk.client("reviewer")
    assert desk.client().post(path, json={"reason": "不实"}, headers=desk.key()).status_code == 401
    key = desk.key()
    made = [clerk.post(path, json={"reason": "那天没有人来"}, headers=key) for _time in range(2)]
    assert made[0].status_code == made[1].status_code == 201
    assert made[0].json() == made[1].json() == {"objection": 1, "record": record}
    again = reviewer.post(path, json={"reason": "我也这样认为"}, headers=desk.key())
    assert (again.status_code, again.json()["code"]) == (409, "already_objected")
    (waiting,) = reviewer.get("/api/v1/notices/objections").json()
    assert (waiting["reason"], waiting["upheld"]) == ("那天没有人来", None)
    decision = {"upheld": True, "reason": "老人确认没有"}
    own = clerk.post(f"{path}/decision", json=decision, headers=desk.key())
    assert (own.status_code, own.json()["code"]) == (403, "not_permitted")
    decided = reviewer.post(f"{path}/decision", json=decision, headers=desk.key()).json()
    assert decided == {"objection": 1, "record": record, "state": "rejected"}
    (told,) = clerk.get(path).json()
    assert (told["upheld"], told["decision"]) == (True, "老人确认没有")
    listed = clerk.get("/api/v1/records", params={"state": "rejected"}).json()["items"]
    assert [one["record_id"] for one in listed] == [record]
    assert clerk.get("/api/v1/records", params={"state": "under_notice"}).json()["items"] == []


def test_the_pages_lead_from_the_notice_to_the_decision(desk: Desk) -> None:
    record = log(desk.tried)
    stranger = Visitor(desk, "")
    page = stranger.open("/notice?station=XFL")
    assert "公示至" in page
    assert "2023年4月11日" in page
    clerk, reviewer = Visitor(desk, "clerk"), Visitor(desk, "reviewer")
    clerk.open("/station/notices")
    page = clerk.send(clerk.form(f"/station/notices/{record}/object"), reason="  ")
    assert clerk.status == 422
    assert MissingField(field="reason").in_chinese() in page
    page = clerk.send(clerk.form(f"/station/notices/{record}/object"), reason="那天没有人来")
    assert "异议已登记，处理之前不会入账。" in page
    assert "由复核人核查处理。" in page
    reviewer.open("/station/notices")
    form = reviewer.form(f"/station/notices/{record}/decide")
    page = reviewer.send(form, reason="电话核实确有服务", decision="dismiss")
    assert "异议不成立，继续公示。" in page
    assert "待处理的异议" not in page
    assert "没有公示中的服务" in stranger.open("/notice?station=NONE")


def test_what_a_clerk_logs_says_when_it_posts(tmp_path: Path) -> None:
    with bank_with(tmp_path, FOUR_EYES_AND_NOTICE) as tried, desk_of(tried) as desk:
        record = log(tried)
        clerk, reviewer = desk.client("clerk"), desk.client("reviewer")
        waits = clerk.get(f"/api/v1/records/{record}").json()
        assert (waits["state"], waits["noticed_on"]) == ("awaiting_review", "")
        answer = reviewer.post(
            f"/api/v1/records/{record}/review", json={"approve": True}, headers=desk.key()
        )
        assert answer.json()["state"] == "under_notice"
        shown = clerk.get(f"/api/v1/records/{record}").json()
        assert (shown["state"], shown["noticed_on"]) == ("under_notice", "2023-04-06")
        assert "公示中" in Visitor(desk, "clerk").open("/station")
