"""timebank/suspensions/: stopped by one, decided by another, appealed to a third."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger.errors import Refusal
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import CLERK, REVIEWER, Opened, bank_with, judged, log
from tests.support.orders import Journey
from timebank.calendar import term_of
from timebank.errors import (
    MissingField,
    NotPermitted,
    OrderValueInvalid,
    PersonErased,
    UnreadableDate,
)
from timebank.errors.suspensions import (
    AlreadySuspended,
    AppealOpen,
    NoAppeal,
    PersonSuspended,
    SuspenderDecides,
    SuspensionNotOpen,
    UnknownSuspension,
)
from timebank.founding import FOUNDER
from timebank.matching.queries import candidates
from timebank.people.exporting import export_person
from timebank.people.forgetting import forget
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.model import Actor, Role
from timebank.suspensions.actions import (
    answer_appeal,
    appeal,
    decide_proposal,
    lift,
    propose,
)
from timebank.suspensions.model import Part, Proposal, Reason, provisional_until
from timebank.suspensions.queries import own_suspension, suspensions_listed
from timebank.transfers.giving import Giving, donate

OTHER, THIRD = (replace(OPERATOR, actor_id=f"staff_{name}") for name in ("other", "third"))
FAR = Actor("staff_far", Role.CLERK, "YHL")
DONATIONS = '[transfer]\ndonation_to = { value = ["pool"], source = "上海" }'


def proposed(tried: TriedBank, number: str = "V0001", actor: Actor = CLERK, **rest: Any) -> str:
    """Somebody suspended, for whatever the test does not say; answers the id."""
    key = rest.pop("key", "susp-0001")
    stated = {"part": Part.VOLUNTEER, "reason": Reason.FALSE_RECORD, "words": "记录与事实不符"}
    made = propose(tried.bank, actor, Proposal(number, **(stated | rest)), key=key)
    return str(made.body["suspension"])


def approved(tried: TriedBank, suspension: str, key: str = "decide-001") -> None:
    decide_proposal(tried.bank, OPERATOR, suspension, "核实属实", approved=True, key=key)


def recorded(tried: TriedBank, on: str) -> None:
    """Log a service of the day before, of the day, or of a day to come, at the end of that day."""
    tried.clock.move(datetime.fromisoformat(f"{on}T23:00+08:00") - tried.bank.clock.now())
    log(tried, int(on[-2:]), on=on)


def at_the_station(tried: TriedBank) -> None:
    """Everybody is registered at the one station there is."""
    tried.behind("UPDATE person SET station_code = 'XFL'")


def found(tried: TriedBank) -> int:
    """How many differences the check of suspensions finds."""
    checks = {one.name: one.differences for one in reconcile(tried.bank, FOUNDER).checks}
    return checks["suspensions"]


def test_a_term_is_counted_in_working_days() -> None:
    assert term_of(date(2023, 4, 6), 10) == date(2023, 4, 20)
    assert term_of(date(2099, 4, 6), 10) == date(2099, 4, 21)


@pytest.mark.parametrize(
    ("asked", "until"),
    [("", "2023-04-20"), ("2023-04-19", "2023-04-19"), ("2023-04-20", "2023-04-20"),
     ("2023-04-21", "2023-04-20")],
)  # fmt: skip
def test_undecided_it_holds_for_ten_working_days_at_most(asked: str, until: str) -> None:
    assert provisional_until(date(2023, 4, 6), asked) == until


def test_a_volunteer_is_stopped_at_once_and_goes_on_when_it_is_declined(opened: Opened) -> None:
    with opened() as tried:
        suspension = proposed(tried)
        with pytest.raises(PersonSuspended):  # The day of the suspension itself is not lost.
            recorded(tried, "2023-04-07")
        with pytest.raises(SuspenderDecides):
            decide_proposal(
                tried.bank, replace(OPERATOR, actor_id=CLERK.actor_id), suspension, "同意",
                approved=True, key="decide-000",
            )  # fmt: skip
        decide_proposal(tried.bank, OPERATOR, suspension, "查无实据", approved=False, key="dec-01")
        with pytest.raises(SuspensionNotOpen):
            decide_proposal(tried.bank, OTHER, suspension, "再议", approved=True, key="dec-00002")
        assert log(tried)
        with tried.bank.read() as connection:
            (shown,) = suspensions_listed(tried.bank, connection, CLERK)
        assert (shown.state, shown.is_over) == ("declined", True)
        assert [(one.step, one.words) for one in shown.steps] == [
            ("propose", "记录与事实不符"), ("decline", "查无实据"),
        ]  # fmt: skip
        assert found(tried) == 0


def test_what_was_given_until_that_day_is_still_recorded(opened: Opened) -> None:
    with opened() as tried:
        suspension = proposed(tried)
        for on in ("2023-04-05", "2023-04-06"):
            recorded(tried, on)
        with pytest.raises(PersonSuspended):
            recorded(tried, "2023-04-07")
        approved(tried, suspension)
        with pytest.raises(PersonSuspended):
            recorded(tried, "2023-04-21")
        lift(tried.bank, OTHER, suspension, "已改正", key="lift-00001")
        recorded(tried, "2023-04-22")
        with pytest.raises(SuspensionNotOpen):
            lift(tried.bank, OTHER, suspension, "已改正", key="lift-00002")


@pytest.mark.parametrize(("on", "stopped"), [("20", True), ("21", False), ("22", False)])
def test_undecided_it_lapses_and_is_found(tmp_path: Path, on: str, stopped: bool) -> None:
    with bank_with(tmp_path) as tried:
        suspension = proposed(tried)
        tried.clock.move(timedelta(days=int(on) - 6))
        assert found(tried) == (0 if stopped else 1)
        if stopped:
            with pytest.raises(AlreadySuspended):
                proposed(tried, key="susp-0002")
            approved(tried, suspension)
            assert found(tried) == 0
        else:
            with pytest.raises(SuspensionNotOpen):
                approved(tried, suspension)
            with pytest.raises(SuspensionNotOpen):
                appeal(tried.bank, CLERK, suspension, "不同意", key="appeal-001")
            proposed(tried, key="susp-0002")


@pytest.mark.parametrize(("on", "stopped"), [("09", True), ("10", True), ("11", False)])
def test_the_last_day_is_inside(tmp_path: Path, on: str, stopped: bool) -> None:
    with bank_with(tmp_path) as tried:
        approved(tried, proposed(tried, until_on="2023-04-10"))
        if stopped:
            with pytest.raises(PersonSuspended):
                recorded(tried, f"2023-04-{on}")
        else:
            recorded(tried, f"2023-04-{on}")


def test_an_elder_asks_no_more_and_nobody_is_sent(opened: Opened) -> None:
    with opened(people=()) as tried:
        journey = Journey(tried).to("published")
        suspension = proposed(tried, "E0001", part=Part.ELDER)
        ranked = candidates(tried.bank, CLERK, journey.order_id)
        assert ranked.ranked == ()
        assert set(dict(ranked.refused_by)) == {"person_suspended"}
        with pytest.raises(PersonSuspended):
            journey.step("match", volunteer="V0001")
        with pytest.raises(PersonSuspended):
            Journey.ask(journey)
        assert found(tried) == 1  # Somebody may be waiting for that order.
        with tried.bank.read() as connection:
            (shown,) = suspensions_listed(tried.bank, connection, CLERK)
            own = own_suspension(tried.bank, connection, journey.member("E0001"))
            assert own_suspension(tried.bank, connection, journey.member("V0001")) is None
        assert shown.open_orders == 1
        assert own is not None
        assert (own.suspension_id, own.part) == (suspension, "elder")
        # As a volunteer she goes on.
        log(tried, volunteers="V1001", recipients="E0002", at="16:00")


def test_the_door_stays_shut_for_who_was_suspended_meanwhile(opened: Opened) -> None:
    with opened(people=()) as tried:
        journey = Journey(tried).to("accepted")
        proposed(tried, part=Part.BOTH, reason=Reason.HARM)
        with pytest.raises(PersonSuspended):
            journey.step("sign_in", at="08:00", reason="老人已开门")
        journey.step("decline", reason="志愿者暂停参与")
        refused_by = candidates(tried.bank, CLERK, journey.order_id).refused_by
        assert dict(refused_by)["person_suspended"] == 1


def test_what_may_have_to_go_back_is_not_given_away(tmp_path: Path) -> None:
    with bank_with(tmp_path, DONATIONS) as tried:
        log(tried)
        suspension = proposed(tried)
        giving = Giving("pool", 30, "V0001", "小李")
        with pytest.raises(PersonSuspended):
            donate(tried.bank, CLERK, giving, key="donate-001")
        decide_proposal(tried.bank, OPERATOR, suspension, "查无实据", approved=False, key="dec-01")
        donate(tried.bank, CLERK, giving, key="donate-002")


def test_an_appeal_is_answered_by_a_third_person(opened: Opened, tmp_path: Path) -> None:
    with opened() as tried:
        suspension = proposed(tried)
        approved(tried, suspension)
        with pytest.raises(NoAppeal):
            answer_appeal(tried.bank, OTHER, suspension, "–", upheld=True, key="answer-01")
        me = member(tried)
        made = appeal(tried.bank, me, suspension, "那天我在老人家", key="appeal-001")
        assert made.body["due_on"] == "2023-04-20"
        with pytest.raises(AppealOpen):
            appeal(tried.bank, CLERK, suspension, "再说一次", key="appeal-002")
        with pytest.raises(SuspenderDecides):
            answer_appeal(tried.bank, OPERATOR, suspension, "维持", upheld=False, key="answer-02")
        answer_appeal(tried.bank, OTHER, suspension, "仍有疑点", upheld=False, key="answer-03")
        with pytest.raises(PersonSuspended):
            recorded(tried, "2023-04-07")
        appeal(tried.bank, me, suspension, "邻居可以作证", key="appeal-003")
        with pytest.raises(SuspenderDecides):
            answer_appeal(tried.bank, OTHER, suspension, "成立", upheld=True, key="answer-04")
        done = answer_appeal(tried.bank, THIRD, suspension, "成立", upheld=True, key="answer-05")
        assert done.body["state"] == "annulled"
        recorded(tried, "2023-04-08")
        copied = export_person(tried.bank, OPERATOR, "V0001")["suspensions"]
        assert [one["words"] for one in copied[0]["steps"]][2:4] == ["那天我在老人家", "仍有疑点"]
        assert found(tried) == 0
        assert judged(tried, tmp_path).report.findings == ()


@pytest.mark.parametrize(("days", "late"), [(13, 0), (14, 0), (15, 1)])
def test_an_appeal_that_nobody_answers_is_found(tmp_path: Path, days: int, late: int) -> None:
    with bank_with(tmp_path) as tried:
        suspension = proposed(tried)
        approved(tried, suspension)
        appeal(tried.bank, CLERK, suspension, "不同意", key="appeal-001")
        tried.clock.move(timedelta(days=days))
        assert found(tried) == late


def member(tried: TriedBank, number: str = "V0001") -> Actor:
    with tried.bank.read() as connection:
        query = text("SELECT person_id FROM person_number WHERE number = :number")
        person = connection.execute(query, {"number": number}).scalar_one()
    return Actor(person, Role.MEMBER, "", person)


REFUSED = [
    ({"words": " "}, CLERK, MissingField),
    ({"words": "长" * 501}, CLERK, OrderValueInvalid),
    ({"until_on": "六月"}, CLERK, UnreadableDate),
    ({"until_on": "2023-04-05"}, CLERK, OrderValueInvalid),
    ({}, FAR, NotPermitted),
    ({}, Actor("staff_audit", Role.AUDITOR), NotPermitted),
]


@pytest.mark.parametrize(("stated", "actor", "refusal"), REFUSED)
def test_what_a_proposal_must_say(
    tmp_path: Path, stated: dict[str, Any], actor: Actor, refusal: type[Refusal]
) -> None:
    with bank_with(tmp_path) as tried:
        at_the_station(tried)
        with pytest.raises(refusal):
            proposed(tried, actor=actor, **stated)


def test_today_is_an_end(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        assert proposed(tried, until_on="2023-04-06")


def test_who_may_do_what(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        at_the_station(tried)
        suspension = proposed(tried)
        for actor in (CLERK, REVIEWER, member(tried)):
            with pytest.raises(NotPermitted):
                decide_proposal(
                    tried.bank, actor, suspension, "同意", approved=True, key="d-000001"
                )
            with pytest.raises(NotPermitted):
                lift(tried.bank, actor, suspension, "解除", key="l-000001")
            with pytest.raises(NotPermitted):
                answer_appeal(tried.bank, actor, suspension, "–", upheld=True, key="a-000001")
        with pytest.raises(UnknownSuspension):  # Nobody learns that somebody else is suspended.
            appeal(tried.bank, member(tried, "E0001"), suspension, "不同意", key="appeal-001")
        with pytest.raises(NotPermitted):
            appeal(tried.bank, FAR, suspension, "不同意", key="appeal-002")
        with pytest.raises(UnknownSuspension):
            lift(tried.bank, OPERATOR, "susp_0", "解除", key="lift-00001")
        with tried.bank.read() as connection, pytest.raises(NotPermitted):
            suspensions_listed(tried.bank, connection, member(tried))


def test_nothing_of_it_names_the_person(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        approved(tried, proposed(tried))
        person, account = member(tried).person_id, tried.account("V0001")
        with tried.bank.read() as connection:
            bodies = [bytes(row.body) for row in connection.execute(text("SELECT body FROM leaf"))]
        told = [body for body in bodies if b"_suspension" in body]
        assert len(told) == 2
        for word in (person, account, "记录与事实不符", "false_record"):
            assert word.encode() not in b"".join(told)


def test_who_is_forgotten_leaves_no_words(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        suspension = proposed(tried)
        tried.clock.move(timedelta(days=4000))
        assert forget(tried.bank, OPERATOR, "V0001", key="forget-1").outcome == "forgotten"
        with tried.bank.read() as connection:
            (shown,) = suspensions_listed(tried.bank, connection, CLERK)
        assert (shown.suspension_id, shown.number, shown.steps[0].words) == (suspension, "", "")
        with pytest.raises(PersonErased):
            proposed(tried, key="susp-0002")


def test_a_page_of_many_and_the_same_key_twice(opened: Opened) -> None:
    with opened() as tried:
        first = proposed(tried)
        assert proposed(tried) == first
        tried.clock.move(timedelta(minutes=1))
        second = proposed(tried, "V0002", key="susp-0002")
        with tried.bank.read() as connection:
            page = suspensions_listed(tried.bank, connection, CLERK, most=1)
            rest = suspensions_listed(tried.bank, connection, CLERK, before=second)
            assert suspensions_listed(tried.bank, connection, FAR) == []
        assert [one.suspension_id for one in (*page, *rest)] == [second, first]
