"""F4, what worked elsewhere: two people and the public see a service before its credit moves."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.clients import desk_of
from tests.support.counter import Station, agrees, code_of
from tests.support.forging import bank_with
from tests.support.profiles import NOTICE
from timebank.jobs.notices import post_noticed

NOTICES = "/api/v1/notices"


@pytest.fixture
def noticed(tmp_path: Path) -> Iterator[Station]:
    """A station whose policy shows every service for three working days."""
    with bank_with(tmp_path, NOTICE, people=()) as tried, desk_of(tried) as desk:
        station = Station(desk)
        tried.clock.move(timedelta(days=6))  # What the elder pays with was on notice, too.
        post_noticed(tried.bank, tried.bank.now_ms())
        yield station


def test_a_neighbour_objects_to_half_of_a_visit(noticed: Station, tmp_path: Path) -> None:
    bank = noticed.desk.tried.bank
    noticed.led_to("awaiting_confirmation")
    elder = noticed.member("E0001")
    said = noticed.step(elder, "confirm")
    assert (said.status_code, said.json()["state"]) == (200, "confirmed")
    record = said.json()["record"]
    assert (noticed.minutes("V0001"), noticed.minutes("E0001")) == ((0, 0), (300, 60))

    (shown,) = noticed.desk.client().get(NOTICES).json()["items"]
    assert shown["record_id"] == record
    assert "王秀兰" not in str(shown)
    assert shown["volunteers"][0][1:] == "＊＊"

    objections = f"/api/v1/records/{record}/objections"
    neighbour = noticed.member("V0002")
    reason = {"reason": "我看到他只来了半小时"}
    assert neighbour.post(objections, json=reason, headers=noticed.desk.key()).status_code == 201
    bank_days = timedelta(days=6)
    noticed.desk.tried.clock.move(bank_days)
    assert post_noticed(bank, bank.now_ms()) == {"posted": 0, "refused": 0}

    decision = {"upheld": True, "reason": "老人也记得是半小时"}
    path = f"{objections}/decision"
    own = noticed.staff("clerk").post(path, json=decision, headers=noticed.desk.key())
    assert code_of(own) == "not_permitted"
    decided = noticed.staff("reviewer").post(path, json=decision, headers=noticed.desk.key())
    assert decided.json()["state"] == "rejected"
    assert noticed.journey.order().state.value == "awaiting_confirmation"
    assert noticed.minutes("E0001") == (300, 60)

    told = [(one["step"], one["reason"]) for one in noticed.shown()["steps"]][-2:]
    assert told == [("objection", reason["reason"]), ("send_back", decision["reason"])]

    seen = noticed.member("V0001").get(f"/api/v1/orders/{noticed.order}").json()["steps"]
    assert [one["reason"] for one in seen if one["step"] == "objection"] == [""]

    again = noticed.step(noticed.member("E0001"), "confirm", minutes=30)
    assert again.json()["state"] == "confirmed"
    noticed.desk.tried.clock.move(bank_days)
    assert post_noticed(bank, bank.now_ms()) == {"posted": 1, "refused": 0}
    assert noticed.journey.order().state.value == "posted"
    assert (noticed.minutes("V0001"), noticed.minutes("E0001")) == ((30, 0), (270, 0))
    assert noticed.desk.client().get(NOTICES).json()["items"] == []
    agrees(noticed, tmp_path)
