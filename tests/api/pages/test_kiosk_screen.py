"""The kiosk's own buttons: type, contrast, a call for the clerk, the question before the end."""

from datetime import timedelta

import pytest

from api.pages.screen import SCREEN_COOKIE, STATION_COOKIE, TYPES
from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.visitors import Visitor
from timebank.people.actions import issue_card
from timebank.stations.actions import open_station


@pytest.fixture
def visitor(desk):
    """V0001 at the kiosk of XFL."""
    desk.tried.people("V0001", "E0001")
    issue_card(desk.tried.bank, OPERATOR, "V0001", PIN)
    made = Visitor(desk)
    made.open("/kiosk/at/XFL")
    return enter(made)


def enter(visitor):
    visitor.open("/kiosk")
    visitor.send(visitor.form("/kiosk/sign-in"), card="V0001", pin=PIN)
    return visitor


def test_type_and_contrast_are_a_touch_each(visitor):
    assert 'class="kiosk type-large"' in visitor.open("/kiosk/account")
    for size in TYPES:
        visitor.open(f"/kiosk/screen/{size}?back=/kiosk/account")
        assert f'class="kiosk type-{size}"' in visitor.html
        assert "您现在有" in visitor.html
    visitor.open("/kiosk/screen/contrast?back=/kiosk/looks")
    assert 'class="kiosk type-largest contrast"' in visitor.html
    visitor.open("/kiosk/screen/contrast?back=/kiosk/looks")
    assert 'class="kiosk type-largest"' in visitor.html


@pytest.mark.parametrize("word", ["huge", "contrast.contrast", "%3Cb%3E"])
def test_an_unknown_size_changes_nothing(visitor, word):
    page = visitor.open(f"/kiosk/screen/{word}?back=/kiosk/account")
    assert 'class="kiosk type-large"' in page


@pytest.mark.parametrize("cookie", ["huge", "large.x", "x.contrast", '"><b>'])
def test_a_cookie_that_somebody_made_is_read_as_far_as_it_is_known(desk, cookie):
    visitor = Visitor(desk)
    visitor.client.cookies.set(SCREEN_COOKIE, cookie, path="/kiosk")
    page = visitor.open("/kiosk")
    assert 'class="kiosk type-large' in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/station", "/kioskx", "/kiosk\\evil", ""]
)
def test_a_size_leads_nowhere_but_into_the_kiosk(desk, back):
    client = desk.client(follow_redirects=False)
    answer = client.get("/kiosk/screen/larger", params={"back": back})
    assert answer.headers["location"] == "/kiosk"


@pytest.mark.parametrize("way", ["ended", "lapsed"])
def test_the_next_person_finds_the_plain_screen(visitor, way):
    visitor.open("/kiosk/screen/largest?back=/kiosk/account")
    if way == "ended":
        visitor.send(visitor.form("/kiosk/sign-out"))
    else:
        visitor.open("/kiosk?note=lapsed")
    assert SCREEN_COOKIE not in visitor.client.cookies
    assert 'class="kiosk type-large"' in visitor.open("/kiosk")
    assert visitor.client.cookies[STATION_COOKIE] == "XFL"  # the screen's own


def test_a_size_stays_on_the_first_screen_until_somebody_leaves(desk):
    visitor = Visitor(desk)
    visitor.open("/kiosk/screen/larger?back=/kiosk")
    assert 'class="kiosk type-larger"' in visitor.open("/kiosk")


def test_help_is_called_and_answered(desk, visitor):
    page = visitor.send(visitor.form("/kiosk/help"))
    assert "已经告诉工作人员，请您稍等" in page
    assert 'href="/kiosk/account"' in page

    clerk = Visitor(desk, "clerk")
    for path in ("/station", "/station/orders", "/station/calls", "/station/register"):
        assert "自助终端有人求助：成＊＊，09:00" in clerk.open(path), path
    page = clerk.send(clerk.form("/station/help/"))
    assert "有人求助" not in page
    assert clerk.url.endswith("/station/register")


def test_help_before_anybody_has_signed_in(desk, visitor):
    visitor.send(visitor.form("/kiosk/sign-out"))
    visitor.open("/kiosk")
    page = visitor.send(visitor.form("/kiosk/help"))
    assert "已经告诉工作人员" in page
    assert "refresh" not in visitor.client.get("/kiosk").headers
    assert "自助终端有人求助：没有登录的人" in Visitor(desk, "clerk").open("/station")


