"""api/routes/personal_data.py: looking, handing out and forgetting, and the person sees who did."""

from tests.support.clients import PIN

WHY = {"reason": "家属来电"}
PERSON = {
    "name": "王德胜",
    "numbers": [{"number": "E0007", "role": "elder"}],
    "id_number": "110101194912310024",
    "telephone": "13812341234",
    "consents": ["services"],
}


def registered(desk):
    said = desk.client("clerk").post("/api/v1/people", json=PERSON, headers=desk.key())
    assert said.status_code == 201
    return desk.client("operator")


def post(desk, client, what, body=None):
    path = f"/api/v1/people/E0007/{what}"
    return client.post(path, json=body, headers=desk.key())


def test_a_look_shows_all_and_the_auditor_sees_that_it_was(desk):
    client = registered(desk)

    said = post(desk, client, "look", WHY)

    assert said.status_code == 200
    assert (said.json()["name"], said.json()["id_number"]) == ("王德胜", PERSON["id_number"])
    for role, reason in (("operator", WHY), ("auditor", {})):
        page = desk.client(role).get("/api/v1/people/E0007/accesses").json()
        assert page["next"] is None
        (one,) = page["items"]
        assert (one["purpose"], one["title"], one["reason"]) == ("look", "区运营", reason)
        assert "王德胜" not in str(page)


def test_looks_come_page_by_page(desk):
    client = registered(desk)
    for _time in range(3):
        post(desk, client, "look", WHY)
    path = "/api/v1/people/E0007/accesses"

    first = client.get(path, params={"limit": 2}).json()
    rest = client.get(path, params={"limit": 2, "before": first["next"]}).json()

    assert [one["number"] for one in first["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next"] is None


def test_a_look_needs_a_reason(desk):
    client = registered(desk)

    for body, code in (({"reason": ""}, "validation_failed"), ({"reason": " "}, "missing_field")):
        said = post(desk, client, "look", body)
        assert (said.status_code, said.json()["code"]) == (422, code)


def test_a_member_sees_who_looked_at_them(desk):
    client = desk.client("member")
    headers = desk.key()
    desk.client("operator").post("/api/v1/people/V0001/look", json=WHY, headers=headers)
    browser = desk.client()
    browser.cookies.set("timebank_session", desk.token("member"))
    assert "成员V0001" in browser.get("/kiosk/account").text

    page = client.get("/api/v1/people/V0001/accesses").json()

    assert [one["purpose"] for one in page["items"]] == ["own", "look"]
    assert page["items"][1]["reason"] == WHY
    assert client.get("/api/v1/people/E0009/accesses").status_code == 403
    assert client.get("/api/v1/people/V0001/export").json()["identity"]["name"] == "成员V0001"


def test_an_export_is_a_file_in_either_form(desk):
    client = registered(desk)

    told = client.get("/api/v1/people/E0007/export")
    page = client.get("/api/v1/people/E0007/export", params={"format": "html"})
    kin = post(desk, client, "export", {"relation": "child", "proof": "户口簿"})

    assert told.json()["identity"]["telephone"] == PERSON["telephone"]
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert PERSON["id_number"] in page.text
    for said in (told, page, kin):
        assert said.headers["cache-control"] == "no-store"
        assert said.headers["content-disposition"].startswith("attachment")
    assert kin.json()["accesses"][0]["reason"] == {"proof": "户口簿", "relation": "child"}
    wrong = post(desk, client, "export", {"relation": "king", "proof": "户口簿"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "validation_failed")


def test_who_asks_to_be_forgotten_is_restricted_first(desk):
    client, key = registered(desk), desk.key()

    one, two = (client.post("/api/v1/people/E0007/forget", headers=key) for _time in range(2))

    assert one.status_code == 200
    assert one.json() == two.json()
    assert (one.json()["outcome"], one.json()["until"]) == ("restricted", "2033-04-06")
    assert one.json()["backups_unreadable_from"] == "2033-05-11"
    shown = client.get("/api/v1/people/E0007").json()
    assert (shown["name"], shown["telephone"], shown["state"]) == ("停止使用", "", "restricted")
    for role in ("clerk", "operator", "auditor"):
        listed = desk.client(role).get("/api/v1/people").json()["items"]
        row = next(one for one in listed if one["number"] == "E0007")
        assert (row["name"], row["state"]) == ("停止使用", "restricted")
    statement = client.get("/api/v1/accounts/E0007/statement").json()
    assert statement["holder"] == "restricted"


def test_minutes_stand_in_the_way(desk):
    client = desk.client("operator")
    desk.tried.people("V0005")
    desk.tried.issue("V0005", 60)

    said = client.post("/api/v1/people/V0005/forget", headers=desk.key())

    assert (said.status_code, said.json()["code"]) == (409, "balance_remains")
    assert said.json()["facts"] == {"minutes": 60}


def test_a_card_is_worth_nothing_afterwards(desk):
    desk.token("member")
    desk.client("operator").post("/api/v1/people/V0001/forget", headers=desk.key())

    body = {"by": "card", "card_number": "V0001", "pin": PIN}
    said = desk.client().post("/api/v1/sessions", json=body)

    assert (said.status_code, said.json()["code"]) == (401, "wrong_credentials")
