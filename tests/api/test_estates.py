"""api/routes/estates.py and api/pages/estates.py: a death, from the report to what is left."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.pages import estates
from ledger.balances import balance_of
from tests.support.banks import OPERATOR
from tests.support.clients import Desk, desk_of
from tests.support.forging import bank_with, log
from tests.support.visitors import PageForm, Visitor, forms_of
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation

PATH = "/api/v1/estates"
DEATH = {"number": "V0001", "died_on": "2023-04-06", "proof": "死亡医学证明"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """V0001 has 90 minutes; V0002 is registered as the wife."""
    with bank_with(tmp_path) as tried, desk_of(tried) as found:
        log(tried)
        note_kinship(tried.bank, OPERATOR, "V0001", "V0002", Relation.SPOUSE, "户口簿")
        yield found


def test_from_the_report_to_the_settlement_and_back(desk: Desk) -> None:
    clerk, operator = desk.client("clerk"), desk.client("operator")
    key = desk.key()
    made = [clerk.post(PATH, json=DEATH, headers=key) for _time in range(2)]
    assert (made[0].status_code, made[0].json()) == (201, made[1].json())
    estate = made[0].json()["estate"]
    again = clerk.post(PATH, json=DEATH, headers=desk.key())
    assert (again.status_code, again.json()["code"]) == (409, "person_deceased")
    shares = {"shares": [{"number": "V0002", "minutes": 60}]}
    refused = clerk.post(f"{PATH}/{estate}/settlement", json=shares, headers=desk.key())
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    done = operator.post(f"{PATH}/{estate}/settlement", json=shares, headers=desk.key())
    assert (done.status_code, done.json()["pool_minutes"]) == (201, 30)
    (shown,) = clerk.get(PATH).json()["items"]
    assert (shown["number"], shown["posted_minutes"], shown["name"][1:]) == ("V0001", 0, "＊＊")
    assert [(one["minutes"], one["relation"]) for one in shown["shares"]] in (
        [(60, "spouse"), (30, "")],
        [(30, ""), (60, "spouse")],
    )
    entry = done.json()["entry"]
    own = operator.post(
        f"{PATH}/settlements/{entry}/reversal", json={"reason": "有误"}, headers=desk.key()
    )
    assert (own.status_code, own.json()["code"]) == (403, "reporter_decides")
    early = operator.post(
        f"{PATH}/{estate}/withdrawal", json={"reason": "本人健在"}, headers=desk.key()
    )
    assert (early.status_code, early.json()["code"]) == (409, "estate_settled")
    assert desk.client("kiosk").get(PATH).status_code == 403


def test_reports_come_page_by_page(desk: Desk) -> None:
    clerk = desk.client("clerk")
    for number in ("V0001", "V0002", "E0001"):
        clerk.post(PATH, json={**DEATH, "number": number}, headers=desk.key())
    first = clerk.get(PATH, params={"limit": 2}).json()
    second = clerk.get(PATH, params={"limit": 2, "before": first["next"]}).json()
    numbers = [one["number"] for one in first["items"] + second["items"]]
    assert (sorted(numbers), second["next"]) == (["E0001", "V0001", "V0002"], "")


def test_relatives_are_heard_of_an_estate_on_a_later_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estates, "LISTED", 1)
    clerk, operator = Visitor(desk, "clerk"), Visitor(desk, "operator")
    for number in ("V0001", "E0001"):
        clerk.open("/station/estates")
        clerk.send(clerk.form("/station/estates"), number=number, date="4月6日", proof="证明")
        desk.tried.clock.move(timedelta(minutes=1))
    newest = operator.open("/station/estates")
    assert "V0001" not in newest
    further = newest.partition('href="/station/estates?')[2].partition('"')[0]
    operator.open(f"/station/estates?{further}")
    page = operator.send(forms_to(operator, "/settle")[0], V0002="1小时")
    assert "已办理，时间已转出。" in page
    with desk.tried.bank.read() as connection:
        heir = balance_of(connection, desk.tried.account("V0002"))
    assert heir is not None
    assert heir.posted == 60


def test_the_page_of_the_station(desk: Desk) -> None:
    clerk, operator = Visitor(desk, "clerk"), Visitor(desk, "operator")
    assert "没有登记。" in clerk.open("/station/estates")
    form = clerk.form("/station/estates")
    page = clerk.send(form, number="V0001", date="前天吧", proof="死亡医学证明")
    assert clerk.status == 422
    assert "前天吧" in page
    page = clerk.send(clerk.form("/station/estates"), number="V0001", date="4月6日", proof="证明")
    assert "已登记，账户暂停使用。" in page
    assert "账户还有 1小时30分钟。" in page
    assert "确认办理" not in page
    operator.open("/station/estates")
    page = operator.send(forms_to(operator, "/settle")[0], V0002="10小时")
    assert operator.status == 422
    assert "亲属一共最多承接 90 分钟" in page
    page = operator.send(forms_to(operator, "/settle")[0], V0002="1小时")
    assert "已办理，时间已转出。" in page
    assert "公共时间池 30分钟" in page
    page = operator.send(forms_to(operator, "/reverse")[0], reason="有误")
    assert operator.status == 403
    assert "请由另一人办理" in page


def forms_to(visitor: Visitor, ending: str) -> list[PageForm]:
    return [one for one in forms_of(visitor.html) if one.action.endswith(ending)]
