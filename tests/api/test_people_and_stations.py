"""api/routes/people.py and stations.py: register, open, list by page, always under masks."""

import pytest

from tests.support.clients import LOGINS

PERSON = {
    "name": "王德胜",
    "numbers": [{"number": "v0007", "role": "volunteer"}],
    "consents": ["services"],
}


def post(desk, role, path, body, **headers):
    return desk.client(role).post(path, json=body, headers={**desk.key(), **headers})


def test_a_person_is_registered_once_under_every_key(desk):
    one = post(desk, "clerk", "/api/v1/people", PERSON)
    two = post(desk, "clerk", "/api/v1/people", PERSON)

    assert one.status_code == two.status_code == 201
    assert one.json() == two.json()


def test_a_person_is_shown_under_a_mask(desk):
    body = {
        **PERSON,
        "id_number": "110101194912310024",
        "telephone": "13812341234",
        "born_on": "1949-12-31",
    }
    assert post(desk, "clerk", "/api/v1/people", body).status_code == 201

    said = desk.client("auditor").get("/api/v1/people/V0007")

    shown = said.json()
    assert shown["name"] == "王＊＊"
    assert shown["id_number"] == "110101********0024"
    assert shown["telephone"] == "138****1234"
    assert "德胜" not in said.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "123"}, "name_invalid"),
        ({"numbers": [{"number": "V 号", "role": "volunteer"}]}, "number_invalid"),
        ({"id_number": "110101194912310026"}, "id_number_invalid"),
        ({"id_number": "110101194912310024", "born_on": "1950-01-01"}, "birth_date_disagrees"),
        ({"telephone": "12"}, "telephone_invalid"),
        ({"numbers": []}, "validation_failed"),
        ({"numbers": [{"number": "V1", "role": "king"}]}, "validation_failed"),
    ],
)
def test_what_is_wrong_with_a_person_is_said_without_repeating_it(desk, change, code):
    said = post(desk, "clerk", "/api/v1/people", {**PERSON, **change})

    assert (said.status_code, said.json()["code"]) == (422, code)
    assert "王德胜" not in said.text


def test_a_number_names_one_person(desk):
    post(desk, "clerk", "/api/v1/people", PERSON)

    said = post(desk, "clerk", "/api/v1/people", {**PERSON, "name": "李红"})

    assert (said.status_code, said.json()["code"]) == (409, "number_taken")


def test_the_same_key_for_somebody_else_is_refused(desk):
    key = desk.key()
    post(desk, "clerk", "/api/v1/people", PERSON, **key)

    other = {**PERSON, "name": "李红", "numbers": [{"number": "V0008", "role": "volunteer"}]}
    said = post(desk, "clerk", "/api/v1/people", other, **key)

    assert (said.status_code, said.json()["code"]) == (409, "key_reused")


def test_people_come_page_by_page_each_once(desk):
    numbers = [f"V{number:04}" for number in range(7)]
    desk.tried.people(*numbers)
    client, after, seen, pages = desk.client("clerk"), "", [], 0

    while after is not None:
        page = client.get("/api/v1/people", params={"limit": 3, "after": after}).json()
        seen += [one["number"] for one in page["items"]]
        after, pages = page["next"], pages + 1

    assert seen == numbers
    assert pages == 3
    assert {one["name"] for one in page["items"]} == {"成＊＊"}


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (200, 200), (201, 422)])
def test_a_page_has_bounds(shared_desk, limit, status):
    said = shared_desk.client("clerk").get("/api/v1/people", params={"limit": limit})

    assert said.status_code == status


def test_an_unknown_number_is_nobody(shared_desk):
    said = shared_desk.client("clerk").get("/api/v1/people/V9999")

    assert (said.status_code, said.json()["code"]) == (404, "unknown_member")


def test_a_member_reads_themselves_and_learns_of_nobody_else(desk):
    desk.tried.people("E0001")
    client = desk.client("member")

    assert client.get("/api/v1/people/V0001").json()["numbers"] == ["V0001"]
    known, unknown = client.get("/api/v1/people/E0001"), client.get("/api/v1/people/E9999")
    assert known.status_code == unknown.status_code == 403
    assert known.content == unknown.content


