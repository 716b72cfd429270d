"""A campaign month: tables in, rosters signed, hours approved, a package handed in, all proven."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

from tests.support.campaigns import RIVER, VISIT, camera_picture, write_table
from tests.support.clients import Desk
from tests.support.counter import Station, agrees

CAMPAIGNS, ACTIVITIES = "/api/v1/campaigns", "/api/v1/activities"
MONTH = {
    "name": "2023年学雷锋志愿服务月", "receiver": "区委宣传部",
    "starts_on": "2023-03-05", "ends_on": "2023-04-05",
    "tables_due_on": "2023-03-02", "summaries_due_on": "2023-04-05",
    "themes": [{"name": "绿水青山", "serves": False}, {"name": "关心关爱"}],
    "units": [
        {"code": "XF", "name": "幸福街道", "kind": "town", "station": "XFL"},
        {"code": "WM", "name": "文明实践中心", "kind": "practice_centre", "station": "XFL"},
    ],
}  # fmt: skip
CHILD = {"category": "child", "name": "陈小明"}


def post(desk: Desk, role: str, path: str, body: Any, expected: int = 200, **rest: Any) -> Any:
    said = desk.client(role).post(path, json=body, headers=rest.get("headers", desk.key()))
    assert said.status_code == expected, said.text
    return said.json()


def table(desk: Desk, at: str, path: Path) -> Any:
    said = desk.client("clerk").post(
        f"{at}/table", files={"file": ("项目表.xlsx", path.read_bytes())}, headers=desk.key()
    )
    assert said.status_code == 200, said.text
    return said.json()


def photograph(desk: Desk, at: str, shade: int) -> None:
    said = desk.client("clerk").post(
        f"{at}/photographs",
        files={"file": ("照片.jpg", camera_picture(shade))},
        data={"caption": "河边清洁", "consent": "true"},
        headers=desk.key(),
    )
    assert said.status_code == 201, said.text


def opened(desk: Desk, folder: Path) -> str:
    """Open the campaign and report a table whose first version has a wrong cell."""
    refused = post(desk, "clerk", CAMPAIGNS, MONTH, 403)
    assert refused["code"] == "not_permitted"
    campaign = post(desk, "operator", CAMPAIGNS, MONTH, 201)["campaign"]
    at = f"{CAMPAIGNS}/{campaign}/units/XF"

    wrong = table(desk, at, write_table(folder, [RIVER, (*VISIT[:2], "别的", *VISIT[3:])]))
    assert [(one["row"], one["column"]) for one in wrong["wrong"]] == [(4, "服务类别")]
    assert table(desk, at, write_table(folder))["reported"] is True
    board = desk.client("auditor").get(f"{CAMPAIGNS}/{campaign}/board").json()
    assert {one["unit_code"]: one["table_state"] for one in board} == {
        "XF": "reported", "WM": "not_reported",
    }  # fmt: skip

    return campaign


def signed(desk: Desk, at: str) -> str:
    """Two volunteers clean the river; a child is visited, and the guardian is asked for."""
    river, visit = (
        one["activity_id"] for one in desk.client("clerk").get(f"{at}/activities").json()
    )
    lines = [
        {"volunteer": "V0001", "signed_in_at": "2023-03-05T09:00",
         "signed_out_at": "2023-03-05T11:00"},
        {"volunteer": "V0002", "signed_in_at": "2023-03-05T09:10"},
    ]  # fmt: skip
    post(desk, "clerk", f"{ACTIVITIES}/{river}/roster", {"lines": lines})
    out = [{"volunteer": "V0002", "signed_out_at": "2023-03-05T10:40"}]
    post(desk, "clerk", f"{ACTIVITIES}/{river}/roster", {"lines": out})
    refused = post(desk, "clerk", f"{ACTIVITIES}/{visit}/served", CHILD, 422)
    assert refused["code"] == "child_without_guardian"
    guarded = CHILD | {"guardian": "陈大勇"}
    post(desk, "clerk", f"{ACTIVITIES}/{visit}/served", guarded, 201)
    shown = desk.client("reviewer").get(f"{ACTIVITIES}/{visit}/served").json()
    assert [(one["name"], one["guardian"]) for one in shown] == [("陈＊＊", "陈＊＊")]

    return river


def credited(station: Station, campaign: str, river: str) -> None:
    """The clerk hands the hours in; twice is once, and a second person approves."""
    desk = station.desk
    key = desk.key()
    handed, again = (
        post(desk, "clerk", f"{ACTIVITIES}/{river}/hours", {"heads": 40}, 201, headers=key)
        for _time in range(2)
    )
    assert handed == again
    assert (handed["accepted"], handed["minutes"]) == (2, 210)
    figures = f"{CAMPAIGNS}/{campaign}/figures"
    total = desk.client("auditor").get(figures).json()["total"]
    assert (total["posted"]["minutes"], total["pending"]["minutes"]) == (0, 210)
    assert station.minutes("V0001")[0] == 0
    approval = f"/api/v1/registers/batches/{handed['batch']}/approval"
    post(desk, "reviewer", approval, None)
    assert (station.minutes("V0001")[0], station.minutes("V0002")[0]) == (120, 90)
    found = desk.client("auditor").get(figures, params={"until": "2023-03-05"}).json()
    assert found["themes"]["绿水青山"]["posted"] == {
        "activities": 1, "heads": 40, "minutes": 210, "given_minutes": 210, "late_minutes": 210,
        "volunteers": 2, "teams": 1,
    }  # fmt: skip
    assert found["units"]["WM"]["posted"]["minutes"] == 0


def submitted(desk: Desk, at: str) -> bytes:
    """The package lacks photographs; then it is an edition whose bytes are those of the digest."""
    refused = post(desk, "clerk", f"{at}/editions", {}, 409)
    assert refused["code"] == "package_incomplete"
    for shade in (10, 60, 110):
        photograph(desk, at, shade)
    press = {"title": "清洁母亲河", "outlet": "日报", "published_on": "2023-03-06"}
    post(desk, "clerk", f"{at}/reports", press, 201)
    made = post(desk, "clerk", f"{at}/editions", {}, 201)
    assert made["edition"] == 1
    content = desk.client("operator").get(f"{at}/editions/1.zip").content
    assert hashlib.sha256(content).hexdigest() == made["digest"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "总结.docx" in archive.namelist()
    kept = desk.client("clerk").get(f"{at}/package").json()
    assert "共1场次，服务40人次" in kept["summary"]

    return content


def test_a_campaign_month(station: Station, tmp_path: Path) -> None:
    desk = station.desk
    campaign = opened(desk, tmp_path)
    at = f"{CAMPAIGNS}/{campaign}/units/XF"
    credited(station, campaign, signed(desk, at))
    content = submitted(desk, at)

    # The receiving unit sends it back; the unit writes its own summary and submits again.
    post(desk, "operator", f"{at}/package/return", {"reason": "总结太短"})
    post(desk, "clerk", f"{at}/summary", {"text": "我们清洁了母亲河。"})
    assert post(desk, "clerk", f"{at}/editions", {}, 201)["edition"] == 2
    assert desk.client("operator").get(f"{at}/editions/1.zip").content == content
    agrees(station, tmp_path)
