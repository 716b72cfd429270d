"""Call-backs and the handlers' figures, seen by axe and measured in every state."""

from datetime import timedelta

import pytest

from tests.support.call_backs import a_week, caller, drawn
from tests.support.walk import Walk
from timebank.stations.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_call_backs_and_handlers(walk: Walk) -> None:
    tried, page = walk.typist.tried, walk.page
    a_week(tried, 12)
    clerk, reviewer = (caller(tried, role).actor_id for role in (Role.CLERK, Role.REVIEWER))
    tried.behind(
        f"UPDATE service_record SET recorded_by = '{clerk}', reviewed_by = '{reviewer}', "
        "reviewed_ms = recorded_ms + 90000 * number WHERE number > 4"
    )
    walk.sign_in("station", "operator")
    walk.typist.open("/station/call-backs")
    walk.eyes.look("nobody to ask")
    tried.clock.move(timedelta(days=3, hours=20))
    drawn(tried)
    walk.sign_in("station", "operator")
    walk.typist.open("/station/call-backs")
    for summary in page.locator("details summary").all():
        summary.click()
    walk.eyes.look("whom to ask")
    with page.expect_navigation():
        page.locator("form[action^='/station/call-backs/'] button").first.click()
    walk.eyes.look("no outcome was chosen")
    page.locator("details[open] select").select_option("not_as_recorded")
    page.locator("details[open] input[name=remark]").fill("那天没有人来")
    with page.expect_navigation():
        page.locator("details[open] button").click()
    walk.eyes.look("written down")
    assert page.locator("form[action^='/station/call-backs/']").count() == 4
    walk.typist.open("/operator/handlers")
    walk.eyes.look("figures of handlers")
    walk.fill(**{"from": "x", "until": "2023-04-06"})
    walk.eyes.look("a day that is none")
    walk.sign_in("audit", "auditor")
    walk.typist.open("/audit/handlers?from=2022-01-01&until=2022-01-02")
    walk.eyes.look("nobody recorded")
