"""api/routes/transfers.py: gifts, donations, funding and grants over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.clients import PIN, Desk, desk_of
from tests.support.givers import GRANTS, SECOND, TEN_MINUTES, TRANSFER, Givers, givers_with
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card
from timebank.stations.sessions import sign_in_by_card
from timebank.transfers.proposing import propose_funding

PATH = "/api/v1/transfers"


class Counter:
    """A desk over a bank whose policy lets credit move."""

    def __init__(self, givers: Givers, desk: Desk) -> None:
        self.givers, self.desk = givers, desk
        issue_card(givers.tried.bank, FOUNDER, "V0001", PIN)

    @property
    def member(self) -> TestClient:
        """V0001, signed in by card a moment ago."""
        client = self.desk.client()
        token = sign_in_by_card(self.givers.tried.bank, "V0001", PIN)
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def post(self, client: TestClient, path: str, **stated: Any) -> tuple[int, dict[str, Any]]:
        said = client.post(f"{PATH}/{path}", json=stated, headers=self.desk.key())
        return said.status_code, said.json()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with givers_with(tmp_path, TRANSFER, GRANTS) as givers, desk_of(givers.tried) as desk:
        yield Counter(givers, desk)


def test_a_member_gives_to_the_spouse_thinks_again_and_gives(counter: Counter) -> None:
    status, given = counter.post(counter.member, "gifts", receiver="E0001", minutes=60)
    assert (status, given["state"], given["code"]) == (201, "held", "spouse")
    assert given["undo_until"] == "2023-04-06T01:10:00Z"
    undo = f"{given['transfer']}/undo"
    assert counter.post(counter.member, undo)[1]["state"] == "undone"
    assert counter.post(counter.member, undo)[1]["code"] == "undo_over"
    counter.givers.tried.clock.move(timedelta(seconds=1))  # Ids sort by their millisecond.
    counter.post(counter.member, "gifts", receiver="E0001", minutes=60)
    counter.givers.tried.clock.move(TEN_MINUTES)
    counter.givers.settle()
    shown = counter.member.get(PATH, params={"limit": 1}).json()
    assert [one["state"] for one in shown["items"]] == ["posted"]
    page = counter.member.get(PATH, params={"after": shown["next"]}).json()
    assert [one["state"] for one in page["items"]] == ["undone"]
    assert page["next"] is None


def test_the_counter_gives_for_a_member_and_says_who_helped(counter: Counter) -> None:
    clerk = counter.desk.client("clerk")
    stated = {"receiver": "E0001", "minutes": 60, "giver": "V0001"}
    assert counter.post(clerk, "gifts", **stated)[1]["code"] == "assistant_missing"
    assert counter.post(clerk, "gifts", **stated, assistant="小李")[0] == 201
    auditor = counter.desk.client("auditor")
    assert len(auditor.get(PATH, params={"state": "held"}).json()["items"]) == 1
    assert counter.post(auditor, "gifts", **stated)[1]["code"] == "not_permitted"


def test_donations_go_to_the_pool_alone(counter: Counter) -> None:
    assert counter.post(counter.member, "donations", minutes=30)[0] == 201
    for group, code in (
        ("childless_elder", "donation_group_without_account"),
        ("hardship_elder", "transfer_not_allowed"),
    ):
        status, said = counter.post(counter.member, "donations", to=group, minutes=30)
        assert (status, said["code"]) == (422, code)


def test_two_operators_fund_and_grant(counter: Counter) -> None:
    operator = counter.desk.client("operator")
    assert counter.post(operator, "funding", minutes=1)[1]["code"] == "source_too_small"
    counter.givers.fund(120)
    assert counter.post(operator, "grants")[1]["code"] == "nothing_to_grant"
    for condition, status in (("idle", 422), ("low_income", 204)):
        said = operator.post(
            "/api/v1/people/E0001/conditions",
            json={"condition": condition, "proof": "低保证", "consented": True},
            headers=counter.desk.key(),
        )
        assert said.status_code == status
    proposed = counter.post(operator, "grants")[1]
    decision = f"proposals/{proposed['proposal']}/decision"
    assert counter.post(operator, decision, approve=True)[1]["code"] == "proposer_decides"
    assert counter.post(operator, decision, approve=False)[1]["state"] == "rejected"
    assert counter.post(operator, decision, approve=True)[1]["code"] == "proposal_not_open"
    again = counter.post(operator, "grants")[1]["proposal"]
    assert counter.givers.decide(again).body["state"] == "posted"


def test_an_operator_approves_what_another_proposed(counter: Counter) -> None:
    counter.givers.donate(minutes=40)
    counter.givers.tried.clock.move(timedelta(minutes=10))
    counter.givers.settle()
    proposal = propose_funding(counter.givers.tried.bank, SECOND, 40, key="second-0001").body
    path = f"proposals/{proposal['proposal']}/decision"
    status, said = counter.post(counter.desk.client("operator"), path, approve=True)
    assert (status, said["state"], len(said["entries"])) == (200, "posted", 1)
    assert counter.post(counter.desk.client("clerk"), path, approve=True)[0] == 403
