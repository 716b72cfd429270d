"""timebank/records/queries.py: who may read which records, page by page, names masked."""

import pytest

from tests.support.banks import AUDITOR, FOUNDER, OPERATOR, TriedBank
from tests.support.services import service
from timebank.errors import NotPermitted, UnknownBatch, UnknownRecord
from timebank.records.actions import log_service
from timebank.records.queries import (
    After,
    batch_of,
    batches_listed,
    queue,
    record_of,
    records_listed,
)
from timebank.stations.actions import open_station
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
EAST = Actor("staff_east", Role.CLERK, "EAST")
OUTSIDE = [Role.KIOSK, Role.SCHEDULER, Role.MEMBER]


@pytest.fixture
def two(bank: TriedBank) -> TriedBank:
    """Two stations: three records at the first, one at the second."""
    open_station(bank.bank, FOUNDER, "EAST", "东亭", key="open-east")
    bank.people("V0001", "V0002", "E0001")
    for place, at in enumerate(("08:00", "10:00", "12:00")):
        log_service(bank.bank, CLERK, "XFL", service(at=at), key=f"log-0000{place}")
    log_service(bank.bank, EAST, "EAST", service("V0002", at="14:00"), key="log-east1")
    return bank


def listed(bank: TriedBank, actor: Actor, **rest) -> list[tuple[str, int]]:
    with bank.bank.read() as connection:
        found = records_listed(bank.bank, connection, actor, **rest)
    return [(one.station_code, one.number) for one in found]


def test_a_station_sees_its_own_and_the_district_all(two: TriedBank) -> None:
    own = [("XFL", 3), ("XFL", 2), ("XFL", 1)]
    assert listed(two, CLERK) == listed(two, CLERK, station_code="XFL") == own
    assert listed(two, AUDITOR) == [("EAST", 1), *own]
    assert listed(two, AUDITOR, station_code="XFL") == own
    with pytest.raises(NotPermitted):
        listed(two, CLERK, station_code="EAST")


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5])
def test_pages_of_any_length_are_the_list(two: TriedBank, most: int) -> None:
    every, after, found = listed(two, AUDITOR), None, []
    while page := listed(two, AUDITOR, after=after, most=most):
        found += page
        after = After(*page[-1])
    assert found == every


def test_filters_leave_out_what_does_not_fit(two: TriedBank) -> None:
    now = two.bank.now_ms()
    assert len(listed(two, OPERATOR, state="posted", service_on="2023-04-05")) == 4
    assert listed(two, OPERATOR, state="reversed") == []
    assert listed(two, OPERATOR, service_on="2023-04-04") == []
    assert listed(two, OPERATOR, batch_id="batch_none") == []
    assert len(listed(two, OPERATOR, recorded_from_ms=now)) == 4
    assert listed(two, OPERATOR, recorded_from_ms=now + 1) == []


def test_names_are_masked_and_the_erased_are_called_so(two: TriedBank) -> None:
    two.behind("UPDATE person SET state = 'erased' WHERE person_id = "
               "(SELECT person_id FROM person_number WHERE number = 'E0001')")  # fmt: skip
    with two.bank.read() as connection:
        found = records_listed(two.bank, connection, CLERK)[0]
        assert record_of(two.bank, connection, CLERK, found.record_id) == found
    volunteer, elder = found.people
    assert (volunteer.part, volunteer.number, volunteer.credited_minutes) == (
        "volunteer", "V0001", 90,
    )  # fmt: skip
    assert volunteer.name == "成＊＊"
    assert (elder.part, elder.number, elder.name, elder.entry_id) == ("recipient", "", "已注销", "")
    assert "成员V0001" not in repr(found)


def test_one_record_is_refused_in_order(two: TriedBank) -> None:
    with two.bank.read() as connection:
        record = records_listed(two.bank, connection, CLERK)[0].record_id
        for actor, asked, refusal in (
            (two.actor(Role.KIOSK), "record_none", NotPermitted),
            (EAST, "record_none", UnknownRecord),
            (EAST, record, NotPermitted),
        ):
            with pytest.raises(refusal):
                record_of(two.bank, connection, actor, asked)


@pytest.mark.parametrize("role", OUTSIDE)
def test_only_staff_read(two: TriedBank, role: Role) -> None:
    actor = two.actor(role)
    with two.bank.read() as connection:
        for read in (
            lambda: records_listed(two.bank, connection, actor),
            lambda: batches_listed(connection, actor),
            lambda: batch_of(connection, actor, "batch_none"),
            lambda: queue(two.bank, connection, actor),
        ):
            with pytest.raises(NotPermitted):
                read()


def test_the_queue_is_the_reviewers(two: TriedBank) -> None:
    two.behind("UPDATE service_record SET state = 'awaiting_review'")
    with two.bank.read() as connection:

        def waiting(actor: Actor, **rest) -> list[tuple[str, int]]:
            found = queue(two.bank, connection, actor, **rest)
            return [(one.station_code, one.number) for one in found]

        own = [("XFL", 1), ("XFL", 2), ("XFL", 3)]
        assert waiting(two.actor(Role.REVIEWER)) == own
        assert waiting(OPERATOR) == [("EAST", 1), *own]
        assert waiting(OPERATOR, after=After("XFL", 1), most=1) == [("XFL", 2)]
        assert waiting(OPERATOR, station_code="EAST") == [("EAST", 1)]
        for actor, station in ((CLERK, ""), (two.actor(Role.REVIEWER), "EAST")):
            with pytest.raises(NotPermitted):
                waiting(actor, station_code=station)


def test_an_import_nobody_made(two: TriedBank) -> None:
    with two.bank.read() as connection:
        assert batches_listed(connection, CLERK) == []
        with pytest.raises(UnknownBatch):
            batch_of(connection, CLERK, "batch_none")
