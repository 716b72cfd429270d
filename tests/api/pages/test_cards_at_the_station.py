"""api/pages/station_orders.py: a scanner types a volunteer's card, and Enter sends it."""

from datetime import timedelta

import pytest

from tests.support.banks import OPERATOR
from tests.support.clients import PIN, Desk
from tests.support.orders import Journey
from tests.support.visitors import Visitor, forms_of
from timebank.people.actions import issue_card


@pytest.fixture
def journey(desk: Desk) -> Journey:
    made = Journey(desk.tried)
    for number in ("V0001", "V0002"):
        issue_card(desk.tried.bank, OPERATOR, number, PIN)
    return made


def read(visitor: Visitor, address: str, card: str, ending: str) -> str:
    visitor.open(address)
    assert visitor.html.count("autofocus") == 1
    assert 'id="card"' in visitor.html.split("autofocus")[0].rsplit("<", 1)[1]
    return visitor.send(visitor.form(f"{address}{ending}"), card=card)


def test_a_card_signs_in_and_out_at_the_orders_page(desk: Desk, journey: Journey) -> None:
    clerk, address = Visitor(desk, "clerk"), f"/station/orders/{journey.to('accepted').order_id}"
    page = read(clerk, address, "V0002", "/steps/sign_in")
    assert clerk.status == 403
    assert "不是本单志愿者在用的卡" in page
    assert 'value="V0002"' not in page
    page = read(clerk, address, "v0001", "/steps/sign_in")
    assert "站点刷志愿者卡" in page
    assert "刷卡签退" in page
    page = read(clerk, address, "V0001", "/steps/sign_out")
    assert clerk.status == 409
    assert "再刷一次卡不算签退" in page
    journey.tried.clock.move(timedelta(minutes=50))
    desk.forget(desk.token("clerk"))  # Half an hour ends a session.
    clerk = Visitor(desk, "clerk")
    read(clerk, address, "V0001", "/steps/sign_out")
    assert journey.order().state == "awaiting_confirmation"
    page = clerk.open(address)
    assert 'id="card"' not in page
    assert "autofocus" not in page
    assert "V0001" not in clerk.url


def test_without_a_card_the_form_below_is_what_it_was(desk: Desk, journey: Journey) -> None:
    clerk, address = Visitor(desk, "clerk"), f"/station/orders/{journey.to('accepted').order_id}"
    clerk.open(address)
    (form,) = [one for one in forms_of(clerk.html) if {"code", "reason"} <= one.fields.keys()]
    page = clerk.send(form)
    assert clerk.status == 422
    assert page.count("autofocus") == 1
    assert 'id="sign_in-reason"' in page.split("autofocus")[0].rsplit("<", 1)[1]
    clerk.open(address)
    (form,) = [one for one in forms_of(clerk.html) if {"code", "reason"} <= one.fields.keys()]
    clerk.send(form, code=journey.order().door_code)
    assert journey.order().state == "signed_in"


def test_on_the_board_a_card_opens_todays_visit(desk: Desk, journey: Journey) -> None:
    clerk = Visitor(desk, "clerk")
    journey.to("accepted")
    first = journey.order_id
    page = read(clerk, "/station/orders", "v0001", "/card")
    assert clerk.url.endswith(f"/station/orders/{first}")
    page = read(clerk, "/station/orders", "V0002", "/card")
    assert (clerk.status, "今天在本站没有" in page) == (200, True)
    page = read(clerk, "/station/orders", "999", "/card")
    assert (clerk.status, "没有这张卡" in page) == (404, True)
    journey.ask(wanted_at="14:00")
    for name, stated in (("vet", {}), ("publish", {}), ("match", {"volunteer": "V0001"})):
        journey.step(name, **stated)
    page = read(clerk, "/station/orders", "V0001", "/card")
    assert "这张卡今天有 2 个订单" in page
    for order_id in (first, journey.order_id):
        assert f'<li><a class="link" href="/station/orders/{order_id}">' in page
    assert "王秀兰" not in page


def test_the_operator_reads_a_card_for_the_station_that_is_shown(
    desk: Desk, journey: Journey
) -> None:
    operator = Visitor(desk, "operator")
    journey.to("accepted")
    read(operator, "/station/orders", "V0001", "/card")
    assert operator.url.endswith(journey.order_id)


def test_a_card_over_http(desk: Desk, journey: Journey) -> None:
    clerk, member = desk.client("clerk"), desk.client("member")
    path = f"/api/v1/orders/{journey.to('accepted').order_id}/steps/sign_in"
    for client, card, status, code in (
        (member, "V0001", 422, "order_value_invalid"),
        (clerk, "V0002", 403, "card_of_another"),
    ):
        answer = client.post(path, json={"card": card}, headers=desk.key())
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert clerk.post(path, json={"card": "V0001"}, headers=desk.key()).status_code == 200
