"""Stars over HTTP, at the station's and the holder's page, and from the command line."""

from pathlib import Path

from tests.support.banks import OPERATOR
from tests.support.clients import desk_of
from tests.support.forging import bank_with, log
from tests.support.visitors import Visitor
from tests.timebank.commands.test_cli import run, told
from timebank.people.actions import issue_card

LADDER = '[honours]\nstar_minutes = { value = [60, 120], source = "民政部办法 2013" }'


def test_stars_are_shown_to_staff_and_to_their_holder(tmp_path: Path) -> None:
    with bank_with(tmp_path, LADDER) as tried, desk_of(tried) as desk:
        log(tried)
        issue_card(tried.bank, OPERATOR, "V0001", "274913")
        listed = desk.client("operator").get("/api/v1/stars", params={"limit": 1}).json()
        (one,) = listed["items"]
        assert (one["number"], one["stars"]["count"], one["stars"]["missing_minutes"]) == (
            "V0001", 1, 30,
        )  # fmt: skip
        assert listed["next"] == ""
        told = desk.client("clerk").get("/api/v1/people/V0001/stars").json()
        assert told["stars"]["given_minutes"] == 90
        assert any("民政部办法 2013" in line for line in told["zh"])
        assert desk.client("kiosk").get("/api/v1/stars").status_code == 403
        page = Visitor(desk, "clerk").open("/station/people?number=V0001")
        for said in ("1 星志愿者", "★☆", "民政部办法 2013"):
            assert said in page
        assert "星志愿者" not in Visitor(desk, "clerk").open("/station/people?number=E0001")
        assert_holder_sees(Visitor(desk))


def assert_holder_sees(visitor: Visitor) -> None:
    visitor.open("/kiosk")
    visitor.send(visitor.form("/kiosk/sign-in"), card="V0001", pin="274913")
    for door in ("kiosk", "my"):
        page = visitor.open(f"/{door}/account")
        assert "1 星志愿者" in page
        assert "再服务 30分钟 到 2 星" in page


def test_without_a_ladder_nothing_is_shown(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried, desk_of(tried) as desk:
        log(tried)
        told = desk.client("clerk").get("/api/v1/people/V0001/stars").json()
        assert told == {"stars": None, "zh": [], "en": []}
        assert desk.client("clerk").get("/api/v1/stars").json()["items"] == []
        assert "星" not in Visitor(desk, "clerk").open("/station/people?number=V0001")


def test_the_command_line_lists_them(tmp_path: Path) -> None:
    with bank_with(tmp_path, LADDER) as tried:
        log(tried)
        data = tried.settings.data
        found = told("stars", "--data", data)
        assert [(one["number"], one["count"]) for one in found["items"]] == [("V0001", 1)]
        assert "V0001" in run("stars", "--data", data).stdout
        assert told("stars", "--station", "XFL", "--data", data)["items"] == []
