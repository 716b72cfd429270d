"""timebank/records/beside.py: helpers of a pairing who come together are each credited (多助一)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.banks import TriedBank
from tests.support.forging import Opened, judged, log
from tests.support.orders import OTHER_CLERK, Journey
from tests.timebank.pairings.test_pairings import made
from timebank.errors import Duplicate, OverlappingService
from timebank.founding import FOUNDER
from timebank.pairings.changing import end_pairing
from timebank.pairings.model import Role
from timebank.reconciliation.reconcile import reconcile

TODAY = "2023-04-06"
TWO = (("V0001", Role.LEAD), ("V0002", Role.MEMBER))


@pytest.fixture
def tried(opened: Opened) -> Iterator[TriedBank]:
    """E0001 is paired with V0001 and V0002 from today on; V0003 is a stranger."""
    with opened(people=("V0001", "V0002", "V0003", "E0001", "E0002")) as bank:
        bank.clock.move(timedelta(hours=8))
        made(bank, members=TWO)
        yield bank


def helped(tried: TriedBank, who: str, at: str = "09:00", key: int = 1, **rest: object) -> str:
    return log(tried, key, volunteers=who, at=at, on=TODAY, **rest)


@pytest.mark.parametrize("at", ["08:50", "09:00", "09:10"])
def test_helpers_who_come_together_are_each_credited(
    tried: TriedBank, tmp_path: Path, at: str
) -> None:
    helped(tried, "V0001")
    helped(tried, "V0002", at, 2)
    assert judged(tried, tmp_path).ok
    told = reconcile(tried.bank, FOUNDER)
    assert [one.name for one in told.checks if one.differences] in ([], ["jobs_silent"])


@pytest.mark.parametrize("at", ["08:49", "09:11"])
def test_at_separate_times_they_are_an_overlap(tried: TriedBank, at: str) -> None:
    helped(tried, "V0001")
    with pytest.raises(OverlappingService):
        helped(tried, "V0002", at, 2)


def test_whoever_is_not_of_the_pairing_is_an_overlap(tried: TriedBank) -> None:
    helped(tried, "V0001")
    with pytest.raises(OverlappingService):
        helped(tried, "V0003", key=2)


def test_the_same_helper_twice_stays_one_visit(tried: TriedBank) -> None:
    helped(tried, "V0001")
    with pytest.raises(Duplicate):
        helped(tried, "V0001", key=2)
    with pytest.raises(OverlappingService):
        helped(tried, "V0001", "09:05", key=3)


def test_two_elders_at_one_time_are_an_overlap(tried: TriedBank) -> None:
    helped(tried, "V0001")
    helped(tried, "V0002", recipients="E0002", key=2)
    with pytest.raises(OverlappingService):
        helped(tried, "V0003", recipients="E0002", key=3)


def test_before_and_after_the_pairing_nothing_binds_them(opened: Opened) -> None:
    with opened(people=("V0001", "V0002", "E0001")) as tried:
        pairing = made(tried, members=TWO)
        log(tried, 1)
        with pytest.raises(OverlappingService):
            log(tried, 2, volunteers="V0002")  # Yesterday.
        end_pairing(tried.bank, FOUNDER, pairing, "老人搬走了", key="end-00001")
        tried.clock.move(timedelta(days=1, hours=8))
        helped(tried, "V0001", key=3)
        tried.clock.move(timedelta(days=1))
        log(tried, 4, on="2023-04-07")
        with pytest.raises(OverlappingService):
            log(tried, 5, volunteers="V0002", on="2023-04-07")


def test_two_visits_of_one_pairing_are_both_posted(bank: TriedBank, tmp_path: Path) -> None:
    journey = Journey(bank, saved=300)
    made(bank, members=TWO)
    first = journey.to("awaiting_confirmation").order_id
    journey.ask()
    for step, said in (
        ("vet", {}), ("publish", {}), ("match", {"volunteer": "V0002"}), ("accept", {}),
        ("sign_in", {"at": "08:05", "reason": "志愿者电话报到"}), ("sign_out", {"at": "09:00"}),
    ):  # fmt: skip
        journey.step(step, **said)
    journey.step("confirm", OTHER_CLERK)
    journey.order_id = first
    journey.step("confirm", OTHER_CLERK)
    assert (journey.balance("V0001")[0], journey.balance("V0002")[0]) == (60, 55)
    assert journey.balance("E0001") == (300 - 115, 0)
    assert judged(bank, tmp_path).ok
