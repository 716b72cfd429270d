"""The pages of every door in the oldest Chrome that stations still run: laid out as in today's."""

from typing import TYPE_CHECKING

import pytest

from api.pages.render import static_file
from api.security import SESSION_COOKIE
from tests.support.banks import OPERATOR, TriedBank
from tests.support.clients import PIN
from tests.support.eyes import SIZES
from tests.support.old_browsers import OLDEST, old_chromium
from tests.support.server import serving
from tests.support.services import service
from timebank.people.accesses import look
from timebank.reconciliation.findings import Seen, note
from timebank.reconciliation.model import Difference, Severity
from timebank.records.actions import log_service
from timebank.stations.model import Role
from timebank.stations.sessions import sign_in, sign_in_by_card

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from tests.support.browser import Browsers

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "": ["/", "/kiosk", "/station", "/audit", "/operator", "/station/nothing"],
    "V0001": ["/kiosk/account", "/kiosk/looks"],
    "clerk-XFL": ["/station", "/station/register"],
    "reviewer-XFL": ["/station/review"],
    "auditor": ["/audit", "/audit/statement?account=V0001", "/audit/findings"],
    "operator": ["/operator", "/operator/jobs", "/operator/stations"],
}

# Whatever takes up room by itself; the widths of single words may differ by a trimmed bracket.
_BOXES = """() => [...document.querySelectorAll(
  "header, nav, main, section, form, table, tr, .field, input, select, button, h1, h2, .card, li"
)].map((el) => {
  const { left, top, width, height } = el.getBoundingClientRect();
  return [el.tagName, left, top, width, height];
})"""

Box = tuple[str, float, float, float, float]


def fill(tried: TriedBank) -> None:
    """Put something on every page."""
    stated = service(content="陪伴聊天、打扫卫生、代购生活用品", minutes=45)
    log_service(tried.bank, tried.actor(Role.CLERK), "XFL", stated, key="log-00001")
    tried.issue("V0001", 750)
    look(tried.bank, OPERATOR, "V0001", "家属来电，核对身份")
    seen = Seen(Severity.ALARM, complete=True)
    seen.add(Difference("account acct_1", "below_floor", {"posted": -5, "floor": 0}))
    note(tried.bank, {"account_limits": seen}, "reconcile")


def token_of(tried: TriedBank, who: str) -> str:
    """A session of a login, or of the card V0001."""
    if who == "V0001":
        return sign_in_by_card(tried.bank, who, PIN)
    password = next(one.password for one in tried.founded.logins if one.login == who)
    return sign_in(tried.bank, who, password)


def boxes(context: "BrowserContext", address: str, rule: str = "") -> list[list[Box]]:
    """Where everything of a page lies, at each size; ``rule`` is put into its style sheet."""
    page = context.new_page()
    sheet = static_file("style.css").decode() + rule
    page.route(
        "**/static/style.css*", lambda route: route.fulfill(body=sheet, content_type="text/css")
    )
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    assert page.url == address, "led elsewhere"
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found.append(page.evaluate(_BOXES))
    page.close()
    assert [one for one in complaints if "Failed to load resource" not in one] == []
    return found


def differing(old: list[list[Box]], new: list[list[Box]]) -> list[tuple[Box, Box]]:
    """What lies elsewhere by more than two pixels, or is of another size."""
    return [
        (one, two)
        for at_size, then in zip(old, new, strict=True)
        for one, two in zip(at_size, then, strict=True)
        if one[0] != two[0] or any(abs(a - b) > 2 for a, b in zip(one[1:], two[1:], strict=True))
    ]


def test_the_oldest_browser_lays_every_page_out_as_todays_does(
    tried: TriedBank, browsers: "Browsers"
) -> None:
    fill(tried)
    old, new = browsers.start(old_chromium(OLDEST)), browsers.start()
    wrong = {}
    with serving(tried.bank) as served:
        for who, paths in PAGES.items():
            for context in (old, new):
                context.clear_cookies()
            if who:
                token = token_of(tried, who)
                for context in (old, new):
                    cookie = {"name": SESSION_COOKIE, "value": token, "url": served.address}
                    context.add_cookies([cookie])  # type: ignore[list-item]
            for path in paths:
                address = served.at(path)
                elsewhere = differing(boxes(old, address), boxes(new, address))
                if elsewhere:
                    wrong[f"{who} {path}"] = elsewhere[:3]
    assert wrong == {}


@pytest.mark.parametrize(
    "rule",
    [
        "main { & h1 { margin: 50px; } }",
        ".kiosk main { padding-left: calc(99px * cos(0)); }",
        ".field:dir(ltr) { padding: 9px; }",
    ],
)
def test_what_the_oldest_browser_does_not_know_is_seen(
    tried: TriedBank, browsers: "Browsers", rule: str
) -> None:
    old, new = browsers.start(old_chromium(OLDEST)), browsers.start()
    with serving(tried.bank) as served:
        address = served.at("/kiosk")
        assert differing(boxes(old, address), boxes(new, address)) == []
        assert differing(boxes(old, address, rule), boxes(new, address, rule)) != []
