"""api/pages/station.py, api/pages/registers.py: an event waits, and its roster is asked for."""

from collections.abc import Iterator
from hashlib import sha256
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


def test_a_scan_leaves_its_digest_alone(desk: Desk) -> None:
    reviewer, scan = reviewing(desk), b"%PDF-1.7 signed by three"
    files = {"scan": ("sheet.pdf", scan)}
    reviewer.send(reviewer.form("/station/reviews/"), files=files, **ANSWER)
    assert rosters(desk) == [("2023-04/5", 3, sha256(scan).hexdigest())]


def test_an_import_names_its_events_and_leaves_them_to_be_seen(desk: Desk) -> None:
    header = "服务日期,开始时间,结束时间,志愿者编号,服务对象,服务内容,服务时长"
    lines = [f"2023-04-05,8:00,10:00,{number},居民,环境清洁,2小时" for number in NUMBERS]
    alone = "2023-04-05,14:00,15:00,V0001,E0001,助餐,1小时"
    clerk = Visitor(desk, "clerk")
    clerk.open("/station/register")
    form = clerk.form("/station/register")
    del form.fields["rehearse"]
    page = clerk.send(form, files={"file": ("event.csv", "\n".join((header, *lines, alone)))})
    assert "第 2 行起：3 名志愿者" in page

    reviewer = Visitor(desk, "reviewer")
    reviewer.open("/station/review")
    assert "一次记入 3 名志愿者" in reviewer.html
    assert "/station/batches/" not in reviewer.html  # Nothing else of the import waits.
    reviewer.send(reviewer.form("/station/reviews/"), **ANSWER)
    assert rosters(desk) == [("2023-04/5", 3, "")]
