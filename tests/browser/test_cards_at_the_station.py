"""A scanner at the station is a keyboard: it types a card's number and presses Enter."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.banks import OPERATOR, new_bank
from tests.support.clients import PIN
from tests.support.orders import Journey
from tests.support.server import serving
from tests.support.walk import Walk
from timebank.people.actions import issue_card

if TYPE_CHECKING:
    from tests.support.browser import Browsers

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def scan(walk: Walk, card: str) -> None:
    """What the device does, wherever the focus is: it knows no field.

    Nobody scans before the page is drawn, and only then does the browser put the focus.
    """
    walk.page.wait_for_selector("input:focus")
    walk.page.keyboard.type(card)
    with walk.page.expect_navigation():
        walk.page.keyboard.press("Enter")


def test_a_card_is_read_on_the_board_and_at_its_order(tmp_path: Path, browsers: "Browsers") -> None:
    from tests.support.eyes import SIZES, Eyes
    from tests.support.typist import Typist

    with new_bank(tmp_path) as tried, serving(tried.bank) as served:
        journey = Journey(tried).to("accepted")
        for number in ("V0001", "V0002"):
            issue_card(tried.bank, OPERATOR, number, PIN)
        page = browsers.start().new_page()
        walk = Walk(Typist(page, served, tried), Eyes(page, served.address, SIZES))
        walk.sign_in("station", "clerk-XFL")
        walk.typist.open("/station/orders")
        scan(walk, "V0002")
        assert "今天在本站没有" in walk.typist.text
        walk.eyes.look("a card without a visit")
        walk.typist.open("/station/orders")
        scan(walk, "V0001")
        assert page.url.endswith(f"/station/orders/{journey.order_id}")
        scan(walk, "V0002")
        walk.eyes.look("somebody else's card")
        assert journey.order().state == "accepted"
        walk.typist.open(f"/station/orders/{journey.order_id}")
        scan(walk, "V0001")
        assert journey.order().state == "signed_in"
        scan(walk, "V0001")
        assert "再刷一次卡不算签退" in walk.typist.text
        walk.eyes.look("read twice")
        assert journey.order().state == "signed_in"
        assert not walk.eyes.complaints, "\n".join(walk.eyes.complaints)
