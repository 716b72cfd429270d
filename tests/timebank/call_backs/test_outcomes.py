"""timebank/call_backs/actions.py: what elders say is kept for good, and by whom it was asked."""

from datetime import timedelta
from typing import Any

import pytest

from ledger.errors import ContentOutOfProfile, KeyReused
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.call_backs import caller, drawn, rows
from timebank.call_backs.actions import note_outcome
from timebank.call_backs.model import ATTEMPTS, LONGEST_REMARK, Outcome
from timebank.call_backs.queries import calling_list, calls_listed, draws_listed
from timebank.errors import MissingField, NotPermitted, OrderValueInvalid
from timebank.errors.call_backs import CallEnded, CallerWasHandler, UnknownCall
from timebank.people.exporting import export_person
from timebank.reconciliation.checks.call_backs import CHECK
from timebank.reconciliation.model import Finding, sentence
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.actions import open_station
from timebank.stations.model import Actor, Role

CONFIRMED, WRONG, REACHED, NOBODY = (
    Outcome.CONFIRMED, Outcome.NOT_AS_RECORDED, Outcome.REACHED, Outcome.NOT_REACHED,
)  # fmt: skip


def say(
    tried: TriedBank, call: str, outcome: Outcome, remark: str = "", key: str = "say-00001",
    actor: Actor | None = None,
) -> Any:  # fmt: skip
    return note_outcome(tried.bank, actor or caller(tried), call, outcome, remark, key=key)


def found(tried: TriedBank) -> list[Finding]:
    return list(reconcile(tried.bank, checks=[CHECK]).findings)


def codes(tried: TriedBank) -> list[str]:
    return sorted(str(one["what"]) for finding in found(tried) for one in finding.detail)


def test_what_was_not_so_becomes_one_finding_with_its_owner(week: TriedBank) -> None:
    call = drawn(week)[0]
    answer = say(week, call["call_id"], WRONG, "她说那天没有人来过").body
    assert answer == {"attempt": 1, "call": call["call_id"], "outcome": "not_as_recorded"}
    (finding,) = found(week)
    assert (finding.subject, finding.owner) == (f"call {call['call_id']}", "operator")
    zh, en = sentence(CHECK.words, "not_as_recorded", finding.detail[0])
    assert f"服务记录 {call['record_id']} 与实际不符" in zh
    assert call["record_id"] in en
    assert [one.finding_id for one in found(week)] == [finding.finding_id]
    stored = rows(week, "SELECT * FROM call_outcome")
    assert "没有人来过".encode() not in bytes(stored[0]["remark"])
    leaf = bytes(rows(week, "SELECT body FROM leaf ORDER BY leaf_index")[-1]["body"])
    assert b"not_as_recorded" in leaf
    assert "没有人".encode() not in leaf


def test_an_outcome_is_final_and_its_key_repeats_the_answer(week: TriedBank) -> None:
    call = drawn(week)[0]["call_id"]
    first = say(week, call, CONFIRMED)
    assert say(week, call, CONFIRMED).body == first.body
    with pytest.raises(KeyReused):
        say(week, call, REACHED)
    for outcome in (WRONG, NOBODY):
        with pytest.raises(CallEnded):
            say(week, call, outcome, "另说", key=f"again-{outcome.value}")
    assert len(rows(week, "SELECT 1 FROM call_outcome")) == 1


@pytest.mark.parametrize("times", [ATTEMPTS - 1, ATTEMPTS, ATTEMPTS + 1])
def test_after_three_calls_in_vain_nobody_calls_again(week: TriedBank, times: int) -> None:
    call = drawn(week)[0]["call_id"]
    for time in range(min(times, ATTEMPTS)):
        assert say(week, call, NOBODY, key=f"time-{time:05}").body["attempt"] == time + 1
    if times > ATTEMPTS:
        with pytest.raises(CallEnded):
            say(week, call, CONFIRMED, key="one-more-1")
    open_ = [one.call_id for one in calling_list(week.bank, caller(week), "XFL")]
    assert (call in open_) is (times < ATTEMPTS)
    assert codes(week) == ["unreached"] * (times >= ATTEMPTS)


@pytest.mark.parametrize(("days", "overdue"), [(13, 0), (14, 0), (15, 5)])
def test_a_call_that_nobody_makes_is_overdue_after_two_weeks(
    week: TriedBank, days: int, overdue: int
) -> None:
    drawn(week)
    week.clock.move(timedelta(days=days))
    assert codes(week) == ["overdue"] * overdue


def test_who_handled_the_record_does_not_ask(week: TriedBank) -> None:
    call = drawn(week)[0]
    clerk, reviewer = caller(week, Role.CLERK), caller(week)
    week.behind(f"UPDATE service_record SET recorded_by = '{clerk.actor_id}'")
    with pytest.raises(CallerWasHandler):
        say(week, call["call_id"], CONFIRMED, actor=clerk)
    say(week, call["call_id"], CONFIRMED, actor=reviewer, key="other-0001")
    assert codes(week) == []
    week.behind(f"UPDATE service_record SET reviewed_by = '{reviewer.actor_id}'")
    assert codes(week) == ["asked_by_handler"]


