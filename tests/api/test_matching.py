"""api/routes/matching.py: candidates, open orders, a day given out, and what is told of people."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.clients import PIN, Desk
from tests.support.orders import Journey
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card
from timebank.stations.sessions import sign_in_by_card


class Station:
    """A desk with one published order of E0001, and clients of its people."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.journey = Journey(desk.tried).to("published")
        self.clerk = desk.client("clerk")
        for number in ("E0001", "V0001"):
            issue_card(desk.tried.bank, FOUNDER, number, PIN)

    def member(self, number: str) -> TestClient:
        client = self.desk.client()
        token = sign_in_by_card(self.desk.tried.bank, number, PIN)
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def post(self, client: TestClient, path: str, **stated: Any) -> Any:
        return client.post(f"/api/v1/{path}", json=stated, headers=self.desk.key())


@pytest.fixture
def station(desk: Desk) -> Station:
    return Station(desk)


def test_from_what_is_told_to_a_ranked_list(station: Station) -> None:
    clerk, operator = station.clerk, station.desk.client("operator")
    for code, east in (("XFL", 0), ("A-1", 1_200)):
        area = {"code": code, "name": code, "east_metres": east, "north_metres": 0}
        assert station.post(operator, "areas", **area).status_code == 204
    said = station.post(
        clerk, "people/V0002/matching",
        skills=["companionship"], area="A-1", area_consent=True, insured_until="2024-01-01",
        free_times=[{"weekday": 4, "from_minute": 480, "to_minute": 720}], gender="female",
    )  # fmt: skip
    assert said.status_code == 204
    assert station.post(clerk, "people/E0001/matching", gender_wish="female").status_code == 204
    told = clerk.get("/api/v1/people/V0002/matching").json()
    assert (told["skills"], told["area"], told["gender"]) == (["companionship"], "A-1", "female")

    path = f"/api/v1/orders/{station.journey.order_id}/candidates"
    found = clerk.get(path).json()
    first = found["ranked"][0]
    assert (first["number"], first["name"]) == ("V0002", "成＊＊")
    assert [why["zh"] for why in first["reasons"]][:2] == ["1.2 公里", "星期四上午有空"]
    assert sum(why["points"] for why in first["reasons"]) + 1_000 == first["points"]
    assert found["refused_by"] == {"self_service": 1}
    assert len(clerk.get(path, params={"limit": 1}).json()["ranked"]) == 1
    assert clerk.get("/api/v1/areas").json()["items"][0]["code"] == "A-1"


def test_hard_rules_over_http(station: Station) -> None:
    clerk = station.clerk
    reason = {"from_on": "2023-04-01", "reason": "照顾家人"}
    assert station.post(clerk, "people/V0001/matching/pause", **reason).status_code == 204
    apart = {"volunteer": "V0002", "apart": True}
    assert station.post(clerk, "people/E0001/matching/exclusions", **apart).status_code == 204
    order = f"orders/{station.journey.order_id}"
    found = clerk.get(f"/api/v1/{order}/candidates").json()
    assert {one["number"]: one["why"]["code"] for one in found["refused"]} == {
        "V0001": "volunteer_paused", "V0002": "volunteer_excluded", "E0001": "self_service",
    }  # fmt: skip
    for number, code in (("V0001", "volunteer_paused"), ("V0002", "volunteer_excluded")):
        said = station.post(clerk, f"{order}/steps/match", volunteer=number)
        assert (said.status_code, said.json()["code"]) == (409, code)
    assert clerk.get("/api/v1/people/E0001/matching").json()["apart"] == [
        {"number": "V0002", "name": "成＊＊"}
    ]


def test_a_member_tells_of_free_times_and_sees_open_orders(station: Station) -> None:
    me = station.member("V0001")
    times = [{"weekday": 4, "from_minute": 0, "to_minute": 1_440}]
    assert station.post(me, "people/V0001/matching", free_times=times).status_code == 204
    said = station.post(me, "people/V0001/matching", skills=["meals"])
    assert (said.status_code, said.json()["code"]) == (403, "not_permitted")
    (mine,) = me.get("/api/v1/people/V0001/open-orders").json()["items"]
    assert mine["order_id"] == station.journey.order_id
    assert "elder" not in str(mine.keys())
    assert "星期四上午有空" in [why["zh"] for why in mine["reasons"]]
    other = me.get("/api/v1/people/V0002/open-orders")
    assert (other.status_code, other.json()["code"]) == (404, "unknown_member")
    path = f"/api/v1/orders/{station.journey.order_id}/candidates"
    assert me.get(path).status_code == 403


def test_a_day_is_given_out_once_under_one_key(station: Station) -> None:
    clerk, day = station.clerk, {"station": "XFL", "on": station.journey.day}
    dry = station.post(clerk, "orders/assignment", **day).json()
    (proposal,) = dry["proposals"]
    assert proposal["number"].startswith("V")
    assert proposal["volunteer"] == "成＊＊"
    assert (proposal["answer"], dry["points"]) == (None, proposal["points"])
    assert station.journey.order().state.value == "published"

    key = station.desk.key()
    first, again = (
        clerk.post("/api/v1/orders/assignment", json=day | {"commit": True}, headers=key).json()
        for _ in range(2)
    )
    assert first == again
    assert first["proposals"][0]["answer"]["state"] == "matched"
    assert first["proposals"][0]["number"] == proposal["number"]
    assert station.journey.order().state.value == "matched"
    said = clerk.post("/api/v1/orders/assignment", json=day, headers=key)
    assert (said.status_code, said.json()["code"]) == (409, "key_reused")
    far = station.post(clerk, "orders/assignment", station="FAR", on=station.journey.day)
    assert far.status_code == 403
