"""api/pages/my_activities.py and the code at the station: signed in and out without a script."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR
from tests.support.campaigns import CLERK, RIVER, STATED, Month
from tests.support.clients import Desk
from tests.support.telephone import enter
from tests.support.visitors import Visitor
from timebank.campaigns.actions import open_campaign
from timebank.campaigns.model import Line
from timebank.campaigns.rosters import keep_roster

Visit = Callable[..., Visitor]
ROOM = "/my/activities"


@pytest.fixture
def activity(desk: Desk, visit: Visit, tmp_path: Path) -> str:
    """An activity of today with V0001 on its roster."""
    bank = desk.tried.bank
    later = replace(STATED, ends_on=bank.today())
    campaign = open_campaign(bank, OPERATOR, later, key="opens-today").body["campaign"]
    month = Month(desk.tried, tmp_path, str(campaign))
    month.report([(*RIVER[:4], bank.today().isoformat(), *RIVER[5:])])
    keep_roster(bank, CLERK, month.activity(1), [Line("V0001")], key=month.key())
    return month.activity(1)


def shown_code(clerk: Visitor, activity: str) -> str:
    page = clerk.open(f"/station/activities/{activity}/code")
    found = re.search(r'id="code">(\d{6})<', page)
    assert found is not None
    return found[1]


def test_a_volunteer_signs_in_by_the_code_on_the_screen_and_out(
    desk: Desk, visit: Visit, activity: str
) -> None:
    at = f"/station/activities/{activity}"
    clerk, volunteer = visit("clerk"), enter(desk, "V0001")
    assert "保护母亲河清洁" in volunteer.open(ROOM)
    clerk.open(f"{at}/code")
    assert clerk.url.endswith(at)  # Nobody has opened it: there is no code.
    clerk.send(clerk.form(f"{at}/codes"))
    assert "自助签到" in clerk.html
    assert "<svg" in clerk.html
    assert clerk.client.get(f"{at}/code").headers["refresh"] == "60"

    volunteer.open(f"{ROOM}/{activity}")
    sign_in = volunteer.form(f"{ROOM}/{activity}/sign_in")
    assert "签到码不对" in volunteer.send(sign_in, code="12345x")
    assert volunteer.status == 403
    sign_in = volunteer.form(f"{ROOM}/{activity}/sign_in")
    assert "已签到" in volunteer.send(sign_in, code=shown_code(clerk, activity))
    desk.tried.clock.move(timedelta(minutes=10))
    volunteer = enter(desk, "V0001")
    volunteer.open(f"{ROOM}/{activity}")
    page = volunteer.send(volunteer.form(f"{ROOM}/{activity}/sign_out"))
    assert "已签退" in page
    assert "时间已记下" in page
    assert "/sign_out" not in volunteer.open(f"{ROOM}/{activity}")
    page = clerk.open(at)
    assert "自助，签到码" in page
    assert "自助，本人自报" in page


def test_a_time_that_was_kept_without_network_comes_once(
    desk: Desk, visit: Visit, activity: str
) -> None:
    clerk, volunteer = visit("clerk"), enter(desk, "V0001")
    clerk.open(f"/station/activities/{activity}")
    clerk.send(clerk.form(f"/station/activities/{activity}/codes"))
    volunteer.open(f"{ROOM}/{activity}")
    sign_in = volunteer.form(f"{ROOM}/{activity}/sign_in")
    volunteer.send(sign_in, code=shown_code(clerk, activity))
    form = volunteer.form(f"{ROOM}/{activity}/sign_out")
    at = "2023-04-06T09:01"
    desk.tried.clock.move(timedelta(minutes=2))
    assert "09:01" in volunteer.send(form, at=at)
    assert "09:01" in volunteer.send(form, at=at)
    assert volunteer.status == 200


def test_new_codes_end_the_former_ones(desk: Desk, visit: Visit, activity: str) -> None:
    at = f"/station/activities/{activity}"
    clerk, volunteer = visit("clerk"), enter(desk, "V0001")
    clerk.open(at)
    clerk.send(clerk.form(f"{at}/codes"))
    former = shown_code(clerk, activity)
    clerk.send(clerk.form(f"{at}/codes"))
    assert shown_code(clerk, activity) != former
    volunteer.open(f"{ROOM}/{activity}")
    page = volunteer.send(volunteer.form(f"{ROOM}/{activity}/sign_in"), code=former)
    assert "签到码不对" in page


def test_who_is_on_no_roster_sees_none(desk: Desk, activity: str) -> None:
    stranger = enter(desk, "V0002")
    assert "不在近期活动的签到名单上" in stranger.open(ROOM)
    stranger.open(f"{ROOM}/{activity}")
    assert stranger.status == 404
