"""The QR code on the elder's slip opens the visit on the volunteer's own telephone."""

import pytest

from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.orders import Journey
from tests.support.visitors import Visitor
from timebank.orders.presence import LONGEST_SCAN, scanned_link
from timebank.people.actions import issue_card


@pytest.fixture
def journey(desk):
    made = Journey(desk.tried)
    issue_card(desk.tried.bank, OPERATOR, "V0001", PIN)
    return made.to("accepted")


def test_whoever_scans_signs_in_first_and_is_led_to_the_visit(desk, journey):
    visitor = Visitor(desk)
    page = visitor.open(f"/my/work/{journey.order_id}")
    assert "登录已过期" not in page
    assert f'name="visit" value="{journey.order_id}"' in page
    visitor.send(visitor.form("/my/sign-in"), card="V0001", pin="000000")
    assert f'name="visit" value="{journey.order_id}"' in visitor.html
    page = visitor.send(visitor.form("/my/sign-in"), card="V0001", pin=PIN)
    assert f"/my/work/{journey.order_id}/sign_in" in page
    assert f"/my/work/{journey.order_id}/sign_in" in visitor.open(f"/my?visit={journey.order_id}")


@pytest.mark.parametrize("visit", ["//evil.example", "ordr_1", "ordr_" + "g" * 32, "../kiosk"])
def test_nobody_is_led_elsewhere(desk, journey, visit):
    visitor = Visitor(desk)
    visitor.open(f"/my?visit={visit}")
    page = visitor.send(visitor.form("/my/sign-in"), card="V0001", pin=PIN)
    assert "您现在有" in page


def test_the_scanned_address_signs_in_and_the_kept_time_is_the_visits(desk, journey):
    visitor = Visitor(desk)
    visitor.open("/my")
    visitor.send(visitor.form("/my/sign-in"), card="V0001", pin=PIN)
    visitor.open(f"/my/work/{journey.order_id}")
    form = visitor.form(f"/my/work/{journey.order_id}/sign_in")
    link = scanned_link("https://bank.example", journey.order_id, journey.order().door_code)
    assert len(link) <= LONGEST_SCAN
    for _twice in range(2):
        visitor.send(form, code=link, at=f"{journey.day}T08:10")
        assert journey.order().signed_in_at == f"{journey.day}T08:10"


@pytest.mark.parametrize(
    ("base", "said"),
    [("https://bank.example", "https://bank.example/my/work/{0}#{1}"),
     ("http://bank.example", "timebank:visit:{0}:{1}"),
     ("https://127.0.0.1", "timebank:visit:{0}:{1}")],
)  # fmt: skip
def test_the_slip_says_what_a_telephone_can_open(desk, journey, base, said):
    from api.pages.receipts import qr_of

    client = desk.client("clerk", base_url=base)
    page = client.get(f"/station/orders/{journey.order_id}/slip").text
    expected = said.format(journey.order_id, journey.order().door_code)
    assert str(qr_of(expected.encode())) in page
