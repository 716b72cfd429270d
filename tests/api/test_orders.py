"""api/routes/orders.py: an order from the first telephone call to the receipt, over HTTP."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.clients import Desk
from tests.support.counter import PATH, Station
from tests.support.forging import judged
from timebank.audit.receipt_cli import judge


@pytest.fixture
def station(desk: Desk) -> Station:
    return Station(desk)


def test_the_whole_life_of_an_order(station: Station, tmp_path: Path) -> None:
    """The elder asks by telephone; at the end the receipt convicts whoever drops the credit."""
    desk, clerk = station.desk, station.desk.client("clerk")
    elder, volunteer = station.member("E0001"), station.member("V0001")
    assert station.ask(clerk).json()["number"] == 1
    for name, stated in (("vet", {}), ("publish", {}), ("match", {"volunteer": "V0001"})):
        assert station.step(clerk, name, **stated).status_code == 200
    assert station.step(volunteer, "accept").json()["state"] == "accepted"

    slips = [one.get(f"{PATH}/{station.order}/slip").json() for one in (elder, volunteer)]
    assert [one["volunteer"] for one in slips] == ["成员V0001"] * 2
    assert (slips[0]["need"], slips[1]["door_code"]) == ("陪聊天", "")
    code = slips[0]["door_code"]
    wrong = f"{(int(code) + 1) % 10_000:04}"
    assert station.step(volunteer, "sign_in", code=wrong).json()["code"] == "wrong_door_code"
    said = station.step(volunteer, "sign_in", code=code, at="2023-04-06T08:00")
    assert said.json()["state"] == "signed_in"
    out = station.step(volunteer, "sign_out", at="2023-04-06T08:45").json()
    assert (out["state"], out["minutes"]) == ("awaiting_confirmation", 45)
    assert station.step(volunteer, "confirm").json()["code"] == "not_permitted"
    done = station.step(elder, "confirm").json()
    assert (done["state"], done["credits"][0]["minutes"]) == ("posted", 45)
    assert station.step(elder, "rate", stars=5).status_code == 200

    account = desk.tried.account("E0001")
    statement = desk.client("auditor").get(f"/api/v1/accounts/{account}/statement").json()
    assert statement["lines"][-1]["minutes"] == -45
    entry = done["credits"][0]["entry"]
    receipt = volunteer.get(f"/api/v1/entries/{entry}/receipt").text
    _receipt, leaf, _proven = judge(receipt.encode(), desk.tried.bank.log_key.vkey, [])
    assert (leaf.kind, leaf.identifier) == ("settlement", entry)
    assert judged(desk.tried, tmp_path).ok

    file = clerk.get(f"{PATH}/{station.order}").json()
    assert [one["step"] for one in file["steps"]] == [
        "request", "vet", "publish", "match", "accept", "sign_in", "sign_out", "confirm",
        "post", "rate",
    ]  # fmt: skip
    assert file["steps"][7]["who"] == "elder"
    assert (file["order"]["state"], file["order"]["stars"]) == ("posted", 5)
    assert file["order"]["elder"] == "王＊＊"


def test_a_slip_is_a_look_that_the_elder_can_read_of(station: Station) -> None:
    station.journey.to("matched")
    station.order = station.journey.order_id
    volunteer = station.member("V0001")
    assert volunteer.get(f"{PATH}/{station.order}/slip").status_code == 200
    assert station.member("V0002").get(f"{PATH}/{station.order}/slip").status_code == 404
    looks = station.member("E0001").get("/api/v1/people/E0001/accesses").json()["items"]
    assert (looks[0]["purpose"], looks[0]["fields"]) == ("look", ["name"])


@pytest.mark.parametrize("state", ["requested", "published", "awaiting_confirmation", "posted"])
def test_there_is_a_slip_only_between_match_and_sign_out(station: Station, state: str) -> None:
    station.journey.to(state)
    said = station.desk.client("clerk").get(f"{PATH}/{station.journey.order_id}/slip")
    assert (said.status_code, said.json()["code"]) == (409, "order_step_not_allowed")


def test_lists_by_station_state_and_day(station: Station) -> None:
    clerk, elder = station.desk.client("clerk"), station.member("E0001")
    first = station.ask(clerk).json()["order"]
    station.desk.tried.clock.move(timedelta(seconds=1))  # Ids of one moment are in no order.
    second = station.ask(clerk, elder="E0002", wanted_on="2023-04-07").json()["order"]
    station.step(clerk, "vet")

    def ids(client: TestClient, **query: Any) -> list[str]:
        return [one["order_id"] for one in client.get(PATH, params=query).json()["items"]]

    assert ids(clerk) == [second, first]
    assert ids(clerk, state="vetted") == [second]
    assert ids(clerk, on="2023-04-06") == [first]
    assert ids(elder) == [first]
    page = clerk.get(PATH, params={"limit": 1}).json()
    assert page["next"] == second
    assert ids(clerk, after=page["next"]) == [first]
    assert ids(station.desk.client("auditor"), station="XFL") == [second, first]
    assert station.desk.client("kiosk").get(PATH).status_code == 403


def test_refusals_name_the_rule_in_chinese(station: Station) -> None:
    clerk = station.desk.client("clerk")
    said = station.ask(clerk, assistant="")
    assert (said.status_code, said.json()["code"]) == (422, "assistant_missing")
    station.ask(clerk)
    said = station.step(clerk, "confirm")
    assert (said.status_code, said.json()["code"]) == (409, "order_step_not_allowed")
    assert "现为 已登记" in said.json()["detail"]
    assert station.step(clerk, "fly").json()["code"] == "order_value_invalid"
    assert clerk.get(f"{PATH}/ordr_none").json()["code"] == "unknown_order"
    assert station.step(station.member("V0002"), "cancel", reason="r").status_code == 404
