"""api/pages/people.py and organisations.py, and their HTTP: at the counter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.test_suspensions import form_to
from tests.support.clients import Desk, desk_of
from tests.support.forging import bank_with
from tests.support.visitors import PageForm, Visitor, forms_of
from timebank.people.numbers import unified_number


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with bank_with(tmp_path) as tried, desk_of(tried) as found:
        yield found


def test_somebody_is_registered_with_their_consent(desk: Desk) -> None:
    clerk = Visitor(desk, "clerk")
    clerk.open("/station/people")
    typed = {"name": "王秀兰", "role": "elder", "telephone": "13812340000"}
    page = clerk.send(joining(clerk), **typed)
    assert clerk.status == 422
    assert "须经本人单独同意" in page
    page = clerk.send(joining(clerk), **typed, services="yes")
    number = unified_number(1)
    assert f"已登记，编号 {number}。" in page
    assert "为记录和使用时间而使用个人信息" in page
    assert "138****0000" in page
    page = clerk.send(form_to(clerk, "/family"), allowed="yes")
    assert "亲属查看和确认自己的服务" in page
    missing = clerk.open("/station/people?number=V9999")
    assert clerk.status == 404
    assert "登记新成员" in missing


def joining(visitor: Visitor) -> PageForm:
    """The form that registers somebody, not the one that finds them."""
    return [one for one in forms_of(visitor.html) if one.action == "/station/people"][-1]


def test_kin_and_delegates_are_tied_at_the_counter(desk: Desk) -> None:
    clerk = Visitor(desk, "clerk")
    clerk.open("/station/people?number=e0001")
    page = clerk.send(form_to(clerk, "/kin"), other="V0001", relation="child", proof="")
    assert clerk.status == 422
    page = clerk.send(form_to(clerk, "/kin"), other="V0001", relation="child", proof="户口簿")
    assert "已登记亲属关系。" in page
    assert "V0001" in page
    typed = {"delegate": "V0002", "until": "2023-12-31", "may_ask": "yes", "proof": "委托书"}
    page = clerk.send(form_to(clerk, "/delegates"), **typed | {"until": "哪天"})
    assert clerk.status == 422
    page = clerk.send(form_to(clerk, "/delegates"), **typed)
    assert "也可以代为预约，到 2023年12月31日 为止" in page
    page = clerk.send(form_to(clerk, "/delegates/V0002/end"))
    assert "委托已终止。" in page
    assert "代为预约，到" not in page


def test_who_looks_changes_nothing(desk: Desk) -> None:
    reviewer = Visitor(desk, "reviewer")
    page = reviewer.open("/station/people?number=E0001")
    assert "登记新成员" not in page
    assert "登记受托人" not in page


def test_kin_and_delegates_over_http(desk: Desk) -> None:
    clerk, auditor = desk.client("clerk"), desk.client("auditor")
    path = "/api/v1/people/E0001"
    kin = {"other": "v0001", "relation": "child", "proof": "户口簿"}
    assert clerk.post(f"{path}/kin", json=kin, headers=desk.key()).status_code == 204
    named = {"delegate": "V0002", "proof": "委托书", "may_ask": True}
    assert auditor.post(f"{path}/delegates", json=named, headers=desk.key()).status_code == 403
    assert clerk.post(f"{path}/delegates", json=named, headers=desk.key()).status_code == 204
    again = clerk.post(f"{path}/delegates", json=named, headers=desk.key())
    assert (again.status_code, again.json()["code"]) == (409, "delegate_named")
    (shown,) = auditor.get(f"{path}/delegates").json()
    assert (shown["delegate_number"], shown["may_ask"]) == ("V0002", True)
    ended = clerk.post(f"{path}/delegates/V0002/end", headers=desk.key())
    assert (ended.status_code, auditor.get(f"{path}/delegates").json()) == (204, [])


def test_organisations_over_http(desk: Desk) -> None:
    clerk, auditor = desk.client("clerk"), desk.client("auditor")
    path = "/api/v1/organisations"
    stated = {"number": "T0001", "name": "幸福里第三小学", "kind": "school"}
    key = desk.key()
    made = [clerk.post(path, json=stated, headers=key) for _time in range(2)]
    assert (made[0].status_code, made[0].json()) == (201, made[1].json())
    wrong = clerk.post(path, json={**stated, "credit_code": "1"}, headers=desk.key())
    assert (wrong.status_code, wrong.json()["code"]) == (422, "credit_code_invalid")
    alone = clerk.post(f"{path}/T0001/members", json={"number": "V0001"}, headers=desk.key())
    assert (alone.status_code, alone.json()["code"]) == (422, "guardian_missing")
    guarded = {"name": "王父", "telephone": "13812340000", "proof": "同意书"}
    body = {"number": "V0001", "guardian": guarded}
    assert clerk.post(f"{path}/T0001/members", json=body, headers=desk.key()).status_code == 204
    (shown,) = auditor.get(f"{path}/T0001/members").json()
    assert (shown["number"], shown["has_guardian"], shown["until_on"]) == ("V0001", True, "")
    left = clerk.post(f"{path}/T0001/members/V0001/end", headers=desk.key())
    assert left.status_code == 204
    (body,) = auditor.get(path).json()["items"]
    assert (body["name"], body["people"], body["posted_minutes"]) == ("幸福里第三小学", 0, 0)


def test_the_page_of_organisations(desk: Desk) -> None:
    clerk = Visitor(desk, "clerk")
    assert "还没有登记单位。" in clerk.open("/station/organisations")
    form = form_to(clerk, "/station/organisations")
    page = clerk.send(form, number="T0001", name="巾帼志愿队", kind="team", credit_code="1")
    assert clerk.status == 422
    page = clerk.send(
        form_to(clerk, "/station/organisations"),
        number="T0001", name="巾帼志愿队", kind="team", credit_code="",
    )  # fmt: skip
    assert "单位已登记。" in page
    page = clerk.open("/station/organisations?number=t0001")
    assert "单位的时间只能捐给公共时间池" in page
    page = clerk.send(form_to(clerk, "/members"), person="V0001")
    assert clerk.status == 422
    assert "监护人" in page
    page = clerk.send(
        form_to(clerk, "/members"), person="V0001", guardian="王父",
        guardian_telephone="13812340000", proof="同意书",
    )  # fmt: skip
    assert "已加入。" in page
    page = clerk.send(form_to(clerk, "/members/V0001/end"))
    assert "已记下离开。" in page
