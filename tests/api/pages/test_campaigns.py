"""api/pages/campaigns.py, campaign_packages.py and campaign_activities.py, without a script."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR
from tests.support.campaigns import RIVER, STATED, VISIT, camera_picture, write_table
from tests.support.visitors import forms_of
from timebank.campaigns.actions import open_campaign

ROOM = "/station/campaigns"


@pytest.fixture
def campaign(desk) -> str:
    answer = open_campaign(desk.tried.bank, OPERATOR, STATED, key="opens-month")
    return str(answer.body["campaign"])


@pytest.fixture
def clerk(visit):
    return visit("clerk")


def unit(campaign: str, code: str = "XF") -> str:
    return f"{ROOM}/{campaign}/units/{code}"


def exactly(visitor, action: str):
    return next(one for one in forms_of(visitor.html) if one.action == action)


def report(visitor, campaign: str, folder: Path, rows=(RIVER, VISIT)) -> str:
    path = write_table(folder, rows)
    visitor.open(unit(campaign))
    file = {"file": (path.name, path.read_bytes())}
    return visitor.send(visitor.form(f"{unit(campaign)}/table"), files=file)


def activity(visitor, campaign: str, name: str) -> str:
    page = visitor.open(unit(campaign))
    return re.search(rf'href="(/station/activities/actv_[0-9a-f]+)">{name}', page)[1]


def signed(visitor, at: str, volunteer: str, start: str, end: str) -> str:
    visitor.open(at)
    form = visitor.form(f"{at}/roster")
    return visitor.send(form, volunteer=volunteer, start=start, end=end)


def test_a_wrong_cell_is_shown_and_nothing_is_taken(clerk, campaign, tmp_path):
    page = report(clerk, campaign, tmp_path, [(*RIVER[:2], "别的", *RIVER[3:])])
    assert (clerk.status, "整张表都没有收" in page) == (422, True)
    assert "第3行“服务类别”：“别的”不是本次的主题" in page
    assert "还没有报送项目表" in page
    clerk.open(unit(campaign))
    assert "请选择项目表文件" in clerk.send(clerk.form(f"{unit(campaign)}/table"))


def test_a_month_from_the_table_to_the_edition(clerk, visit, campaign, tmp_path):
    assert STATED.name in clerk.open(ROOM)
    stated = (*RIVER[:7], 25, 50, *RIVER[9:])
    assert "项目表已报送" in report(clerk, campaign, tmp_path, [stated, VISIT])
    assert "表里自填：实到 25 人，时长 50小时" in clerk.html
    at = activity(clerk, campaign, "保护母亲河清洁")
    assert "名单已更新" in signed(clerk, at, "V0001、V0002", "9:00", "11:00")
    assert "签退" in clerk.html
    clerk.open(at)
    page = clerk.send(clerk.form(f"{at}/hours"), head_count="40")
    assert "时长已提交，待另一人复核" in page
    assert "还在名单上" not in page

    reviewer = visit("reviewer")
    page = reviewer.open("/station/review")
    assert "保护母亲河清洁" in page
    batch = re.search(r"batch_[0-9a-f]{32}", page)[0]
    assert "签到名单</span>" in reviewer.open(f"/station/review?batch={batch}")
    reviewer.open("/station/review")
    reviewer.send(reviewer.form("/station/batches"))
    page = clerk.open(f"{ROOM}/{campaign}")
    assert "<dd>4小时</dd>" in page
    assert "<dd>40</dd>" in page
    assert "<dd>0</dd>" in clerk.open(f"{ROOM}/{campaign}?until=2023-03-04")
    assert "看不懂日期" in clerk.open(f"{ROOM}/{campaign}?until=every")

    clerk.open(unit(campaign))
    assert "照片须有 3 到 4 张，现有 0 张" in clerk.send(clerk.form(f"{unit(campaign)}/submit"))
    for shade in (10, 60, 110):
        clerk.open(unit(campaign))
        form = exactly(clerk, f"{unit(campaign)}/photographs")
        picture = {"photo": ("照片.jpg", camera_picture(shade))}
        assert "已保存" in clerk.send(form, files=picture, caption="河边清洁", consent="yes")
    clerk.open(unit(campaign))
    form = exactly(clerk, f"{unit(campaign)}/reports")
    said = {"title": "清洁母亲河", "outlet": "日报", "date": "2023-03-06"}
    assert "链接须以 http" in clerk.send(form, **said, link="ftp://x")
    form = exactly(clerk, f"{unit(campaign)}/reports")
    assert "已保存" in clerk.send(form, **said, link="https://example.org")
    page = clerk.send(clerk.form(f"{unit(campaign)}/summary"), summary="我们清洁了母亲河。")
    assert "这是本单位自己写的" in page
    page = clerk.send(clerk.form(f"{unit(campaign)}/summary"), summary="字" * 1_501)
    assert "总结有 1501 个字" in page
    assert "字" * 1_501 in page
    clerk.open(unit(campaign))
    assert "第 1 版" in clerk.send(clerk.form(f"{unit(campaign)}/submit"))

    operator = visit("operator")
    operator.open(f"{ROOM}/{campaign}")
    back = operator.form(f"{unit(campaign)}/return")
    assert "请写明退回原因" in operator.send(back, what="package", reason="")
    back = operator.form(f"{unit(campaign)}/return")
    page = operator.send(back, what="package", reason="照片不清")
    assert "退回原因：照片不清" in page


def test_somebody_served_is_masked_and_forgotten(clerk, campaign, tmp_path):
    report(clerk, campaign, tmp_path)
    at = activity(clerk, campaign, "敬老陪伴")
    clerk.open(at)
    page = clerk.send(clerk.form(f"{at}/served"), category="child", name="陈小明")
    assert "须写明监护人" in page
    page = clerk.send(
        clerk.form(f"{at}/served"), category="child", name="陈小明", guardian="陈大勇"
    )
    assert "儿童 陈＊＊ · 监护人 陈＊＊" in page
    assert "陈小明" not in page
    person = re.search(r"cprs_[0-9a-f]{32}", page)[0]
    page = clerk.send(clerk.form(f"{at}/served/{person}/forget"))
    assert "儿童 已删除" in page
    # A theme that is for nobody offers no such form.
    assert "/served" not in clerk.open(activity(clerk, campaign, "保护母亲河清洁"))


def test_a_line_that_is_elsewhere_stays_and_says_so(clerk, campaign, tmp_path):
    report(clerk, campaign, tmp_path)
    river, visited = (activity(clerk, campaign, name) for name in ("保护母亲河清洁", "敬老陪伴"))
    assert "签到须在活动当天" in signed(clerk, river, "V0001", "11:00", "9:00")
    signed(clerk, river, "V0001", "9:00", "11:00")
    clerk.open(river)
    clerk.send(clerk.form(f"{river}/hours"))
    clerk.open(river)
    assert "时长已提交（record_" in signed(clerk, river, "V0001", "9:00", "12:00")
    signed(clerk, visited, "V0002", "", "")
    clerk.open(visited)
    assert "已移出或删除" in clerk.send(clerk.form(f"{visited}/remove"), number="V0002")


def test_on_the_day_itself_a_touch_signs_in_and_out(clerk, campaign, tmp_path, desk):
    day = f"{desk.tried.bank.today():%Y-%m-%d}"
    assert day == "2023-04-06"
    later = replace(STATED, ends_on=desk.tried.bank.today())
    month = open_campaign(desk.tried.bank, OPERATOR, later, key="opens-later").body["campaign"]
    report(clerk, month, tmp_path, [(*RIVER[:4], day, *RIVER[5:])])
    at = activity(clerk, month, "保护母亲河清洁")
    signed(clerk, at, "V0001", "", "")
    page = clerk.send(clerk.form(f"{at}/sign"), what="in")
    assert "现在签退" in page
    desk.tried.clock.move(timedelta(minutes=20))
    clerk.open(at)
    page = clerk.send(clerk.form(f"{at}/sign"), what="out")
    assert "签退齐全而未提交的有 1 人" in page


def test_auditors_read_and_change_nothing(visit, campaign, clerk, tmp_path):
    report(clerk, campaign, tmp_path)
    auditor = visit("auditor")
    assert STATED.name in auditor.open("/audit/campaigns")
    page = auditor.open(f"/audit/campaigns/{campaign}")
    assert "报送情况" in page
    assert "办理" not in page
    assert "账户" in auditor.open(f"/audit/campaigns/{campaign}/lines.csv")
    auditor.open(f"/audit/campaigns/{campaign}")
    assert 'method="post" action="/station' not in page
    auditor.open("/audit/campaigns/camp_none")
    assert auditor.status == 404
