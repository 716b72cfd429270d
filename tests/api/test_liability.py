"""api/routes/liability.py and api/pages/liability.py: one picture with its table."""

from tests.support.clients import Desk
from tests.support.visitors import Visitor


def test_over_http_and_as_a_page(desk: Desk) -> None:
    desk.tried.people("V0001")
    desk.tried.issue("V0001", 90)
    found = desk.client("auditor").get("/api/v1/liability").json()
    assert (found["owed_minutes"], found["months_to_use"]) == (90, None)
    (band,) = [one for one in found["bands"] if one["holders"]]
    assert (band["code"], band["minutes"]) == ("unknown", 90)
    assert desk.client("clerk").get("/api/v1/liability").status_code == 403
    page = Visitor(desk, "auditor").open("/audit/liability")
    assert "共欠成员 1小时30分钟" in page
    assert "<svg" in page
    assert "过去一年没有人使用时间。" in page
