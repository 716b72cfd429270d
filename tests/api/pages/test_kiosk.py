"""api/pages/kiosk.py: one's own balance in figures and words, neutral refusals, nothing kept."""

import re
from datetime import timedelta

import pytest

from api.pages.kiosk import LAST_LOOKS
from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.visitors import Visitor
from timebank.chart import Kind
from timebank.people.accesses import look
from timebank.people.actions import issue_card
from timebank.people.exporting import export_person
from timebank.people.pins import FREE_ATTEMPTS


@pytest.fixture
def card(desk):
    """The card of V0001, with 750 minutes, of which 30 are set aside."""
    desk.tried.people("V0001", "E0001")
    issue_card(desk.tried.bank, OPERATOR, "V0001", PIN)
    desk.tried.issue("V0001", 750)
    bank = desk.tried.bank
    desk.tried.hold(
        desk.tried.account("V0001"),
        bank.account_of(Kind.REDEEMED),
        30,
        expires_ms=bank.now_ms() + 1_000_000,
    )
    return "V0001"


def enter(visitor, card, pin=PIN):
    visitor.open("/kiosk")
    return visitor.send(visitor.form("/kiosk/sign-in"), card=card, pin=pin)


def test_the_balance_in_figures_and_in_words(desk, card):
    page = enter(Visitor(desk), " v0001 ")

    assert "12小时30分钟" in page
    assert "十二小时三十分钟，750分钟" in page
    assert "可以使用 12小时" in page
    assert "已预留 30分钟" in page
    assert "成员V0001，您好" in page
    assert "时间不是钱" in page


def test_the_last_ten_lines_with_the_balance_after_each(desk, card):
    for minutes in range(1, 12):
        desk.tried.issue("V0001", minutes)

    page = enter(Visitor(desk), card)

    rows = page.split("<tbody>")[1].split("<tr>")[1:]
    assert len(rows) == 10
    assert "11分钟" in rows[0]
    assert "13小时36分钟" in rows[0]
    assert "2分钟" in rows[-1]


def test_a_wrong_pin_and_an_unknown_card_say_the_same(desk, card):
    wrong = enter(Visitor(desk), card, "111111")
    unknown = enter(Visitor(desk), "V9999", "111111")

    said = "卡号与密码不符，请再试一次"
    assert said in wrong
    assert said in unknown
    assert [page.count('name="key"') for page in (wrong, unknown)] == [0, 0]
    assert wrong == unknown, "not a letter tells them apart"


def test_neither_card_nor_pin_stands_in_the_page_that_comes_back(desk, card):
    page = enter(Visitor(desk), card, "111111")
    assert "V0001" not in page
    assert "111111" not in page


def test_too_many_wrong_pins_lock_the_card_and_say_for_how_long(desk, card):
    visitor = Visitor(desk)
    for _attempt in range(FREE_ATTEMPTS):
        enter(visitor, card, "111111")

    page = enter(visitor, card)

    assert visitor.status == 429
    assert "请 15 分钟后再试，或请工作人员帮助" in page


def test_nothing_is_kept_by_the_browser(desk, card):
    visitor = Visitor(desk)
    page = enter(visitor, card)
    answer = visitor.client.get("/kiosk/account")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["refresh"] == "150; url=/kiosk/still-there?back=/kiosk/account"
    assert 'autocomplete="off"' in visitor.open("/kiosk")
    assert re.findall(r"<script src=\"/static/([a-z.]+)", page) == ["kiosk.js"]
    assert page.count("<script") == 1


def test_signing_out_ends_the_session(desk, card):
    visitor = Visitor(desk)
    enter(visitor, card)

    page = visitor.send(visitor.form("/kiosk/sign-out"))

    assert "屏幕上不留任何信息" in page
    assert "已为您自动退出" in visitor.open("/kiosk/account")