def test_the_operator_opens_a_station_once(desk):
    body = {"code": "NH", "name": "南湖"}

    one = post(desk, "operator", "/api/v1/stations", body)
    two = post(desk, "operator", "/api/v1/stations", {**body, "name": "别处"})

    assert one.status_code == 201
    assert one.json()["account"].startswith("acct_")
    assert (two.status_code, two.json()["code"]) == (409, "station_exists")
    page = desk.client("auditor").get("/api/v1/stations", params={"limit": 1}).json()
    assert ([one["code"] for one in page["items"]], page["next"]) == (["NH"], "NH")
    rest = desk.client("auditor").get("/api/v1/stations", params={"after": "NH"}).json()
    assert ([one["name"] for one in rest["items"]], rest["next"]) == (["幸福里"], None)


def test_the_same_key_opens_the_same_station(desk):
    key, body = desk.key(), {"code": "NH", "name": "南湖"}

    one, two = (post(desk, "operator", "/api/v1/stations", body, **key) for _time in range(2))

    assert one.status_code == 201
    assert one.content == two.content


STAFF = {"login": "wang", "title": "登记员", "role": "clerk"}
STAFF_AT = "/api/v1/stations/XFL/staff"


def test_whoever_is_hired_signs_in_with_the_password_that_is_shown_once(desk):
    said = post(desk, "operator", STAFF_AT, STAFF)

    told = said.json()
    assert said.status_code == 201
    assert said.headers["cache-control"] == "no-store"
    assert (told["login"], told["role"], told["station"]) == ("wang", "clerk", "XFL")
    signed_in = desk.client().post(
        "/api/v1/sessions", json={"login": "wang", "password": told["password"]}
    )
    assert signed_in.status_code == 201


def test_a_repeated_hiring_answers_without_the_password(desk):
    key = desk.key()

    one, two = (post(desk, "operator", STAFF_AT, STAFF, **key) for _time in range(2))

    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json() | {"password": None} == two.json()
    assert one.json()["password"] not in repr(vars(desk.app.state.attempts))
    other = post(desk, "operator", STAFF_AT, STAFF | {"login": "li"}, **key)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


@pytest.mark.parametrize(
    ("path", "change", "status", "code"),
    [
        (STAFF_AT, {"login": "clerk-XFL"}, 409, "staff_exists"),
        ("/api/v1/stations/NONE/staff", {}, 404, "unknown_station"),
        (STAFF_AT, {"login": " "}, 422, "missing_field"),
        (STAFF_AT, {"login": "w\u0000"}, 422, "content_out_of_profile"),
        (STAFF_AT, {"login": "w" * 61}, 422, "validation_failed"),
        (STAFF_AT, {"role": "operator"}, 422, "validation_failed"),
        (STAFF_AT, {"role": "member"}, 422, "validation_failed"),
        (STAFF_AT, {"password": "of my own"}, 422, "validation_failed"),
    ],
)
def test_a_hiring_is_refused_and_may_be_mended_under_its_key(desk, path, change, status, code):
    key = desk.key()
    said = post(desk, "operator", path, STAFF | change, **key)

    assert (said.status_code, said.json()["code"]) == (status, code)
    assert post(desk, "operator", STAFF_AT, STAFF, **key).json()["password"]


# Who may ---------------------------------------------------------------------------------------

