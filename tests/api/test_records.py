"""api/routes/records.py: logging, repeating, two at once, batches, pages, review."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.banks import OPERATOR
from tests.support.clients import record
from timebank.stations.actions import open_station

PATH = "/api/v1/records"


@pytest.fixture
def open_desk(desk):
    """A desk with people to record services of."""
    desk.tried.people("V0001", "V0002", "E0001", "E0002")
    return desk


def log(desk, body, role="clerk", **headers):
    return desk.client(role).post(PATH, json=body, headers={**desk.key(), **headers})


def test_a_service_is_logged_and_credited(open_desk):
    said = log(open_desk, record())

    told = said.json()
    assert (said.status_code, told["minutes"], told["number"]) == (201, 60, 1)
    assert told["state"] == "posted"
    assert told["marks"] == ["unreviewed"]
    balance = open_desk.client("clerk").get("/api/v1/people/V0001/balance").json()
    assert (balance["posted"], balance["available"]) == (60, 60)
    assert told["credits"][0]["account"] == balance["account"]
    shown = open_desk.client("auditor").get(f"{PATH}/{told['record']}").json()
    assert shown["starts_at"] == "2023-04-05T09:00"
    assert [(one["part"], one["name"]) for one in shown["people"]] == [
        ("volunteer", "成＊＊"),
        ("recipient", "成＊＊"),
    ]


def test_the_same_key_repeats_the_same_bytes(open_desk):
    key = open_desk.key()

    first, second = (log(open_desk, record(), **key) for _time in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


def test_the_same_key_repeats_a_refusal_byte_by_byte(open_desk):
    key = open_desk.key()
    log(open_desk, record())

    first, second = (log(open_desk, record(), **key) for _time in range(2))

    assert (first.status_code, first.json()["code"]) == (409, "duplicate")
    assert first.content == second.content


def test_the_same_key_with_other_content_is_refused(open_desk):
    key = open_desk.key()
    log(open_desk, record(), **key)

    said = log(open_desk, record(ends_at="2023-04-05T11:00"), **key)

    assert (said.status_code, said.json()["code"]) == (409, "key_reused")


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("", 422),
        ("a" * 7, 422),
        ("a" * 8, 201),
        ("a" * 64, 201),
        ("a" * 65, 422),
        ("a b c d e", 422),
    ],
)
def test_a_key_has_bounds(open_desk, key, status):
    headers = {"Idempotency-Key": key} if key else {}

    said = open_desk.client("clerk").post(PATH, json=record(), headers=headers)

    assert said.status_code == status


def test_two_at_once_under_one_key_are_one_record(open_desk):
    key, client = open_desk.key(), open_desk.client("clerk")
    with ThreadPoolExecutor(8) as pool:
        waiting = [
            pool.submit(client.post, PATH, json=record(), headers=key) for _time in range(16)
        ]
        answers = [one.result() for one in waiting]

    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1


def test_two_at_once_about_one_hour_are_one_record_and_a_refusal(open_desk):
    client = open_desk.client("clerk")
    with ThreadPoolExecutor(2) as pool:
        waiting = [
            pool.submit(client.post, PATH, json=record(), headers=open_desk.key())
            for _time in range(2)
        ]
        answers = sorted(one.result().status_code for one in waiting)

    assert answers == [201, 409]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"volunteers": ["V9999"]}, 404, "unknown_member"),
        ({"ends_at": "2023-04-05T09:00"}, 422, "end_before_start"),
        ({"starts_at": "2023-02-29T09:00"}, 422, "unreadable_time"),
        ({"starts_at": "2023-04-06T09:01", "ends_at": "2023-04-06T10:00"}, 422, "in_the_future"),
        ({"stated_minutes": 59}, 422, "duration_mismatch"),
        ({"recipients": []}, 422, "missing_field"),
        ({"station": "NH"}, 403, "not_permitted"),
        ({"content": "\ud800"}, 400, "unreadable_request"),
        ({"starts_at": "2023-04-05 09:00"}, 422, "validation_failed"),
        ({"minutes": 60}, 422, "validation_failed"),
        ({"head_count": True}, 422, "validation_failed"),
    ],
)
def test_a_refusal_keeps_its_code(open_desk, change, status, code):
    body = json.dumps(record(**change)).encode()  # the client's own cannot write half a character
    headers = {**open_desk.key(), "Content-Type": "application/json"}

    said = open_desk.client("clerk").post(PATH, content=body, headers=headers)

    assert (said.status_code, said.json()["code"]) == (status, code)


def test_an_unknown_station_is_told_to_the_district(open_desk):
    said = log(open_desk, record(station="NH"), role="operator")

    assert (said.status_code, said.json()["code"]) == (404, "unknown_station")


# Batches ---------------------------------------------------------------------------------------


def batch(desk, items, **headers):
    return desk.client("clerk").post(
        f"{PATH}/batch", json={"items": items}, headers={**desk.key(), **headers}
    )


def test_every_item_of_a_batch_is_answered_for_itself(open_desk):
    items = [
        record(),
        record(),
        record(volunteers=["V9999"]),
        record(starts_at="2023-04-05T11:00", ends_at="2023-04-05T12:00"),
        record(starts_at="2023-04-05T09:30", ends_at="2023-04-05T09:40", recipients=["E0002"]),
    ]

    said = batch(open_desk, items)

    told = said.json()
    assert (said.status_code, told["accepted"], told["refused"]) == (200, 2, 3)
    assert [one["status"] for one in told["items"]] == [201, 409, 404, 201, 409]
    assert [one["record"]["number"] for one in told["items"] if "record" in one] == [1, 2]
    codes = [one["problem"]["code"] for one in told["items"] if "problem" in one]
    assert codes == ["duplicate", "unknown_member", "overlapping_service"]


def test_a_batch_repeats_under_its_key(open_desk):
    key, items = open_desk.key(), [record(), record(volunteers=["V9999"]), record()]

    first, second = (batch(open_desk, items, **key) for _time in range(2))

    assert first.content == second.content


@pytest.mark.parametrize(("count", "status"), [(0, 422), (1, 200), (1_000, 200), (1_001, 422)])
def test_a_batch_has_bounds(open_desk, count, status):
    assert batch(open_desk, [record(volunteers=["V9"])] * count).status_code == status


# Reading ---------------------------------------------------------------------------------------


def test_records_come_page_by_page_the_newest_first(open_desk):
    items = [
        record(starts_at=f"2023-04-05T{hour:02}:00", ends_at=f"2023-04-05T{hour:02}:30")
        for hour in range(7)
    ]
    batch(open_desk, items)
    client, after, seen = open_desk.client("clerk"), "", []

    while after is not None:
        page = client.get(PATH, params={"limit": 3, "after": after}).json()
        seen += [one["number"] for one in page["items"]]
        after = page["next"]

    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert client.get(PATH, params={"on": "2023-04-04"}).json()["items"] == []
    assert client.get(PATH, params={"state": "rejected"}).json()["items"] == []


@pytest.mark.parametrize("after", ["x", "XFL.", "XFL.-1", "XFL.1e3", "站.1"])
def test_a_cursor_is_one_of_ours(shared_desk, after):
    said = shared_desk.client("clerk").get(PATH, params={"after": after})

    assert (said.status_code, said.json()["code"]) == (422, "validation_failed")


def test_an_unknown_record_is_not_found(shared_desk):
    said = shared_desk.client("clerk").get(f"{PATH}/record_none")

    assert (said.status_code, said.json()["code"]) == (404, "unknown_record")


def test_a_station_that_another_process_opened_is_known(open_desk):
    other = open_desk.tried.again()
    open_station(other, OPERATOR, "NH", "南湖", key="open-NH")
    other.close()

    said = log(open_desk, record(station="NH"), role="operator")

    assert (said.status_code, said.json()["number"]) == (201, 1)


def test_a_second_person_reviews_once(open_desk):
    made = log(open_desk, record()).json()["record"]
    path, verdict, key = f"{PATH}/{made}/review", {"approve": True}, open_desk.key()
    reviewer = open_desk.client("reviewer")

    first, second = (reviewer.post(path, json=verdict, headers=key) for _time in range(2))
    again = reviewer.post(path, json=verdict, headers=open_desk.key())

    assert (first.status_code, first.json()["state"]) == (200, "posted")
    assert first.content == second.content
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")
    shown = reviewer.get(f"{PATH}/{made}").json()
    assert shown["marks"] == []
    assert shown["reviewed_at"] == "2023-04-06T01:00:00Z"


def test_who_recorded_may_not_review(open_desk):
    made = log(open_desk, record(), role="reviewer").json()["record"]

    said = open_desk.client("reviewer").post(
        f"{PATH}/{made}/review", json={"approve": True}, headers=open_desk.key()
    )

    assert (said.status_code, said.json()["code"]) == (403, "reviewer_is_recorder")


def test_a_posted_record_is_undone_by_a_reversal(open_desk):
    made = log(open_desk, record()).json()["record"]
    path, reason = f"{PATH}/{made}/reversal", {"reason": "登错了人"}

    said = open_desk.client("reviewer").post(path, json=reason, headers=open_desk.key())

    assert (said.status_code, said.json()["state"]) == (201, "reversed")
    balance = open_desk.client("clerk").get("/api/v1/people/V0001/balance").json()
    assert balance["posted"] == 0


def test_a_refusal_of_several_facts_is_repeated_byte_by_byte(open_desk):
    clerk, key = open_desk.client("clerk"), open_desk.key()
    late = record(starts_at="2023-01-05T09:00", ends_at="2023-01-05T10:00")
    first, again = (clerk.post("/api/v1/records", json=late, headers=key) for _ in range(2))

    assert first.json()["code"] == "too_late_without_reason"
    assert again.content == first.content


def test_a_record_is_explained_to_whoever_may_read_it(open_desk):
    made = log(open_desk, record()).json()["record"]
    path = f"{PATH}/{made}/explanation"

    said = open_desk.client("auditor").get(path)

    assert said.status_code == 200
    told = said.json()
    assert (told["outcome"], told["policy"]) == ("agrees", open_desk.tried.policy)
    assert "服务 60 分钟，入账 60 分钟" in told["zh"]
    assert "60 minutes given, 60 credited" in told["en"]
    assert told["volunteers"][0]["stored"] == told["volunteers"][0]["priced"]
    assert open_desk.client("clerk").get(path).content == said.content
    open_desk.tried.behind("UPDATE record_person SET credited_minutes = credited_minutes * 10")
    assert open_desk.client("clerk").get(path).json()["outcome"] == "differs"
    for role, asked, refused in (
        ("", path, (401, "not_signed_in")),
        ("kiosk", path, (403, "not_permitted")),
        ("clerk", f"{PATH}/record_none/explanation", (404, "unknown_record")),
    ):
        answer = open_desk.client(role).get(asked)
        assert (answer.status_code, answer.json()["code"]) == refused
