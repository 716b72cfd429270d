"""api/pages/operator_campaigns.py: a campaign opened at the district's door, without a script."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from api.pages.operator_campaigns import MOST_KILOBYTES, ROOM
from tests.support.banks import OPERATOR
from tests.support.campaigns import CLERK, MONTH_TOML, RIVER, write_table
from tests.support.clients import Desk
from tests.support.visitors import Visitor, forms_of
from timebank.campaigns.queries import campaigns_listed
from timebank.campaigns.reporting import report_table

MONTH_TYPED = {
    "name": "2023年学雷锋志愿服务月", "receiver": "区委宣传部", "starts_on": "2023-03-05",
    "ends_on": "2023年4月5日", "tables_due_on": "2023-03-02", "summaries_due_on": "2023-04-05",
}  # fmt: skip
Visit = Callable[..., Visitor]


@pytest.fixture
def operator(visit: Visit) -> Visitor:
    return visit("operator")


def previewed(operator: Visitor, **typed: str) -> str:
    operator.open(f"{ROOM}/new")
    form = next(one for one in forms_of(operator.html) if "themes" in one.fields)
    return operator.send(form, **(MONTH_TYPED | typed))


def read_file(operator: Visitor, content: bytes) -> str:
    operator.open(f"{ROOM}/new")
    form = operator.form(f"{ROOM}/preview")
    return operator.send(form, files={"file": ("month.toml", content)}, **{"from": "file"})


def opened(desk: Desk) -> int:
    with desk.tried.bank.read() as connection:
        return len(campaigns_listed(connection, OPERATOR))


def test_a_campaign_is_seen_before_it_is_opened(operator: Visitor, desk: Desk) -> None:
    assert "开设集中活动" in operator.open(ROOM)
    page = previewed(operator)
    assert (operator.status, "还没有开设" in page, opened(desk)) == (200, True, 0)
    assert "2023年3月5日 至 2023年4月5日" in page
    assert "移风易俗 <span" in page  # For nobody in particular.
    page = operator.send(operator.form(f"{ROOM}/open"))
    assert "集中活动已开设" in page
    assert "幸福里" in page
    assert opened(desk) == 1


def test_the_opening_is_one_attempt_however_often_it_is_pressed(
    operator: Visitor, desk: Desk
) -> None:
    previewed(operator)
    form = operator.form(f"{ROOM}/open")
    first, again = (operator.send(form) and operator.url for _time in range(2))
    assert (first, opened(desk)) == (again, 1)


def test_a_file_fills_the_form(operator: Visitor, desk: Desk) -> None:
    page = read_file(operator, MONTH_TOML.encode())
    assert "XF，幸福街道，镇街，XFL" in page
    assert opened(desk) == 0
    operator.send(operator.form(f"{ROOM}/open"))
    assert opened(desk) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "集中活动的设置不对：文件读不懂"),
        (MONTH_TOML.encode("gb18030"), "文件读不懂"),
        (b"#" * (MOST_KILOBYTES << 10), "文件读不懂"),
        (b"#" * ((MOST_KILOBYTES << 10) + 1), f"文件太大，最多 {MOST_KILOBYTES} KB"),
        (MONTH_TOML.replace('"XFL"', '"NONE"').encode(), "NONE"),
    ],
)
def test_a_file_that_will_not_do_says_why(
    operator: Visitor, desk: Desk, content: bytes, said: str
) -> None:
    assert said in read_file(operator, content)
    assert (operator.status >= 400, opened(desk)) == (True, 0)


def test_no_file_is_asked_for(operator: Visitor) -> None:
    operator.open(f"{ROOM}/new")
    assert "请选择 TOML 文件" in operator.send(operator.form(f"{ROOM}/preview"), **{"from": "file"})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "请填写这一项"),
        ({"ends_on": "有空时"}, "看不懂日期"),
        ({"ends_on": "2023-03-04"}, "开始日期晚于结束日期"),
        ({"themes": ""}, "主题不能空缺"),
        ({"units": "XF，幸福街道，村，XFL"}, "类别“村”不认识"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    operator: Visitor, desk: Desk, typed: dict[str, str], said: str
) -> None:
    page = previewed(operator, **typed)
    assert said in page
    assert "区委宣传部" in page
    assert (operator.status >= 400, opened(desk)) == (True, 0)


def test_the_board_stands_at_the_districts_door_and_sends_back(
    operator: Visitor, desk: Desk, tmp_path: Path
) -> None:
    previewed(operator)
    operator.send(operator.form(f"{ROOM}/open"))
    at = operator.url.split("?")[0].removeprefix("http://testserver")
    campaign = at.rsplit("/", 1)[1]
    path = write_table(tmp_path, [RIVER])
    report_table(desk.tried.bank, CLERK, campaign, "XFL", path, key="reports-it")
    page = operator.open(f"{at}?until=2023-03-31")
    assert "以下数字截至 2023年3月31日" in page
    assert "已报" in page
    form = operator.form(f"{at}/units/XFL/return")
    assert "请写明退回原因" in operator.send(form, what="table", reason=" ")
    page = operator.send(operator.form(f"{at}/units/XFL/return"), what="table", reason="缺地点")
    assert "退回原因：缺地点" in page
    assert "没有截止日期" in page


def test_the_file_of_all_units_is_downloaded(operator: Visitor, desk: Desk) -> None:
    previewed(operator)
    operator.send(operator.form(f"{ROOM}/open"))
    address = re.search(rf'href="({ROOM}/camp_[0-9a-f]+/package.zip)"', operator.html)
    assert address is not None
    said = operator.client.get(address[1])
    assert said.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(said.content)) as files:
        assert "XFL 幸福里 未报" in files.read("清单.txt").decode()
    campaign = address[1].split("/")[3]
    asked = f"/api/v1/campaigns/{campaign}/package.zip"
    assert desk.client("operator").get(asked).content == said.content
    assert desk.client("clerk").get(asked).status_code == 403
    assert desk.client("operator").get("/api/v1/campaigns/none/package.zip").status_code == 404


def test_only_the_operator_comes_in(visit: Visit) -> None:
    clerk = visit("clerk")
    clerk.open(f"{ROOM}/new")
    assert clerk.status == 403
