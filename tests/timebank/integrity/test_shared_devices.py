"""checks/shared_devices.py, and how a device comes to be known: a mark that outlives sessions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from api.security import DEVICE_COOKIE
from tests.support.banks import OPERATOR, TriedBank
from tests.support.call_backs import rows
from tests.support.clients import PIN, Desk, desk_of, record
from tests.support.forging import bank_with
from tests.support.integrity import DAY_MS, NOON, owned, put_acts, put_orders, seen_by
from tests.support.profiles import FOUR_EYES
from timebank.integrity.model import DEVICE_VOLUNTEERS, ONE_DESK_MS
from timebank.people.actions import issue_card
from timebank.reconciliation.checks.shared_devices import CHECK
from timebank.reconciliation.model import Difference
from timebank.records.importing import import_register
from timebank.records.review import approve_batch
from timebank.stations.model import Role


def at_one_device(
    tried: TriedBank, volunteers: int, *, kiosk: bool = False, staff: bool = False, spread: int = 0
) -> list[Difference]:
    with owned(tried) as connection:
        orders = put_orders(connection, volunteers)
        acts = [
            (order, "sign_in", "staff_a" if staff else who, NOON + spread * n)
            for n, (order, who) in enumerate(orders)
        ]
        put_acts(connection, acts, kiosk=kiosk)
        return seen_by(CHECK, connection, tried)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_one_telephone_for_many_volunteers(lived: TriedBank, off: int) -> None:
    said = at_one_device(lived, DEVICE_VOLUNTEERS + off)
    assert [one.what for one in said] == ["many_volunteers"] * (off >= 0)
    if said:
        assert said[0].subject == "device dev_1 2023-04-06"
        assert said[0].facts["volunteers"] == DEVICE_VOLUNTEERS + off


def test_kiosks_and_desks_are_many_peoples_by_right(lived: TriedBank) -> None:
    assert not at_one_device(lived, 9, kiosk=True)
    assert not at_one_device(lived, 9, staff=True)


def test_a_few_each_day_are_no_crowd(lived: TriedBank) -> None:
    assert not at_one_device(lived, 9, spread=DAY_MS // 2)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_entered_and_reviewed_at_one_desk(lived: TriedBank, off: int) -> None:
    with owned(lived) as connection:
        acts = [
            ("record_1", "entered", "staff_a", NOON),
            ("record_1", "reviewed", "staff_b", NOON + ONE_DESK_MS + off),
            ("record_2", "entered", "staff_a", NOON),
        ]
        put_acts(connection, acts)
        said = seen_by(CHECK, connection, lived)
    assert [one.what for one in said] == ["entered_and_reviewed"] * (off < 0)


# Over HTTP ---------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An application whose policy demands two people."""
    with bank_with(tmp_path, FOUR_EYES) as tried, desk_of(tried) as found:
        yield found


def sign_in(desk: Desk, client: object, login: str) -> None:
    stated = {"login": login, "password": desk.password(login)}
    said = client.post("/api/v1/sessions", json=stated)  # type: ignore[attr-defined]  # a client
    assert said.status_code == 201


def test_two_people_at_one_browser_are_found_and_at_two_are_not(desk: Desk) -> None:
    """The mark outlives the first one's session; what is kept is its hash."""
    one, other = desk.client(), desk.client()
    for reviewing in (one, other):
        start = 9 if reviewing is one else 11
        hours = {"starts_at": f"2023-04-05T{start:02}:00", "ends_at": f"2023-04-05T{start:02}:50"}
        sign_in(desk, one, "clerk-XFL")
        made = one.post("/api/v1/records", json=record(**hours), headers=desk.key()).json()
        if reviewing is one:
            assert one.delete("/api/v1/sessions/current").status_code == 204
        desk.tried.clock.move(timedelta(minutes=4))
        sign_in(desk, reviewing, "reviewer-XFL")
        review = f"/api/v1/records/{made['record']}/review"
        said = reviewing.post(review, json={"approve": True}, headers=desk.key())
        assert said.status_code == 200, said.text
    kept = rows(desk.tried, "SELECT act, device, subject_id FROM act_device ORDER BY acted_ms")
    assert [row["act"] for row in kept] == ["entered", "reviewed", "entered", "reviewed"]
    assert kept[0]["device"] == kept[1]["device"] == kept[2]["device"] != kept[3]["device"]
    assert one.cookies[DEVICE_COOKIE] not in str(kept)
    with owned(desk.tried) as connection:
        (said,) = seen_by(CHECK, connection, desk.tried)
    assert (said.what, said.facts["records"], said.facts["seconds"]) == (
        "entered_and_reviewed", 1, 240,
    )  # fmt: skip


