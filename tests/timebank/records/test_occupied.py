"""timebank/records/occupied.py: what overlaps the hours of somebody, not what only meets."""

from datetime import datetime
from typing import Any

import pytest

from ledger.draft import Draft
from tests.support.banks import TriedBank
from tests.support.services import service
from timebank.records.actions import log_service, reverse_record
from timebank.records.occupied import stored_records
from timebank.stations.model import Role

wall = datetime.fromisoformat


def asked(bank: TriedBank, *who: tuple[str, str, str]) -> Any:
    found = []

    def change(draft: Draft) -> dict[str, Any]:
        found.append(stored_records(draft, [(one, wall(a), wall(b)) for one, a, b in who]))
        return {}

    bank.bank.keep_house(change)
    return found[0]


@pytest.fixture
def stored(bank: TriedBank) -> tuple[TriedBank, list[str], str]:
    """One service from 09:00 to 10:30 with two volunteers and an elder."""
    people = bank.people("V0001", "V0002", "E0001", "V0003")
    clerk = bank.actor(Role.CLERK)
    made = log_service(bank.bank, clerk, "XFL", service("V0001、V0002"), key="log-00001")
    return bank, people, str(made.body["record"])


@pytest.mark.parametrize(
    ("first", "last", "hit"),
    [
        ("08:00", "09:00", False),
        ("08:00", "09:01", True),
        ("09:30", "09:31", True),
        ("10:29", "11:00", True),
        ("10:30", "11:00", False),
        ("00:00", "23:59", True),
    ],
)
def test_hours_that_meet_do_not_overlap(stored, first: str, last: str, hit: bool) -> None:
    bank, people, record = stored
    span = (f"2023-04-05T{first}", f"2023-04-05T{last}")
    for person in people[:3]:
        found = asked(bank, (person, *span))
        near = found.overlapping(frozenset([person]), wall(span[0]), wall(span[1]))
        assert [one.service_id for one in near] == ([record] if hit else [])


def test_what_is_found_has_everybody_and_comes_once(stored) -> None:
    bank, people, record = stored
    span = ("2023-04-05T09:00", "2023-04-05T10:00")
    found = asked(bank, *((person, *span) for person in people))
    (near,) = found.overlapping(frozenset(people), wall(span[0]), wall(span[1]))
    assert (near.service_id, near.volunteers) == (record, frozenset(people[:2]))
    assert near.recipients == frozenset(people[2:3])
    assert found.batch_of == {record: ""}


def test_others_other_days_and_nobody_are_free(stored) -> None:
    bank, people, _record = stored
    everybody = frozenset(people)
    for who in (
        (people[3], "2023-04-05T09:00", "2023-04-05T10:00"),
        (people[0], "2023-04-04T09:00", "2023-04-04T10:00"),
        (people[0], "2023-04-06T09:00", "2023-04-06T10:00"),
    ):
        assert asked(bank, who).overlapping(everybody, wall(who[1]), wall(who[2])) == []
    assert asked(bank).overlapping(everybody, wall("2023-04-05"), wall("2023-04-06")) == []


def test_a_reversed_service_frees_its_hours(stored) -> None:
    bank, people, record = stored
    reverse_record(bank.bank, bank.actor(Role.REVIEWER), record, "登记有误", key="reverse-1")
    span = ("2023-04-05T09:00", "2023-04-05T10:00")
    found = asked(bank, (people[0], *span))
    assert found.overlapping(frozenset(people), wall(span[0]), wall(span[1])) == []
