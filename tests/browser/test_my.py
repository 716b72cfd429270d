"""On the telephone: a volunteer accepts, signs in and out, loses the network; family confirms."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests.support.banks import OPERATOR, new_bank
from tests.support.clients import PIN
from tests.support.orders import CLERK, Journey
from tests.support.server import Served, serving
from timebank.orders.family import let_family_confirm
from timebank.people.actions import issue_card
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers
    from tests.support.typist import Typist

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 780}


@pytest.fixture
def journey(tmp_path: Path) -> Iterator[Journey]:
    """V0001 helps E0001, whose daughter E0002 may confirm; all three have cards."""
    with new_bank(tmp_path) as tried:
        made = Journey(tried)
        note_kinship(tried.bank, CLERK, "E0001", "E0002", Relation.CHILD, "户口簿")
        let_family_confirm(tried.bank, made.member("E0001"), "E0001", allowed=True)
        for number in ("V0001", "E0001", "E0002"):
            issue_card(tried.bank, OPERATOR, number, PIN)
        yield made


@pytest.fixture
def typist(journey: Journey, browsers: "Browsers") -> Iterator["Typist"]:
    """Somebody with a telephone of 360 x 780, in a browser without scripts."""
    from tests.support.typist import Typist

    with serving(journey.tried.bank) as served:
        context = browsers.start(java_script_enabled=False, viewport=PHONE)
        yield Typist(context.new_page(), served, journey.tried)


@pytest.fixture
def phone(journey: Journey, browsers: "Browsers") -> Iterator[tuple["Page", Served]]:
    """The same telephone with scripts."""
    with serving(journey.tried.bank) as served:
        yield browsers.start(viewport=PHONE).new_page(), served


def enter(typist: "Typist", number: str) -> None:
    typist.page.context.clear_cookies(name="timebank_session")
    typist.open("/my")
    typist.fill(card=number, pin=PIN)
    typist.enter()


def come_in(page: "Page", served: Served, number: str = "V0001") -> None:
    page.goto(served.at("/my"))
    page.fill("#card", number)
    page.fill("#pin", PIN)
    with page.expect_navigation():
        page.press("#pin", "Enter")


def details(journey: Journey) -> list[tuple[str, str]]:
    with journey.tried.bank.read() as connection:
        query = text("SELECT means, stated_at FROM order_detail ORDER BY place")
        return [tuple(row) for row in connection.execute(query)]


def test_accepted_signed_in_and_out_and_confirmed_by_the_family(
    typist: "Typist", journey: Journey
) -> None:
    journey.to("matched")
    code = journey.order().door_code
    enter(typist, "V0001")
    typist.press("我的志愿服务")
    typist.press("看这次服务 4月6日 08:00")
    typist.press("去，我接单")
    assert "您已接单，请准时上门。" in typist.text
    typist.fill(code=code)
    typist.press("签到")
    assert "已签到，服务开始。" in typist.text

    journey.tried.clock.move(timedelta(minutes=60))
    typist.page.reload()  # the session is over: the page asks, and nothing is lost
    assert "登录已过期" in typist.text
    enter(typist, "V0001")
    typist.open(f"/my/work/{journey.order_id}")
    typist.press_twice(f"form[action$='{journey.order_id}/sign_out'] button", "done=sign_out")
    assert "已签退" in typist.text
    assert "09:00 到 10:00，一共 1小时" in typist.text
    typist.press("看完了，退出")
    typist.page.go_back()
    assert "王秀兰" not in typist.text

    enter(typist, "E0002")
    typist.press("家人的服务")
    typist.press("请您确认 王＊＊ 4月6日 08:00")
    assert "成＊＊" in typist.text
    typist.press("对，服务已完成")
    assert "谢谢，您已确认。" in typist.text
    assert journey.balance("V0001") == (60, 0)

    enter(typist, "V0001")
    typist.press("我的时间明细")
    typist.press("怎么算的 2023年4月6日 帮助别人：陪我聊天")
    assert "复算：与记录一致" in typist.text


def test_an_elder_asks_and_cancels(typist: "Typist", journey: Journey) -> None:
    enter(typist, "E0001")
    typist.press("请人帮忙")
    typist.press("陪我聊天")
    typist.press("明天 4月7日 下午 14:00")
    typist.press("对，请人来")
    assert "已交给幸福里" in typist.text
    typist.press("看这次服务 4月7日 14:00")
    typist.tab_to("不要来了")
    typist.page.keyboard.press("Enter")  # opens without a script
    typist.press("改天再约")
    assert "已取消" in typist.text


def test_a_form_of_an_ended_session_changes_nothing(typist: "Typist", journey: Journey) -> None:
    journey.to("matched")
    enter(typist, "V0001")
    typist.open(f"/my/work/{journey.order_id}")
    journey.tried.clock.move(timedelta(minutes=60))
    typist.press("去，我接单")
    assert "登录已过期，请重新登录。" in typist.text
    assert journey.order().state.value == "matched"


def kept(page: "Page") -> Any:
    return page.evaluate("JSON.parse(localStorage.getItem('timebank-sign-outs') ?? '{}')")


def out(page: "Page") -> None:
    page.click("form[data-sign-out] button")


def lose_network(page: "Page", journey: Journey) -> dict[str, Any]:
    """Presses without network, ten minutes in; answers what the browser kept."""
    page.context.set_offline(True)
    out(page)
    page.locator("[data-kept]").wait_for()
    found: dict[str, Any] = kept(page)
    (order,) = found
    assert order == journey.order_id
    assert sorted(found[order]) == ["at", "key", "since"]
    return found


def at_the_visit(phone: tuple["Page", Served], journey: Journey) -> "Page":
    page, served = phone
    journey.to("signed_in")
    come_in(page, served)
    page.goto(served.at(f"/my/work/{journey.order_id}"))
    return page


def test_signing_out_with_network_keeps_nothing(
    phone: tuple["Page", Served], journey: Journey
) -> None:
    page = at_the_visit(phone, journey)
    page.fill("#code", journey.order().door_code)
    with page.expect_navigation():
        out(page)
    assert "已签退" in page.inner_text("body")
    assert kept(page) == {}
    assert details(journey)[-1] == ("code", "")


def test_a_sign_out_without_network_is_sent_when_it_is_back(
    phone: tuple["Page", Served], journey: Journey
) -> None:
    page = at_the_visit(phone, journey)
    page.fill("#code", journey.order().door_code)
    lose_network(page, journey)
    assert "没有网络。签退时间已记在这部手机上" in page.inner_text("body")
    assert "09:00" in page.inner_text("[data-kept]")
    assert journey.order().state.value == "signed_in"
    journey.tried.clock.move(timedelta(minutes=1))
    with page.expect_navigation(url="**/my/work/*done=sign_out"):
        page.context.set_offline(False)
    assert journey.order().signed_out_at == f"{journey.day}T09:00"
    assert details(journey)[-1] == ("word", f"{journey.day}T09:00")
    assert kept(page) == {}


def test_a_kept_sign_out_waits_for_the_volunteer_and_for_nobody_else(
    phone: tuple["Page", Served], journey: Journey
) -> None:
    page = at_the_visit(phone, journey)
    lose_network(page, journey)
    page.context.clear_cookies(name="timebank_session")
    with page.expect_response("**/my?note=lapsed"):
        page.context.set_offline(False)
    assert list(kept(page)) == [journey.order_id]
    with page.expect_response("**/sign_out") as refused:
        come_in(page, phone[1], "E0002")
    assert refused.value.status == 404
    assert list(kept(page)) == [journey.order_id]
    assert journey.order().state.value == "signed_in"
    page.context.clear_cookies(name="timebank_session")
    come_in(page, phone[1])
    page.wait_for_url("**/my/work/*done=sign_out")
    assert journey.order().signed_out_at == f"{journey.day}T09:00"
    assert kept(page) == {}


def test_the_station_was_faster(phone: tuple["Page", Served], journey: Journey) -> None:
    page = at_the_visit(phone, journey)
    lose_network(page, journey)
    journey.step("sign_out", CLERK, at="08:50")
    with page.expect_navigation(url=f"**/my/work/{journey.order_id}"):
        page.context.set_offline(False)
    assert "已签退，等对方确认" in page.inner_text("body")
    assert journey.order().signed_out_at == f"{journey.day}T08:50"
    assert kept(page) == {}


def test_a_wrong_code_is_told_and_nothing_is_sent_behind_ones_back(
    phone: tuple["Page", Served], journey: Journey
) -> None:
    page = at_the_visit(phone, journey)
    wrong = "0001" if journey.order().door_code == "0000" else "0000"
    page.fill("#code", wrong)
    with page.expect_navigation():
        out(page)
    assert "未通过" in page.inner_text("body")
    assert kept(page) == {}
    assert journey.order().state.value == "signed_in"
    with page.expect_navigation():
        out(page)
    assert details(journey)[-1] == ("word", "")


def test_where_nothing_can_be_kept_the_form_is_sent_as_any_other(
    phone: tuple["Page", Served], journey: Journey
) -> None:
    page, served = phone
    page.add_init_script(
        "Object.defineProperty(globalThis, 'localStorage', {get() { throw new Error('off'); }})"
    )
    journey.to("signed_in")
    come_in(page, served)
    page.goto(served.at(f"/my/work/{journey.order_id}"))
    with page.expect_navigation():
        out(page)
    assert "已签退" in page.inner_text("body")
