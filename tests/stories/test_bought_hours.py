"""Hours that were bought, events that were invented, months filled in later: what comes of them.

The letters and numbers are those of ``docs/explanation/failures.md``.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.call_backs import caller, drawn, rows
from tests.support.clients import Desk, desk_of
from tests.support.forging import bank_with, judged
from tests.support.profiles import FOUR_EYES
from tests.support.services import service
from timebank.records.actions import log_service
from timebank.records.importing import import_register
from timebank.records.review import approve_batch, review_record
from timebank.stations.model import Role

TEN_DAYS = '[recording]\nbackdating_max_working_days = { value = 10, source = "67" }'
RUNS, FINDINGS = "/api/v1/checks/runs", "/api/v1/findings"
OF_INTEREST = (
    "rosters", "speed", "overlaps", "travel", "shared_devices", "round_numbers", "late_records",
    "call_backs",
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A district that demands two people and, after ten days, a reason; nobody is registered."""
    with bank_with(tmp_path, FOUR_EYES, TEN_DAYS, people=()) as tried, desk_of(tried) as found:
        yield found


def night(desk: Desk) -> list[tuple[str, str, str]]:
    """Run every check; answers check, first code and subject of what looks odd and is open."""
    desk.tried.bank.publish()
    operator = desk.client("operator")
    assert operator.post(RUNS, headers=desk.key()).status_code == 201
    listed = operator.get(FINDINGS, params={"state": "open"}).json()["items"]
    return sorted(
        (one["check_name"], one["detail"][0]["what"], one["subject"])
        for one in listed
        if one["check_name"] in OF_INTEREST
    )


def test_f1_bought_hours_are_seen_the_same_night_and_denied_by_the_elder(
    desk: Desk, tmp_path: Path
) -> None:
    """A clerk and a reviewer share a desk and put ten visits of half an hour in within a minute."""
    tried = desk.tried
    numbers = [f"E00{n:02}" for n in range(10)]
    tried.people("V0001", *numbers)
    clerk, reviewer = (
        replace(caller(tried, role), device="dev_desk") for role in (Role.CLERK, Role.REVIEWER)
    )
    made = []
    for place, elder in enumerate(numbers):
        at = f"{8 + place // 2:02}:{place % 2 * 30:02}"
        stated = service("V0001", elder, at=at, minutes=30)
        done = log_service(tried.bank, clerk, "XFL", stated, key=f"bought-{place:03}")
        made.append(done.body["record"])
        tried.clock.move(timedelta(seconds=5))
    for place, record in enumerate(made):
        key = f"review-{place:03}"
        review_record(tried.bank, reviewer, record, approve=True, key=key)
        tried.clock.move(timedelta(seconds=2))
    day = f"handler {clerk.actor_id} 2023-04-06"
    seen = night(desk)
    assert seen == [
        ("shared_devices", "entered_and_reviewed", "device dev_desk 2023-04-06"),
        *sorted(
            (
                ("speed", "entered_fast", day),
                ("speed", "reviewed_fast", f"handler {reviewer.actor_id} 2023-04-06"),
            )
        ),
    ]
    assert night(desk) == seen  # The same cases, not new ones.

    tried.clock.move(timedelta(days=4))
    (call, *_rest) = drawn(tried)
    desk.forget(desk.token("operator"))  # It ran out days ago.
    operator = desk.client("operator")
    assert {one["caller"] for one in rows(tried, "SELECT caller FROM call_back")} == {
        caller(tried, Role.OPERATOR).actor_id
    }
    address = f"/api/v1/call-backs/{call['call_id']}/outcomes"
    handler = desk.client("reviewer").post(
        address, json={"outcome": "confirmed"}, headers=desk.key()
    )
    assert handler.json()["code"] == "caller_was_handler"
    denied = {"outcome": "not_as_recorded", "remark": "没有人来过，有人给了四十元"}
    assert operator.post(address, json=denied, headers=desk.key()).status_code == 201
    assert ("call_backs", "not_as_recorded", f"call {call['call_id']}") in night(desk)

    undo = f"/api/v1/records/{call['record_id']}/reversal"
    undone = operator.post(undo, json={"reason": "回访不实"}, headers=desk.key())
    assert undone.status_code == 201
    for one in operator.get(FINDINGS, params={"state": "open"}).json()["items"]:
        path = f"{FINDINGS}/{one['finding_id']}/closure"
        closed = operator.post(path, json={"text": "已查实并冲销"}, headers=desk.key())
        assert closed.status_code == 200
    assert night(desk) == []  # History does not open what was dealt with.
    assert judged(tried, tmp_path).ok


def listed(desk: Desk, tmp_path: Path, whom: Callable[[int], str]) -> Path:
    """A list of fifty people who gave two hours each to somebody on one morning."""
    numbers = [f"V1{n:03}" for n in range(50)]
    desk.tried.people(*{whom(n) for n in range(50)} - {"社区居民"}, *numbers)
    header = "服务日期,开始时间,结束时间,志愿者编号,服务对象,服务内容,服务时长"
    lines = [
        f"2023-04-05,8:00,10:00,{number},{whom(place)},环境清洁,2小时"
        for place, number in enumerate(numbers)
    ]
    file = tmp_path / "event.csv"
    file.write_text("\n".join((header, *lines)), encoding="utf-8")
    return file


