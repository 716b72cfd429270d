"""api/pages/portraits.py: kept at the counter, seen on slips, by nobody else."""

import pytest

from tests.api.test_people_pages import joining
from tests.api.test_suspensions import form_to
from tests.support.banks import OPERATOR, TriedBank
from tests.support.clients import Desk
from tests.support.orders import CLERK, Journey
from tests.support.portraits import face, pictured
from tests.support.visitors import Visitor
from timebank.people.actions import register
from timebank.people.model import Newcomer
from timebank.people.portraits import agree_to_portrait
from timebank.stations.actions import open_station
from timebank.stations.model import Actor, Role


@pytest.fixture
def journey(desk: Desk) -> Journey:
    return Journey(desk.tried)


def upload(visitor: Visitor, number: str, content: bytes, name: str = "a.jpg") -> str:
    """Send the form of a photograph as a browser does."""
    visitor.open(f"/station/people?number={number}")
    form = form_to(visitor, "/portrait")
    answer = visitor.client.post(
        form.action, data=form.fields, files={"photo": (name, content, "image/jpeg")}
    )
    visitor.status = answer.status_code
    return answer.text


def test_it_is_kept_seen_and_taken_away_at_the_counter(desk: Desk, journey: Journey) -> None:
    clerk = Visitor(desk, "clerk")
    page = clerk.open("/station/people?number=V0001")
    assert "上传照片" not in page
    page = clerk.send(form_to(clerk, "/portrait/consent"), given="yes")
    assert "已登记本人对拍照的意愿。" in page
    assert "照片已保存。" in upload(clerk, "V0001", face())
    page = clerk.open("/station/people?number=V0001")
    assert 'src="/station/people/V0001/portrait.jpg"' in page
    found = clerk.client.get("/station/people/V0001/portrait.jpg")
    assert found.headers["content-type"] == "image/jpeg"
    assert found.headers["cache-control"] == "no-store"
    assert "img-src 'self'" in found.headers["content-security-policy"]
    assert b"secret" not in found.content
    clerk.send(form_to(clerk, "/portrait/consent"), given="no")
    assert "portrait.jpg" not in clerk.html
    assert clerk.client.get("/station/people/V0001/portrait.jpg").status_code == 404


def test_what_is_refused_is_said_above_the_form(desk: Desk, journey: Journey) -> None:
    clerk = Visitor(desk, "clerk")
    agree_to_portrait(desk.tried.bank, CLERK, "V0001", given=True)
    most = desk.tried.bank.settings.upload_max_bytes
    for content, name, status, said in (
        (b"", "", 422, "照片"),
        (b"no photograph", "a.jpg", 422, "照片不能用"),
        (face(100, 100), "a.jpg", 422, "认不出人"),
        (b"x" * (most + 1), "a.jpg", 413, ""),
    ):
        page = upload(clerk, "V0001", content, name)
        assert (clerk.status, said in page) == (status, True)


def test_a_consent_that_went_meanwhile_refuses_by_its_rule(desk: Desk, journey: Journey) -> None:
    clerk = Visitor(desk, "clerk")
    agree_to_portrait(desk.tried.bank, CLERK, "V0001", given=True)
    clerk.open("/station/people?number=V0001")
    form = form_to(clerk, "/portrait")
    agree_to_portrait(desk.tried.bank, CLERK, "V0001", given=False)
    answer = clerk.client.post(
        form.action, data=form.fields, files={"photo": ("a.jpg", face(), "image/jpeg")}
    )
    assert answer.status_code == 403
    assert "没有同意拍照" in answer.text


def elsewhere(tried: TriedBank) -> None:
    """V0009, whom another station registered."""
    other = Actor("staff_else", Role.CLERK, "NH")
    open_station(tried.bank, OPERATOR, "NH", "南湖", key="open-NH")
    register(tried.bank, other, [Newcomer("赵敏", (("V0009", "volunteer"),))], key="people-else")
    agree_to_portrait(tried.bank, other, "V0009", given=True)


def test_the_clerk_of_another_station_neither_keeps_nor_sees_it(
    desk: Desk, journey: Journey
) -> None:
    elsewhere(desk.tried)
    clerk = Visitor(desk, "clerk")
    page = clerk.open("/station/people?number=V0009")
    assert "收回同意" not in page
    form = joining(clerk)
    for path, file in (
        ("portrait", {"photo": ("a.jpg", face(), "image/jpeg")}),
        ("portrait/consent", None),
    ):
        answer = clerk.client.post(f"/station/people/V0009/{path}", data=form.fields, files=file)
        assert answer.status_code == 403
    assert clerk.client.get("/station/people/V0009/portrait.jpg").status_code == 403


def test_the_slip_of_each_side_shows_the_other(desk: Desk, journey: Journey) -> None:
    journey.to("accepted")
    pictured(journey, "V0001", "E0001")
    clerk, volunteer = Visitor(desk, "clerk"), Visitor(desk, "member")
    paper = clerk.open(f"/station/orders/{journey.order_id}/slip")
    first, second = paper.split("</section>")[:2]
    assert ("volunteer.jpg" in first, "elder.jpg" in first) == (True, False)
    assert ("volunteer.jpg" in second, "elder.jpg" in second) == (False, True)
    for whose, status in (("volunteer", 200), ("elder", 200), ("family", 404), ("x", 404)):
        path = f"/station/orders/{journey.order_id}/portraits/{whose}.jpg"
        assert clerk.client.get(path).status_code == status
    address = f"/my/work/{journey.order_id}/portrait.jpg"
    assert address in volunteer.open(f"/my/work/{journey.order_id}")
    assert volunteer.client.get(address).headers["cache-control"] == "no-store"
    assert volunteer.client.get(f"/my/visits/{journey.order_id}/portrait.jpg").status_code == 404
    agree_to_portrait(desk.tried.bank, CLERK, "E0001", given=False)
    assert address not in volunteer.open(f"/my/work/{journey.order_id}")
    assert volunteer.client.get(address).status_code == 404
    assert "elder.jpg" not in clerk.open(f"/station/orders/{journey.order_id}/slip")


def test_nobody_without_a_session_sees_it(desk: Desk, journey: Journey) -> None:
    journey.to("accepted")
    pictured(journey, "V0001", "E0001")
    nobody = desk.client()
    for path in (
        "/station/people/V0001/portrait.jpg",
        f"/station/orders/{journey.order_id}/portraits/elder.jpg",
        f"/my/work/{journey.order_id}/portrait.jpg",
        f"/kiosk/visits/{journey.order_id}/portrait.jpg",
    ):
        answer = nobody.get(path, follow_redirects=False)
        assert answer.headers.get("content-type", "") != "image/jpeg"
        assert answer.status_code in (303, 401, 403, 404)