@pytest.mark.parametrize("mark", ["", "short", "x" * 33, "ü" * 32])
def test_a_mark_that_we_never_gave_is_replaced(desk: Desk, mark: str) -> None:
    client = desk.client()
    stated = {"login": "clerk-XFL", "password": desk.password("clerk-XFL")}
    given = {"Cookie": f"{DEVICE_COOKIE}={mark}".encode()}
    said = client.post("/api/v1/sessions", json=stated, headers=given)  # type: ignore[arg-type]
    assert said.cookies[DEVICE_COOKIE] != mark
    assert len(said.cookies[DEVICE_COOKIE]) == 32


def test_members_at_the_kiosk_page_have_a_device_too(desk: Desk) -> None:
    issue_card(desk.tried.bank, OPERATOR, "V0001", PIN)
    client = desk.client()
    assert client.post("/kiosk/sign-in", data={"card": "V0001", "pin": PIN}).status_code == 200
    login = {"login": "clerk-XFL", "password": desk.password("clerk-XFL")}
    assert client.post("/station/sign-in", data=login).status_code == 200
    devices = {row["device"] for row in rows(desk.tried, "SELECT device FROM session_device")}
    assert len(devices) == 1
    cookie = next(one for one in client.cookies.jar if one.name == DEVICE_COOKIE)
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert not cookie.discard


def test_an_import_and_its_approval_are_one_act_each(desk: Desk, tmp_path: Path) -> None:
    """However many rows it has: here two, of people who are registered."""
    file = tmp_path / "register.csv"
    header = "服务日期,开始时间,结束时间,志愿者编号,服务对象,服务内容,服务时长"
    hours = (("8:00", "9:00"), ("10:00", "11:00"))
    lines = [f"2023-04-05,{start},{end},V0001,E0001,助餐,1小时" for start, end in hours]
    file.write_text("\n".join((header, *lines)), encoding="utf-8")
    bank = desk.tried.bank
    clerk, reviewer = (
        replace(desk.tried.actor(role), device="dev_1") for role in (Role.CLERK, Role.REVIEWER)
    )
    taken = import_register(bank, clerk, "XFL", file, key="import-1")
    assert taken.accepted == 2, taken
    approve_batch(bank, reviewer, taken.batch_id, key="approve-1")
    kept = rows(desk.tried, "SELECT act, subject_id FROM act_device ORDER BY act")
    assert [(row["act"], row["subject_id"]) for row in kept] == [
        ("entered", taken.batch_id), ("reviewed", taken.batch_id),
    ]  # fmt: skip


def test_a_kiosks_browser_is_known_once_its_login_was_opened_there(desk: Desk) -> None:
    client = desk.client()
    login = {"login": "kiosk-XFL", "password": desk.password("kiosk-XFL")}
    assert client.post("/station/sign-in", data=login, follow_redirects=False).status_code == 303
    issue_card(desk.tried.bank, OPERATOR, "V0001", PIN)
    assert client.post("/kiosk/sign-in", data={"card": "V0001", "pin": PIN}).status_code == 200
    known = rows(
        desk.tried,
        "SELECT s.role, d.device FROM session_device d JOIN session s "
        "ON s.token_hash = d.token_hash ORDER BY s.role",
    )
    assert [row["role"] for row in known] == ["kiosk", "member"]
    assert known[0]["device"] == known[1]["device"]
