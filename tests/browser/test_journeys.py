"""What people do at each door: by keyboard alone, in a browser without scripts."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import timebank.demo
from ledger.balances import balance_of
from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.openings import write_list
from timebank.people.accesses import look

if TYPE_CHECKING:
    from tests.support.typist import Typist

pytestmark = pytest.mark.browser

REGISTER = Path(timebank.demo.__file__).parent / "happiness_lane" / "register.xlsx"
SERVICE = {
    "volunteer": "V0001",
    "recipient": "E0001",
    "date": "4月5日",
    "start": "8:30",
    "end": "10:00",
    "content": "陪伴聊天",
}


def posted(typist: "Typist") -> int:
    with typist.tried.bank.read() as connection:
        found = balance_of(connection, typist.tried.account("V0001"))
    assert found is not None
    return found.posted


def test_an_elder_reads_the_balance_and_leaves_nothing(typist: "Typist") -> None:
    typist.tried.issue("V0001", 750)
    typist.open("/")
    typist.press("我的时间凭卡号和密码查看自己有多少时间、谁来服务过。")
    assert typist.focus()["name"] == "card"  # no key is needed to begin
    typist.fill(card="v0001", pin=PIN)
    typist.enter()

    assert "您现在有 12小时30分钟" in typist.text.replace("\n", " ")
    assert "十二小时三十分钟" in typist.text

    typist.press("看完了，退出")
    assert "屏幕上不留任何信息" in typist.text
    typist.page.go_back()
    assert "您现在有" not in typist.text
    assert typist.page.input_value("#card") == ""


def test_an_elder_reads_who_looked_within_two_touches(typist: "Typist") -> None:
    look(typist.tried.bank, OPERATOR, "V0001", "家属来电")
    typist.open("/kiosk")
    typist.fill(card="V0001", pin=PIN)
    typist.enter()
    typist.press("谁看过我的资料")
    assert "区级管理员" in typist.text
    assert "写明的原因：家属来电" in typist.text
    typist.press("看完了，退出")
    typist.page.go_back()
    assert "家属来电" not in typist.text


def test_a_wrong_pin_says_little_and_keeps_nothing(typist: "Typist") -> None:
    typist.open("/kiosk")
    typist.fill(card="V0001", pin="111111")
    typist.enter()
    assert "卡号与密码不符" in typist.text
    assert typist.page.input_value("#card") == ""
    assert typist.page.input_value("#pin") == ""
    assert typist.focus()["name"] == "card"


def test_a_kiosk_left_alone_forgets(typist: "Typist") -> None:
    typist.open("/kiosk")
    typist.fill(card="V0001", pin=PIN)
    typist.enter()
    typist.tried.clock.move(timedelta(minutes=3))
    typist.page.reload()
    assert "已为您自动退出" in typist.text


def test_a_clerk_logs_a_service_and_mends_a_mistake(typist: "Typist") -> None:
    typist.sign_in("station", "clerk-XFL")
    assert typist.focus()["name"] == "volunteer"
    typist.fill(**SERVICE | {"volunteer": "V0009"})
    typist.enter()

    assert posted(typist) == 0
    assert "尚未登记" in typist.page.inner_text("#volunteer-wrong")
    assert typist.focus()["name"] == "volunteer"  # the faulty field, and all else was kept
    assert typist.page.input_value("#content") == "陪伴聊天"

    typist.fill(volunteer="V0001")
    typist.press("登记")
    assert "已登记并入账：成＊＊（V0001），1小时30分钟。" in typist.text
    assert "1 次，服务时间共 1小时30分钟" in typist.text
    assert posted(typist) == 90


def test_back_and_again_logs_once(typist: "Typist") -> None:
    typist.sign_in("station", "clerk-XFL")
    typist.fill(**SERVICE)
    typist.enter()
    typist.page.go_back()
    typist.fill(**SERVICE)
    typist.enter()
    assert posted(typist) == 90
    typist.page.reload()
    assert posted(typist) == 90


def test_a_double_click_logs_once(typist: "Typist") -> None:
    typist.sign_in("station", "clerk-XFL")
    typist.fill(**SERVICE)
    typist.press_twice("form[action='/station/services'] button", "/station?done=")
    assert posted(typist) == 90


def test_two_tabs_are_two_attempts_of_one_service(typist: "Typist") -> None:
    """The second tab has a key of its own; the service itself is known by who and when."""
    typist.sign_in("station", "clerk-XFL")
    other = typist.page.context.new_page()
    other.goto(typist.served.at("/station"))
    typist.fill(**SERVICE)
    typist.enter()
    for name, text in SERVICE.items():
        other.fill(f"#{name}", text)
    with other.expect_navigation():
        other.press("#content", "Enter")
    assert "重复" in other.inner_text(".refusal")
    assert posted(typist) == 90


@pytest.mark.parametrize("tried", ["two_people"], indirect=True)
def test_a_second_person_sends_back_and_approves(typist: "Typist") -> None:
    typist.sign_in("station", "clerk-XFL")
    typist.fill(**SERVICE)
    typist.enter()
    assert "等待另一人复核" in typist.text
    typist.press("退出")

    typist.sign_in("station", "reviewer-XFL")
    typist.press("待复核")
    typist.tab_to("要退回修改 序号 1")
    typist.page.keyboard.press("Enter")
    typist.press("退回修改")
    assert "退回时要写明原因" in typist.text
    assert typist.focus()["id"] == "reason-1"
    assert posted(typist) == 0

    typist.press("通过并入账 序号 1")
    assert "第 1 号记录已通过并入账" in typist.text
    assert posted(typist) == 90


def test_a_clerk_hands_in_a_register(typist: "Typist") -> None:
    typist.sign_in("station", "clerk-XFL")
    typist.press("导入台账")
    typist.page.set_input_files("#file", REGISTER)  # the system's own dialogue needs hands
    typist.press("上传")
    assert "什么也没有写入" in typist.text
    assert "台账自己的合计" in typist.text
    assert typist.page.locator("tbody tr").count() > 100  # nobody of this register is known

    with typist.page.expect_download() as download:
        typist.tab_to("下载退回表（改好后直接再上传）")
        typist.page.keyboard.press("Enter")
    assert download.value.suggested_filename == "register-退回.xlsx"


def test_an_auditor_reads_a_statement_and_takes_it_along(typist: "Typist") -> None:
    typist.tried.issue("V0001", 90)
    typist.sign_in("audit", "auditor")
    typist.fill(account="V0001")
    typist.enter()
    assert "期初" in typist.text
    assert "1小时30分钟" in typist.text
    with typist.page.expect_download() as download:
        typist.tab_to("下载 CSV")
        typist.page.keyboard.press("Enter")
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[-1].endswith(",90,,0")


def test_an_operator_looks_around(typist: "Typist") -> None:
    typist.sign_in("operator", "operator")
    assert "没有未处理的问题" in typist.text
    typist.press("定时任务")
    assert "还没有运行过任务" in typist.text
    typist.press("站点和人员")
    assert "幸福里" in typist.text


def test_an_expired_session_asks_to_sign_in_again(typist: "Typist") -> None:
    typist.sign_in("station", "clerk-XFL")
    typist.fill(**SERVICE)
    typist.tried.clock.move(timedelta(minutes=typist.tried.bank.settings.session_minutes))
    typist.enter()
    assert "登录已过期" in typist.text
    assert posted(typist) == 0


def test_the_language_is_changed_by_keyboard(typist: "Typist") -> None:
    typist.open("/kiosk")
    typist.press("English")
    assert "Show your card" in typist.text
    assert typist.page.get_attribute("html", "lang") == "en"
    typist.press("中文")
    assert typist.page.get_attribute("html", "lang") == "zh-Hans"


def test_a_clerk_brings_an_older_passbook_in_and_another_person_posts_it(
    typist: "Typist", tmp_path: Path
) -> None:
    path = write_list(tmp_path, [("V0001", "", "存折 0071 第 12 页", "2.5", "2022-12-31")])
    typist.sign_in("station", "clerk-XFL")
    typist.press("旧时间本")
    typist.page.locator("#file:focus").wait_for()
    typist.page.set_input_files("#file", path)
    typist.press("先检查")
    typist.press("提交 1 行，等本人确认")
    typist.tab_to("slip-1")
    typist.page.keyboard.insert_text("A1B2C3-1")
    typist.enter()
    assert "等待另一人复核" in typist.text
    assert posted(typist) == 0

    typist.press("退出")
    typist.sign_in("station", "reviewer-XFL")
    typist.press("旧时间本")
    with typist.page.expect_navigation():
        typist.page.locator("a[href^='/station/openings/opnl_']").press("Enter")
    typist.press("复核入账（1 行）")
    assert posted(typist) == 150
