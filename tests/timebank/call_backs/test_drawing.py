"""timebank/call_backs/drawing.py: whom the log hits, once a week, for anybody to repeat."""

import hashlib
from base64 import b64encode
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import event

from ledger.merkle import leaf_hashes, root_of
from tests.support.banks import OPERATOR, TriedBank
from tests.support.call_backs import MONDAY, a_week, caller, drawn, rows
from tests.support.forging import judged, log
from timebank.call_backs.drawing import draw_call_backs
from timebank.call_backs.model import count_of, draw, week_began_ms, week_of
from timebank.errors import NotPermitted
from timebank.jobs.registry import JOBS
from timebank.jobs.runner import run_due, run_now
from timebank.keys.roles import may_submit
from timebank.stations.model import Role


@pytest.mark.parametrize(
    ("entries", "expected"),
    [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (166, 5), (167, 6), (1_633, 49), (1_634, 50),
     (9_999, 50)],
)  # fmt: skip
def test_three_in_a_hundred_but_five_at_least_and_fifty_at_most(
    entries: int, expected: int
) -> None:
    assert count_of(entries) == expected
    assert len(draw(b"seed", [(f"entry_{n}", f"record_{n}") for n in range(entries)])) == expected


def test_a_record_of_several_volunteers_is_drawn_once() -> None:
    entries = [(f"entry_{n}", f"record_{n // 3}") for n in range(30)]
    found = draw(b"seed", entries)
    assert len(found) == len(set(found)) == 5


@pytest.mark.parametrize(("off", "monday"), [(-1, "2023-04-03"), (0, MONDAY), (1, MONDAY)])
def test_a_week_begins_on_the_stations_monday(off: int, monday: str) -> None:
    assert week_of(week_began_ms(date.fromisoformat(MONDAY)) + off).isoformat() == monday


def test_a_stranger_repeats_the_draw_from_the_log_alone(week: TriedBank) -> None:
    calls = drawn(week)
    (made,) = rows(week, "SELECT * FROM call_draw")
    leaves = [bytes(row["body"]) for row in rows(week, "SELECT body FROM leaf ORDER BY leaf_index")]
    before = [body for body in leaves if orjson.loads(body)["t"] < 1_681_056_000_000]
    assert made["size"] == len(before)
    text = f"{week.bank.origin}\n{len(before)}\n"
    text += b64encode(root_of(leaf_hashes(before))).decode() + "\n"
    seed = hashlib.sha256(b"timebank call-back draw/1\n" + text.encode()).digest()
    credited = {}
    for body in before:
        leaf = orjson.loads(body)
        if leaf["kind"] == "service":
            credited[leaf["id"]] = orjson.loads(leaf["sub"].split("\n", 2)[1])["record"]
    assert len(credited) == 12
    ranked = sorted(credited, key=lambda one: hashlib.sha256(seed + one.encode()).digest())
    assert [one["record_id"] for one in calls] == [credited[one] for one in ranked[:5]]
    listed = "".join(f"{one}\n" for one in sorted(credited))
    assert made["list_hash"] == hashlib.sha256(listed.encode()).hexdigest()

    stated = orjson.loads(orjson.loads(leaves[-1])["sub"].split("\n", 2)[1])
    assert (stated["do"], stated["week"], stated["drawn"]) == ("call_draw", MONDAY, 5)
    assert stated["root"] == root_of(leaf_hashes(before)).hex()


def test_a_week_is_drawn_once_however_often_it_is_asked_for(week: TriedBank) -> None:
    calls = drawn(week)
    assert draw_call_backs(week.bank, week.bank.now_ms()) == {"drawn": 0}
    week.clock.move(timedelta(days=2))
    assert run_now(week.bank, OPERATOR, "draw_call_backs").detail == '{"drawn": 0}'
    assert rows(week, "SELECT * FROM call_back ORDER BY week, place") == calls


def test_the_next_week_draws_from_what_came_since(week: TriedBank) -> None:
    first = {one["record_id"] for one in drawn(week)}
    week.clock.move(timedelta(days=7))
    assert len(drawn(week)) == 5  # Nothing was posted.
    week.people("V2000", "E2000")
    late = log(week, 77, volunteers="V2000", recipients="E2000", on="2023-04-16")
    week.clock.move(timedelta(days=7))
    calls = drawn(week)
    assert [one["record_id"] for one in calls[5:]] == [late]
    assert late not in first


def test_the_job_runs_on_mondays_and_its_key_alone_may_draw(week: TriedBank) -> None:
    (job,) = [one for one in JOBS if one.name == "draw_call_backs"]
    assert run_due(week.bank, job)
    assert len(rows(week, "SELECT 1 FROM call_back")) == 5
    roles = ("operator", "station", "device", "staff", "scheduler")
    assert [role for role in roles if may_submit(role, "call_draw")] == ["scheduler"]
    with pytest.raises(NotPermitted):
        run_now(week.bank, caller(week), "draw_call_backs")


def test_nobody_calls_about_what_they_handled(week: TriedBank) -> None:
    """Records of the founded clerk go to the reviewer of the station."""
    clerk, reviewer = caller(week, Role.CLERK), caller(week)
    week.behind(f"UPDATE service_record SET recorded_by = '{clerk.actor_id}'")
    assert {one["caller"] for one in drawn(week)} == {reviewer.actor_id}


@pytest.mark.parametrize(("active", "is_named"), [(1, True), (0, False)])
def test_where_the_station_has_nobody_else_the_district_calls(
    week: TriedBank, active: int, is_named: bool
) -> None:
    clerk, reviewer = caller(week, Role.CLERK), caller(week)
    operator = caller(week, Role.OPERATOR)
    week.behind(
        f"UPDATE service_record SET recorded_by = '{clerk.actor_id}', "
        f"reviewed_by = '{reviewer.actor_id}', reviewed_ms = recorded_ms + 3600000"
    )
    week.behind(f"UPDATE staff SET active = {active} WHERE role = 'operator'")
    assert {one["caller"] for one in drawn(week)} == {operator.actor_id if is_named else ""}


def test_an_empty_week_writes_nothing(week: TriedBank) -> None:
    size = rows(week, "SELECT size FROM head")
    week.clock.move(-timedelta(days=7))
    assert draw_call_backs(week.bank, week.bank.now_ms()) == {"drawn": 0}
    assert rows(week, "SELECT size FROM head") == size


def test_a_draw_makes_no_statement_for_each_record(week: TriedBank) -> None:
    few = statements(week)
    week.clock.move(-timedelta(days=4))
    a_week(week, 60, first=100)
    week.clock.move(timedelta(days=11))
    assert statements(week) <= few + 2  # The search for the week's end is a step or two longer.


def statements(tried: TriedBank) -> int:
    """How many statements a draw takes."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = tried.bank.database.reading
    event.listen(engine, "before_cursor_execute", note)
    drawn(tried)
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_the_verifier_takes_a_draw_for_what_it_is(week: TriedBank, tmp_path: Path) -> None:
    drawn(week)
    week.bank.publish()
    assert judged(week, tmp_path).ok
