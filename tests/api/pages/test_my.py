"""The telephone: a volunteer accepts, signs in and out, and is told why; the family confirms."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.pages.my import LINES
from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.orders import CLERK
from tests.support.services import service
from tests.support.telephone import at_step, code_of, enter, lead
from tests.support.visitors import Visitor, forms_of
from timebank.people.actions import issue_card
from timebank.records.actions import log_service

WEIGHT = 60 * 1024
"""Bytes of a first page with everything that it fetches."""


def details(desk):
    with desk.tried.bank.read() as connection:
        query = text("SELECT means, stated_at FROM order_detail ORDER BY place")
        return [tuple(row) for row in connection.execute(query)]


# Signing in -------------------------------------------------------------------------------------


def test_card_and_pin_lead_to_the_account(desk, journey):
    visitor = enter(desk, "E0001")
    assert visitor.url.endswith("/my/account")
    assert "您现在有5小时" in visitor.html
    assert "refresh" not in visitor.client.get("/my/account").headers
    assert "分钟不用，就要重新登录" in visitor.html
    assert visitor.open("/my").count("您现在有5小时") == 1
    page = visitor.send(visitor.form("/my/sign-out"))
    assert "您已退出。" in page
    assert "登录已过期，请重新登录" in visitor.open("/my/account")


@pytest.mark.parametrize("card", ["E0001", "E0999", "<b>"])
def test_an_unknown_card_says_no_more_than_a_wrong_pin(desk, journey, card):
    issue_card(desk.tried.bank, OPERATOR, "E0001", PIN)
    visitor = Visitor(desk)
    visitor.open("/my")
    visitor.send(visitor.form("/my/sign-in"), card=card, pin="000000")
    assert visitor.status == 401
    assert "卡号与密码不符" in visitor.html
    assert f'value="{card}"' not in visitor.html
    assert "<b>" not in visitor.html


@pytest.mark.parametrize(("wrong", "locked"), [(4, False), (5, True), (6, True)])
def test_guessing_locks_the_card(desk, journey, wrong, locked):
    issue_card(desk.tried.bank, OPERATOR, "E0001", PIN)
    visitor = Visitor(desk)
    for _attempt in range(wrong):
        visitor.open("/my")
        visitor.send(visitor.form("/my/sign-in"), card="E0001", pin="000000")
    visitor.open("/my")
    page = visitor.send(visitor.form("/my/sign-in"), card="E0001", pin=PIN)
    assert ("输错次数太多" in page) is locked
    assert ("您现在有" in page) is not locked


def test_other_websites_and_forged_forms_change_nothing(desk, journey):
    order_id = lead(journey, "matched")
    visitor = enter(desk, "V0001")
    visitor.open(f"/my/work/{order_id}")
    form = at_step(visitor, order_id, "accept")
    answer = visitor.client.post(
        form.action, data=form.fields, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    visitor.send(form, form_token="forged")
    assert visitor.status == 403
    assert journey.order().state.value == "matched"


@pytest.mark.parametrize(
    "path",
    ["account", "work", "offers", "hours", "family", "visits", "ask", "relatives", "why?leaf=1"],
)
def test_nobody_comes_in_without_a_member_s_session(desk, path):
    visitor = Visitor(desk)
    visitor.open(f"/my/{path}")
    assert "登录已过期" in visitor.html
    staff = Visitor(desk, "clerk")
    staff.open(f"/my/{path}")
    assert staff.status == 403


@pytest.mark.parametrize(("seconds", "shown"), [(-1, True), (0, False), (1, False)])
def test_a_session_ends_after_quiet_minutes(desk, journey, seconds, shown):
    visitor = enter(desk, "V0001")
    minutes = desk.tried.bank.settings.kiosk_session_minutes
    desk.tried.clock.move(timedelta(minutes=minutes, seconds=seconds))
    assert ("我的志愿服务" in visitor.open("/my/work")) is shown


# The volunteer ----------------------------------------------------------------------------------


def test_from_the_offer_to_the_credit_and_why(desk, journey):
    journey.ask()
    journey.step("vet")
    journey.step("publish")
    visitor = enter(desk, "V0001")
    page = visitor.open("/my/offers")
    assert "陪我聊天" in page
    assert f"幸福里，编号 XFL-{journey.order().number}" in page
    assert "为什么适合您" in page
    assert "王秀兰" not in page

    journey.step("match", volunteer="V0001")
    assert "没有适合您的服务" in visitor.open("/my/offers")
    assert "等您答应" in visitor.open("/my/work")
    page = visitor.open(f"/my/work/{journey.order_id}")
    assert "王秀兰" in page
    assert "3号楼201" in page
    assert code_of(journey) not in page
    page = visitor.send(at_step(visitor, journey.order_id, "accept"))
    assert "您已接单，请准时上门。" in page

    page = visitor.send(at_step(visitor, journey.order_id, "sign_in"), code=code_of(journey))
    assert "已签到，服务开始。" in page
    desk.tried.clock.move(timedelta(minutes=60))
    visitor = enter(desk, "V0001")
    visitor.open(f"/my/work/{journey.order_id}")
    page = visitor.send(at_step(visitor, journey.order_id, "sign_out"), code=code_of(journey))
    assert "已签退。老人、家人或站点确认以后入账。" in page
    assert details(desk) == [("code", ""), ("code", "")]

    journey.step("confirm", journey.member("E0001"))
    (why,) = re.findall(r'href="(/my/why\?leaf=\d+)"', visitor.open("/my/hours"))
    page = visitor.open(why)
    assert "时间是怎么算的" in page
    assert "V0001" in page
    assert "复算：与记录一致" in page


def test_nobody_is_told_why_of_another_s_minutes(desk, journey):
    lead(journey, "posted")
    own = enter(desk, "V0001")
    (why,) = re.findall(r'href="(/my/why\?leaf=\d+)"', own.open("/my/hours"))
    for number in ("V0002", "E0001"):
        other = enter(desk, number)
        other.open(why)
        assert other.status == 404
    for leaf in ("0", "99999", "-1", "x"):
        own.open(f"/my/why?leaf={leaf}")
        assert own.status == 404


@pytest.mark.parametrize("code", ["0000", "", "timebank:visit:ordr_other:1234"])
def test_no_code_no_visit(desk, journey, code):
    order_id = lead(journey, "accepted")
    if code == code_of(journey):
        code = "0001"
    visitor = enter(desk, "V0001")
    visitor.open(f"/my/work/{order_id}")
    visitor.send(at_step(visitor, order_id, "sign_in"), code=code)
    assert visitor.status in (403, 422)
    assert journey.order().state.value == "accepted"
    visitor.send(at_step(visitor, order_id, "sign_in"), code=code_of(journey))
    assert journey.order().state.value == "signed_in"


def test_codes_are_not_guessed(desk, journey):
    order_id = lead(journey, "accepted")
    visitor = enter(desk, "V0001")
    wrong = "0001" if code_of(journey) == "0000" else "0000"
    for _attempt in range(11):
        visitor.open(f"/my/work/{order_id}")
        visitor.send(at_step(visitor, order_id, "sign_in"), code=wrong)
    assert visitor.status == 429
    visitor.send(at_step(visitor, order_id, "sign_in"), code=code_of(journey))
    assert journey.order().state.value == "accepted"


def test_a_kept_time_is_handed_in_and_a_repetition_is_one_step(desk, journey):
    order_id = lead(journey, "signed_in")
    visitor = enter(desk, "V0001")
    page = visitor.open(f"/my/work/{order_id}")
    assert f'data-sign-out="{order_id}"' in page
    assert 'data-now="2023-04-06T09:00:00"' in page
    form = at_step(visitor, order_id, "sign_out")
    first = visitor.send(form, at=f"{journey.day}T08:40")
    again = visitor.send(form, at=f"{journey.day}T08:40")
    assert "已签退" in first
    assert "已签退" in again
    assert f'data-over="{order_id}"' in again
    assert journey.order().signed_out_at == f"{journey.day}T08:40"
    assert details(desk)[-1] == ("word", f"{journey.day}T08:40")
    visitor.send(form, at=f"{journey.day}T08:41")
    assert visitor.status == 409
    assert "没有办成" in visitor.html


@pytest.mark.parametrize("at", ["2023-04-06T08:00", "2023-04-06T09:01", "x", "2023-04-06T07:59"])
def test_a_time_that_cannot_be_is_refused_in_words(desk, journey, at):
    order_id = lead(journey, "signed_in")
    visitor = enter(desk, "V0001")
    visitor.open(f"/my/work/{order_id}")
    page = visitor.send(at_step(visitor, order_id, "sign_out"), at=at)
    assert visitor.status == 422
    assert "data-refused" in page
    assert journey.order().state.value == "signed_in"


@pytest.mark.parametrize("state", ["matched", "accepted"])
def test_handed_back_once_however_often_it_is_sent(desk, journey, state):
    order_id = lead(journey, state)
    visitor = enter(desk, "V0001")
    visitor.open(f"/my/work/{order_id}")
    form = at_step(visitor, order_id, "decline")
    assert "已退回站点" in visitor.send(form, why="decline_busy")
    assert journey.order().state.value == "published"
    assert "已经不在您的名下" in visitor.send(form, why="decline_busy")
    assert "现在没有安排给您的服务" in visitor.html
    visitor.open(f"/my/work/{order_id}")
    assert visitor.status == 404


@pytest.mark.parametrize(
    ("step", "why", "state"),
    [("interrupt", "interrupt_elder", "interrupted"), ("interrupt", "nonsense", "signed_in")],
)
def test_ended_early_with_a_reason(desk, journey, step, why, state):
    order_id = lead(journey, "signed_in")
    visitor = enter(desk, "V0001")
    visitor.open(f"/my/work/{order_id}")
    visitor.send(at_step(visitor, order_id, step), why=why)
    assert journey.order().state.value == state


def test_a_volunteer_neither_confirms_nor_sees_another_s_visit(desk, journey):
    order_id = lead(journey, "awaiting_confirmation")
    visitor = enter(desk, "V0001")
    visitor.open(f"/my/work/{order_id}")
    form = at_step(visitor, order_id, "dispute")
    for step in ("confirm", "cancel", "rate", "nothing"):
        form.action = f"/my/work/{order_id}/{step}"
        visitor.send(form)
        assert visitor.status == 404
    other = enter(desk, "V0002")
    for room in ("work", "visits", "family"):
        other.open(f"/my/{room}/{order_id}")
        assert other.status == 404
    for room in ("visits", "family"):
        visitor.open(f"/my/{room}/{order_id}")
        assert visitor.status == 404


@pytest.mark.parametrize("count", [LINES - 1, LINES, LINES + 1])
def test_older_lines_come_on_the_next_page_with_their_balance(desk, count):
    desk.tried.people("V0001", "E0001")
    for number in range(count):
        one = service("V0001", "E0001", at=f"{number:02}:00", minutes=10)
        log_service(desk.tried.bank, CLERK, "XFL", one, key=f"line-{number:05}")
    visitor = enter(desk, "V0001")
    page = visitor.open("/my/hours")
    assert page.count("/my/why?leaf=") == min(count, LINES)
    older = re.findall(r'href="(/my/hours\?before=[0-9.]+)"', page)
    assert bool(older) is (count > LINES)
    if older:
        page = visitor.open(older[0])
        assert page.count("/my/why?leaf=") == 1
        assert page.count("10分钟") == 2  # the first line, and what stood after it
    assert visitor.open("/my/hours?before=nonsense").count("/my/why") == min(count, LINES)


# Elder and family -------------------------------------------------------------------------------


def test_an_elder_asks_by_telephone(desk, journey):
    visitor = enter(desk, "E0001")
    visitor.open("/my/ask?what=meals&on=2023-04-07&at=14:00")
    page = visitor.send(visitor.form("/my/ask"))
    assert "已交给幸福里，安排好了会告诉您。" in page
    assert "/kiosk" not in page
    with desk.tried.bank.read() as connection:
        assert connection.execute(text("SELECT channel FROM service_order")).scalars().all() == [
            "page"
        ]


def test_an_elder_confirms_rates_and_gives_time(desk, journey):
    order_id = lead(journey, "awaiting_confirmation")
    visitor = enter(desk, "E0001")
    visitor.open(f"/my/visits/{order_id}")
    page = visitor.send(visitor.form(f"/my/visits/{order_id}/confirm"))
    assert "谢谢，您已确认。" in page
    page = visitor.send(visitor.form(f"/my/visits/{order_id}/rate"), stars="5")
    assert "谢谢您的评价" in page
    assert journey.balance("V0001") == (60, 0)


def test_the_kiosk_s_own_links_stay_out_and_its_forms_lead_back_here(desk, journey):
    order_id = lead(journey, "awaiting_confirmation")
    visitor = enter(desk, "E0001")
    own = "account ask ask?what=meals visits gift looks openings relatives corrections"
    paths = f"{own} work offers hours family"
    for path in (*paths.split(), f"visits/{order_id}"):
        page = visitor.open(f"/my/{path}")
        assert visitor.status == 200, path
        assert "/kiosk" not in page, path
        assert all(one.action.startswith("/my/") for one in forms_of(page)), path


def test_a_first_page_weighs_little(desk, journey):
    visitor = Visitor(desk)
    pages = [visitor.open("/my"), enter(desk, "E0001").html]
    fetched = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', "".join(pages)))
    files = sum(len(visitor.client.get(one).content) for one in fetched)
    assert {one.split("?")[0] for one in fetched} == {
        "/static/style.css", "/static/my.js", "/static/icon.svg", "/static/hands.svg",
    }  # fmt: skip
    assert files + max(len(page.encode()) for page in pages) < WEIGHT
