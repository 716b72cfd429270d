"""api/routes/expiries.py and api/pages/expiries.py: by month, why, back, and what a holder sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.test_suspensions import form_to
from tests.support.clients import Desk, desk_of
from tests.support.counter import Station
from tests.support.expiries import DUE, TWELVE_AND_THREE, announced, expired
from tests.support.forging import bank_with
from tests.support.visitors import Visitor
from timebank.chart import Kind

PATH = "/api/v1/expiries"


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """E0001 has 300 minutes of April 2023, which were announced, and it is February 2024."""
    with bank_with(tmp_path, TWELVE_AND_THREE, people=()) as tried, desk_of(tried) as desk:
        made = Station(desk)
        announced(tried)
        yield made


def at_a_door(station: Station) -> Visitor:
    visitor = Visitor(station.desk)
    token = station.member("E0001").headers["Authorization"].removeprefix("Bearer ")
    visitor.client.headers["Authorization"] = f"Bearer {token}"
    return visitor


def test_both_doors_say_what_ends_and_lead_to_giving_it_away(station: Station) -> None:
    for door in ("kiosk", "my"):
        page = at_a_door(station).open(f"/{door}/account")
        assert "5小时将于 2024年5月1日 到期。先得的先用，到期未用的归公共池。" in page
        assert f'href="/{door}/gift">送给家人或捐出</a>' in page
    expired(station.desk.tried)
    for door in ("kiosk", "my"):
        page = at_a_door(station).open(f"/{door}/account")
        assert "将于" not in page
        assert "到期，归公共池" in page


def test_the_line_leads_to_why(station: Station) -> None:
    expired(station.desk.tried)
    visitor = at_a_door(station)
    page = visitor.open("/my/hours")
    href = page.split('href="/my/why?leaf=')[1].split('"')[0]
    why = visitor.open(f"/my/why?leaf={href}")
    assert "为什么到期" in why
    assert "到期 300 分钟，转入公共时间池，不多于告知的 300 分钟" in why
    assert "本区规定第九条" in why
    auditor = Visitor(station.desk, "auditor")
    statement = auditor.open("/audit/statement?account=E0001")
    assert f"/audit/explanation?leaf={href}" in statement
    assert "为什么到期" in auditor.open(f"/audit/explanation?leaf={href}&account=E0001")


def test_the_month_is_a_line_for_the_auditor(station: Station) -> None:
    auditor = Visitor(station.desk, "auditor")
    page = auditor.open("/audit/expiries")
    assert "有效期 12 个月，至少提前 3 个月告知本人" in page
    assert "2024-05" in page
    statement = auditor.open("/audit/statement?account=E0001")
    assert "5小时将于 2024年5月1日 到期" in statement
    assert station.desk.client("clerk").get(PATH).status_code == 403


def test_an_operator_gives_back_on_a_page(station: Station) -> None:
    expired(station.desk.tried)
    operator = Visitor(station.desk, "operator")
    page = operator.open("/operator/expiries")
    assert "2024年5月1日 到期转出 5小时" in page
    assert "王秀兰" not in page
    page = operator.send(form_to(operator, "/return"), reason=" ")
    assert operator.status == 422
    assert "没有填写" in page
    assert "<details open" in page
    page = operator.send(form_to(operator, "/return"), reason="x" * 201)
    assert (operator.status, "x" * 201 in page) == (422, True)
    form = form_to(operator, "/return")
    page = operator.send(form, reason="住院，没有收到告知")
    assert "已退回本人账户。" in page
    assert "原因：住院，没有收到告知" in page
    assert "/return" not in page
    page = operator.send(form, reason="再退一次")
    assert operator.status == 409
    statement = Visitor(station.desk, "auditor").open("/audit/statement?account=E0001")
    assert "5小时" in statement


def test_expired_time_is_found_by_member(station: Station) -> None:
    expired(station.desk.tried)
    operator = Visitor(station.desk, "operator")
    for number, status, found in (("e0001", 200, True), ("V0001", 200, False), ("E9", 404, False)):
        page = operator.open(f"/operator/expiries?number={number}")
        assert (operator.status, "到期转出 5小时" in page) == (status, found)
    operator.open("/operator/expiries?number=E0001")
    operator.send(form_to(operator, "/return"), reason="告知有误")
    assert operator.url.endswith("done=back&number=E0001&after=")
    for role in ("clerk", "auditor"):
        other = Visitor(station.desk, role)
        other.open("/operator/expiries")
        assert other.status == 403
        answer = other.client.post("/operator/expiries/expy_x/return", data={"reason": "x"})
        assert answer.status_code == 403


def test_what_the_pool_gave_away_is_refused_above_the_list(station: Station) -> None:
    expired(station.desk.tried)
    bank = station.desk.tried.bank
    station.desk.tried.post(bank.account_of(Kind.POOL), bank.account_of(Kind.GRANT_FUND), 1)
    operator = Visitor(station.desk, "operator")
    operator.open("/operator/expiries")
    page = operator.send(form_to(operator, "/return"), reason="告知有误")
    assert operator.status == 409
    assert "acct_" not in page
    assert 'value="告知有误"' in page


def test_a_page_of_announcements(station: Station) -> None:
    client = station.staff("operator")
    page = client.get(f"{PATH}/announcements", params={"limit": 1}).json()
    assert [(one["due_on"], one["state"]) for one in page["items"]] == [(DUE, "announced")]
    assert page["next"] == ""
    assert client.get(f"{PATH}/announcements", params={"month": "2024-13"}).status_code == 422
    assert client.get(f"{PATH}/announcements", params={"month": "2024-06"}).json()["items"] == []


def test_an_operator_gives_back_what_expired(station: Station) -> None:
    desk, client = station.desk, station.staff("operator")
    (one,) = client.get(f"{PATH}/announcements").json()["items"]
    path, reason = f"{PATH}/announcements/{one['announcement_id']}/return", {"reason": "住院未知"}
    early = client.post(path, json=reason, headers=desk.key())
    assert (early.status_code, early.json()["code"]) == (409, "nothing_expired")
    expired(desk.tried)
    client, key = station.staff("operator"), desk.key()
    made = [client.post(path, json=reason, headers=key) for _time in range(2)]
    assert made[0].status_code == 201, made[0].text
    assert made[0].json() == made[1].json()
    assert made[0].json()["minutes"] == 300
    assert station.minutes("E0001") == (300, 0)
    (month,) = client.get(PATH).json()["months"]
    assert (month["given_back_minutes"], month["expired_minutes"]) == (300, 0)


def test_where_credit_lives_the_page_says_so(desk: Desk) -> None:
    page = Visitor(desk, "auditor").open("/audit/expiries")
    assert "现行规则没有规定到期，时间一直有效。" in page
    assert "还没有告知过到期。" in page
    assert desk.client("auditor").get(PATH).json() == {"rule": None, "months": []}
