"""Members, organisations, suspensions, corrections: every state of their pages, at every size."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.clients import PIN
from tests.support.forging import bank_with
from tests.support.moves import SOUTH, districts
from tests.support.orders import Journey
from tests.support.server import serving
from tests.support.services import service
from tests.support.walk import KIOSK, Walk
from timebank.records.actions import log_service
from timebank.stations.model import Role

if TYPE_CHECKING:
    from tests.support.browser import Browsers

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_suspensions(walk: Walk) -> None:
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/station/suspensions")
    walk.eyes.look("nobody is suspended")
    walk.fill(number="V0001", words="两次约好没有来", until="昨天")
    walk.eyes.look("an end that is none")
    walk.fill(number="V0001", words="两次约好没有来，也没有打电话", until="2023-06-30")
    walk.page.locator("details summary").first.click()
    walk.eyes.look("proposed")
    walk.sign_in("station", "operator")
    walk.typist.open("/station/suspensions")
    for summary in walk.page.locator("details summary").all():
        summary.click()
    walk.eyes.look("to be decided")
    walk.page.locator("form[action$='/decide'] input[name=reason]").fill("与老人核对属实")
    with walk.page.expect_navigation():
        walk.page.locator("form[action$='/decide'] button[value=approve]").click()
    walk.eyes.look("in force")
    walk.typist.open("/kiosk")
    walk.fill(card="V0001", pin=PIN)
    walk.eyes.look("told at the kiosk", **KIOSK)
    with walk.page.expect_navigation():
        walk.page.locator("form[action='/kiosk/appeal'] button").click()
    walk.eyes.look("said no at the kiosk", **KIOSK)


def test_reversals(walk: Walk) -> None:
    tried = walk.typist.tried
    log_service(tried.bank, tried.actor(Role.CLERK), "XFL", service("V0001"), key="log-00001")
    tried.hold(tried.account("V0001"), tried.account("E0001"), 60, expires_ms=2**41)
    walk.sign_in("station", "reviewer-XFL")
    walk.typist.open("/station/reversals?number=9")
    walk.eyes.look("no such record")
    walk.typist.open("/station/reversals?number=1")
    walk.eyes.look("found")
    walk.fill(reason="活动没有举行")
    walk.eyes.look("its minutes are held")
    walk.fill(reason="活动没有举行，名单上的人当天不在，已与本人核对")
    walk.eyes.look("proposed")
    walk.sign_in("station", "operator")
    walk.typist.open("/station/reversals")
    walk.eyes.look("to be decided")
    with walk.page.expect_navigation():
        walk.page.locator("button[value=approve]").click()
    walk.eyes.look("taken back")


def test_corrections(walk: Walk) -> None:
    bank = walk.typist.tried.bank
    log_service(bank, walk.typist.tried.actor(Role.CLERK), "XFL", service("V0001"), key="log-00001")
    walk.typist.open("/kiosk")
    walk.fill(card="V0001", pin=PIN)
    walk.typist.open("/kiosk/corrections")
    walk.eyes.look("what may be wrong", **KIOSK)
    for _time in range(3):
        with walk.page.expect_navigation():
            walk.page.locator("form[action='/kiosk/corrections'] button").first.click()
    walk.eyes.look("all of it is", **KIOSK)
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/station/corrections")
    for summary in walk.page.locator("details summary").all():
        summary.click()
    walk.eyes.look("to be answered")
    answer = walk.page.locator("form[action$='/answer']").last
    answer.locator("input[name=reason]").fill("已与本人核对")
    with walk.page.expect_navigation():
        answer.locator("button[value=refused]").click()
    walk.eyes.look("one is answered")


def test_people_and_organisations(walk: Walk) -> None:
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/station/people")
    walk.eyes.look("nobody is looked up")
    walk.page.fill("#name", "王秀兰")
    walk.fill(born_on="1950-05-20")
    walk.eyes.look("no consent")
    walk.typist.open("/station/people?number=V0001")
    walk.page.locator("summary").click()
    walk.page.fill("#other", "V0002")
    walk.page.fill("#kin-proof", "户口簿")
    with walk.page.expect_navigation():
        walk.page.press("#kin-proof", "Enter")
    walk.eyes.look("kin")
    walk.typist.open("/station/people?number=E0001")
    walk.page.locator("summary").last.click()
    walk.page.fill("#delegate", "V0002")
    with walk.page.expect_navigation():
        walk.page.fill("#delegate-proof", "委托书")
        walk.page.press("#delegate-proof", "Enter")
    walk.eyes.look("a delegate")
    walk.typist.open("/station/organisations")
    walk.eyes.look("no organisation")
    walk.page.fill("#number", "T0001")
    walk.fill(name="幸福里第三小学")
    walk.eyes.look("organisations")
    walk.typist.open("/station/organisations?number=T0001")
    walk.page.fill("#person", "V0001")
    walk.fill(guardian="王父")
    walk.eyes.look("a guardian without a telephone")
    walk.page.fill("#guardian_telephone", "13812340000")
    walk.fill(proof="同意书")
    walk.eyes.look("a minor belongs to it")


def test_pairings(walk: Walk) -> None:
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/station/pairings")
    walk.eyes.look("nobody is paired")
    for name, typed in (("elder", "E0001"), ("lead", "V0001"), ("proof", "双方签字")):
        walk.page.fill(f"#{name}", typed)
    walk.fill(minutes="很多")
    walk.eyes.look("a promise that is none")
    walk.page.fill("#minutes", "4小时")
    walk.page.fill("#backup", "V0002")
    walk.fill(risks="楼道没有灯，请带手电")
    for summary in walk.page.locator("details summary").all():
        summary.click()
    walk.eyes.look("paired")
    walk.typist.tried.behind("UPDATE pairing SET from_on = '2023-02-01'")
    walk.typist.tried.behind("UPDATE pairing_member SET from_on = '2023-02-01'")
    walk.page.reload()
    walk.eyes.look("nobody came for two months")


def test_matching(tmp_path: Path, browsers: "Browsers") -> None:
    from tests.support.eyes import Eyes
    from tests.support.typist import Typist

    with bank_with(tmp_path, people=()) as tried, serving(tried.bank) as served:
        made = Journey(tried).to("published")
        page = browsers.start().new_page()
        walk = Walk(Typist(page, served, tried), Eyes(page, served.address))
        walk.sign_in("station", "clerk-XFL")
        walk.typist.open("/station/matching?date=2023-04-07")
        walk.eyes.look("a day without orders")
        walk.typist.open("/station/matching?date=2023-04-06&volunteer=V0001")
        walk.eyes.look("what suits one volunteer")
        walk.typist.open(f"/station/orders/{made.order_id}")
        walk.eyes.look("who suits an order")
        walk.typist.open("/station/matching?date=2023-04-06")
        walk.eyes.look("a day to be given out")
        with walk.page.expect_navigation():
            walk.page.locator("form[method=post][action='/station/matching'] button").click()
        walk.eyes.look("given out")
        assert not walk.eyes.complaints, "\n".join(walk.eyes.complaints)


def test_moves(tmp_path: Path, browsers: "Browsers") -> None:
    from tests.support.eyes import Eyes
    from tests.support.typist import Typist

    with districts(tmp_path) as (north, here), serving(here.tried.bank) as served:
        _move, file = north.statement(SOUTH)
        (tmp_path / "move.credit-statement").write_bytes(file)
        here.serve("V0009", minutes=30)
        page = browsers.start().new_page()
        walk = Walk(Typist(page, served, here.tried), Eyes(page, served.address))
        walk.sign_in("station", "clerk-XFL")
        walk.typist.open("/station/moves")
        walk.eyes.look("nobody moves")
        walk.page.fill("#in-number", "V0009")
        walk.page.set_input_files("input[type=file]", tmp_path / "move.credit-statement")
        with walk.page.expect_navigation():
            walk.page.locator("form[action='/station/moves/in'] button").click()
        walk.eyes.look("somebody comes")
        walk.page.fill("#away-number", "V0009")
        walk.fill(slip="ZC-7")
        walk.eyes.look("somebody goes")
        walk.sign_in("station", "reviewer-XFL")
        walk.typist.open("/station/moves")
        walk.eyes.look("to be approved")
        with walk.page.expect_navigation():
            walk.page.locator("form[action$='/approve'] button").first.click()
        walk.eyes.look("approved")
        walk.sign_in("station", "operator")
        walk.typist.open("/station/moves")
        walk.eyes.look("partners")
        assert not walk.eyes.complaints, "\n".join(walk.eyes.complaints)
