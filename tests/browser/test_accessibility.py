"""Every page in every state, seen by axe and measured: Chinese at three sizes, English at one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import timebank.demo
from tests.support.banks import OPERATOR, TriedBank
from tests.support.clients import PIN
from tests.support.forging import bank_with, log
from tests.support.openings import write_list
from tests.support.profiles import NOTICE
from tests.support.server import serving
from tests.support.services import service
from tests.support.walk import KIOSK, Walk
from timebank.people.accesses import look
from timebank.people.exporting import export_person
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation
from timebank.periods.actions import close_period
from timebank.reconciliation.findings import Seen, note
from timebank.reconciliation.model import Difference, Severity
from timebank.records.actions import log_service
from timebank.stations.model import Role

if TYPE_CHECKING:
    from tests.support.browser import Browsers

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REGISTER = Path(timebank.demo.__file__).parent / "happiness_lane" / "register.xlsx"
SERVICE = {
    "volunteer": "V0001、V0002",
    "recipient": "E0001",
    "date": "2023-04-05",
    "start": "8:30",
    "end": "10:00",
    "content": "陪伴聊天",
}


def test_the_kiosk(walk: Walk) -> None:
    walk.typist.tried.issue("V0001", 100_000)
    walk.typist.open("/kiosk")
    walk.eyes.look("idle", **KIOSK)
    walk.fill(card="V0001", pin="111111")
    walk.eyes.look("wrong PIN", **KIOSK)
    walk.fill(card="V0001", pin=PIN)
    assert walk.page.locator("tbody tr").count() == 1
    walk.eyes.look("account", **KIOSK)
    look(walk.typist.tried.bank, OPERATOR, "V0001", "家属来电，核对身份证号和电话")
    export_person(walk.typist.tried.bank, OPERATOR, "V0001")
    walk.page.locator("a[href='/kiosk/looks']").click()
    walk.page.wait_for_url("**/kiosk/looks")
    assert walk.page.locator("tbody tr").count() == 2
    walk.eyes.look("who looked", **KIOSK)
    walk.page.locator("form[action='/kiosk/sign-out'] button").click()
    walk.eyes.look("signed out", **KIOSK)


def test_the_doors_and_the_sign_in(walk: Walk) -> None:
    walk.typist.open("/")
    walk.eyes.look("doors")
    walk.typist.open("/station")
    walk.eyes.look("sign-in")
    walk.fill(login="clerk-XFL", password="wrong")
    walk.eyes.look("wrong password")
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/audit")
    walk.eyes.look("another role's door")
    walk.typist.open("/station/register/batch_none")
    walk.eyes.look("nothing there")
    walk.typist.open("/station/nothing")
    assert walk.page.locator("main h1").count() == 1
    walk.eyes.look("a wrong address")


def test_the_orders_of_a_station(walk: Walk) -> None:
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/station/orders")
    walk.eyes.look("no orders")
    walk.page.fill("#start", "8:00")
    walk.fill(assistant="柜台小李")
    walk.eyes.look("a wish that is refused")
    walk.fill(recipient="E0001")
    walk.eyes.look("orders")
    walk.page.locator("a[href^='/station/orders/']").first.click()
    walk.page.wait_for_url("**/station/orders/*")
    address = walk.page.url
    for step in ("vet", "publish"):
        with walk.page.expect_navigation():
            walk.page.locator(f"form[action$='/steps/{step}'] button").click()
    walk.eyes.look("an order to be matched")
    walk.page.fill("#match-volunteer", "V0001")
    with walk.page.expect_navigation():
        walk.page.locator("form[action$='/steps/match']:has(#match-volunteer) button").click()
    walk.eyes.look("an elder without hours")
    walk.page.select_option("#match-payer", "nobody")
    with walk.page.expect_navigation():
        walk.page.locator("form[action$='/steps/match']:has(#match-volunteer) button").click()
    with walk.page.expect_navigation():
        walk.page.locator("form[action$='/steps/accept'] button").click()
    for summary in walk.page.locator("summary").all():
        summary.click()
    walk.eyes.look("an order with every form open")
    walk.page.goto(f"{address}/slip")
    walk.eyes.look("the slip of a visit")
    walk.page.goto(address)
    walk.page.fill("#sign_in-start", "8:00")
    walk.page.fill("#sign_in-reason", "电话报到")
    with walk.page.expect_navigation():
        walk.page.locator("form[action$='/steps/sign_in']:not(.card) button").click()
    walk.typist.tried.clock.move(timedelta(minutes=75))
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/station/orders")
    walk.eyes.look("a visit that nobody signed out")
    walk.page.goto(address)
    walk.eyes.look("what to look at first")
    with walk.page.expect_navigation():
        walk.page.locator("form[action$='/steps/sign_out']:not(.card) button").click()
    walk.sign_in("station", "reviewer-XFL")
    walk.page.goto(address)
    walk.eyes.look("a visit to be confirmed")
    with walk.page.expect_navigation():
        walk.page.locator("form[action$='/steps/confirm'] button").click()
    walk.eyes.look("faces to choose from")
    walk.typist.open("/station/calls")
    walk.eyes.look("whom to call")
    with walk.page.expect_navigation():
        walk.page.locator("form[action^='/station/calls/'] button").click()
    walk.eyes.look("nobody to call")


@pytest.mark.parametrize("tried", ["two_people"], indirect=True)
def test_the_station(walk: Walk) -> None:
    walk.sign_in("station", "clerk-XFL")
    walk.eyes.look("empty form")
    walk.fill(**SERVICE | {"volunteer": "V0009", "start": "早", "content": ""})
    walk.eyes.look("refused form")
    walk.fill(**SERVICE)
    walk.eyes.look("logged")
    walk.page.locator("a[href^='/station/records/']").first.click()
    walk.page.wait_for_url("**/station/records/*")
    walk.eyes.look("how it was reckoned")
    walk.typist.open("/station/register")
    walk.eyes.look("upload")
    walk.page.set_input_files("#file", REGISTER)
    walk.page.locator("form[enctype] button").click()
    walk.page.wait_for_url("**/rehearsal_*")
    walk.eyes.look("result")
    walk.sign_in("station", "reviewer-XFL")
    walk.typist.open("/station/review")
    walk.eyes.look("queue")
    walk.page.locator("summary").first.click()
    walk.eyes.look("opened")
    walk.page.locator("button.back").first.click()
    walk.page.wait_for_url("**/station/reviews/*")
    walk.eyes.look("sent back without a reason")
    walk.sign_in("station", "operator")
    walk.eyes.look("the district at a station")


def test_public_notices(tmp_path: Path, browsers: "Browsers") -> None:
    from tests.support.eyes import Eyes
    from tests.support.typist import Typist

    with bank_with(tmp_path, NOTICE) as tried, serving(tried.bank) as served:
        for at in (1, 2):
            log(tried, at, at=f"{8 + 2 * at}:00", volunteers="V0001、V0002")
        page = browsers.start().new_page()
        walk = Walk(Typist(page, served, tried), Eyes(page, served.address))
        walk.typist.open("/notice")
        walk.eyes.look("what is under notice")
        walk.sign_in("station", "reviewer-XFL")
        walk.typist.open("/station/notices")
        page.locator("details summary").first.click()
        walk.eyes.look("an objection")
        page.locator("details[open] input[name=reason]").fill("那天没有人来")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        walk.eyes.look("an objection that waits")
        assert not walk.eyes.complaints, "\n".join(walk.eyes.complaints)


def test_older_passbooks(walk: Walk, tmp_path: Path) -> None:
    rows = [
        ("V0001", "", "存折 0071 第 12 页，王师傅经手，封面有水渍", "193.75", "2022-12-31"),
        ("V0002", "", "旧台账第3页", "90分钟", "2022-12-31"),
        ("V0001", "", "存折 0071 第 13 页", "1", "2022-12-31"),
        ("V0009", "", "存折 9999", "1", "2022-12-31"),
    ]
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/station/openings")
    walk.eyes.look("no list")
    walk.page.set_input_files("#file", write_list(tmp_path, rows))
    walk.page.locator("form[enctype] button").click()
    walk.page.wait_for_url("**/check/*")
    walk.eyes.look("what a list would come to")
    with walk.page.expect_navigation():
        walk.page.locator("form[action*='/check/'] button").click()
    walk.eyes.look("rows that await their holders")
    address = walk.page.url.partition("?")[0]
    walk.page.fill("#slip-1", "13800001234")
    with walk.page.expect_navigation():
        walk.page.press("#slip-1", "Enter")
    walk.eyes.look("a slip that is none")
    walk.page.fill("#slip-1", "S-1")
    with walk.page.expect_navigation():
        walk.page.press("#slip-1", "Enter")
    walk.page.goto(f"{address}/slips")
    walk.eyes.look("slips to sign")
    walk.typist.open("/station/openings")
    walk.eyes.look("lists")
    walk.sign_in("station", "reviewer-XFL")
    walk.page.goto(address)
    walk.page.locator("summary").last.click()
    walk.eyes.look("to be approved")
    with walk.page.expect_navigation():
        walk.page.locator("form[action$='/approval'] button").click()
    walk.eyes.look("approved")


def test_after_a_death(walk: Walk) -> None:
    bank = walk.typist.tried.bank
    log_service(bank, walk.typist.tried.actor(Role.CLERK), "XFL", service("V0001"), key="log-00001")
    note_kinship(bank, OPERATOR, "V0001", "V0002", Relation.SPOUSE, "户口簿")
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/station/estates")
    walk.eyes.look("nobody has died")
    walk.fill(number="V0001", date="2023-04-31", proof="死亡医学证明")
    walk.eyes.look("a day that is none")
    walk.fill(number="V0001", date="2023-04-05", proof="死亡医学证明")
    walk.sign_in("station", "operator")
    walk.typist.open("/station/estates")
    for summary in walk.page.locator("details summary").all():
        summary.click()
    walk.eyes.look("what is to be settled")
    with walk.page.expect_navigation():
        walk.page.locator("form[action$='/settle'] button").click()
    walk.page.locator("details summary").first.click()
    walk.eyes.look("settled")


def test_the_audit(walk: Walk) -> None:
    walk.typist.tried.issue("V0001", 90)
    tried = walk.typist.tried
    stated = service(content="陪伴聊天、打扫卫生、代购生活用品", minutes=45)
    log_service(tried.bank, tried.actor(Role.CLERK), "XFL", stated, key="log-00001")
    walk.sign_in("audit", "auditor")
    walk.eyes.look("home")
    walk.fill(account="nobody")
    walk.eyes.look("unknown account")
    walk.fill(account="V0001")
    walk.eyes.look("statement")
    walk.page.locator("a[href^='/audit/explanation']").first.click()
    walk.page.wait_for_url("**/audit/explanation?*")
    walk.eyes.look("how it was reckoned")
    tried.behind("UPDATE record_person SET credited_minutes = 900 WHERE part = 'volunteer'")
    walk.page.reload()
    walk.eyes.look("what was altered")
    walk.typist.open("/audit/findings")
    walk.eyes.look("no findings")
    walk.typist.open("/audit/periods")
    walk.eyes.look("no month was closed")
    tried.clock.set(datetime(2023, 5, 2, tzinfo=UTC))
    close_period(tried.bank, OPERATOR, "2023-04", reason="五月冲正", key="close-2023-04")
    walk.sign_in("audit", "auditor")
    walk.typist.open("/audit/periods")
    walk.eyes.look("a closed month")


def test_the_district(walk: Walk) -> None:
    seen = Seen(Severity.ALARM, complete=True)
    seen.add(Difference("account acct_1", "below_floor", {"posted": -5, "floor": 0}))
    seen.add(Difference("account acct_2", "below_floor", {"posted": -9, "floor": 0}))
    note(walk.typist.tried.bank, {"account_limits": seen}, "reconcile")
    walk.sign_in("operator", "operator")
    walk.eyes.look("findings")
    walk.page.locator("summary").first.click()
    walk.page.locator("button[value=closed]").first.click()
    walk.page.wait_for_url("**/operator/findings/*")
    walk.eyes.look("closed without a comment")
    walk.typist.open("/operator/jobs")
    walk.eyes.look("jobs")
    walk.typist.open("/operator/stations")
    walk.eyes.look("stations and staff")
    walk.fill(title="登记员", login="clerk-XFL")
    walk.eyes.look("a login that is taken")
    walk.fill(title="登记员", login="wang")
    assert walk.page.locator("#first-password").inner_text()
    walk.eyes.look("hired")


FAULTS = {
    "too wide": "document.body.style.width = '3000px'",
    "12 px text": "document.querySelector('h1').style.fontSize = '12px'",
    "lines too close": "document.querySelector('h1').style.lineHeight = '1'",
    "target of": "document.querySelector('.link').style.minHeight = '10px'",
    "color-contrast": "document.querySelector('h1').style.color = '#999'",
    "label": "document.querySelector('label').remove()",
    "html-has-lang": "document.documentElement.removeAttribute('lang')",
    "ids twice": "document.querySelector('h1').id = 'main'",
    "Content Security Policy": "fetch('http://127.0.0.1:9/').catch(() => 0)",
    "broken figure": "document.querySelector('main').innerHTML += "
    "'<dl class=figures><div><dd class=tried>13小时30分钟 13小时30分钟</dd></div></dl>';"
    "document.styleSheets[0].insertRule('.tried.tried { width: 9rem; white-space: normal }')",
    "out of line": "document.querySelector('main').style.maxWidth = '30rem'",
    "the browser says": "document.querySelector('h1').innerHTML = '<b onclick=alert(1)>x</b>'",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_eyes_see_planted_faults(fault: str, tried: TriedBank, browsers: "Browsers") -> None:
    from tests.support.eyes import Eyes

    with serving(tried.bank) as served:
        page = browsers.start().new_page()
        eyes = Eyes(page, served.address, ((1024, 768),))
        page.goto(served.at("/kiosk"))
        page.evaluate(FAULTS[fault])
        eyes.look("planted", text=24, target=60)
    assert any(fault in complaint for complaint in eyes.complaints), eyes.complaints
