"""api/routes/messages.py: a station's messages under masks, and that somebody was told."""

import pytest

from tests.support.clients import Desk
from tests.support.orders import Journey

PATH = "/api/v1/messages"


@pytest.fixture
def journey(desk: Desk) -> Journey:
    """A visit is agreed; another wish of the elder was turned down before."""
    made = Journey(desk.tried)
    made.ask(wanted_at="15:00")
    made.step("reject", reason="没有人手")
    return made.to("accepted")


def test_messages_are_listed_under_masks_page_by_page(desk: Desk, journey: Journey) -> None:
    clerk = desk.client("clerk")
    first = clerk.get(PATH, params={"station": "XFL", "limit": 1}).json()
    assert [one["event"] for one in first["items"]] == ["order_rejected"]
    asked = {"station": "XFL", "after": first["next"]}
    (second,) = clerk.get(PATH, params=asked).json()["items"]
    assert (second["event"], second["member"], second["name"]) == (
        "visit_agreed",
        "E0001",
        "王＊＊",
    )
    assert (second["state"], second["told_at"], second["subject"]) == (
        "waiting", None, journey.order_id,
    )  # fmt: skip
    assert journey.order().door_code not in clerk.get(PATH, params={"station": "XFL"}).text


def test_whoever_was_told_leaves_the_list_and_stays_in_the_whole(
    desk: Desk, journey: Journey
) -> None:
    clerk = desk.client("clerk")
    told = [clerk.post(f"{PATH}/2/told", headers=desk.key()).json() for _time in range(2)]
    assert told[0] == told[1]
    listed = clerk.get(PATH, params={"station": "XFL"}).json()["items"]
    assert [one["number"] for one in listed] == [5]
    everything = {"station": "XFL", "everything": "true"}
    (offered, _moot, _agreed) = clerk.get(PATH, params=everything).json()["items"]
    assert (offered["told_at"], offered["told_by"] != "") == (told[0]["told_at"], True)


def test_messages_are_their_stations_affair(desk: Desk, journey: Journey) -> None:
    assert desk.client("clerk").get(PATH, params={"station": "EAST"}).status_code == 403
    assert desk.client("kiosk").get(PATH, params={"station": "XFL"}).status_code == 403
    auditor = desk.client("auditor")
    assert auditor.get(PATH, params={"station": "XFL"}).status_code == 200
    assert auditor.post(f"{PATH}/2/told", headers=desk.key()).status_code == 403
    missing = desk.client("clerk").post(f"{PATH}/99/told", headers=desk.key())
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_message")
