"""Every page of the kiosk in every state, seen by axe and measured, in each type and contrast."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from tests.support.counts import full_run
from tests.support.givers import TRANSFER, Givers, givers_with
from tests.support.openings import write_list
from tests.support.server import Served, serving
from timebank.help_calls.actions import call_for_help
from timebank.openings.importing import import_openings
from timebank.orders.asking import request_order
from timebank.orders.model import Channel, Stated, Wish
from timebank.orders.steps import take_step
from timebank.people.actions import issue_card

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers
    from tests.support.eyes import Eyes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TODAY, TOMORROW = "2023-04-06", "2023-04-07"
STEPS: tuple[tuple[str, dict[str, str]], ...] = (
    ("vet", {}),
    ("publish", {}),
    ("match", {"volunteer": "V0002"}),
    ("accept", {}),
    ("sign_in", {"at": f"{TODAY}T06:00", "reason": "志愿者电话报到"}),
    ("sign_out", {"at": f"{TODAY}T07:30"}),
)


def order(givers: Givers, until: str, on: str = TODAY, at: str = "06:00") -> str:
    """An order of V0001, led on until before a step."""
    from tests.support.givers import CLERK

    bank, wish = givers.tried.bank, Wish("V0001", "companionship", on, at, 90, Channel.PAPER)
    asked = Wish(wish.elder, wish.class_code, on, at, 90, Channel.PAPER, assistant="小李")
    order_id = str(request_order(bank, CLERK, "XFL", asked, key=givers.key()).body["order"])
    for step, said in STEPS:
        if step == until:
            break
        take_step(bank, CLERK, order_id, step, Stated(**said), key=givers.key())  # type: ignore[arg-type]  # texts
    return order_id


@pytest.fixture
def givers(tmp_path: Path) -> Iterator[Givers]:
    """A member with a card, 300 minutes, a wife, and orders in several states."""
    with givers_with(tmp_path, TRANSFER) as made:
        issue_card(made.tried.bank, OPERATOR, "V0001", PIN)
        yield made


class Walk:
    """Somebody at the kiosk while ``eyes`` look at each page."""

    def __init__(self, page: "Page", served: Served, eyes: "Eyes", kind: dict[str, Any]) -> None:
        self.page, self.served, self.eyes, self.kind = page, served, eyes, kind

    def open(self, name: str, path: str) -> None:
        """Open a page and look at it."""
        self.page.goto(self.served.at(path))
        self.eyes.look(name, **self.kind)

    def press(self, name: str, selector: str) -> None:
        """Press a button and look at the page that follows."""
        with self.page.expect_navigation():
            self.page.click(selector)
        self.eyes.look(name, **self.kind)


# The middle size lies between two that are looked at; it has its turn where all counts are full.
KINDS = ["zh", "en", "zh largest", "en largest", "zh contrast", *["zh larger"] * full_run()]


@pytest.fixture(params=KINDS)
def walk(request: pytest.FixtureRequest, givers: Givers, browsers: "Browsers") -> Iterator[Walk]:
    """A walk in each language, type and colour; what was wrong is told at its end."""
    from tests.support.eyes import SIZES, Eyes

    language, _blank, screen = request.param.partition(" ")
    with serving(givers.tried.bank) as served:
        context = browsers.start()
        cookie = {"name": "timebank_language", "value": language, "url": served.address}
        context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own type
        page = context.new_page()
        sizes = SIZES if language == "zh" else SIZES[-1:]
        eyes = Eyes(page, served.address, sizes)
        page.goto(served.at("/kiosk/at/XFL"))
        made = Walk(page, served, eyes, {"text": 24, "target": 60})
        eyes.look("set up", **made.kind)
        page.goto(served.at(f"/kiosk/screen/{screen or 'large'}?back=/kiosk"))
        eyes.look("idle", **made.kind)
        page.fill("#card", "V0001")
        page.fill("#pin", PIN)
        with page.expect_navigation():
            page.press("#pin", "Enter")
        yield made
        assert not eyes.complaints, "\n".join(eyes.complaints)


def test_care(walk: Walk, givers: Givers) -> None:
    walk.open("no visits", "/kiosk/visits")
    walk.open("which help", "/kiosk/ask")
    walk.open("when", "/kiosk/ask?what=meals")
    walk.open("right?", f"/kiosk/ask?what=meals&on={TOMORROW}&at=14:00")
    walk.press("asked", "form[action='/kiosk/ask'] button")
    walk.open("without hours", f"/kiosk/ask?what=bathing&on={TOMORROW}&at=09:00&minutes=1440")
    done = order(givers, "confirm")
    coming = order(givers, "sign_in", TOMORROW, "15:00")
    walk.open("an account with all there is", "/kiosk/account")
    walk.open("visits", "/kiosk/visits")
    walk.open("a visit to come", f"/kiosk/visits/{coming}")
    walk.page.click("summary")
    walk.eyes.look("not wanted", **walk.kind)
    walk.open("a visit that is over", f"/kiosk/visits/{done}")
    walk.page.click("summary")
    walk.eyes.look("not right", **walk.kind)
    walk.press("refused", f"form[action='/kiosk/visits/{done}/confirm'] button")
    walk.press("rated", ".face >> nth=3")
    walk.open("who came", "/kiosk/visits")
    walk.open("the family", "/kiosk/relatives")
    walk.press("the family may", "form[action='/kiosk/relatives'] button")
    walk.open("still there", "/kiosk/still-there")
    walk.press("help", "form[action='/kiosk/help'] button")
    walk.open("nothing there", "/kiosk/visits/ordr_none")


def test_an_older_passbook(walk: Walk, givers: Givers, tmp_path: Path) -> None:
    from tests.support.givers import CLERK

    rows = [("V0001", "", f"存折 0071 第 {page} 页", "193.75", "2022-12-31") for page in (1, 2)]
    path = write_list(tmp_path, rows)
    import_openings(givers.tried.bank, CLERK, "XFL", path, key=givers.key())
    walk.open("an account that a passbook awaits", "/kiosk/account")
    walk.open("one's own older passbook", "/kiosk/openings")
    walk.press("one's own word", "form[action='/kiosk/openings'] >> nth=0 >> button")
    walk.press("nothing awaits", "form[action='/kiosk/openings'] button")


def test_gifts(walk: Walk) -> None:
    walk.open("whom", "/kiosk/gift")
    walk.open("right?", "/kiosk/gift?to=1&minutes=60")
    walk.press("given", "form[action='/kiosk/gifts'] button")
    walk.press("undone", "form[action^='/kiosk/transfers/'] button")
    walk.page.goto(walk.served.at("/kiosk/gift"))
    walk.press("donated all", "form[action='/kiosk/donations'] >> nth=-1 >> button")
    walk.open("nothing left", "/kiosk/gift")
    walk.open("who looked", "/kiosk/looks")
    walk.press("signed out", "form[action='/kiosk/sign-out'] button")


def test_calls_for_help_at_the_station(givers: Givers, browsers: "Browsers") -> None:
    from tests.support.eyes import Eyes

    bank = givers.tried.bank
    call_for_help(bank, "XFL")
    call_for_help(bank, "XFL", givers.people["V0001"])
    password = next(one.password for one in givers.tried.founded.logins if one.login == "clerk-XFL")
    with serving(bank) as served:
        page = browsers.start().new_page()
        eyes = Eyes(page, served.address)
        page.goto(served.at("/station"))
        page.fill("#login", "clerk-XFL")
        page.fill("#password", password)
        with page.expect_navigation():
            page.press("#password", "Enter")
        assert page.locator("form[action^='/station/help/']").count() == 2
        eyes.look("calls for help")
        assert not eyes.complaints, "\n".join(eyes.complaints)
