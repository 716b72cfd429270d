"""F7: an elder dies with hours and an open order; nothing is lost, and nobody alone decides."""

from pathlib import Path

import pytest

from tests.support.banks import OPERATOR
from tests.support.counter import WISH, Station, agrees, code_of
from timebank.errors import WrongCredentials
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation

ESTATES = "/api/v1/estates"


def test_what_an_elder_leaves(station: Station, tmp_path: Path) -> None:
    desk = station.desk
    note_kinship(desk.tried.bank, OPERATOR, "E0001", "V0002", Relation.CHILD, "户口簿")
    station.led_to("matched")
    assert station.minutes("E0001") == (300, 60)
    elder, clerk, operator = station.member("E0001"), desk.client("clerk"), desk.client("operator")

    death = {"number": "E0001", "died_on": "2023-04-06", "proof": "死亡医学证明"}
    estate = clerk.post(ESTATES, json=death, headers=desk.key()).json()["estate"]
    assert elder.get("/api/v1/orders").status_code == 401
    with pytest.raises(WrongCredentials):
        station.member("E0001")
    asked = clerk.post("/api/v1/orders", json=WISH, headers=desk.key())
    assert code_of(asked) == "person_deceased"

    (shown,) = clerk.get(ESTATES).json()["items"]
    assert (shown["open_orders"], shown["held_minutes"]) == (1, 60)

    settlement = f"{ESTATES}/{estate}/settlement"
    shares = {"shares": [{"number": "V0002", "minutes": 200}]}
    assert code_of(operator.post(settlement, json=shares, headers=desk.key())) == "holds_open"
    assert station.step(clerk, "cancel", reason="老人去世").json()["state"] == "cancelled"
    assert code_of(clerk.post(settlement, json=shares, headers=desk.key())) == "not_permitted"
    assert clerk.get(ESTATES).json()["items"][0]["open_orders"] == 0
    done = operator.post(settlement, json=shares, headers=desk.key())
    assert (done.status_code, done.json()["pool_minutes"]) == (201, 100)
    assert (station.minutes("E0001"), station.minutes("V0002")) == ((0, 0), (200, 0))

    account = desk.tried.account("V0002")
    line = station.member("V0002").get(f"/api/v1/accounts/{account}/statement").json()["lines"][-1]
    assert (line["minutes"], line["kind"]) == (200, "estate_settlement")
    entry = done.json()["entry"]
    receipt = station.member("V0002").get(f"/api/v1/entries/{entry}/receipt")
    assert receipt.text.startswith("c2sp.org/tlog-proof@v1")
    agrees(station, tmp_path)