def test_coming_back_to_the_first_screen_ends_the_session(desk, card):
    visitor = Visitor(desk)
    enter(visitor, card)
    token = visitor.client.cookies["timebank_session"]

    visitor.open("/kiosk")

    assert desk.sessions.actor_of(token) is None


def test_the_next_person_ends_the_session_before(desk, card):
    visitor = Visitor(desk)
    visitor.open("/kiosk")
    form = visitor.form("/kiosk/sign-in")
    visitor.send(form, card=card, pin=PIN)
    token = visitor.client.cookies["timebank_session"]

    visitor.send(form, card=card, pin=PIN)

    assert desk.sessions.actor_of(token) is None
    assert visitor.client.cookies["timebank_session"] != token


@pytest.mark.parametrize(("seconds", "shown"), [(-1, True), (0, False), (1, False)])
def test_a_session_is_short(desk, card, seconds, shown):
    visitor = Visitor(desk)
    enter(visitor, card)

    minutes = desk.tried.bank.settings.kiosk_session_minutes
    desk.tried.clock.move(timedelta(minutes=minutes, seconds=seconds))

    assert ("您现在有" in visitor.open("/kiosk/account")) is shown


@pytest.mark.parametrize("role", ["clerk", "operator", "auditor", "kiosk"])
def test_staff_have_no_account_here(desk, role):
    visitor = Visitor(desk, role)
    visitor.open("/kiosk/account")
    assert visitor.status == 403


def links_of(page):
    return re.findall(r'<a class="button second" href="([^"]+)"', page)


def test_who_looked_is_one_touch_away_in_plain_words(desk, card):
    bank, visitor = desk.tried.bank, Visitor(desk)
    look(bank, OPERATOR, "V0001", "家属来电，核对身份")
    export_person(bank, OPERATOR, "V0001")
    (there,) = links_of(enter(visitor, card))

    page = visitor.open(there)

    rows = page.split("<tbody>")[1].split("<tr>")[1:]
    assert len(rows) == 2, "what one saw oneself is not listed"
    assert "把您的资料制成副本" in rows[0]
    assert "全部资料" in rows[0]
    for said in (
        "2023年4月6日",
        "区级管理员",
        "办事时核对您的资料",
        "写明的原因：家属来电，核对身份",
        "姓名",
    ):
        assert said in rows[1], said
    for hidden in (OPERATOR.actor_id, "operator", "成员V0001", "V0001"):
        assert hidden not in page, hidden
    warned = visitor.client.get(there).headers["refresh"]
    assert warned == "150; url=/kiosk/still-there?back=/kiosk/looks"
    assert "您现在有" in visitor.open(links_of(page)[0])


def test_nobody_looked(desk, card):
    visitor = Visitor(desk)
    enter(visitor, card)
    assert "还没有别人看过您的资料" in visitor.open("/kiosk/looks")


@pytest.mark.parametrize("count", [LAST_LOOKS - 1, LAST_LOOKS, LAST_LOOKS + 1])
def test_older_looks_come_on_the_next_page(desk, card, count):
    for number in range(count):
        look(desk.tried.bank, OPERATOR, "V0001", f"第{number}次")
    visitor = Visitor(desk)
    enter(visitor, card)

    page = visitor.open("/kiosk/looks")

    assert page.count("第") == min(count, LAST_LOOKS)
    assert ("看更早的" in page) == (count > LAST_LOOKS)
    if count > LAST_LOOKS:
        older = visitor.open(links_of(page)[-1])
        assert "第0次" in older
        assert "第1次" not in older
        assert "看更早的" not in older


def test_looks_are_for_who_has_signed_in(desk, card):
    for visitor in (Visitor(desk), Visitor(desk, "operator")):
        visitor.open("/kiosk/looks")
        assert "谁看过我的资料" not in visitor.html
    visitor = Visitor(desk)
    enter(visitor, card)
    for before in ("0", "-1", "x", str(2**53)):
        visitor.open(f"/kiosk/looks?before={before}")
        assert visitor.status == 404, before
