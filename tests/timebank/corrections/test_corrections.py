"""timebank/corrections/: what is recorded wrongly is asked, checked by another, and answered."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger.errors import Refusal
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import CLERK, REVIEWER, Opened, bank_with, judged, log
from tests.timebank.suspensions.test_suspensions import FAR, at_the_station, member
from timebank.corrections.actions import answer_correction, ask_correction
from timebank.corrections.model import Kind, Wrong
from timebank.corrections.queries import corrections_listed, own_records
from timebank.errors import (
    MissingField,
    NotPermitted,
    OrderValueInvalid,
    PersonErased,
    UnknownMember,
    UnknownRecord,
)
from timebank.errors.corrections import (
    CorrectionAnswered,
    CorrectionAsked,
    CorrectorNotIndependent,
    NothingMended,
    UnknownCorrection,
)
from timebank.founding import FOUNDER
from timebank.people.exporting import export_person
from timebank.people.forgetting import forget
from timebank.reconciliation.reconcile import reconcile
from timebank.records.actions import reverse_record
from timebank.stations.model import Actor, Role

OTHER_CLERK = replace(CLERK, actor_id="staff_second")


def asked(tried: TriedBank, actor: Actor = CLERK, key: str = "ask-00001", **stated: Any) -> str:
    """A request of V0001 that a service is missing, for whatever the test does not say."""
    wrong = {"kind": Kind.MISSING, "words": "周三的服务没有记", "number": "V0001"}
    return str(
        ask_correction(tried.bank, actor, Wrong(**(wrong | stated)), key=key).body["correction"]
    )


def answered(
    tried: TriedBank, correction: str, actor: Actor = REVIEWER, key: str = "answer-01", **said: Any
) -> str:
    told = {"mended": False, **said}
    body = answer_correction(tried.bank, actor, correction, "已核实", key=key, **told).body
    return str(body["state"])


def found(tried: TriedBank) -> int:
    checks = {one.name: one.differences for one in reconcile(tried.bank, FOUNDER).checks}
    return checks["corrections"]


def test_a_wrong_record_is_mended_before_anybody_says_so(opened: Opened, tmp_path: Path) -> None:
    with opened() as tried:
        record = log(tried)
        me = member(tried)
        correction = asked(tried, me, kind=Kind.RECORD, record_id=record, words="只有一小时")
        with pytest.raises(CorrectionAsked):
            asked(tried, kind=Kind.RECORD, record_id=record, key="ask-00002")
        with pytest.raises(CorrectorNotIndependent):
            answered(tried, correction, CLERK, "answer-00")
        with pytest.raises(NothingMended):
            answered(tried, correction, mended=True)
        reverse_record(tried.bank, REVIEWER, record, "多记了半小时", key="reverse-1")
        assert answered(tried, correction, key="answer-02", mended=True) == "mended"
        with pytest.raises(CorrectionAnswered):
            answered(tried, correction, key="answer-03")
        (copied,) = export_person(tried.bank, OPERATOR, "V0001")["corrections"]
        assert (copied["words"], copied["answer"], copied["state"]) == (
            "只有一小时", "已核实", "mended",
        )  # fmt: skip
        assert found(tried) == 0
        assert judged(tried, tmp_path).report.findings == ()


def test_a_missing_service_is_named_once_it_is_there(opened: Opened) -> None:
    with opened() as tried:
        before = log(tried)
        tried.clock.move(timedelta(minutes=1))
        correction = asked(tried)
        other = log(tried, 2, volunteers="V0002", at="12:00")
        for key, named in (("answer-01", ""), ("answer-02", before), ("answer-03", other)):
            with pytest.raises(NothingMended):
                answered(tried, correction, key=key, mended=True, mended_by=named)
        made = log(tried, 3, at="15:00")
        assert answered(tried, correction, key="answer-04", mended=True, mended_by=made) == "mended"
        with tried.bank.read() as connection:
            (shown,) = corrections_listed(tried.bank, connection, member(tried))
        assert (shown.mended_by, shown.answer, shown.is_overdue) == (made, "已核实", False)
        assert found(tried) == 0
        tried.behind(f"UPDATE correction SET mended_by = '{other}'")
        assert found(tried) == 1


def test_personal_data_are_a_matter_of_their_own(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        correction = asked(tried, member(tried), kind=Kind.PERSONAL, words="电话换了")
        assert answered(tried, correction, mended=True) == "mended"


@pytest.mark.parametrize(("days", "late"), [(13, False), (14, False), (15, True)])
def test_ten_working_days_are_the_term(tmp_path: Path, days: int, late: bool) -> None:
    with bank_with(tmp_path) as tried:
        asked(tried)
        tried.clock.move(timedelta(days=days))
        assert found(tried) == int(late)
        with tried.bank.read() as connection:
            (shown,) = corrections_listed(tried.bank, connection, CLERK, waiting=True)
        assert (shown.due_on, shown.is_overdue) == ("2023-04-20", late)


def test_nobody_answers_what_they_wrote_down_themselves(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        correction = asked(tried)
        with pytest.raises(CorrectorNotIndependent):
            answered(tried, correction, CLERK)
        assert answered(tried, correction, OTHER_CLERK, "answer-02") == "refused"


REFUSED: list[tuple[dict[str, Any], Actor, type[Refusal]]] = [
    ({"words": ""}, CLERK, MissingField),
    ({"words": "长" * 501}, CLERK, OrderValueInvalid),
    ({"number": "V9999"}, CLERK, UnknownMember),
    ({}, FAR, NotPermitted),
    ({"kind": Kind.RECORD, "record_id": "rec_0"}, OPERATOR, UnknownRecord),
    ({}, Actor("staff_audit", Role.AUDITOR), NotPermitted),
]


@pytest.mark.parametrize(("stated", "actor", "refusal"), REFUSED)
def test_what_a_request_must_say(
    tmp_path: Path, stated: dict[str, Any], actor: Actor, refusal: type[Refusal]
) -> None:
    with bank_with(tmp_path) as tried:
        at_the_station(tried)
        with pytest.raises(refusal):
            asked(tried, actor, **stated)


def test_another_members_record_is_none(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        record = log(tried)
        with pytest.raises(UnknownRecord):
            asked(tried, member(tried, "V0002"), kind=Kind.RECORD, record_id=record)
        assert asked(tried, member(tried, "E0001"), "ask-00002", kind=Kind.RECORD, record_id=record)
        with tried.bank.read() as connection:
            assert corrections_listed(tried.bank, connection, member(tried, "V0002")) == []
            assert own_records(connection, member(tried, "V0002"), most=10) == []
            (mine,) = own_records(connection, member(tried, "E0001"), most=10)
        assert (mine.record_id, mine.part, mine.minutes) == (record, "recipient", 90)


def test_answers_are_given_by_the_station(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        correction = asked(tried)
        with pytest.raises(NotPermitted):
            answered(tried, correction, FAR)
        with pytest.raises(NotPermitted):
            answered(tried, correction, member(tried), "answer-02")
        with pytest.raises(UnknownCorrection):
            answered(tried, "corr_0", key="answer-03")


def test_words_are_sealed_and_gone_with_the_person(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        asked(tried, words="王建国的电话")
        with tried.bank.read() as connection:
            kept = bytes(connection.execute(text("SELECT words FROM correction")).scalar_one())
            bodies = connection.execute(text("SELECT body FROM leaf")).all()
        for body in (kept, *(bytes(row.body) for row in bodies)):
            assert "王建国".encode() not in body
        tried.clock.move(timedelta(days=4000))
        assert forget(tried.bank, OPERATOR, "V0001", key="forget-1").outcome == "forgotten"
        with tried.bank.read() as connection:
            (shown,) = corrections_listed(tried.bank, connection, CLERK)
        assert (shown.number, shown.words) == ("", "")
        with pytest.raises(PersonErased):
            asked(tried, key="ask-00002")


def test_pages_and_the_same_key_twice(opened: Opened) -> None:
    with opened() as tried:
        first = asked(tried)
        assert asked(tried) == first
        tried.clock.move(timedelta(minutes=1))
        second = asked(tried, kind=Kind.PERSONAL, key="ask-00002")
        with tried.bank.read() as connection:
            page = corrections_listed(tried.bank, connection, CLERK, most=1)
            rest = corrections_listed(tried.bank, connection, CLERK, before=second)
            assert corrections_listed(tried.bank, connection, FAR) == []
        assert [one.correction_id for one in (*page, *rest)] == [second, first]
