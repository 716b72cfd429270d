"""timebank/records/received.py: who came to a member, the latest first, with and without orders."""

from pathlib import Path

import pytest

from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.forging import log
from tests.support.orders import REVIEWER, Journey
from timebank.errors import NotPermitted
from timebank.records.actions import reverse_record
from timebank.records.received import ReceivedVisit, visits_received
from timebank.stations.model import Actor, Role


def received(
    tried: TriedBank, person: str, *, before: str = "", most: int = 10
) -> list[ReceivedVisit]:
    member = Actor(person, Role.MEMBER, "", person)
    with tried.bank.read() as connection:
        return visits_received(tried.bank, connection, member, before=before, most=most)


def test_visits_with_and_without_an_order(tmp_path: Path) -> None:
    with new_bank(tmp_path) as tried:
        journey = Journey(tried).to("posted")
        log(tried, volunteers="V0002", recipients="E0001", at="14:00", minutes=90)

        latest, earlier = received(tried, journey.people["E0001"])

        assert latest.started_at == f"{journey.day}T08:00"
        assert (latest.class_code, latest.given_minutes) == ("companionship", 60)
        assert latest.volunteers == ("成＊＊",)
        assert earlier.ended_at == "2023-04-05T15:30"
        assert received(tried, journey.people["V0002"]) == []


@pytest.mark.parametrize("most", [1, 2, 3])
def test_pages_follow_on_each_other(tmp_path: Path, most: int) -> None:
    with new_bank(tmp_path) as tried:
        (elder, *_others) = tried.people("E0001", "V0001", "V0002")
        for place, at in enumerate(("09:00", "11:00", "07:00")):  # not in the order of time
            log(tried, place, volunteers="V0001、V0002", recipients="E0001", at=at, minutes=60)
        seen: list[ReceivedVisit] = []
        before = ""
        while page := received(tried, elder, before=before, most=most):
            assert len(page) <= most
            seen += page
            before = f"{page[-1].started_at} {page[-1].record_id}"
        assert len({one.record_id for one in seen}) == len(seen) == 3
        assert [one.started_at[11:] for one in seen] == ["11:00", "09:00", "07:00"]
        assert seen[0].volunteers == ("成＊＊", "成＊＊")


def test_what_was_reversed_did_not_come(tmp_path: Path) -> None:
    with new_bank(tmp_path) as tried:
        (elder, _volunteer) = tried.people("E0001", "V0001")
        record = log(tried, volunteers="V0001", recipients="E0001", at="09:00", minutes=60)
        reverse_record(tried.bank, REVIEWER, record, "记错了", key="reverse-01")
        assert received(tried, elder) == []


def test_staff_ask_elsewhere(tmp_path: Path) -> None:
    with (
        new_bank(tmp_path) as tried,
        tried.bank.read() as connection,
        pytest.raises(NotPermitted),
    ):
        visits_received(tried.bank, connection, OPERATOR, most=1)
