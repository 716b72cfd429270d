"""api/pages/matching.py: who suits an order, a whole day by ticks, and what suits one volunteer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.test_suspensions import form_to
from tests.support.clients import Desk, desk_of
from tests.support.forging import bank_with
from tests.support.orders import CLERK, Journey
from tests.support.visitors import PageForm, Visitor, forms_of
from timebank.suspensions.actions import propose
from timebank.suspensions.model import Part, Proposal, Reason

ROOM = "/station/matching?date=2023-04-06"


@pytest.fixture
def journey(tmp_path: Path) -> Iterator[tuple[Journey, Desk]]:
    with bank_with(tmp_path, people=()) as tried, desk_of(tried) as desk:
        yield Journey(tried).to("published"), desk


def table(visitor: Visitor) -> PageForm:
    return next(
        one
        for one in forms_of(visitor.html)
        if one.method == "post" and one.action == "/station/matching"
    )


def test_a_day_is_given_out_by_ticks(journey: tuple[Journey, Desk]) -> None:
    made, desk = journey
    clerk = Visitor(desk, "clerk")
    page = clerk.open(ROOM)
    assert "派出勾选的" in page
    assert "未登记空闲时间" in page
    ticked = f"{made.order_id} V0002"
    page = clerk.send(table(clerk), pair=ticked)
    assert "已匹配" in page
    assert made.order().volunteer_id == made.people["V0002"]
    assert "这一天没有等人接的订单。" in page
    page = clerk.send(table_again(clerk, made), pair=ticked)
    assert "没有派出" in page


def table_again(visitor: Visitor, made: Journey) -> PageForm:
    """The same table as it was drawn before somebody else gave its order out."""
    first = made.order_id
    made.ask(wanted_at="15:00", need="第二张")
    for name in ("vet", "publish"):
        made.step(name)
    made.order_id = first
    visitor.open(ROOM)
    return table(visitor)


def test_nothing_ticked_gives_nothing_out(journey: tuple[Journey, Desk]) -> None:
    made, desk = journey
    clerk = Visitor(desk, "clerk")
    clerk.open(ROOM)
    page = clerk.send(table(clerk), pair="")
    assert clerk.status == 422
    assert "没有勾选任何订单。" in page
    page = clerk.send(table(clerk), pair="ordr_none V0001")
    assert "没有派出" in page
    assert made.order().volunteer_id == ""
    clerk.open("/station/matching?date=哪天")
    assert clerk.status == 422


def test_an_order_shows_who_suits_it_and_who_does_not(journey: tuple[Journey, Desk]) -> None:
    made, desk = journey
    stopped = Proposal("V0002", Part.VOLUNTEER, Reason.HARM, "训斥老人")
    propose(made.tried.bank, CLERK, stopped, key="susp-0001")
    clerk = Visitor(desk, "clerk")
    page = clerk.open(f"/station/orders/{made.order_id}")
    suited, _rest, barred = page.partition("为什么不是别人")
    assert "V0001" in suited.partition("谁合适")[2]
    assert "目前暂停参与" in barred
    form = form_to(clerk, "/steps/match")
    page = clerk.send(form)
    assert made.order().volunteer_id == made.people[dict(form.fields)["volunteer"]]


def test_what_suits_the_volunteer_at_the_counter(journey: tuple[Journey, Desk]) -> None:
    made, desk = journey
    clerk = Visitor(desk, "clerk")
    page = clerk.open(f"{ROOM}&volunteer=v0001")
    assert "适合 v0001 的订单" in page
    clerk.send(form_to(clerk, "/steps/match"))
    assert made.order().volunteer_id == made.people["V0001"]
    assert "近期没有适合的订单。" in clerk.open(f"{ROOM}&volunteer=V0001")
    clerk.open(f"{ROOM}&volunteer=V9999")
    assert clerk.status == 404