@pytest.mark.parametrize("whom", ["社区居民", "E0001"])
def test_f2_an_event_of_fifty_posts_nothing_without_a_second_person_and_the_roster(
    tmp_path: Path, whom: str
) -> None:
    """The operator of a book that posts at once invents an event of fifty, alone."""
    with bank_with(tmp_path, people=()) as tried, desk_of(tried) as desk:
        file = listed(desk, tmp_path, lambda _place: whom)
        operator, reviewer = (desk.client(role) for role in ("operator", "reviewer"))
        sent = {"file": ("event.csv", file.read_bytes())}
        form = {"station": "XFL"}
        address = "/api/v1/registers"
        taken = operator.post(address, data=form, files=sent, headers=desk.key()).json()
        assert (taken["accepted"], taken["refused"]) == (50, 0)
        (event,) = taken["events"]
        assert (event["row"], event["volunteers"]) == (2, 50)

        def credited() -> int:
            query = "SELECT coalesce(sum(minutes), 0) AS minutes FROM movement"
            return int(rows(tried, query)[0]["minutes"])

        whole = f"{address}/batches/{taken['batch']}/approval"
        review = f"/api/v1/records/{event['record']}/review"
        seen = {"sheet": "2023-04/7", "signatures": 50}
        for client, path, said, no in (
            (operator, whole, None, "reviewer_is_recorder"),
            (operator, review, {"approve": True, "roster": seen}, "reviewer_is_recorder"),
            (reviewer, whole, None, "roster_missing"),
            (reviewer, review, {"approve": True}, "roster_missing"),
            (reviewer, review, {"approve": True, "roster": seen | {"sheet": "张三"}},
             "roster_unfit"),
            (reviewer, review, {"approve": True, "roster": seen | {"signatures": 49}},
             "roster_short"),
        ):  # fmt: skip
            refused = client.post(path, json=said, headers=desk.key())
            assert refused.json()["code"] == no
            assert credited() == 0

        done = reviewer.post(review, json={"approve": True, "roster": seen}, headers=desk.key())
        assert (done.json()["state"], len(done.json()["entries"])) == ("posted", 50)
        assert credited() == 50 * 120
        assert judged(tried, tmp_path).ok


def test_f2_an_event_in_parts_is_a_finding(desk: Desk) -> None:
    """Eleven people, entered one by one, so that no record is of many."""
    tried = desk.tried
    numbers = [f"V1{n:03}" for n in range(11)]
    tried.people(*numbers)
    clerk, reviewer = caller(tried, Role.CLERK), caller(tried, Role.REVIEWER)
    for place, number in enumerate(numbers):
        stated = replace(service(number), recipients=(), public="社区居民")
        made = log_service(tried.bank, clerk, "XFL", stated, key=f"part-{place:05}")
        tried.clock.move(timedelta(minutes=2))
        record, key = made.body["record"], f"seen-{place:05}"
        review_record(tried.bank, reviewer, record, approve=True, key=key)
    first = rows(tried, "SELECT min(record_id) AS id FROM service_record")[0]["id"]
    assert night(desk) == [("rosters", "in_parts", f"record {first}")]


def test_f2_a_list_that_nobody_read_is_a_finding_and_shows_in_the_figures(
    desk: Desk, tmp_path: Path
) -> None:
    """Fifty visits that never were, approved three seconds after they came in."""
    tried = desk.tried
    file = listed(desk, tmp_path, lambda place: f"E1{place:03}")
    clerk, reviewer = caller(tried, Role.CLERK), caller(tried, Role.REVIEWER)
    taken = import_register(tried.bank, clerk, "XFL", file, key="event-001")
    tried.clock.move(timedelta(seconds=3))
    approve_batch(tried.bank, reviewer, taken.batch_id, key="event-002")
    assert night(desk) == [("speed", "batch_unread", f"batch {taken.batch_id}")]
    days = {"from": "2023-04-06", "to": "2023-04-06"}
    told = desk.client("auditor").get("/api/v1/handlers", params=days).json()["items"]
    figures = {one["handler"]: one for one in told}
    mine = figures[clerk.actor_id]
    assert mine["entries"] == mine["imported"] == mine["whole_hours"] > 0
    assert figures[reviewer.actor_id]["median_review_seconds"] == 3


def test_f3_a_month_of_late_records_is_a_finding_with_a_name_on_it(desk: Desk) -> None:
    """Twenty visits of January are filled in in April; in May the month is judged."""
    tried = desk.tried
    tried.people("V0001", "E0001")
    clerk = caller(tried, Role.CLERK)
    for place in range(20):
        on = f"2023-01-{place + 1:02}"
        stated = service(on=on, reason="年初漏登，整理台账时补录")
        log_service(tried.bank, clerk, "XFL", stated, key=f"late-{place:05}")
        tried.clock.move(timedelta(minutes=3))
    assert night(desk) == []
    tried.clock.set(datetime.fromisoformat("2023-05-01T00:00:00+08:00"))
    desk.forget(desk.token("operator"))
    assert night(desk) == [
        ("late_records", "handler_late", f"handler {clerk.actor_id} 2023-04"),
        ("late_records", "station_late", "station XFL 2023-04"),
    ]
    days = {"from": "2023-04-01", "to": "2023-04-30"}
    desk.forget(desk.token("auditor"))
    (mine,) = desk.client("auditor").get("/api/v1/handlers", params=days).json()["items"]
    assert (mine["entries"], mine["late"]) == (20, 20)
