"""A station's counter over HTTP: people who hold cards, and one order that is led there."""

from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tests.support.clients import PIN, Desk
from tests.support.forging import judged
from tests.support.orders import Journey
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.sessions import sign_in_by_card

PATH = "/api/v1/orders"
WISH: dict[str, Any] = {
    "station": "XFL",
    "elder": "E0001",
    "class_code": "companionship",
    "wanted_on": "2023-04-06",
    "wanted_at": "08:00",
    "wanted_minutes": 60,
    "channel": "telephone",
    "assistant": "小李",
    "need": "陪聊天",
    "place": "3号楼201",
}


class Station:
    """A desk whose people hold cards, and the one order that is being led."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.journey = Journey(desk.tried)
        self.order = ""
        for number in ("E0001", "V0001", "V0002"):
            issue_card(desk.tried.bank, FOUNDER, number, PIN)

    def member(self, number: str) -> TestClient:
        """A client with a new session of that card's holder."""
        client = self.desk.client()
        token = sign_in_by_card(self.desk.tried.bank, number, PIN)
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def ask(self, client: TestClient, **changed: Any) -> Any:
        """Ask for an hour of company; the order is led on from here."""
        said = client.post(PATH, json=WISH | changed, headers=self.desk.key())
        if said.status_code == 201:
            self.order = said.json()["order"]
        return said

    def staff(self, role: str) -> TestClient:
        """A client with a new session of that role: time may have passed since the last."""
        self.desk.forget(self.desk.token(role))
        return self.desk.client(role)

    def step(self, client: TestClient, name: str, **stated: Any) -> Any:
        """Take a step of the order under a new key."""
        return client.post(
            f"{PATH}/{self.order}/steps/{name}", json=stated, headers=self.desk.key()
        )

    def led_to(self, state: str) -> "Station":
        """Lead a new order along the straight way."""
        self.order = self.journey.to(state).order_id
        return self

    def shown(self, role: str = "clerk") -> dict[str, Any]:
        """The order with its history, as staff read it."""
        found: dict[str, Any] = self.staff(role).get(f"{PATH}/{self.order}").json()
        return found

    def minutes(self, number: str) -> tuple[int, int]:
        """Posted and held minutes of a member."""
        return self.journey.balance(number)


def code_of(said: Any) -> str:
    """The code of a refusal, empty where something happened."""
    return str(said.json().get("code", "")) if said.status_code >= 400 else ""


def agrees(station: Station, folder: Path) -> None:
    """The books agree with themselves, and a stranger derives every entry again."""
    station.desk.tried.bank.publish()
    told = reconcile(station.desk.tried.bank, FOUNDER).as_json()
    found = {one["name"] for one in told["checks"] if one["differences"]}
    assert found <= {"jobs_silent", "messages"}  # Nobody ran the jobs while the clock moved.
    assert judged(station.desk.tried, folder).ok
