"""api/pages/openings.py and own_openings.py: from the check to the third person."""

import re
from pathlib import Path

import pytest

from ledger.book import read_head
from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.openings import PAGE, ROWS, write_list
from tests.support.visitors import Visitor
from timebank.people.actions import issue_card

ROOM = "/station/openings"
LIST = [("V0001", "", PAGE, "2.5", "2022-12-31"), ROWS[1], ("V0009", "", "4", "1", "2022-12-31")]


@pytest.fixture
def clerk(visit):
    return visit("clerk")


def check(visitor, folder: Path, rows=LIST, **fields):
    path = write_list(folder, rows)
    visitor.open(ROOM)
    return visitor.send(
        visitor.form(ROOM), files={"file": (path.name, path.read_bytes())}, **fields
    )


def submitted(visitor, folder: Path, rows=LIST) -> str:
    check(visitor, folder, rows)
    visitor.send(visitor.form(f"{ROOM}/check/"))
    return re.search(r"opnl_[0-9a-f]{32}", visitor.url)[0]


def slip_fields(html: str) -> list[str]:
    return re.findall(r'name="(slip-opng_[0-9a-f]+)"', html)


def confirm(visitor, batch: str, *slips: str) -> str:
    visitor.open(f"{ROOM}/{batch}")
    fields = dict(zip(slip_fields(visitor.html), slips, strict=False))
    return visitor.send(visitor.form(f"{ROOM}/{batch}/confirmations"), **fields)


def test_a_check_shows_both_sides_and_writes_nothing(clerk, desk, tmp_path):
    before = read_head(desk.tried.bank.database).size

    page = check(clerk, tmp_path)

    assert (clerk.status, "什么也没有写入" in page) == (200, True)
    assert "第4行：“姓名或编号”里的“V0009”没有登记这个编号" in page
    assert PAGE in page
    assert "提交 2 行，等本人确认" in page
    assert read_head(desk.tried.bank.database).size == before


def test_from_the_check_to_the_third_person(clerk, visit, tmp_path):
    batch = submitted(clerk, tmp_path)
    assert "名单已提交" in clerk.html
    assert clerk.html.count("待本人确认</span>") == 2
    assert "还没有" not in clerk.open(ROOM)

    slips = clerk.open(f"{ROOM}/{batch}/slips")
    numbers = re.findall(r"<strong>([0-9A-F]{6}-\d)</strong>", slips)
    assert len(numbers) == 2
    assert "2小时30分钟（两小时三十分钟）" in slips
    assert "成＊＊（V0001）" in slips

    assert "至少填写一个" in confirm(clerk, batch)
    assert "本人确认已登记" in confirm(clerk, batch, numbers[0])
    assert "复核入账" not in clerk.html
    reviewer = visit("reviewer")
    reviewer.open(f"{ROOM}/{batch}")
    page = reviewer.send(reviewer.form(f"{ROOM}/{batch}/approval"))
    assert "已确认的行已入账" in page
    assert "确认单 " + numbers[0] in page
    assert "入账 2小时30分钟" in page


def test_whoever_submitted_or_confirmed_does_not_approve(visit, tmp_path):
    operator, reviewer = visit("operator"), visit("reviewer")
    batch = submitted(operator, tmp_path)
    confirm(reviewer, batch, "S-1")

    assert "由您提交，请另一人复核" in operator.open(f"{ROOM}/{batch}")
    reviewer.open(f"{ROOM}/{batch}")
    refused = reviewer.send(reviewer.form(f"{ROOM}/{batch}/approval"))
    assert reviewer.status == 403
    assert "须由另一人复核" in refused


def test_what_was_confirmed_by_the_approver_is_left(visit, clerk, tmp_path):
    reviewer = visit("reviewer")
    batch = submitted(clerk, tmp_path)
    confirm(clerk, batch, "S-1")
    confirm(reviewer, batch, "S-2")

    reviewer.open(f"{ROOM}/{batch}")
    page = reviewer.send(reviewer.form(f"{ROOM}/{batch}/approval"))
    assert "有些行没有入账" in page
    assert page.count("已入账</span>") == 1


