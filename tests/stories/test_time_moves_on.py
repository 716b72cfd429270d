"""Time that moves from one to another, over HTTP: a gift, a donation, a grant that becomes care."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.support.banks import OPERATOR
from tests.support.clients import desk_of
from tests.support.counter import Station, agrees, code_of
from tests.support.forging import bank_with
from tests.support.givers import GRANTS, TRANSFER
from timebank.jobs.gifts import settle_gifts
from timebank.people.amending import Amended, amend_person
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation
from timebank.stations.actions import hire
from timebank.stations.model import Role
from timebank.stations.sessions import sign_in

PATH = "/api/v1/transfers"
PASSWORD = "correct horse 7"


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Station]:
    """E0001 has 300 minutes; V0002 is her husband and old enough."""
    with bank_with(tmp_path, TRANSFER, GRANTS, people=()) as tried, desk_of(tried) as desk:
        station = Station(desk)
        for number, born in (("V0002", date(1950, 1, 1)), ("E0002", date(1940, 1, 1))):
            amend_person(tried.bank, OPERATOR, number, Amended(born_on=born), "身份证")
        note_kinship(tried.bank, OPERATOR, "E0001", "V0002", Relation.SPOUSE, "结婚证")
        yield station


def second_operator(station: Station) -> TestClient:
    bank = station.desk.tried.bank
    hire(
        bank, OPERATOR, login="second", title="第二位管理员", role=Role.OPERATOR, password=PASSWORD
    )
    client = station.desk.client()
    client.headers["Authorization"] = f"Bearer {sign_in(bank, 'second', PASSWORD)}"
    return client


def later(station: Station) -> None:
    station.desk.tried.clock.move(timedelta(minutes=10))
    settle_gifts(station.desk.tried.bank, station.desk.tried.bank.now_ms())


def test_a_gift_is_thought_over_and_then_it_is_theirs(moving: Station, tmp_path: Path) -> None:
    desk, elder = moving.desk, moving.member("E0001")
    stated = {"receiver": "V0002", "minutes": 60}
    first = elder.post(f"{PATH}/gifts", json=stated, headers=desk.key()).json()["transfer"]
    assert moving.minutes("E0001") == (300, 60)
    undone = elder.post(f"{PATH}/{first}/undo", headers=desk.key())
    assert (undone.json()["state"], moving.minutes("E0001")) == ("undone", (300, 0))

    key = desk.key()
    made = [elder.post(f"{PATH}/gifts", json=stated, headers=key) for _time in range(2)]
    assert made[0].json() == made[1].json()
    stranger = {"receiver": "V0001", "minutes": 60}
    refused = elder.post(f"{PATH}/gifts", json=stranger, headers=desk.key())
    assert code_of(refused) == "transfer_not_allowed"
    later(moving)
    assert (moving.minutes("E0001"), moving.minutes("V0002")) == ((240, 0), (60, 0))
    late = moving.member("E0001").post(
        f"{PATH}/{made[0].json()['transfer']}/undo", headers=desk.key()
    )
    assert code_of(late) == "undo_over"
    husband = moving.member("V0002")
    account = desk.tried.account("V0002")
    (line,) = husband.get(f"/api/v1/accounts/{account}/statement").json()["lines"]
    assert (line["minutes"], line["kind"]) == (60, "settlement")
    (gift,) = [
        one for one in moving.member("E0001").get(PATH).json()["items"] if one["state"] == "posted"
    ]
    receipt = husband.get(f"/api/v1/entries/{gift['entry_id']}/receipt")
    assert receipt.text.startswith("c2sp.org/tlog-proof@v1")
    agrees(moving, tmp_path)


def test_what_one_gives_to_all_becomes_a_visit_to_another(moving: Station, tmp_path: Path) -> None:
    desk, operator, second = moving.desk, moving.staff("operator"), second_operator(moving)
    donated = moving.member("E0001").post(
        f"{PATH}/donations", json={"minutes": 180}, headers=desk.key()
    )
    assert donated.json()["code"] == "pool"
    later(moving)

    noted = {"condition": "empty_nest_alone", "proof": "社区走访记录", "consented": True}
    clerk = moving.staff("clerk")
    assert clerk.post("/api/v1/people/E0002/conditions", json=noted, headers=desk.key()).is_success

    def decided(proposal: str) -> str:
        answer = second.post(
            f"{PATH}/proposals/{proposal}/decision", json={"approve": True}, headers=desk.key()
        )
        return str(answer.json()["state"])

    funding = operator.post(f"{PATH}/funding", json={"minutes": 180}, headers=desk.key())
    assert decided(funding.json()["proposal"]) == "posted"
    grants = operator.post(f"{PATH}/grants", headers=desk.key())
    own = operator.post(
        f"{PATH}/proposals/{grants.json()['proposal']}/decision",
        json={"approve": True},
        headers=desk.key(),
    )
    assert code_of(own) == "proposer_decides"
    assert decided(grants.json()["proposal"]) == "posted"
    assert moving.minutes("E0002") == (120, 0)

    clerk = moving.staff("clerk")
    assert moving.ask(clerk, elder="E0002", wanted_at="15:00").status_code == 201
    for step, stated in (("vet", {}), ("publish", {}), ("match", {"volunteer": "V0001"})):
        assert moving.step(clerk, step, **stated).is_success, step
    assert moving.minutes("E0002") == (120, 60)
    assert moving.step(moving.member("V0001"), "accept").is_success
    desk.tried.clock.move(timedelta(hours=8))
    clerk = moving.staff("clerk")
    signed = {"at": "2023-04-06T15:00", "reason": "老人开门"}
    assert moving.step(clerk, "sign_in", **signed).is_success
    assert moving.step(clerk, "sign_out", at="2023-04-06T16:00").is_success
    done = moving.step(moving.staff("reviewer"), "confirm", minutes=60)
    assert done.json()["state"] in ("confirmed", "posted")
    assert (moving.minutes("E0002"), moving.minutes("V0001")) == ((60, 0), (60, 0))
    agrees(moving, tmp_path)
