"""A campaign's pages in a real Chromium: seen by axe at every size, and walked without a script."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.balances import balance_of
from tests.support.banks import OPERATOR, TriedBank
from tests.support.campaigns import CLERK, RIVER, STATED, VISIT, Month, camera_picture, write_table
from tests.support.clients import PIN
from tests.support.server import serving
from timebank.campaigns.actions import open_campaign
from timebank.campaigns.model import Line
from timebank.campaigns.rosters import keep_roster
from timebank.campaigns.self_signing import make_codes
from timebank.people.actions import issue_card

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers
    from tests.support.eyes import Eyes
    from tests.support.typist import Typist

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOM = "/station/campaigns"
MONTH_TYPED = {
    "name": "2023年学雷锋志愿服务月", "receiver": "区委宣传部", "starts_on": "2023-03-05",
    "ends_on": "2023-04-05", "tables_due_on": "2023-03-02", "summaries_due_on": "2023-04-05",
}  # fmt: skip


@pytest.fixture
def campaign(tried: TriedBank) -> str:
    """An open campaign at the bank of the browser."""
    answer = open_campaign(tried.bank, OPERATOR, STATED, key="opens-month")
    return str(answer.body["campaign"])


@pytest.fixture(params=["zh", "en"])
def seen(
    request: pytest.FixtureRequest, tried: TriedBank, browsers: "Browsers"
) -> Iterator[tuple["Typist", "Eyes"]]:
    """Somebody at the pages in each language, whose eyes tell at the end what was wrong."""
    from tests.support.eyes import SIZES, Eyes
    from tests.support.typist import Typist

    with serving(tried.bank) as served:
        context = browsers.start()
        cookie = {"name": "timebank_language", "value": request.param, "url": served.address}
        context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own type
        page = context.new_page()
        eyes = Eyes(page, served.address, SIZES if request.param == "zh" else SIZES[-1:])
        yield Typist(page, served, tried), eyes
        assert not eyes.complaints, "\n".join(eyes.complaints)


def sent(page: "Page", form: str) -> None:
    """Press the button of a form and wait for the page that follows."""
    with page.expect_navigation():
        page.locator(f"{form} button").first.click()


def sign_in(typist: "Typist", door: str, login: str) -> None:
    typist.page.context.clear_cookies(name="timebank_session")
    password = next(one.password for one in typist.tried.founded.logins if one.login == login)
    typist.open(f"/{door}")
    typist.page.fill("#login", login)
    typist.page.fill("#password", password)
    with typist.page.expect_navigation():
        typist.page.press("#password", "Enter")


def test_every_page_of_a_campaign(
    seen: tuple["Typist", "Eyes"], campaign: str, tmp_path: Path
) -> None:
    typist, eyes = seen
    page, unit = typist.page, f"{ROOM}/{campaign}/units/XF"
    month = Month(typist.tried, tmp_path, campaign)
    sign_in(typist, "station", "clerk-XFL")
    typist.open(ROOM)
    eyes.look("campaigns")
    typist.open(unit)
    eyes.look("a unit with nothing")
    page.set_input_files("#file", write_table(tmp_path, [(*RIVER[:2], "别的主题", *RIVER[3:])]))
    sent(page, f"form[action='{unit}/table']")
    eyes.look("a table with a wrong cell")
    month.lived()
    month.sign(2, "V0002", "2023-03-18T14:00", "2023-03-18T15:00")
    for shade in (10, 60, 110):
        page.set_input_files("#photo", [{"name": "a.jpg", "mimeType": "image/jpeg",
                                         "buffer": camera_picture(shade)}])  # fmt: skip
        page.fill("#caption", "志愿者在河边清洁")
        page.check("input[name=consent]")
        sent(page, f"form[action='{unit}/photographs']")
    page.fill("#title", "志愿者清洁母亲河")
    page.fill("#outlet", "区融媒体中心")
    page.fill("#date", "2023-03-06")
    page.fill("#link", "ftp://nowhere")
    sent(page, f"form[action='{unit}/reports']")
    eyes.look("a link that is none")
    page.fill("#link", f"https://example.org/{'long' * 40}")
    sent(page, f"form[action='{unit}/reports']")
    sent(page, f"form[action='{unit}/submit']")
    eyes.look("a submitted package")
    typist.open(f"/station/activities/{month.activity(2)}")
    eyes.look("a roster")
    page.select_option("#category", "child")
    page.fill("#name", "陈小明")
    sent(page, "form[action$='/served']")
    eyes.look("a child without a guardian")
    page.fill("#guardian", "陈大勇")
    sent(page, "form[action$='/served']")
    eyes.look("somebody served")
    sign_in(typist, "station", "operator")
    typist.open(f"{ROOM}/{campaign}")
    page.locator("details summary").first.click()
    eyes.look("the board and its figures")
    sign_in(typist, "audit", "auditor")
    typist.open(f"/audit/campaigns/{campaign}?until=every")
    eyes.look("a cut-off that is no day")


def test_the_districts_pages_of_a_campaign(
    seen: tuple["Typist", "Eyes"], campaign: str, tmp_path: Path
) -> None:
    typist, eyes = seen
    page, room = typist.page, "/operator/campaigns"
    Month(typist.tried, tmp_path, campaign).lived()
    sign_in(typist, "operator", "operator")
    typist.open(room)
    eyes.look("campaigns")
    typist.open(f"{room}/new")
    eyes.look("an empty form")
    page.set_input_files("#file", [{"name": "a.toml", "mimeType": "text/plain", "buffer": b"no"}])
    sent(page, f"form[action='{room}/preview'][enctype]")
    eyes.look("a file that is none")
    for field, text in MONTH_TYPED.items():
        page.fill(f"#{field}", text)
    sent(page, f"form[action='{room}/preview']:not([enctype])")
    eyes.look("a preview")
    sent(page, f"form[action='{room}/open']")
    eyes.look("an open campaign")
    typist.open(f"{room}/{campaign}?until=2023-03-31")
    page.locator("details summary").first.click()
    eyes.look("the board with figures")


def of_today(tried: TriedBank, folder: Path) -> str:
    """An activity of today with V0001 on its roster, who signs in by a code."""
    later = replace(STATED, ends_on=tried.bank.today())
    answer = open_campaign(tried.bank, OPERATOR, later, key="opens-today")
    month = Month(tried, folder, str(answer.body["campaign"]))
    month.report([(*RIVER[:4], tried.bank.today().isoformat(), *RIVER[5:])])
    activity = month.activity(1)
    keep_roster(tried.bank, CLERK, activity, [Line("V0001")], key=month.key())
    make_codes(tried.bank, CLERK, activity)
    return activity


def come_in(typist: "Typist", number: str) -> None:
    issue_card(typist.tried.bank, OPERATOR, number, PIN)
    typist.page.context.clear_cookies(name="timebank_session")
    typist.open("/my")
    typist.page.fill("#card", number)
    typist.page.fill("#pin", PIN)
    with typist.page.expect_navigation():
        typist.page.press("#pin", "Enter")


def test_the_pages_where_volunteers_sign_themselves(
    seen: tuple["Typist", "Eyes"], tmp_path: Path
) -> None:
    typist, eyes = seen
    activity, page = of_today(typist.tried, tmp_path), typist.page
    sign_in(typist, "station", "clerk-XFL")
    typist.open(f"/station/activities/{activity}/code")
    eyes.look("the code")
    code = page.inner_text("#code")
    come_in(typist, "V0001")
    typist.open("/my/activities")
    eyes.look("ones own activities")
    typist.open(f"/my/activities/{activity}")
    page.fill("#code", "000000")
    sent(page, "form[action$='/sign_in']")
    eyes.look("a wrong code")
    page.fill("#code", code)
    sent(page, "form[action$='/sign_in']")
    eyes.look("signed in")
    typist.tried.clock.move(timedelta(minutes=2))
    typist.open(f"/my/activities/{activity}")
    page.context.set_offline(True)
    page.click("form[data-sign-out] button")
    page.wait_for_selector("[data-kept]:not([hidden])", timeout=15_000)
    typist.tried.clock.move(timedelta(minutes=2))
    with page.expect_navigation(url="**/my/activities/*done=out"):
        page.context.set_offline(False)
    eyes.look("signed out later")
    sign_in(typist, "station", "clerk-XFL")
    typist.open(f"/station/activities/{activity}")
    eyes.look("a roster with marks")


def test_a_clerk_walks_a_month_without_a_mouse_or_script(
    typist: "Typist", campaign: str, tmp_path: Path
) -> None:
    page, tried = typist.page, typist.tried
    typist.sign_in("station", "clerk-XFL")
    typist.press("集中活动")
    typist.open(f"{ROOM}/{campaign}/units/XF")
    page.set_input_files("#file", write_table(tmp_path, [RIVER, VISIT]))
    typist.press("报送")
    assert "项目表已报送" in typist.text
    typist.press("保护母亲河清洁")
    typist.tab_to("volunteer")
    page.keyboard.insert_text("V0001、V0002")
    typist.tab_to("start")
    page.keyboard.insert_text("9:00")
    typist.tab_to("end")
    page.keyboard.insert_text("11:00")
    typist.enter()
    assert "名单已更新" in typist.text
    typist.press_twice("form[action$='/hours'] button", "done=handed")
    assert "待另一人复核" in typist.text
    typist.press("退出")

    typist.sign_in("station", "reviewer-XFL")
    typist.press("待复核")
    with page.expect_navigation():
        page.locator("form[action^='/station/batches/'] button").press("Enter")
    with tried.bank.read() as connection:
        held = balance_of(connection, tried.account("V0001"))
    assert held is not None
    assert held.posted == timedelta(hours=2) // timedelta(minutes=1)