def test_a_screen_that_does_not_know_its_station_says_whom_to_ask(desk):
    visitor = Visitor(desk)
    visitor.open("/kiosk")
    page = visitor.send(visitor.form("/kiosk/help"))
    assert "没有登记站点" in page
    assert "有人求助" not in Visitor(desk, "clerk").open("/station")


def test_who_has_signed_in_is_known_by_the_only_station(desk, visitor):
    visitor.client.cookies.delete(STATION_COOKIE)
    visitor.open("/kiosk/account")
    assert "已经告诉工作人员" in visitor.send(visitor.form("/kiosk/help"))
    open_station(desk.tried.bank, OPERATOR, "YHL", "银河路", key="open-YHL")
    visitor.open("/kiosk/account")
    assert "没有登记站点" in visitor.send(visitor.form("/kiosk/help"))


def test_a_station_that_is_not_there_cannot_be_a_screens(desk):
    visitor = Visitor(desk)
    visitor.open("/kiosk/at/NONE")
    assert visitor.status == 404
    assert STATION_COOKIE not in visitor.client.cookies


def test_pressing_for_help_without_end_is_slowed_down(desk, visitor):
    form = visitor.form("/kiosk/help")
    statuses = []
    for _press in range(12):
        visitor.send(form)
        statuses.append(visitor.status)
    assert statuses[:10] == [200] * 10
    assert 429 in statuses


def test_only_staff_of_the_station_see_and_answer(desk, visitor):
    visitor.send(visitor.form("/kiosk/help"))
    for role, path in (("auditor", "/audit"), ("operator", "/operator")):
        assert "有人求助" not in Visitor(desk, role).open(path)
    member = visitor.client.post("/station/help/1", data={})
    assert member.status_code == 403
    clerk = Visitor(desk, "clerk")
    clerk.open("/station")
    form = clerk.form("/station/help/")
    form.action = "/station/help/99"
    clerk.send(form)
    assert clerk.status == 404


def test_before_the_session_ends_somebody_is_asked(desk, visitor):
    answer = visitor.client.get("/kiosk/account")
    assert answer.headers["refresh"] == "150; url=/kiosk/still-there?back=/kiosk/account"
    answer = visitor.client.get("/kiosk/visits?done=cancel&at=x")
    back = "/kiosk/visits%3Fdone%3Dcancel%26at%3Dx"
    assert answer.headers["refresh"] == f"150; url=/kiosk/still-there?back={back}"

    desk.tried.clock.move(timedelta(seconds=150))
    page = visitor.open(f"/kiosk/still-there?back={back}")
    assert "您还在吗？" in page
    assert "30 秒后自动退出" in page
    assert 'href="/kiosk/visits?done=cancel&amp;at=x"' in page
    refresh = visitor.client.get("/kiosk/still-there").headers["refresh"]
    assert refresh == "30; url=/kiosk?note=lapsed"
    desk.settle()
    desk.tried.clock.move(timedelta(seconds=29))
    assert "您现在有" in visitor.open("/kiosk/account")  # touched in time


def test_the_question_is_asked_of_nobody_who_is_gone(desk, visitor):
    desk.tried.clock.move(timedelta(minutes=3))
    assert "已为您自动退出" in visitor.open("/kiosk/still-there")
    assert "已为您自动退出" in Visitor(desk).open("/kiosk/still-there")


def test_a_card_reader_that_presses_enter_is_asked_for_the_password(desk, visitor):
    visitor.send(visitor.form("/kiosk/sign-out"))
    visitor.open("/kiosk")
    for _scan in range(12):  # no wrong password, so nothing is counted
        page = visitor.send(visitor.form("/kiosk/sign-in"), card="V0001", pin="")
    assert "卡已读到，请输入密码。" in page
    assert visitor.form("/kiosk/sign-in").fields["card"] == "V0001"
    assert "您现在有" in visitor.send(visitor.form("/kiosk/sign-in"), pin=PIN)


def test_every_page_of_the_kiosk_is_kept_by_nobody(visitor):
    paths = ("account", "looks", "ask", "ask?what=meals", "visits", "gift", "still-there", "at/XFL")
    for path in ("", *(f"/{one}" for one in paths)):
        answer = visitor.client.get(f"/kiosk{path}")
        assert answer.status_code in (200, 403), path
        assert answer.headers["cache-control"] == "no-store", path
