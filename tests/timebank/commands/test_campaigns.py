"""timebank/commands/campaigns.py and campaign_packages.py: a month at the command line."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.support.banks import TriedBank, new_bank
from tests.support.campaigns import MONTH_TOML, RIVER, camera_picture, write_table
from tests.timebank.commands.test_cli import run, told

CLERK = ("--as", "clerk-XFL")


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    with new_bank(tmp_path) as made:
        made.people("V0001", "V0002")
        yield made


@pytest.fixture
def month(tmp_path: Path) -> Path:
    path = tmp_path / "month.toml"
    path.write_text(MONTH_TOML, encoding="utf-8")
    return path


def approver(tried: TriedBank) -> tuple[str, ...]:
    login = next(one for one in tried.founded.logins if one.login == "reviewer-XFL")
    return ("--as", login.login, "--password", login.password)


def test_a_month_from_its_opening_to_the_package(
    tried: TriedBank, month: Path, tmp_path: Path
) -> None:
    data = ("--data", tried.settings.data)
    assert told("campaign", "list", *data) == {"campaigns": []}
    campaign = told("campaign", "open", month, *data)["campaign"]
    at, empty = (campaign, "XF"), tmp_path / "empty.xlsx"
    told("campaign", "template", campaign, "--out", empty, *data)
    assert "志愿服务项目表" in openpyxl.load_workbook(empty).sheetnames

    wrong = write_table(tmp_path, [(*RIVER[:2], "别的", *RIVER[3:])])
    refused = told("campaign", "report", *at, wrong, *CLERK, *data, code=1)
    assert refused["wrong"] == [{"row": 3, "column": "服务类别", "why": "unknown_theme"}]
    assert told("campaign", "report", *at, write_table(tmp_path), *CLERK, *data)["reported"]
    told("campaign", "return", *at, "--reason", "缺地点", *data)
    (unit,) = told("campaign", "list", campaign, *data)["units"]
    assert (unit["table"], unit["package"]) == ("returned", "not_reported")
    told("campaign", "report", *at, write_table(tmp_path), *CLERK, *data)

    river, _visit = (one["activity"] for one in
                     told("campaign", "activities", *at, *data)["activities"])  # fmt: skip
    signed = ("--in", "2023-03-05T09:00", "--out", "2023-03-05T11:00")
    roster = told("campaign", "roster", river, "--volunteer", "V0001、V0002", *signed, *data)
    assert len(roster["roster"]) == 2
    handed = told("campaign", "hours", river, "--heads", 40, *CLERK, *data)
    assert (handed["accepted"], handed["minutes"]) == (2, 240)
    told("register", "approve", handed["batch"], *approver(tried), *data)
    figures = told("campaign", "figures", campaign, "--until", "2023-03-05", *data)
    assert figures["themes"]["绿水青山"]["posted"]["minutes"] == 240
    assert told("balance", "V0001", *data)["posted"] == 120

    out = tmp_path / "package.zip"
    assert told("campaign", "submit", *at, *CLERK, *data, code=1)["error"]["code"] == (
        "package_incomplete"
    )
    for shade in (10, 60, 110):
        photograph = tmp_path / f"{shade}.jpg"
        photograph.write_bytes(camera_picture(shade))
        caption = ("--caption", "河边清洁", "--consent")
        told("campaign", "photograph", *at, photograph, *caption, *CLERK, *data)
    press = ("--title", "清洁母亲河", "--outlet", "日报", "--on", "2023-03-06")
    told("campaign", "press", *at, *press, *CLERK, *data)
    own = tmp_path / "own.txt"
    own.write_text("我们清洁了母亲河。", encoding="utf-8")
    assert not told("campaign", "summary", *at, *data)["own"]
    assert told("campaign", "summary", *at, "--text", own, *CLERK, *data) == {
        "summary": "我们清洁了母亲河。", "own": True,
    }  # fmt: skip
    made = told("campaign", "submit", *at, *CLERK, *data)
    told("campaign", "package", *at, 1, "--out", out, *data)
    assert hashlib.sha256(out.read_bytes()).hexdigest() == made["digest"]
    told("campaign", "table", *at, "--out", out, *data)
    told("campaign", "lines", campaign, "--out", out, *data)
    assert out.read_text(encoding="utf-8-sig").startswith("单位,序号")
    every = told("campaign", "whole", campaign, "--out", out, *data)
    assert hashlib.sha256(out.read_bytes()).hexdigest() == every["sha256"]
    told("campaign", "return", *at, "--package", "--reason", "照片不清", *data)
    assert told("campaign", "forget", *at, 1, *data) == {"edition": 1, "unit": "XF"}


def test_people_read_the_same_in_words(tried: TriedBank, month: Path, tmp_path: Path) -> None:
    data = ("--data", tried.settings.data)
    campaign = told("campaign", "open", month, *data)["campaign"]
    told("campaign", "report", campaign, "XF", write_table(tmp_path), *data)
    assert "项目表已报（逾期），总结未报（逾期）" in run("campaign", "list", campaign, *data).output
    said = run("campaign", "figures", campaign, *data).output
    assert "合计：0 场次，0 人次，0分钟，其中补录 0分钟，志愿者 0 人，队伍 0 支；" in said
    assert "公示中 0分钟，待复核 0分钟" in said
