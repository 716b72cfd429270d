"""An elder at the kiosk, by keyboard and without scripts: asks, is visited, confirms, gives."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.givers import TRANSFER, Givers, givers_with
from tests.support.server import serving
from timebank.people.actions import issue_card

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers
    from tests.support.typist import Typist

pytestmark = pytest.mark.browser

# What a Chinese voice would be, in a browser that has none: what is spoken is written down.
VOICES = """
class Spoken extends EventTarget { constructor(text) { super(); this.text = text; } }
const said = [], asked = {cancelled: 0};
globalThis.said = said;
globalThis.SpeechSynthesisUtterance = Spoken;
const voices = %s;
Object.defineProperty(globalThis, "speechSynthesis", {value: Object.assign(new EventTarget(), {
  getVoices: () => voices,
  speak: (one) => said.push([one.text, one.voice ? one.voice.name : ""]),
  cancel: () => { asked.cancelled += 1; },
})});
"""
CHINESE = '[{name: "far", lang: "zh-CN", localService: false}, {name: "near", lang: "zh-CN", localService: true}]'  # noqa: E501
ENGLISH = '[{name: "near", lang: "en-US", localService: true}]'


@pytest.fixture
def givers(tmp_path: Path) -> Iterator[Givers]:
    """王建国 (V0001, with a card and 300 minutes) and his wife; V0002 helps."""
    with givers_with(tmp_path, TRANSFER) as made:
        issue_card(made.tried.bank, OPERATOR, "V0001", PIN)
        yield made


@pytest.fixture
def typist(givers: Givers, browsers: "Browsers") -> Iterator["Typist"]:
    """Somebody without a mouse, in a browser without scripts."""
    from tests.support.typist import Typist

    with serving(givers.tried.bank) as served:
        context = browsers.start(java_script_enabled=False)
        yield Typist(context.new_page(), served, givers.tried)


def enter(typist: "Typist") -> None:
    typist.open("/kiosk")
    typist.fill(card="V0001", pin=PIN)
    typist.enter()


def of_orders(givers: Givers, column: str) -> list[object]:
    with givers.tried.bank.read() as connection:
        query = text(f"SELECT {column} FROM service_order ORDER BY number")  # ours
        return [row[0] for row in connection.execute(query)]


def lead_on(typist: "Typist", *steps: tuple[str, dict[str, str]]) -> None:
    """The clerk takes steps of the newest order, at the station's own page."""
    typist.page.context.clear_cookies(name="timebank_session")
    typist.sign_in("station", "clerk-XFL")
    typist.open("/station/orders")
    typist.page.locator("a[href^='/station/orders/ordr_']").first.click()
    for step, typed in steps:
        # Of a match the form in which a number is typed, not those beside who suits.
        form = typist.page.locator(f"form[action$='/steps/{step}']").last
        for name, said in typed.items():
            form.locator(f"[name={name}]").fill(said)
        with typist.page.expect_navigation():
            form.locator("button").click()
        assert "已办理" in typist.text


def test_from_the_wish_to_the_face(typist: "Typist", givers: Givers) -> None:
    enter(typist)
    assert "您现在有5小时，可以请人陪伴5次，每次1小时。" in typist.text

    typist.press("请人帮忙")
    typist.press("陪我聊天")
    typist.press("今天4月6日上午10:00")
    assert "4月6日 周四 10:00" in typist.text
    typist.press("对，请人来")
    assert "已交给幸福里，安排好了会告诉您。" in typist.text

    match = ("match", {"volunteer": "V0002"})
    lead_on(typist, ("vet", {}), ("publish", {}), match, ("accept", {}))

    enter(typist)
    assert "4月6日 陪我聊天：1小时" in typist.text  # what the held hour is for
    typist.press("我的预约")
    assert "志愿者答应来了：成员V0002" in typist.text
    (code,) = of_orders(givers, "door_code")
    assert str(code) in typist.text

    givers.tried.clock.move(timedelta(hours=2))  # 11:00
    came = ("sign_in", {"code": str(code), "start": "10:00"})
    lead_on(typist, came, ("sign_out", {"end": "11:00"}))

    enter(typist)
    typist.press("有1次服务结束了，请您确认。")
    assert "一共 1小时（一小时）" in typist.text
    typist.press("对，服务已完成")
    assert "谢谢，您已确认。" in typist.text
    assert givers.balance("V0001") == (240, 0)
    typist.press("非常满意")
    assert "谢谢您的评价。" in typist.text
    assert of_orders(givers, "stars") == [5]

    typist.press("回到我的预约")
    assert "成＊＊" in typist.text
    assert "10:00–11:00" in typist.text
    typist.press("回到我的时间")
    assert "请人帮忙：陪我聊天" in typist.text
    typist.press("看完了，退出")
    typist.page.go_back()
    assert "王建国" not in typist.text
    assert str(code) not in typist.text


