"""api/pages/calls.py: whom to call, with the look written down; a line that was told is gone."""

from sqlalchemy import text

from tests.support.clients import Desk
from tests.support.orders import Journey
from tests.support.visitors import Visitor


def test_the_call_list_says_whom_to_tell_what_until_somebody_did(desk: Desk) -> None:
    journey = Journey(desk.tried)
    clerk = Visitor(desk, "clerk")
    assert "没有要告知的事。" in clerk.open("/station/calls")
    journey.to("accepted")
    page = clerk.open("/station/calls")
    assert "王秀兰 E0001" in page
    assert f"上门码{journey.order().door_code}" in page
    assert "没有登记电话" in page
    with desk.tried.bank.read() as connection:
        asked = text("SELECT count(*) FROM access WHERE fields = 'name telephone'")
        # The volunteer's became moot when they agreed, so one person was looked at.
        assert connection.execute(asked).scalar_one() == 1
    number = 3
    page = clerk.send(clerk.form(f"/station/calls/{number}"))
    assert "第3号通知已记为告知。" in page
    assert "上门码" not in page


def test_a_message_that_is_not_there_is_said_so(desk: Desk) -> None:
    Journey(desk.tried).to("matched")
    clerk = Visitor(desk, "clerk")
    clerk.open("/station/calls")
    form = clerk.form("/station/calls/2")
    form.action = "/station/calls/99"
    assert "没有第 99 号通知" in clerk.send(form)
    assert clerk.status == 404