ROLES = (*LOGINS, "member")
MAY = [
    ("POST", "/api/v1/people", {"operator", "clerk"}),
    ("GET", "/api/v1/people", {"operator", "auditor", "clerk", "reviewer"}),
    ("GET", "/api/v1/people/V0001", {"operator", "auditor", "clerk", "reviewer", "member"}),
    ("POST", "/api/v1/people/V0001/look", {"operator"}),
    ("GET", "/api/v1/people/V0001/accesses", {"operator", "auditor", "member"}),
    ("GET", "/api/v1/people/V0001/export", {"operator", "member"}),
    ("POST", "/api/v1/people/V0001/export", {"operator"}),
    ("POST", "/api/v1/people/V9999/forget", {"operator"}),
    ("POST", "/api/v1/stations", {"operator"}),
    ("GET", "/api/v1/stations", {"operator", "auditor", "clerk", "reviewer"}),
    ("POST", "/api/v1/stations/XFL/staff", {"operator"}),
    ("POST", "/api/v1/records", {"operator", "clerk", "reviewer"}),
    ("POST", "/api/v1/records/batch", {"operator", "clerk", "reviewer"}),
    ("GET", "/api/v1/records", {"operator", "auditor", "clerk", "reviewer"}),
    ("GET", "/api/v1/records/queue", {"operator", "reviewer"}),
    ("GET", "/api/v1/records/record_none", {"operator", "auditor", "clerk", "reviewer"}),
    ("POST", "/api/v1/records/record_none/review", {"operator", "reviewer"}),
    ("POST", "/api/v1/records/record_none/reversal", {"operator", "reviewer"}),
    ("POST", "/api/v1/registers", {"operator", "clerk"}),
    ("GET", "/api/v1/registers/batches/batch_none", {"operator", "auditor", "clerk", "reviewer"}),
    ("GET", "/api/v1/registers/batches/batch_none/error-sheet",
     {"operator", "auditor", "clerk", "reviewer"}),
    ("GET", "/api/v1/people/V0001/balance",
     {"operator", "auditor", "clerk", "reviewer", "member"}),
    ("GET", "/api/v1/accounts/V0001/statement",
     {"operator", "auditor", "clerk", "reviewer", "member"}),
    ("GET", "/api/v1/accounts/V0001/statement?format=csv",
     {"operator", "auditor", "clerk", "reviewer", "member"}),
    ("GET", "/api/v1/exports/journal.csv", {"operator", "auditor"}),
    ("GET", "/api/v1/exports/bundle.zip", {"operator", "auditor"}),
    ("GET", "/api/v1/checks", {"operator", "auditor"}),
    ("POST", "/api/v1/checks/runs", {"operator", "auditor"}),
    ("GET", "/api/v1/findings", {"operator", "auditor"}),
    ("POST", "/api/v1/findings/finding_none/comments", {"operator", "auditor"}),
    ("POST", "/api/v1/findings/finding_none/explanation", {"operator"}),
    ("POST", "/api/v1/findings/finding_none/closure", {"operator"}),
    ("GET", "/log/tile/entries/000.p/1", {"operator", "auditor"}),
]  # fmt: skip
BODIES = {
    "/api/v1/people": PERSON,
    "/api/v1/stations": {"code": "XFL", "name": "幸福里"},
    "/api/v1/records": {
        "station": "XFL", "volunteers": ["V9"], "starts_at": "2023-04-05T09:00",
        "ends_at": "2023-04-05T10:00", "content": "助餐", "public": "路人",
    },
    "/staff": STAFF,
    "/look": {"reason": "家属来电"},
    "/export": {"relation": "child", "proof": "户口簿"},
    "/review": {"approve": True},
    "/reversal": {"reason": "登错"},
}  # fmt: skip


def ask(desk, role, method, path):
    client = desk.client(role)
    if method == "GET":
        return client.get(path)
    if path.endswith("/registers"):
        file = {"file": ("x.csv", b"\xff")}
        return client.post(path, files=file, data={"station": "XFL"}, headers=desk.key())
    body = next((body for end, body in BODIES.items() if path.endswith(end)), {"text": "看过"})
    if path.endswith("/batch"):
        body = {"items": [BODIES["/api/v1/records"]]}
    return client.post(path, json=body, headers=desk.key())


@pytest.mark.parametrize(("method", "path", "roles"), MAY, ids=[f"{m} {p}" for m, p, _r in MAY])
def test_each_role_may_do_its_own_work_and_no_other(shared_desk, method, path, roles):
    shared_desk.token("member")  # registers V0001

    refused = {role for role in ROLES if ask(shared_desk, role, method, path).status_code == 403}

    assert refused == set(ROLES) - roles


@pytest.mark.parametrize(("method", "path", "roles"), MAY, ids=[f"{m} {p}" for m, p, _r in MAY])
def test_nobody_does_anything_without_a_session(shared_desk, method, path, roles):
    said = ask(shared_desk, "", method, path)

    assert (said.status_code, said.json()["code"]) == (401, "not_signed_in")