def test_a_double_click_asks_once(typist: "Typist", givers: Givers) -> None:
    enter(typist)
    typist.open("/kiosk/ask?what=meals&on=2023-04-07&at=14:00")
    typist.press_twice("form[action='/kiosk/ask'] button", "/kiosk/visits?done=")
    assert len(of_orders(givers, "number")) == 1


def test_not_right_in_two_touches(typist: "Typist", givers: Givers) -> None:
    enter(typist)
    typist.open("/kiosk/ask?what=meals&on=2023-04-06&at=10:00")
    typist.press("对，请人来")
    givers.tried.clock.move(timedelta(hours=2))
    match = ("match", {"volunteer": "V0002"})
    came = ("sign_in", {"start": "10:00", "reason": "志愿者电话报到"})
    left = ("sign_out", {"end": "11:00"})
    lead_on(typist, ("vet", {}), ("publish", {}), match, ("accept", {}), came, left)
    enter(typist)
    typist.press("有1次服务结束了，请您确认。")
    typist.tab_to("不对")
    typist.page.keyboard.press("Enter")  # opens without a script
    typist.press("没有人来过")
    assert "已告诉站点，工作人员会联系您。" in typist.text
    assert givers.balance("V0001") == (300, 60)  # nothing is charged by doubt
    assert of_orders(givers, "state") == ["disputed"]


def test_a_gift_and_undone(typist: "Typist", givers: Givers) -> None:
    enter(typist)
    typist.press("送给家人")
    typist.press("1小时老伴王＊＊")
    assert "送给老伴 王＊＊：1小时" in typist.text
    typist.press("对，送出")
    assert "09:10 以前可以撤销" in typist.text
    assert givers.balance("V0001") == (300, 60)
    typist.press("撤销送给老伴王＊＊：1小时")
    assert "已撤销，时间回到您这里。" in typist.text
    assert givers.balance("V0001") == (300, 0)
    typist.page.go_back()
    typist.page.reload()
    assert givers.balance("V0001") == (300, 0)


def test_a_gift_settles_when_the_ten_minutes_are_over(typist: "Typist", givers: Givers) -> None:
    enter(typist)
    typist.open("/kiosk/gift?to=1&minutes=60")
    typist.press_twice("form[action='/kiosk/gifts'] button", "/kiosk/account?done=")
    givers.tried.clock.move(timedelta(minutes=9, seconds=59))
    givers.settle()
    assert givers.balance("E0001") == (0, 0)
    givers.tried.clock.move(timedelta(seconds=1))
    givers.settle()
    assert givers.balance("E0001") == (60, 0)
    assert givers.balance("V0001") == (240, 0)
    enter(typist)
    assert "送给别人" in typist.text
    assert "撤销" not in typist.text


def test_a_donation_is_one_touch_and_undone_by_another(typist: "Typist", givers: Givers) -> None:
    enter(typist)
    typist.press("送给家人")
    typist.press("捐 1小时")
    assert "捐给公共池：1小时" in typist.text
    typist.press("撤销捐给公共池：1小时")
    assert givers.balance("V0001") == (300, 0)


