"""api/pages/station.py, api/pages/registers.py: an event waits, and its roster is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import Desk, desk_of
from tests.support.forging import bank_with, log
from tests.support.visitors import Visitor

BULK_OF_THREE = '[review]\nbulk_volunteers = { value = 3, source = "F2" }'
NUMBERS = [f"V{number:04}" for number in range(1, 4)]
ANSWER = {"decision": "approve", "sheet": "2023-04/5", "signatures": "3"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A station where three of one service wait for a second person."""
    people = (*NUMBERS, "E0001")
    with bank_with(tmp_path, BULK_OF_THREE, people=people) as tried, desk_of(tried) as found:
        yield found


def reviewing(desk: Desk) -> Visitor:
    log(desk.tried, volunteers="、".join(NUMBERS))
    reviewer = Visitor(desk, "reviewer")
    page = reviewer.open("/station/review")
    assert "多人活动" in page
    assert "一次记入 3 名志愿者" in page
    return reviewer


def rosters(desk: Desk) -> list[tuple[str, int, str]]:
    with desk.tried.bank.read() as connection:
        query = "SELECT sheet, signatures, scan FROM record_roster"
        return [tuple(row) for row in connection.exec_driver_sql(query)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sheet": ""}, "须凭签到表复核"),
        ({"sheet": "张三"}, "编号填写不对"),
        ({"signatures": ""}, "签名人数填写不对"),
        ({"signatures": "三"}, "签名人数填写不对"),
        ({"signatures": "2"}, "签到表只有 2 人签名"),
    ],
    ids=str,
)
def test_what_the_roster_lacks_stands_beside_its_field(
    desk: Desk, changed: dict[str, str], said: str
) -> None:
    reviewer = reviewing(desk)
    page = reviewer.send(reviewer.form("/station/reviews/"), **ANSWER | changed)
    assert reviewer.status in (409, 422)
    assert said in page
    assert rosters(desk) == []


def test_who_states_the_roster_approves(desk: Desk) -> None:
    reviewer = reviewing(desk)
    page = reviewer.send(reviewer.form("/station/reviews/"), **ANSWER)
    assert "第 1 号记录已通过并入账。" in page
    assert rosters(desk) == [("2023-04/5", 3, "")]
