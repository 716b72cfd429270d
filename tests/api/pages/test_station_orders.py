"""api/pages/station_orders.py: a clerk leads an order at the counter, without a script."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.clients import Desk
from tests.support.orders import CLERK, OTHER_CLERK, Journey
from tests.support.visitors import Visitor, forms_of
from timebank.orders.presence import scanned_text

WISH = {
    "recipient": "E0001",
    "content": "companionship",
    "date": "4月6日",
    "start": "上午8点",
    "duration": "60",
    "channel": "telephone",
    "assistant": "柜台小李",
    "payer": "elder",
    "need": "陪聊天",
    "place": "3号楼201",
}
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def journey(desk: Desk) -> Journey:
    return Journey(desk.tried)


def ask(visitor: Visitor, **changed: str) -> str:
    visitor.open("/station/orders")
    form = next(one for one in forms_of(visitor.html) if "recipient" in one.fields)
    return visitor.send(form, **WISH | changed)


def step(visitor: Visitor, journey: Journey, name: str, **typed: Any) -> str:
    address = f"/station/orders/{journey.order_id}"
    visitor.open(address)
    return visitor.send(visitor.form(f"{address}/steps/{name}"), **typed)


def test_a_wish_is_taken_down_and_stands_on_the_board(desk: Desk, journey: Journey) -> None:
    page = ask(Visitor(desk, "clerk"))
    assert "已登记为第 1 号订单。" in page
    assert "王＊＊ E0001" in page
    assert "待审核" in page
    assert "王秀兰" not in page


def test_an_order_is_led_at_the_counter_to_posted_credit(desk: Desk, journey: Journey) -> None:
    clerk, reviewer = Visitor(desk, "clerk"), Visitor(desk, "reviewer")
    journey.ask()
    for name in ("vet", "publish"):
        step(clerk, journey, name)
    assert "已预留" in step(clerk, journey, "match", volunteer="V0001")
    step(clerk, journey, "accept")
    slip = clerk.open(f"/station/orders/{journey.order_id}/slip")
    code = journey.order().door_code
    assert slip.count(f">{code}<") == 1
    assert "王秀兰 E0001" in slip
    assert "陪聊天" in slip
    step(clerk, journey, "sign_in", code=code, start="8:00")
    assert "08:00 至 08:50" in step(clerk, journey, "sign_out", end="8:50")
    page = step(clerk, journey, "confirm")
    assert "办理签退的人不能确认同一次服务（1）" in page
    page = step(reviewer, journey, "confirm", duration="45")
    assert "已入账" in page
    assert "经办人 代志愿者签到（上门码，设备时间 4月6日 08:00，这时才传到）。" in page
    assert "复核人 代老人确认服务已完成（站点核实）。" in page
    assert "已入账，志愿者记 45分钟。" in page
    assert (journey.balance("E0001"), journey.balance("V0001")) == ((255, 0), (45, 0))
    assert "非常满意" in step(clerk, journey, "rate", stars="5")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"recipient": ""}, "没有填写"),
        ({"recipient": "E0999"}, "尚未登记"),
        ({"date": "4月5日"}, "早于今天"),
        ({"date": "下次"}, "无法识别"),
        ({"start": "早上"}, "无法识别"),
        ({"duration": "0"}, "内容无效"),
        ({"duration": "1441"}, "内容无效"),
        ({"duration": ""}, "没有填写"),
        ({"assistant": ""}, "必须写明登记人"),
    ],
    ids=str,
)
def test_a_wish_that_is_refused_comes_back_with_what_was_typed(
    desk: Desk, journey: Journey, changed: dict[str, str], said: str
) -> None:
    clerk = Visitor(desk, "clerk")
    page = ask(clerk, need=NASTY, **changed)
    assert clerk.status in (404, 409, 422)
    assert said in page
    assert NASTY not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize(
    ("state", "name", "typed", "said"),
    [
        ("published", "match", {"volunteer": ""}, "没有填写"),
        ("published", "match", {"volunteer": "E0002"}, "没有登记为志愿者"),
        ("accepted", "sign_in", {"code": "99999"}, "上门码不对"),
        ("accepted", "sign_in", {}, "没有填写"),
        ("accepted", "cancel", {}, "没有填写"),
        ("signed_in", "sign_out", {"end": "7:00"}, "必须晚于"),
        ("signed_in", "sign_out", {"end": "很晚"}, "无法识别"),
        ("awaiting_confirmation", "confirm", {"duration": "61"}, "不能确认"),
        ("disputed", "", {}, ""),
    ],
    ids=str,
)
def test_a_step_that_is_refused_says_why_beside_its_field(
    desk: Desk, journey: Journey, state: str, name: str, typed: dict[str, str], said: str
) -> None:
    if state == "disputed":
        journey.to("awaiting_confirmation").step("dispute", reason="人没有来")
        page = Visitor(desk, "clerk").open(f"/station/orders/{journey.order_id}")
        assert "这个订单没有要您办理的事了。" in page
        return
    journey.to(state)
    who = "reviewer" if name == "confirm" else "clerk"
    page = step(Visitor(desk, who), journey, name, **typed)
    assert said in page
    assert journey.order().state.value == state


def test_whoever_has_no_hours_is_not_turned_away(desk: Desk) -> None:
    journey = Journey(desk.tried, saved=0).to("published")
    clerk = Visitor(desk, "clerk")
    page = step(clerk, journey, "match", volunteer="V0001")
    assert "可以改由专项资金、公共池出，或按公益服务办理。" in page
    page = step(clerk, journey, "match", volunteer="V0001", payer="nobody")
    assert "公益服务（不扣时间）" in page
    assert journey.order().state.value == "matched"


def test_the_same_form_sent_twice_takes_the_step_once(desk: Desk, journey: Journey) -> None:
    journey.to("published")
    clerk, address = Visitor(desk, "clerk"), f"/station/orders/{journey.order_id}"
    clerk.open(address)
    form = clerk.form(f"{address}/steps/match")
    for _twice in range(2):
        page = clerk.send(form, volunteer="V0001")
        assert "已办理：匹配志愿者。" in page
    assert journey.balance("E0001") == (300, 60)


def test_the_history_reads_as_sentences_in_both_languages(desk: Desk, journey: Journey) -> None:
    journey.to("accepted")
    journey.step("decline", journey.member("V0001"), reason="家里有事")
    address = f"/station/orders/{journey.order_id}"
    page = Visitor(desk, "clerk").open(address)
    assert "4月6日 09:00 经办人 为老人登记需求（电话，登记人 小李）。" in page
    assert "志愿者 退单，原因：家里有事。" in page
    clerk = Visitor(desk, "clerk")
    english = clerk.open(f"/language/en?back={address}")
    assert "clerk took the elder&#39;s wish down (telephone, written down by 小李)." in english


def test_the_board_is_filtered_by_state(desk: Desk, journey: Journey) -> None:
    journey.ask(CLERK)
    journey.ask(OTHER_CLERK, elder="E0002")
    journey.step("vet")
    page = Visitor(desk, "clerk").open("/station/orders?state=vetted")
    assert "E0002" in page
    assert "王＊＊ E0001" not in page
    assert "没有这样的订单。" in Visitor(desk, "clerk").open("/station/orders?state=posted")


@pytest.mark.parametrize("role", ["auditor", "kiosk"])
def test_others_find_no_board(desk: Desk, journey: Journey, role: str) -> None:
    journey.to("matched")
    visitor = Visitor(desk, role)
    for address in ("", f"/{journey.order_id}", f"/{journey.order_id}/slip"):
        page = visitor.open(f"/station/orders{address}")
        assert visitor.status == 403
        assert "王" not in page


def test_door_codes_are_not_guessed(desk: Desk, journey: Journey) -> None:
    journey.to("accepted")
    clerk = Visitor(desk, "clerk")
    for _guess in range(20):
        step(clerk, journey, "sign_in", code="00000")
        if clerk.status == 429:
            return
    raise AssertionError("twenty guesses in a minute")


def test_the_station_sees_who_can_pay_for_an_elder_without_hours(desk: Desk) -> None:
    journey = Journey(desk.tried, saved=0)
    journey.ask()
    page = Visitor(desk, "clerk").open(f"/station/orders/{journey.order_id}")
    assert "请先核实：老人时间不够，请定谁出时间。" in page
    rows = page[page.index("谁能出时间") :].split("</tr>")
    assert ["不够" in row for row in rows[1:5]] == [True, True, True, False]
    assert "不用出" in rows[4]
    board = Visitor(desk, "clerk").open("/station/orders")
    assert "老人时间不够，请定谁出时间" in board
    step(Visitor(desk, "clerk"), journey, "vet", payer="nobody")
    page = Visitor(desk, "clerk").open(f"/station/orders/{journey.order_id}")
    assert "请先核实" not in page


def test_a_visit_that_nobody_signed_out_stands_at_the_top_of_the_board(
    desk: Desk, journey: Journey
) -> None:
    journey.to("signed_in")
    desk.tried.clock.move(timedelta(hours=1))
    clerk = Visitor(desk, "clerk")
    page = clerk.open("/station/orders")
    assert "有 1 次服务过了约定时间还没有签退" in page
    assert f"/station/orders/{journey.order_id}" in page
    assert "请先核实：没有签退。" in clerk.open(f"/station/orders/{journey.order_id}")
    assert "请先核实" not in step(clerk, journey, "sign_out", end="9:00")
    assert "还没有签退，请问清楚" not in clerk.open("/station/orders")


def test_the_elder_is_heard_by_faces_and_their_word(desk: Desk, journey: Journey) -> None:
    journey.to("awaiting_confirmation")
    page = step(Visitor(desk, "reviewer"), journey, "confirm", word="family")
    assert "复核人 代老人确认服务已完成（家属说的）。" in page
    assert page.count('type="radio" name="stars"') == 5
    assert "非常不满意" not in page
    assert "很不满意" in page


def test_the_slip_bears_a_code_to_scan_for_the_elder_alone(desk: Desk, journey: Journey) -> None:
    journey.to("accepted")
    page = Visitor(desk, "clerk").open(f"/station/orders/{journey.order_id}/slip")
    assert page.count('aria-label="上门二维码"') == 1
    scanned = scanned_text(journey.order_id, journey.order().door_code)
    page = step(Visitor(desk, "clerk"), journey, "sign_in", code=scanned, start="8:30")
    assert "代志愿者签到（扫来访单二维码" in page
