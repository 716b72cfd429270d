"""Every page of the telephone in every state, seen by axe and measured at 360 px and wider."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_my import PHONE, come_in, journey
from tests.support.orders import CLERK, Journey
from tests.support.server import Served, serving
from timebank.people.delegates import Authority, name_delegate

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers
    from tests.support.eyes import Eyes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

__all__ = ["journey"]


class Look:
    """Somebody with a telephone while ``eyes`` look at each page."""

    def __init__(self, page: "Page", served: Served, eyes: "Eyes") -> None:
        self.page, self.served, self.eyes = page, served, eyes

    def at(self, *paths: str) -> None:
        """Open pages and look at each, with everything opened that opens."""
        for path in paths:
            self.page.goto(self.served.at(path))
            for one in self.page.locator("summary").all():
                one.click()
            self.eyes.look(path, text=18)


@pytest.fixture(params=["zh", "en"])
def look(request: pytest.FixtureRequest, journey: Journey, browsers: "Browsers") -> Iterator[Look]:
    from tests.support.eyes import SIZES, Eyes

    with serving(journey.tried.bank) as served:
        context = browsers.start(viewport=PHONE)
        cookie = {"name": "timebank_language", "value": request.param, "url": served.address}
        context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own type
        page = context.new_page()
        narrow = (PHONE["width"], PHONE["height"])
        eyes = Eyes(page, served.address, (narrow, *SIZES) if request.param == "zh" else (narrow,))
        yield Look(page, served, eyes)
        assert not eyes.complaints, "\n".join(eyes.complaints)


def test_volunteer(look: Look, journey: Journey) -> None:
    look.at("/my")
    come_in(look.page, look.served)
    look.at("/my/account", "/my/work", "/my/offers", "/my/hours")
    journey.ask()
    journey.step("vet")
    journey.step("publish")
    look.at("/my/offers")
    journey.step("match", volunteer="V0001")
    here = f"/my/work/{journey.order_id}"
    look.at("/my/work", here)
    journey.step("accept")
    look.at(here)
    journey.step("sign_in", at="08:00", reason="志愿者电话报到")
    look.at(here, f"{here}?done=not_sent")
    look.page.goto(look.served.at(here))
    look.page.context.set_offline(True)
    look.page.click("form[data-sign-out] button")
    look.page.locator("[data-kept]").wait_for()
    look.page.evaluate("localStorage.clear()")
    look.page.context.set_offline(False)
    look.eyes.look("kept")
    journey.step("sign_out", at="09:00")
    look.at(here)
    journey.step("confirm", journey.member("E0001"))
    look.at(here, "/my/hours", "/my/work/ordr_none")
    look.page.goto(look.served.at("/my/hours"))
    with look.page.expect_navigation():
        look.page.click("a[href^='/my/why']")
    look.eyes.look("why")


def test_elder(look: Look, journey: Journey) -> None:
    come_in(look.page, look.served, "E0001")
    authority = Authority("E0001", "V0002", "委托书", "2023-04-30", may_ask=True)
    name_delegate(journey.tried.bank, CLERK, authority)
    look.at(
        "/my/account",
        "/my/corrections",
        "/my/ask",
        "/my/ask?what=meals",
        "/my/ask?what=meals&on=2023-04-07&at=14:00",
        "/my/visits",
        "/my/relatives",
        "/my/relatives?done=changed",
        "/my/gift",
        "/my/openings",
        "/my/looks",
    )
    journey.to("accepted")
    here = f"/my/visits/{journey.order_id}"
    look.at("/my/visits", here)
    journey.step("sign_in", at="08:00", reason="志愿者电话报到")
    journey.step("sign_out", at="09:00")
    look.at("/my/account", here)
    journey.step("confirm", journey.member("E0001"))
    look.at(here, "/my/visits")


def test_family(look: Look, journey: Journey) -> None:
    come_in(look.page, look.served, "E0002")
    authority = Authority("E0001", "E0002", "委托书", "2023-04-30", may_ask=True)
    name_delegate(journey.tried.bank, CLERK, authority)
    look.at("/my/account", "/my/family", "/my/ask?whose=E0001")
    look.at("/my/ask?what=meals&on=2023-04-07&at=14:00&whose=E0001")
    journey.to("awaiting_confirmation")
    look.at("/my/family", f"/my/family/{journey.order_id}")


def test_the_doors(look: Look) -> None:
    look.at("/", "/my?note=lapsed")
