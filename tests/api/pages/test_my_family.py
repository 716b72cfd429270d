"""The telephone of a family: visits of elders who let them confirm, and of whom they act for."""

import re

import pytest
from sqlalchemy import text

from api.pages.kiosk_parts import KIOSK, MY
from api.pages.my import ORDERS
from tests.support.orders import CLERK
from tests.support.telephone import code_of, enter, lead
from timebank.orders.family import let_family_confirm
from timebank.people.delegates import Authority, end_delegate, name_delegate


@pytest.fixture
def delegate(desk, journey):
    """Lets E0001 name V0002 in writing."""

    def name(**changed):
        stated = {"elder": "E0001", "delegate": "V0002", "proof": "委托书", "may_ask": True}
        name_delegate(desk.tried.bank, CLERK, Authority(**(stated | changed)))

    return name


@pytest.mark.parametrize("door", [KIOSK, MY])
def test_the_family_confirms_once_the_elder_agrees(desk, journey, door):
    order_id = lead(journey, "awaiting_confirmation")
    daughter = enter(desk, "E0002")
    assert "家人的服务" not in daughter.html
    assert daughter.open("/my/family").count(order_id) == 0

    elder = enter(desk, "E0001", door)
    page = elder.open(f"/{door}/relatives")
    assert "子女 成＊" in page
    assert "现在：家人不能替您确认。" in page
    page = elder.send(elder.form(f"/{door}/relatives"))
    assert "已经同意，家人可以替您确认。" in page

    assert "家人的服务" in daughter.open("/my/account")
    page = daughter.open("/my/family")
    assert "王秀兰" not in page
    assert "王＊＊" in page
    page = daughter.open(f"/my/family/{order_id}")
    assert code_of(journey) not in page
    page = daughter.send(daughter.form(f"/my/family/{order_id}/confirm"))
    assert "谢谢，您已确认。" in page
    assert journey.balance("V0001") == (60, 0)
    assert order_id in daughter.open("/my/family")

    page = elder.send(elder.form(f"/{door}/relatives"))
    assert "已经收回" in page
    assert order_id not in daughter.open("/my/family")
    daughter.open(f"/my/family/{order_id}")
    assert daughter.status == 404


def test_the_family_disputes_and_no_more(desk, journey):
    order_id = lead(journey, "awaiting_confirmation")
    let_family_confirm(desk.tried.bank, journey.member("E0001"), "E0001", allowed=True)
    daughter = enter(desk, "E0002")
    daughter.open(f"/my/family/{order_id}")
    form = daughter.form(f"/my/family/{order_id}/dispute")
    for step in ("cancel", "rate", "sign_out"):
        form.action = f"/my/family/{order_id}/{step}"
        daughter.send(form, why="dispute_nobody", stars="1")
        assert daughter.status == 404
    form.action = f"/my/family/{order_id}/dispute"
    assert "已告诉站点" in daughter.send(form, why="dispute_nobody")
    assert journey.order().state.value == "disputed"


@pytest.mark.parametrize("count", [ORDERS - 1, ORDERS, ORDERS + 1])
def test_the_family_s_older_visits_come_on_the_next_page(desk, journey, count):
    let_family_confirm(desk.tried.bank, journey.member("E0001"), "E0001", allowed=True)
    for _number in range(count):
        journey.ask()
    daughter = enter(desk, "E0002")
    every = daughter.open("/my/family").split("全部服务")[1]
    assert every.count("/my/family/ordr_") == min(count, ORDERS)
    older = re.findall(r'href="(/my/family\?after=ordr_[^"]+)"', every)
    assert bool(older) is (count > ORDERS)
    if older:
        assert daughter.open(older[0]).count("/my/family/ordr_") == 1


def test_a_delegate_comes_in_as_the_family_does(desk, journey):
    order_id = lead(journey, "awaiting_confirmation")
    friend = enter(desk, "V0002")
    assert "家人的服务" not in friend.html
    authority = Authority("E0001", "V0002", "委托书")
    name_delegate(desk.tried.bank, CLERK, authority)
    assert "家人的服务" in friend.open("/my/account")
    friend.open(f"/my/family/{order_id}")
    page = friend.send(friend.form(f"/my/family/{order_id}/confirm"))
    assert "谢谢，您已确认。" in page
    end_delegate(desk.tried.bank, CLERK, "E0001", "V0002")
    friend.open(f"/my/family/{order_id}")
    assert friend.status == 404


def test_corrections_stand_at_the_telephone_too(desk, journey):
    visitor = enter(desk, "E0001")
    visitor.open("/my/corrections")
    page = visitor.send(visitor.form("/my/corrections"))
    assert "已经记下，10个工作日内答复您。" in page


def test_a_delegate_asks_with_the_elder_s_time(desk, journey, delegate):
    delegate(until_on="2023-04-30")
    visitor = enter(desk, "V0002")
    assert "替王＊＊请人帮忙" in visitor.open("/my/family")
    page = visitor.open("/my/ask?whose=E0001")
    assert "为王＊＊申请，用老人的时间" in page
    where = "/my/ask?what=meals&amp;on=2023-04-07&amp;at=14:00&amp;whose=E0001"
    assert where in visitor.open("/my/ask?what=meals&whose=E0001")
    page = visitor.open(where.replace("&amp;", "&"))
    assert "没关系" not in page
    form = visitor.form("/my/ask")
    page = visitor.send(form)
    assert "已交给幸福里" in visitor.send(form)
    assert "已交给幸福里，安排好了会告诉您。" in page
    with desk.tried.bank.read() as connection:
        query = text("SELECT elder_id, channel FROM service_order")
        (row,) = connection.execute(query).all()
    assert tuple(row) == (journey.people["E0001"], "page")


@pytest.mark.parametrize(
    ("changed", "number", "whose"),
    [
        ({"may_ask": False}, "V0002", "E0001"),
        ({}, "V0001", "E0001"),
        ({}, "E0002", "E0001"),
        ({}, "V0002", "E0002"),
        ({}, "E0001", "V0002"),
    ],
)
def test_nobody_else_asks_in_an_elder_s_stead(desk, journey, delegate, changed, number, whose):
    delegate(**changed)
    visitor = enter(desk, number)
    assert f"/my/ask?whose={whose}" not in visitor.open("/my/family")
    visitor.open(f"/my/ask?whose={whose}")
    assert visitor.status == 403
    visitor.open("/my/ask?what=meals&on=2023-04-07&at=14:00")
    visitor.send(visitor.form("/my/ask"), whose=whose)
    assert visitor.status == 403
    with desk.tried.bank.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM service_order")).scalar() == 0


def test_a_kiosk_asks_for_whoever_stands_before_it(desk, journey, delegate):
    delegate()
    visitor = enter(desk, "V0002", KIOSK)
    visitor.open("/kiosk/ask?whose=E0001")
    assert visitor.status == 403


@pytest.mark.parametrize("door", [KIOSK, MY])
def test_an_elder_takes_an_authority_back(desk, journey, delegate, door):
    delegate(until_on="2023-04-30")
    elder = enter(desk, "E0001", door)
    page = elder.open(f"/{door}/relatives")
    assert "我的受托人" in page
    assert "也可以替您请人帮忙。 到2023年4月30日为止。" in page
    form = elder.form(f"/{door}/relatives/end")
    assert "已经收回委托。" in elder.send(form)
    assert "我的受托人" not in elder.html
    assert "已经收回委托。" not in elder.send(form)
    assert elder.status == 200
    visitor = enter(desk, "V0002")
    visitor.open("/my/ask?whose=E0001")
    assert visitor.status == 403
