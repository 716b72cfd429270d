"""api/routes/call_backs.py, api/pages/call_backs.py: who is asked, and what they said."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.call_backs import a_week, drawn, rows
from tests.support.clients import Desk, desk_of
from tests.support.forging import bank_with
from tests.support.visitors import Visitor

PATH = "/api/v1/call-backs"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An application on the Monday after a week of twelve services, with its draw made."""
    with bank_with(tmp_path, people=()) as tried, desk_of(tried) as found:
        a_week(tried, 12)
        tried.clock.move(timedelta(days=3, hours=20))
        drawn(tried)
        yield found


def test_staff_and_auditors_read_the_list_page_by_page(desk: Desk) -> None:
    for role in ("clerk", "reviewer", "operator", "auditor"):
        first = desk.client(role).get(PATH, params={"station": "XFL", "limit": 3}).json()
        after = {"station": "XFL", "after": first["next"]}
        second = desk.client(role).get(PATH, params=after).json()
        assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 2, None)
    shown = first["items"][0]
    assert (shown["week"], shown["place"], shown["is_open"]) == ("2023-04-10", 1, True)
    assert shown["name"].endswith("＊")
    assert desk.client().get(PATH, params={"station": "XFL"}).status_code == 401
    assert desk.client("kiosk").get(PATH, params={"station": "XFL"}).status_code == 403
    other = desk.client("clerk").get(PATH, params={"station": "OTHER"})
    assert (other.status_code, other.json()["code"]) == (403, "not_permitted")


def test_anybody_who_audits_can_repeat_the_draw(desk: Desk) -> None:
    (made,) = desk.client("auditor").get(f"{PATH}/draws").json()
    assert (made["week"], made["entries"]) == ("2023-04-10", 12)
    assert made["origin"] == desk.tried.bank.origin
    assert made["size"] > 12


def test_an_outcome_is_written_once(desk: Desk) -> None:
    reviewer = desk.client("reviewer")
    call = reviewer.get(PATH, params={"station": "XFL"}).json()["items"][0]["call_id"]
    address, key = f"{PATH}/{call}/outcomes", desk.key()
    bare = reviewer.post(address, json={"outcome": "not_as_recorded"}, headers=desk.key())
    assert (bare.status_code, bare.json()["code"]) == (422, "missing_field")
    wrong = reviewer.post(address, json={"outcome": "maybe"}, headers=desk.key())
    assert wrong.status_code == 422
    said = {"outcome": "not_as_recorded", "remark": "只来了十分钟"}
    first = reviewer.post(address, json=said, headers=key)
    again = reviewer.post(address, json=said, headers=key)
    assert (first.status_code, first.content) == (201, again.content)
    other = reviewer.post(address, json=said | {"remark": "别的"}, headers=key)
    assert other.json()["code"] == "key_reused"
    late = reviewer.post(address, json={"outcome": "confirmed"}, headers=desk.key())
    assert (late.status_code, late.json()["code"]) == (409, "call_ended")
    nowhere = f"{PATH}/call_nowhere/outcomes"
    unknown = reviewer.post(nowhere, json={"outcome": "confirmed"}, headers=desk.key())
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_call")
    listed = reviewer.get(PATH, params={"station": "XFL"}).json()["items"]
    assert call not in {one["call_id"] for one in listed}
    everything = {"station": "XFL", "everything": True}
    (shown,) = [
        one for one in reviewer.get(PATH, params=everything).json()["items"]
        if one["call_id"] == call
    ]  # fmt: skip
    assert [one["outcome"] for one in shown["attempts"]] == ["not_as_recorded"]
    assert "十分钟" not in str(shown)


def test_the_page_works_without_scripts(desk: Desk) -> None:
    reviewer = Visitor(desk, "reviewer")
    page = reviewer.open("/station/call-backs")
    assert page.count("没有登记电话") == 5
    assert len(rows(desk.tried, "SELECT 1 FROM access")) == 5
    call = rows(desk.tried, "SELECT call_id FROM call_back ORDER BY place")[0]["call_id"]
    address = f"/station/call-backs/{call}"
    for outcome, remark in (("", ""), ("not_as_recorded", " ")):
        page = reviewer.send(reviewer.form(address), outcome=outcome, remark=remark)
        assert reviewer.status == 422
        assert "请选结果" in page
    page = reviewer.send(reviewer.form(address), outcome="not_reached")
    assert "结果已登记" in page
    assert "没有联系上</span>" in page
    form = reviewer.form(address)
    page = reviewer.send(form, outcome="confirmed", remark="好")
    assert address not in page
    assert "结果已登记" in reviewer.send(form, outcome="confirmed", remark="好")  # Pressed twice.
    form.fields["key"] = "another-key-1"
    page = reviewer.send(form, outcome="reached")
    assert reviewer.status == 409
    assert "结果不能更改" in page
    assert len(rows(desk.tried, "SELECT 1 FROM call_outcome")) == 2