def test_a_row_goes_back_and_a_posted_one_is_reversed(visit, clerk, tmp_path):
    batch = submitted(clerk, tmp_path)
    confirm(clerk, batch, "S-1")
    reviewer = visit("reviewer")
    reviewer.open(f"{ROOM}/{batch}")
    reviewer.send(reviewer.form(f"{ROOM}/{batch}/approval"))
    rows = f"{ROOM}/{batch}/rows/"

    assert "请写明原因" in reviewer.send(reviewer.form(rows), decision="reverse")
    assert reviewer.status == 422
    page = reviewer.send(reviewer.form(rows), decision="reverse", reason="登记有误")
    assert "这一行已冲销" in page
    assert "原因：登记有误" in page
    clerk.open(f"{ROOM}/{batch}?state=awaiting_holder")
    assert "这一行已退回" in clerk.send(clerk.form(rows), decision="return", reason="页码不符")
    assert "没有这样的行" in clerk.open(f"{ROOM}/{batch}?state=awaiting_holder")
    assert "没有等待本人确认的行" in clerk.open(f"{ROOM}/{batch}/slips")


def test_a_wrong_slip_comes_back_with_what_was_typed(clerk, tmp_path):
    batch = submitted(clerk, tmp_path)

    page = confirm(clerk, batch, "13800001234")

    assert clerk.status == 422
    assert "不要写身份证号或电话" in page
    assert 'value="13800001234"' in page


def test_a_long_list_is_shown_in_parts(clerk, tmp_path):
    rows = [("V0001", "", f"第{at}页", "1", "2022-12-31") for at in range(21)]
    batch = submitted(clerk, tmp_path, rows)

    assert len(slip_fields(clerk.html)) == 20
    assert f"{batch}?state=&amp;after=20" in clerk.html
    rest = clerk.open(f"{ROOM}/{batch}?after=20")
    assert len(slip_fields(rest)) == 1
    confirm(clerk, batch, *(f"S-{at}" for at in range(20)))
    assert clerk.html.count("待复核</span>") == 20
    assert clerk.open(f"{ROOM}/{batch}/slips").count("opening-slip-no") == 1


def test_what_cannot_be_checked_is_said_at_the_file(clerk, tmp_path):
    clerk.open(ROOM)
    assert "请选择名单文件" in clerk.send(clerk.form(ROOM))
    assert clerk.status == 422
    page = check(clerk, tmp_path, [])
    assert clerk.status == 422
    assert 'id="file-wrong"' in page
    refused = check(clerk, tmp_path, [LIST[2]])
    assert "没有可提交的行" in refused


def test_a_check_is_its_makers_and_lasts_a_while(clerk, visit, desk, tmp_path):
    check(clerk, tmp_path)
    address = clerk.url
    other = visit("operator")
    other.open(address)
    assert (other.status, "检查结果已不在" in other.html) == (404, True)
    form = clerk.form(f"{ROOM}/check/")
    form.action = f"{ROOM}/check/none"
    assert "检查结果已不在" in clerk.send(form)


def test_a_list_of_another_station_or_none_is_not_shown(clerk, visit):
    clerk.open(f"{ROOM}/opnl_none")
    assert clerk.status == 404
    auditor = visit("auditor")
    auditor.open(ROOM)
    assert auditor.status == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_member_confirms_at_the_kiosk(clerk, desk, tmp_path, language):
    batch = submitted(clerk, tmp_path)
    issue_card(desk.tried.bank, OPERATOR, "V0001", PIN)
    member = Visitor(desk)
    member.client.cookies.set("timebank_language", language)
    member.open("/kiosk")
    page = member.send(member.form("/kiosk/sign-in"), card="V0001", pin=PIN)
    assert 'href="/kiosk/openings"' in page
    assert PAGE in member.open("/kiosk/openings")
    form = member.form("/kiosk/openings")
    done = member.send(form)
    assert ("已确认" in done) == (language == "zh")
    assert member.send(form).count('role="alert"') == 0
    other = member.form("/kiosk/sign-out")
    other.action = "/kiosk/openings"
    assert "opng_none" in member.send(other, opening="opng_none")
    assert member.status == 404
    assert "/kiosk/openings" not in member.open("/kiosk/account")
    assert clerk.open(f"{ROOM}/{batch}").count("本人在终端机确认") == 1