def test_who_led_the_visit_does_not_ask_either(week: TriedBank) -> None:
    call, reviewer = drawn(week)[0], caller(week)
    week.behind(
        "INSERT INTO service_order (book_id, order_id, station_code, number, state, elder_id, "
        "class_code, wanted_on, wanted_at, wanted_minutes, payer, channel, assistant, "
        "volunteer_id, hold_id, held_minutes, door_code, signed_in_at, signed_out_at, "
        "signed_out_by, record_id, stars, opening, requested_ms) VALUES (1, 'ordr_1', 'XFL', 1, "
        "'confirmed', 'e', 'meals', '2023-04-05', '09:00', 60, 'nobody', 'staff', '', 'v', '', 0, "
        f"'', '', '', '', '{call['record_id']}', 0, "
        "(SELECT opening FROM service_record WHERE number = 1), 1)"
    )
    week.behind(
        "INSERT INTO order_step (book_id, order_id, place, step, state, taken_by, who, reason, "
        f"taken_ms) VALUES (1, 'ordr_1', 0, 'confirm', 'confirmed', '{reviewer.actor_id}', "
        "'reviewer', '', 1)"
    )
    with pytest.raises(CallerWasHandler):
        say(week, call["call_id"], CONFIRMED)


def test_what_is_refused(week: TriedBank) -> None:
    call = drawn(week)[0]["call_id"]
    for actor in (AUDITOR, Actor("staff_x", Role.KIOSK, "XFL"), Actor("p", Role.MEMBER, "", "p")):
        with pytest.raises(NotPermitted):
            say(week, call, CONFIRMED, actor=actor)
    open_station(week.bank, OPERATOR, "OTHER", "别处", key="station-1")
    with pytest.raises(NotPermitted):
        say(week, call, CONFIRMED, actor=Actor("staff_y", Role.REVIEWER, "OTHER"))
    with pytest.raises(MissingField):
        say(week, call, WRONG, "  ")
    with pytest.raises(UnknownCall):
        say(week, "call_nowhere", CONFIRMED)
    with pytest.raises(ContentOutOfProfile):
        say(week, call, CONFIRMED, "a\0b")
    assert rows(week, "SELECT 1 FROM call_outcome") == []


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_remark_has_its_length(week: TriedBank, off: int) -> None:
    call = drawn(week)[0]["call_id"]
    if off > 0:
        with pytest.raises(OrderValueInvalid):
            say(week, call, WRONG, "说" * (LONGEST_REMARK + off))
    else:
        say(week, call, WRONG, "说" * (LONGEST_REMARK + off))


def test_lists_go_on_page_by_page_under_masks_and_the_whole_list_is_a_look(
    week: TriedBank,
) -> None:
    calls = drawn(week)
    with week.bank.read() as connection:
        first = calls_listed(week.bank, connection, AUDITOR, "XFL", most=3)
        rest = calls_listed(week.bank, connection, AUDITOR, "XFL", after=first[-1].call_id)
        (made,) = draws_listed(connection, AUDITOR)
    assert [one.call_id for one in first + rest] == [one["call_id"] for one in calls]
    assert not {one.name for one in first} & {f"成员E1{n:03}" for n in range(12)}
    assert (made.week, made.entries) == ("2023-04-10", 12)
    assert rows(week, "SELECT 1 FROM access") == []
    listed = calling_list(week.bank, caller(week), "XFL")
    assert {one.name for one in listed} <= {f"成员E1{n:03}" for n in range(12)}
    assert len(rows(week, "SELECT 1 FROM access")) == 5
    say(week, calls[0]["call_id"], CONFIRMED)
    with week.bank.read() as connection:
        still = calls_listed(week.bank, connection, AUDITOR, "XFL")
        all_ = calls_listed(week.bank, connection, AUDITOR, "XFL", everything=True)
    assert (len(still), len(all_)) == (4, 5)
    assert [one.is_open for one in all_] == [False, True, True, True, True]


def test_the_person_reads_what_was_written_down(week: TriedBank) -> None:
    call = drawn(week)[0]
    say(week, call["call_id"], WRONG, "来过，只有半小时")
    query = f"SELECT number FROM person_number WHERE person_id = '{call['person_id']}'"
    (known,) = rows(week, query)
    (told,) = export_person(week.bank, OPERATOR, known["number"])["calls"]
    assert (told["outcome"], told["remark"]) == ("not_as_recorded", "来过，只有半小时")


def test_whoever_asked_to_be_forgotten_is_named_nowhere(week: TriedBank) -> None:
    call = drawn(week)[0]
    week.behind(f"UPDATE person SET state = 'restricted' WHERE person_id = '{call['person_id']}'")
    listed = {one.call_id: one for one in calling_list(week.bank, caller(week), "XFL")}
    gone = listed[call["call_id"]]
    assert (gone.name, gone.number, gone.telephone) == ("", "", "")
    assert len(rows(week, "SELECT 1 FROM access")) == 4
    week.bank.wrapped_keys.destroy([call["person_id"]])
    say(week, call["call_id"], REACHED, "家属说已经搬走")
    (stored,) = rows(week, "SELECT remark FROM call_outcome")
    assert bytes(stored["remark"]) == b""


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE call_back SET record_id = 'record_x' WHERE place = 1", "draw_differs"),
        ("DELETE FROM call_back WHERE place = 5", "draw_differs"),
        ("UPDATE call_draw SET list_hash = 'x'", "draw_differs"),
    ],
)
def test_a_list_that_somebody_changed_is_found(week: TriedBank, statement: str, code: str) -> None:
    drawn(week)
    week.bank.publish()
    assert codes(week) == []
    week.behind(statement)
    assert code in codes(week)


def test_a_root_that_is_not_the_logs_is_found(week: TriedBank) -> None:
    drawn(week)
    week.behind(f"UPDATE call_draw SET root = '{'A' * 43}='")
    assert codes(week) == ["draw_differs", "root_differs"]
