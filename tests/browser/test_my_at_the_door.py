"""On the telephone at the door: the slip's QR code, and a sign-in while the network is lost."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_my import PHONE, come_in, details
from tests.support.banks import OPERATOR, new_bank
from tests.support.clients import PIN
from tests.support.orders import Journey
from tests.support.server import Served, serving
from timebank.people.actions import issue_card

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers

pytestmark = pytest.mark.browser


@pytest.fixture
def journey(tmp_path: Path) -> Iterator[Journey]:
    """V0001 has accepted a visit to E0001, and has a card."""
    with new_bank(tmp_path) as tried:
        made = Journey(tried)
        issue_card(tried.bank, OPERATOR, "V0001", PIN)
        yield made.to("accepted")


@pytest.fixture
def phone(journey: Journey, browsers: "Browsers") -> Iterator[tuple["Page", Served]]:
    """A telephone of 360 x 780 with scripts."""
    with serving(journey.tried.bank) as served:
        yield browsers.start(viewport=PHONE).new_page(), served


def kept(page: "Page", step: str) -> list[str]:
    """Ids of the visits whose step is kept, from the browser's store."""
    found: list[str] = page.evaluate(
        f"Object.keys(JSON.parse(localStorage.getItem('timebank-{step}s') ?? '{{}}'))"
    )
    return found


def test_the_camera_leads_through_the_sign_in_to_the_visit(
    phone: tuple["Page", Served], journey: Journey
) -> None:
    page, served = phone
    page.goto(served.at(f"/my/work/{journey.order_id}#{journey.order().door_code}"))
    page.fill("#card", "V0001")
    page.fill("#pin", PIN)
    with page.expect_navigation():
        page.press("#pin", "Enter")
    assert page.input_value("#code") == journey.order().door_code
    assert "#" not in page.url
    with page.expect_navigation():
        page.click("form[data-sign-in] button")
    assert "已签到，服务开始。" in page.inner_text("body")
    assert details(journey)[-1] == ("qr", "")
    assert kept(page, "sign-in") == []


def at_the_door(phone: tuple["Page", Served], journey: Journey, code: str) -> "Page":
    page, served = phone
    come_in(page, served)
    page.goto(served.at(f"/my/work/{journey.order_id}"))
    page.fill("#code", code)
    page.context.set_offline(True)
    page.click("form[data-sign-in] button")
    page.locator("[data-kept-in]").wait_for()
    assert kept(page, "sign-in") == [journey.order_id]
    return page


def test_a_visit_without_network_is_handed_in_once_and_whole(
    phone: tuple["Page", Served], journey: Journey
) -> None:
    page = at_the_door(phone, journey, journey.order().door_code)
    assert "签到时间和上门码已记在这部手机上" in page.inner_text("body")
    assert not page.locator("form[data-sign-in]").is_visible()
    page.evaluate("Date.now = ((then) => () => then() + 30 * 60_000)(Date.now)")
    page.click("form[data-sign-out] button")
    page.locator("[data-kept]").wait_for()
    assert journey.order().state.value == "accepted"
    journey.tried.clock.move(timedelta(minutes=40))
    page.context.clear_cookies(name="timebank_session")  # It has run out meanwhile.
    page.context.set_offline(False)
    come_in(page, phone[1])
    page.wait_for_url("**/my/work/*done=sign_out")
    order = journey.order()
    assert (order.signed_in_at, order.signed_out_at) == (
        f"{journey.day}T09:00", f"{journey.day}T09:30",
    )  # fmt: skip
    assert details(journey)[-2:] == [
        ("code", f"{journey.day}T09:00"), ("word", f"{journey.day}T09:30"),
    ]  # fmt: skip
    assert kept(page, "sign-in") == kept(page, "sign-out") == []


def test_a_wrong_code_is_told_and_kept_no_longer(
    phone: tuple["Page", Served], journey: Journey
) -> None:
    wrong = "0001" if journey.order().door_code == "0000" else "0000"
    page = at_the_door(phone, journey, wrong)
    page.context.set_offline(False)
    page.wait_for_url("**/my/work/*done=not_sent")
    assert "补交的时间没有办成" in page.inner_text("body")
    assert journey.order().state.value == "accepted"
    assert kept(page, "sign-in") == []
