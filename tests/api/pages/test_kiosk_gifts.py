"""The kiosk's gifts: three touches to kin, one to the pool, undone for ten minutes, given once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.support.banks import OPERATOR
from tests.support.clients import PIN, desk_of
from tests.support.givers import TRANSFER, givers_with
from tests.support.visitors import Visitor, forms_of
from timebank.chart import Kind
from timebank.people.actions import issue_card


@pytest.fixture
def givers(tmp_path):
    """V0001 with a card, a wife and 300 minutes."""
    with givers_with(tmp_path, TRANSFER) as made:
        issue_card(made.tried.bank, OPERATOR, "V0001", PIN)
        yield made


@pytest.fixture
def visitor(givers):
    """V0001, who has signed in."""
    with desk_of(givers.tried) as desk:
        yield enter(desk)


def enter(desk, number="V0001"):
    visitor = Visitor(desk)
    visitor.open("/kiosk")
    visitor.send(visitor.form("/kiosk/sign-in"), card=number, pin=PIN)
    return visitor


def given(givers):
    with givers.tried.bank.read() as connection:
        return connection.execute(text("SELECT kind, minutes, state FROM transfer")).all()


def chosen(visitor, minutes=60):
    """The form for a gift to the wife."""
    visitor.open(f"/kiosk/gift?to=1&minutes={minutes}")
    return visitor.form("/kiosk/gifts")


def test_a_gift_names_relation_and_surname_and_nothing_else(visitor):
    page = visitor.open("/kiosk/gift")
    assert "老伴 王＊＊" in page
    assert "秀兰" not in page
    assert "E0001" not in page
    assert "送出后 10 分钟内可以撤销" in page
    hrefs = re.findall(r'href="(/kiosk/gift\?[^"]+)"', page)
    assert hrefs == [f"/kiosk/gift?to=1&amp;minutes={one}" for one in (60, 120, 300)]


def test_a_gift_is_held_then_undone(visitor, givers):
    page = visitor.send(chosen(visitor))

    assert "已送出。10 分钟内可以撤销。" in page
    assert "送给老伴 王＊＊：1小时" in page
    assert "09:10 以前可以撤销" in page
    assert givers.balance("V0001") == (300, 60)
    assert "预留的时间用在哪里" in page

    page = visitor.send(visitor.form("/kiosk/transfers/"))
    assert "已撤销，时间回到您这里。" in page
    assert "您刚才送出的时间" not in page
    assert givers.balance("V0001") == (300, 0)


def test_back_and_again_gives_once(visitor, givers):
    form = chosen(visitor)
    visitor.send(form)
    page = visitor.send(form)
    assert "已送出" in page
    assert given(givers) == [("gift", 60, "held")]


def test_the_same_form_with_another_amount_gives_nothing_more(visitor, givers):
    form = chosen(visitor)
    visitor.send(form)
    visitor.send(form, minutes="120")
    assert visitor.status == 409
    assert given(givers) == [("gift", 60, "held")]


@pytest.mark.parametrize(("seconds", "undone"), [(-1, True), (0, False), (1, False)])
def test_undo_until_the_last_second(visitor, givers, seconds, undone):
    visitor.send(chosen(visitor))
    form = visitor.form("/kiosk/transfers/")
    for _touch in range(4):  # a session that is in use lasts
        givers.tried.clock.move(timedelta(minutes=2))
        visitor.open("/kiosk/account")
        givers.tried.bank.keep_house(lambda _draft: {})
    givers.tried.clock.move(timedelta(minutes=2, seconds=seconds))

    page = visitor.send(form)

    assert ("已撤销" in page) is undone
    assert ("10 分钟已过，不能撤销了" in page) is not undone
    assert ("正在送出，不能撤销了" in page) is not undone
    assert givers.balance("V0001") == (300, 0 if undone else 60)


def test_after_ten_minutes_the_job_moves_it_and_the_line_says_so(visitor, givers):
    visitor.send(chosen(visitor))
    givers.tried.clock.move(timedelta(minutes=10))
    givers.settle()
    with desk_of(givers.tried) as desk:
        page = enter(desk).open("/kiosk/account")
    assert "送给别人" in page
    assert "正在送出" not in page
    assert givers.balance("E0001") == (60, 0)


def test_a_donation_is_one_touch(visitor, givers):
    visitor.open("/kiosk/gift")
    page = visitor.send(visitor.form("/kiosk/donations"))
    assert "捐给公共池：1小时" in page
    assert given(givers) == [("donation", 60, "held")]
    assert givers.of_kind(Kind.POOL) == (0, 0)

    visitor.send(visitor.form("/kiosk/transfers/"))
    assert given(givers) == [("donation", 60, "undone")]


def test_each_button_of_a_donation_is_an_attempt_of_its_own(visitor):
    visitor.open("/kiosk/gift")
    forms = [one for one in forms_of(visitor.html) if one.action == "/kiosk/donations"]
    assert [one.fields["minutes"] for one in forms] == ["60", "120", "300"]
    assert len({one.fields["key"] for one in forms}) == 3


@pytest.mark.parametrize("minutes", ["", "0", "-60", "x", "301", "999999999"])
def test_what_cannot_be_given_is_refused_plainly(visitor, givers, minutes):
    page = visitor.send(chosen(visitor), minutes=minutes)
    assert visitor.status in (409, 422)
    assert "未通过" in page
    assert "把时间送给谁？" in page
    assert given(givers) == []
    visitor.open("/kiosk/gift")
    visitor.send(visitor.form("/kiosk/donations"), minutes=minutes)
    assert given(givers) == []


def test_nobody_may_give_to_a_stranger(visitor, givers):
    visitor.send(chosen(visitor), to="E0002")
    assert visitor.status == 422
    assert given(givers) == []


@pytest.mark.parametrize("query", ["to=0&minutes=60", "to=2&minutes=60", "to=1", "minutes=60"])
def test_an_address_that_means_nobody_asks_again(visitor, query):
    assert "把时间送给谁？" in visitor.open(f"/kiosk/gift?{query}")


def test_another_persons_gift_cannot_be_undone(visitor, givers):
    visitor.send(chosen(visitor))
    action = visitor.form("/kiosk/transfers/").action
    issue_card(givers.tried.bank, OPERATOR, "E0001", PIN)
    with desk_of(givers.tried) as desk:
        wife = enter(desk, "E0001")
        assert "撤销" not in wife.open("/kiosk/account")
        token = forms_of(wife.html)[0].fields["form_token"]
        sent = wife.client.post(action, data={"form_token": token})
        assert sent.status_code == 404
    assert givers.balance("V0001") == (300, 60)


def test_whoever_has_no_kin_or_no_hours_is_told_what_to_do(givers):
    issue_card(givers.tried.bank, OPERATOR, "E0002", PIN)
    issue_card(givers.tried.bank, OPERATOR, "V0002", PIN)
    with desk_of(givers.tried) as desk:
        assert "您现在没有可以送出的时间" in enter(desk, "E0002").open("/kiosk/gift")
        givers.tried.issue("V0002", 30)
        page = enter(desk, "V0002").open("/kiosk/gift")
    assert "请带证件到柜台登记" in page
    assert "全部 30分钟" in page  # to the pool


def test_where_the_policy_lets_nobody_give(tmp_path):
    with givers_with(tmp_path) as givers, desk_of(givers.tried) as desk:
        issue_card(givers.tried.bank, OPERATOR, "V0001", PIN)
        page = enter(desk).open("/kiosk/gift")
    assert "公共池" not in page
    assert "老伴" not in page


def test_the_sentence_says_what_it_may_be_used_for(visitor, givers):
    givers.tried.issue("V0001", 450)
    assert "您现在有12小时30分钟，可以请人陪伴12次，每次1小时。" in visitor.open("/kiosk/account")
    visitor.send(chosen(visitor))
    assert "其中可以使用11小时30分钟，可以请人陪伴11次，每次1小时。" in visitor.html


@pytest.mark.parametrize(("minutes", "enough"), [(59, False), (60, True), (61, True)])
def test_less_than_a_visit_is_said_kindly(givers, minutes, enough):
    issue_card(givers.tried.bank, OPERATOR, "E0002", PIN)
    givers.tried.issue("E0002", minutes)
    with desk_of(givers.tried) as desk:
        page = enter(desk, "E0002").open("/kiosk/account")
    assert ("可以请人陪伴1次" in page) is enough
    assert ("请人陪伴一次要用1小时，现在还不够。需要帮助时照样可以提出" in page) is not enough
