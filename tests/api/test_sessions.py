"""api/routes/sessions.py: signing in and out, and how long the server believes a session."""

from datetime import timedelta

import pytest

from api import security
from api.sessions import TRUSTED_MS
from tests.support.banks import OPERATOR
from tests.support.clients import PIN
from timebank.people.actions import issue_card
from timebank.people.pins import FREE_ATTEMPTS
from timebank.stations.sessions import LONGEST_MINUTES, sign_out


def sign_in(desk, login="operator", password=None):
    body = {"login": login, "password": password or desk.password(login)}
    return desk.client().post("/api/v1/sessions", json=body)


def test_staff_sign_in_and_are_known(desk):
    said = sign_in(desk, "clerk-XFL")

    assert said.status_code == 201
    assert said.json()["role"] == "clerk"
    assert said.json()["station"] == "XFL"
    me = desk.client().get(
        "/api/v1/me", headers={"Authorization": f"bearer {said.json()['token']}"}
    )
    assert me.json()["role"] == "clerk"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk):
    client = desk.client()
    body = {"login": "operator", "password": desk.password("operator")}

    cookie = client.post("/api/v1/sessions", json=body).headers["set-cookie"]

    assert cookie.startswith("timebank_session=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert client.get("/api/v1/me").status_code == 200


def test_the_cookie_is_secure_where_the_connection_is(desk):
    client = desk.client(base_url="https://bank.example")
    body = {"login": "operator", "password": desk.password("operator")}

    said = client.post("/api/v1/sessions", json=body)

    assert "Secure" in said.headers["set-cookie"]
    assert said.headers["strict-transport-security"] == "max-age=31536000"


def test_an_unknown_login_is_told_the_same_as_a_wrong_password(desk):
    wrong = sign_in(desk, "operator", "not the password")
    unknown = sign_in(desk, "nobody", "not the password")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert "set-cookie" not in wrong.headers


def test_the_sixth_wrong_password_finds_the_door_locked(desk):
    for _attempt in range(FREE_ATTEMPTS):
        assert sign_in(desk, "operator", "not the password").status_code == 401

    locked = sign_in(desk, "operator")

    assert (locked.status_code, locked.json()["code"]) == (429, "locked_out")
    assert locked.headers["retry-after"] == "900"


def test_guessing_at_many_logins_is_slowed_down_by_address(desk, monkeypatch):
    monkeypatch.setattr(desk.app.state, "sign_in_limit", security.SignInLimit(by_address=3))

    answers = [sign_in(desk, f"guess-{number}", "x").status_code for number in range(4)]

    assert answers == [401, 401, 401, 429]


def test_guessing_at_one_login_is_slowed_down_whatever_its_case(desk, monkeypatch):
    monkeypatch.setattr(desk.app.state, "sign_in_limit", security.SignInLimit(by_owner=2))

    answers = [sign_in(desk, login, "x").status_code for login in ("Kim", "kim ", "KIM")]

    assert answers == [401, 401, 429]


def test_a_member_signs_in_by_card_and_pin(desk):
    desk.tried.people("V0001")
    issue_card(desk.tried.bank, OPERATOR, "V0001", PIN)
    body = {"by": "card", "card_number": "v0001", "pin": PIN, "station": "XFL"}

    said = desk.client().post("/api/v1/sessions", json=body)

    assert (said.status_code, said.json()["role"]) == (201, "member")
    assert said.json()["expires_after_minutes"] == 3


def test_signing_out_ends_the_session_at_once(desk):
    client = desk.client("clerk")
    assert client.get("/api/v1/me").status_code == 200

    said = client.delete("/api/v1/sessions/current")

    assert said.status_code == 204
    assert 'timebank_session=""' in said.headers["set-cookie"]
    assert client.get("/api/v1/me").json()["code"] == "not_signed_in"


@pytest.mark.parametrize(("later_ms", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_a_session_ended_elsewhere_is_believed_for_a_moment(desk, later_ms, status):
    client = desk.client("clerk")
    client.get("/api/v1/me")

    sign_out(desk.tried.bank, desk.token("clerk"))
    desk.tried.clock.move(timedelta(milliseconds=TRUSTED_MS + later_ms))

    assert client.get("/api/v1/me").status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_a_session_ends_with_its_minutes(desk, seconds, status):
    client = desk.client("clerk")
    minutes = desk.tried.bank.settings.session_minutes

    desk.tried.clock.move(timedelta(minutes=minutes, seconds=seconds))

    assert client.get("/api/v1/me").status_code == status


def test_a_session_in_use_lasts_and_an_idle_one_ends(desk):
    client, clock = desk.client("clerk"), desk.tried.clock
    minutes = desk.tried.bank.settings.session_minutes

    for _time in range(4):
        clock.move(timedelta(minutes=minutes - 1))
        assert client.get("/api/v1/me").status_code == 200
        desk.settle()

    clock.move(timedelta(minutes=minutes))
    assert client.get("/api/v1/me").status_code == 401


def test_no_session_outlives_its_day(desk):
    client, clock = desk.client("clerk"), desk.tried.clock
    step = timedelta(minutes=20)
    statuses = []
    for _time in range(LONGEST_MINUTES // 20):
        clock.move(step)
        statuses.append(client.get("/api/v1/me").status_code)
        desk.settle()

    assert set(statuses[:-1]) == {200}
    assert statuses[-1] == 401


def test_a_clock_that_is_set_back_makes_no_session_live_longer_in_memory(desk):
    client = desk.client("clerk")
    client.get("/api/v1/me")
    sign_out(desk.tried.bank, desk.token("clerk"))

    desk.tried.clock.move(timedelta(milliseconds=-1))

    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "Ω", "a b"])
def test_what_is_no_token_is_nobody(desk, token):
    said = desk.client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}".encode()})

    assert said.status_code == 401