def test_a_card_reader_types_the_number_and_enter(typist: "Typist") -> None:
    typist.open("/kiosk")
    typist.page.locator("#card:focus").wait_for()
    typist.page.keyboard.type("V0001")
    typist.page.keyboard.press("Enter")  # the browser itself asks for what is missing
    assert typist.focus()["name"] == "pin"
    typist.page.keyboard.type(PIN)
    typist.enter()
    assert "王建国，您好" in typist.text


def test_help_is_seen_at_the_station(typist: "Typist") -> None:
    enter(typist)
    typist.press("叫工作人员")
    assert "已经告诉工作人员" in typist.text
    typist.press("返回")
    assert "王建国，您好" in typist.text
    typist.page.context.clear_cookies(name="timebank_session")
    typist.sign_in("station", "clerk-XFL")
    assert "自助终端有人求助：王＊＊，09:00" in typist.text
    typist.press("我去帮助")
    assert "有人求助" not in typist.text


def test_larger_type_is_a_touch_and_leaves_with_whoever_chose_it(typist: "Typist") -> None:
    enter(typist)
    size = "getComputedStyle(document.body).fontSize"
    for wanted, pixels in (("更大", "30px"), ("最大", "36px"), ("大字", "24px"), ("最大", "36px")):
        typist.press(wanted)
        assert typist.page.evaluate(size) == pixels
        assert "王建国，您好" in typist.text
    typist.press("看完了，退出")
    typist.open("/kiosk")
    assert typist.page.evaluate(size) == "24px"


def with_voices(browsers: "Browsers", address: str, voices: str) -> "Page":
    """A signed-in page in a browser that has these voices."""
    page = browsers.start().new_page()
    page.add_init_script(VOICES % voices)
    page.goto(f"{address}/kiosk")
    page.fill("#card", "V0001")
    page.fill("#pin", PIN)
    with page.expect_navigation():
        page.press("#pin", "Enter")
    return page


def test_reading_aloud_waits_for_a_touch_and_keeps_to_this_machines_voice(
    givers: Givers, browsers: "Browsers"
) -> None:
    with serving(givers.tried.bank) as served:
        page = with_voices(browsers, served.address, CHINESE)
        assert page.evaluate("said") == []
        page.click("text=朗读")
        spoken = page.evaluate("said")
        assert ["您现在有5小时，可以请人陪伴5次，每次1小时。", "near"] in spoken
        assert {voice for _text, voice in spoken[:-1]} == {"near"}
        assert page.inner_text("[data-aloud]") == "停止朗读"
        page.click("[data-aloud]")
        assert page.inner_text("[data-aloud]") == "朗读"

        page.goto(f"{served.address}/kiosk/gift")
        page.click("text=朗读")
        assert "老伴 王某" in [text for text, _voice in page.evaluate("said")]


@pytest.mark.parametrize("voices", ["[]", ENGLISH])
def test_no_button_without_a_chinese_voice(
    givers: Givers, browsers: "Browsers", voices: str
) -> None:
    with serving(givers.tried.bank) as served:
        page = with_voices(browsers, served.address, voices)
        assert not page.is_visible("[data-aloud]")
        assert page.is_visible("[data-print]")


@pytest.mark.parametrize("path", ["/kiosk/account", "/kiosk/visits"])
@pytest.mark.parametrize("wide_mm", [58, 80, 210])
def test_paper_of_every_width_has_the_words_and_no_button(
    givers: Givers, browsers: "Browsers", wide_mm: int, path: str
) -> None:
    with serving(givers.tried.bank) as served:
        page = with_voices(browsers, served.address, "[]")
        page.goto(served.at(path))
        page.emulate_media(media="print")
        page.set_viewport_size({"width": round((wide_mm - 6) / 25.4 * 96), "height": 1000})
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        printed = page.inner_text("body")
        assert "退出" not in printed
        assert "叫工作人员" not in printed
        if path == "/kiosk/account":
            assert "5小时" in printed
            assert "打印于 2023-04-06 09:00" in printed
        seen = page.evaluate(
            "[...document.querySelectorAll('button, form, nav')]"
            ".filter((one) => one.getBoundingClientRect().height > 0).length"
        )
        assert seen == 0
