"""timebank/notices/: nothing posts before the public could object, and an objection holds it."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.balances import balance_of
from ledger.errors import Refusal
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import CLERK, REVIEWER, Opened, bank_with, judged, log, rules
from tests.support.orders import OTHER_CLERK, Journey
from tests.support.profiles import FOUR_EYES_AND_NOTICE, NOTICE
from timebank.chart import Kind
from timebank.errors import (
    AlreadyReviewed,
    MissingField,
    NotAwaitingReview,
    NotPermitted,
    OrderValueInvalid,
    UnknownRecord,
)
from timebank.errors.notices import (
    AlreadyObjected,
    DeciderNotIndependent,
    NoOpenObjection,
    NotUnderNotice,
)
from timebank.founding import FOUNDER
from timebank.jobs.notices import post_noticed
from timebank.notices.actions import decide_objection, object_to
from timebank.notices.model import is_over
from timebank.notices.queries import notices_listed, objections_of, open_objections
from timebank.orders.history import TakenStep, history_of
from timebank.people.exporting import export_person
from timebank.people.forgetting import forget
from timebank.periods.view import checklist
from timebank.reconciliation.reconcile import reconcile
from timebank.records.explaining import explain_record
from timebank.records.importing import import_register
from timebank.records.model import Payer
from timebank.records.queries import After, batch_of, queue, record_of
from timebank.records.review import approve_batch, review_record
from timebank.stations.actions import open_station
from timebank.stations.model import Actor, Role

OTHER = Actor("staff_other_reviewer", Role.REVIEWER, "XFL")
STRANGER = Actor("staff_stranger", Role.REVIEWER, "LHU")


def state(tried: TriedBank, record: str) -> str:
    with tried.bank.read() as connection:
        return record_of(tried.bank, connection, OPERATOR, record).state


def posted(tried: TriedBank) -> dict[str, object]:
    return dict(post_noticed(tried.bank, tried.bank.now_ms()))


def minutes(tried: TriedBank, number: str) -> int:
    with tried.bank.read() as connection:
        found = balance_of(connection, tried.account(number))
    assert found is not None
    return found.posted


def person(tried: TriedBank, number: str) -> str:
    with tried.bank.read() as connection:
        query = text("SELECT person_id FROM person_number WHERE number = :number")
        return str(connection.execute(query, {"number": number}).scalar_one())


def confirmed(tried: TriedBank) -> tuple[Journey, str]:
    """An order that the elder can pay, confirmed at last; with its record."""
    journey = Journey(tried)
    tried.clock.move(timedelta(days=6))
    assert posted(tried) == {"posted": 1, "refused": 0}  # What she pays with.
    journey.to("awaiting_confirmation")
    answer = journey.step("confirm", OTHER_CLERK)
    assert answer.body["state"] == "confirmed"
    return journey, str(answer.body["record"])


def until(tried: TriedBank, day: str) -> None:
    gone = date.fromisoformat(day) - tried.bank.today()
    tried.clock.move(gone)


@pytest.mark.parametrize(
    ("today", "over"),
    [("2023-04-11", False), ("2023-04-12", True), ("2023-04-13", True)],
)
def test_three_working_days_lie_between(today: str, over: bool) -> None:
    """Opened on a Thursday: Friday, Monday and Tuesday are shown in full."""
    assert is_over(date(2023, 4, 6), 3, date.fromisoformat(today)) is over


def test_a_year_without_its_table_ends_no_notice() -> None:
    assert not is_over(date(2051, 1, 2), 1, date(2051, 12, 1))


def test_what_two_people_saw_is_shown_before_it_posts(opened: Opened, tmp_path: Path) -> None:
    with opened(FOUR_EYES_AND_NOTICE) as tried:
        record = log(tried, volunteers="V0001、V0002")
        assert state(tried, record) == "awaiting_review"
        with pytest.raises(NotUnderNotice):
            object_to(tried.bank, CLERK, record, "不实", key="object-1")
        answer = review_record(tried.bank, REVIEWER, record, approve=True, key="review-1")
        assert (answer.body["state"], answer.body["entries"]) == ("under_notice", [])
        with pytest.raises(AlreadyReviewed):
            review_record(tried.bank, OTHER, record, approve=True, key="review-2")
        until(tried, "2023-04-11")
        assert posted(tried) == {"posted": 0, "refused": 0}
        assert minutes(tried, "V0001") == 0
        until(tried, "2023-04-12")
        assert posted(tried) == {"posted": 1, "refused": 0}
        assert posted(tried) == {"posted": 0, "refused": 0}
        assert state(tried, record) == "posted"
        assert minutes(tried, "V0001") == 90
        found = judged(tried, tmp_path)
        assert (found.report.findings, found.derived) == ((), 2)
        checks = reconcile(tried.bank, FOUNDER).checks
        assert {one.name for one in checks if one.differences} <= {"jobs_silent", "published_log"}


def test_without_four_eyes_the_notice_begins_with_the_record(
    opened: Opened, tmp_path: Path
) -> None:
    with opened(NOTICE) as tried:
        record, other = log(tried, 1), log(tried, 2, at="12:00")
        assert state(tried, record) == "under_notice"
        with tried.bank.read() as connection:
            assert queue(tried.bank, connection, REVIEWER) == []
        # A second person may look all the same, and send back what is wrong.
        kept = review_record(tried.bank, REVIEWER, record, approve=True, key="review-1")
        assert kept.body["state"] == "under_notice"
        review_record(tried.bank, REVIEWER, other, approve=False, reason="重复登记", key="review-2")
        until(tried, "2023-04-12")
        assert posted(tried) == {"posted": 1, "refused": 0}
        assert [state(tried, one) for one in (record, other)] == ["posted", "rejected"]
        assert judged(tried, tmp_path).report.findings == ()


def test_an_objection_holds_the_credit_until_somebody_else_decides(
    opened: Opened, tmp_path: Path
) -> None:
    with opened(FOUR_EYES_AND_NOTICE) as tried:
        right, wrong = log(tried, 1), log(tried, 2, at="12:00")
        for record in (right, wrong):
            review_record(tried.bank, REVIEWER, record, approve=True, key=f"review-{record}")
        elder = person(tried, "E0001")
        member = Actor(elder, Role.MEMBER, "", elder)
        for record in (right, wrong):
            object_to(tried.bank, member, record, "那天没有人来", key=f"object-{record}")
            with pytest.raises(AlreadyObjected):
                object_to(tried.bank, OTHER, record, "我也有异议", key=f"again-{record}")
        until(tried, "2023-04-20")
        assert posted(tried) == {"posted": 0, "refused": 0}
        for actor in (CLERK, REVIEWER):
            with pytest.raises((DeciderNotIndependent, NotPermitted)):
                decide_objection(
                    tried.bank, actor, right, "已核对", upheld=False, key=f"own-{actor.actor_id}"
                )
        decide_objection(tried.bank, OTHER, right, "电话核实确有服务", upheld=False, key="d1")
        upheld = decide_objection(tried.bank, OTHER, wrong, "老人确认没有", upheld=True, key="d2")
        assert upheld.body["state"] == "rejected"
        with pytest.raises(NoOpenObjection):
            decide_objection(tried.bank, OTHER, right, "再说一次", upheld=True, key="d3")
        with pytest.raises(AlreadyObjected):
            object_to(tried.bank, member, right, "还是不对", key="object-again")
        assert posted(tried) == {"posted": 1, "refused": 0}
        assert [state(tried, one) for one in (right, wrong)] == ["posted", "rejected"]
        with tried.bank.read() as connection:
            (told,) = objections_of(connection, OPERATOR, wrong)
            assert (told.reason, told.upheld, told.decision) == (
                "那天没有人来", True, "老人确认没有",
            )  # fmt: skip
            assert open_objections(connection, OPERATOR) == []
        assert judged(tried, tmp_path).report.findings == ()


def test_a_run_that_is_repeated_goes_on_where_it_broke_off(sqlite_notice: TriedBank) -> None:
    tried, planned = sqlite_notice, sqlite_notice.bank.now_ms()
    first, second = log(tried, 1), log(tried, 2, at="14:00")
    object_to(tried.bank, CLERK, second, "不实", key="object-1")
    until(tried, "2023-04-12")
    assert post_noticed(tried.bank, planned) == {"posted": 1, "refused": 0}
    decide_objection(tried.bank, OTHER, second, "属实", upheld=False, key="decide-1")
    # The same run once more, as after a crash: its first part is remembered, the rest is not done.
    assert post_noticed(tried.bank, planned) == {"posted": 1, "refused": 0}
    assert [state(tried, one) for one in (first, second)] == ["posted", "posted"]


def test_a_record_that_a_reviewer_sent_back_waits_for_no_decision(sqlite_notice: TriedBank) -> None:
    tried = sqlite_notice
    record = log(tried)
    object_to(tried.bank, CLERK, record, "不实", key="object-1")
    with tried.bank.read() as connection:
        assert len(open_objections(connection, OTHER)) == 1
        assert open_objections(connection, OPERATOR, station_code="LHU") == []
    review_record(tried.bank, REVIEWER, record, approve=False, reason="重复", key="review-1")
    with tried.bank.read() as connection:
        assert open_objections(connection, OTHER) == []


def test_how_its_minutes_came_about_is_told_while_it_is_shown(sqlite_notice: TriedBank) -> None:
    record = log(sqlite_notice)
    with sqlite_notice.bank.read() as connection:
        found = explain_record(sqlite_notice.bank, connection, OPERATOR, record)
    assert "公示" in found.zh[1]
    assert "public notice" in found.en[1]


def test_a_month_tells_what_is_under_notice_apart(sqlite_notice: TriedBank) -> None:
    log(sqlite_notice)
    sqlite_notice.clock.move(timedelta(days=30))
    found = checklist(sqlite_notice.bank, OPERATOR, "2023-04")
    assert (found.awaiting_review, found.under_notice) == (0, 1)


def test_what_a_member_said_is_theirs_to_read_and_goes_with_them(tmp_path: Path) -> None:
    with bank_with(tmp_path, NOTICE) as tried:
        record = log(tried, recipients="E0001")
        elder = person(tried, "E0001")
        member = Actor(elder, Role.MEMBER, "", elder)
        object_to(tried.bank, member, record, "那天没有人来", key="object-1")
        (said,) = export_person(tried.bank, OPERATOR, "E0001")["objections"]
        assert (said["reason"], said["upheld"]) == ("那天没有人来", None)
        assert export_person(tried.bank, OPERATOR, "V0001")["objections"] == []
        decide_objection(tried.bank, OTHER, record, "属实", upheld=True, key="decide-1")
        tried.clock.move(timedelta(days=4000))
        assert forget(tried.bank, OPERATOR, "E0001", key="forget-1").outcome == "forgotten"
        with tried.bank.read() as connection:
            (told,) = objections_of(connection, OPERATOR, record)
        assert (told.reason, told.decision) == ("", "属实")


def test_refusals_in_their_order(sqlite_notice: TriedBank) -> None:
    tried = sqlite_notice
    record = log(tried)
    open_station(tried.bank, OPERATOR, "LHU", "莲花", key="station-1")
    kiosk = Actor("staff_kiosk", Role.KIOSK, "XFL")
    cases: list[tuple[Actor, str, str, type[Refusal]]] = [
        (kiosk, record, "", NotPermitted),
        (CLERK, record, "  ", MissingField),
        (CLERK, record, "字" * 501, OrderValueInvalid),
        (CLERK, "record_" + "0" * 32, "不实", UnknownRecord),
        (STRANGER, record, "不实", NotPermitted),
    ]
    for at, (actor, of, reason, refusal) in enumerate(cases):
        with pytest.raises(refusal):
            object_to(tried.bank, actor, of, reason, key=f"object-{at}")
    for length in (499, 500):
        with pytest.raises(UnknownRecord):
            object_to(tried.bank, CLERK, "record_", "字" * length, key=f"long-{length}")
    with pytest.raises(NoOpenObjection):
        decide_objection(tried.bank, OTHER, record, "无", upheld=True, key="none-1")
    until(tried, "2023-04-12")
    posted(tried)
    with pytest.raises(NotAwaitingReview):
        object_to(tried.bank, CLERK, record, "太晚了", key="object-late")


def test_a_payer_without_minutes_is_told_of_and_holds_up_nobody(
    opened: Opened, tmp_path: Path
) -> None:
    with opened(NOTICE) as tried:
        poor = log(tried, 1, payer=Payer.POOL)
        fine = log(tried, 2, at="14:00")
        until(tried, "2023-04-12")
        assert posted(tried) == {"posted": 1, "refused": 1}
        assert [state(tried, one) for one in (poor, fine)] == ["under_notice", "posted"]
        tried.clock.move(timedelta(days=1))
        checks = reconcile(tried.bank, FOUNDER).checks
        assert ("notices", 1) in {(one.name, one.differences) for one in checks}
        tried.post(tried.bank.account_of(Kind.ISSUANCE), tried.bank.account_of(Kind.POOL), 90)
        assert posted(tried) == {"posted": 1, "refused": 0}
        assert rules(tried, tmp_path) == ["entry_kind"]  # The pool was filled by hand.


def test_an_import_is_posted_when_its_last_record_is(opened: Opened, tmp_path: Path) -> None:
    with opened(FOUR_EYES_AND_NOTICE) as tried:
        made = import_register(tried.bank, CLERK, "XFL", register_file(tmp_path), key="import-1")
        answer = approve_batch(tried.bank, REVIEWER, made.batch_id, key="approve-1")
        assert (answer.body["approved"], answer.body["state"]) == (2, "under_notice")
        with tried.bank.read() as connection:
            assert batch_of(connection, OPERATOR, made.batch_id).state == "under_notice"
        until(tried, "2023-04-12")
        assert posted(tried) == {"posted": 2, "refused": 0}
        with tried.bank.read() as connection:
            assert batch_of(connection, OPERATOR, made.batch_id).state == "posted"
        assert judged(tried, tmp_path).report.findings == ()


def register_file(folder: Path) -> Path:
    path = folder / "四月.csv"
    path.write_text(
        "日期,开始时间,结束时间,志愿者,服务对象,服务内容\n"
        "2023-04-05,09:00,10:00,V0001,E0001,打扫卫生\n"
        "2023-04-05,11:00,12:00,V0002,E0001,打扫卫生\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def sqlite_notice(tmp_path: Path) -> Iterator[TriedBank]:
    with bank_with(tmp_path, NOTICE) as made:
        yield made


def test_the_public_list_names_no_one_who_was_cared_for(sqlite_notice: TriedBank) -> None:
    tried = sqlite_notice
    log(tried, 1, volunteers="V0001、V0002")
    log(tried, 2, at="14:00")
    with tried.bank.read() as connection:
        first, second = notices_listed(tried.bank, connection)
        assert first.until_on == "2023-04-11"
        assert ["＊" in name for name in first.volunteers] == [True, True]
        page = notices_listed(tried.bank, connection, after=After("XFL", first.number), most=1)
        assert page == [second]
        assert notices_listed(tried.bank, connection, station_code="LHU") == []
    until(tried, "2023-04-12")
    posted(tried)
    with tried.bank.read() as connection:
        assert notices_listed(tried.bank, connection) == []


def test_an_order_keeps_its_hold_while_the_public_may_object(
    opened: Opened, tmp_path: Path
) -> None:
    with opened(NOTICE, people=()) as tried:
        journey, _record = confirmed(tried)
        assert journey.order().state.value == "confirmed"
        assert journey.balance("E0001") == (300, 60)
        tried.clock.move(timedelta(days=6))
        assert posted(tried) == {"posted": 1, "refused": 0}
        assert journey.order().state.value == "posted"
        assert journey.balance("E0001") == (240, 0)
        assert [one.step for one in told(tried, journey)][-2:] == ["confirm", "post"]
        assert judged(tried, tmp_path).report.findings == ()


def told(tried: TriedBank, journey: Journey) -> tuple[TakenStep, ...]:
    with tried.bank.read() as connection:
        return history_of(connection, journey.order_id)


def test_the_history_of_an_order_tells_what_was_objected(opened: Opened) -> None:
    with opened(NOTICE, people=()) as tried:
        journey, record = confirmed(tried)
        object_to(tried.bank, CLERK, record, "只来了半小时", key="object-1")
        tried.clock.move(timedelta(minutes=1))
        decide_objection(tried.bank, OTHER, record, "电话核实", upheld=False, key="decide-1")
        steps = [(one.step, one.reason, one.who) for one in told(tried, journey)][-2:]
        assert steps == [
            ("objection", "只来了半小时", ""), ("objection_dismissed", "电话核实", "reviewer"),
        ]  # fmt: skip


def test_an_order_whose_notice_found_it_wrong_waits_for_another_confirmation(
    opened: Opened, tmp_path: Path
) -> None:
    with opened(NOTICE, people=()) as tried:
        journey, record = confirmed(tried)
        object_to(tried.bank, CLERK, record, "只来了半小时", key="object-1")
        decide_objection(tried.bank, OTHER, record, "属实", upheld=True, key="decide-1")
        assert journey.order().state.value == "awaiting_confirmation"
        assert journey.balance("E0001") == (300, 60)
        journey.step("confirm", OTHER_CLERK, minutes=30)
        tried.clock.move(timedelta(days=6))
        assert posted(tried) == {"posted": 1, "refused": 0}
        assert journey.balance("E0001") == (270, 0)
        assert judged(tried, tmp_path).report.findings == ()
