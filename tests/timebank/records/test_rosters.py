"""timebank/records/rosters.py: many at once wait for a second person who saw who signed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.balances import balance_of
from tests.support.banks import TriedBank
from tests.support.forging import CLERK, REVIEWER, bank_with, judged, log
from tests.support.profiles import FOUR_EYES, NOTICE
from timebank.errors import AlreadyReviewed, ReviewerIsRecorder
from timebank.errors.rosters import RosterMissing, RosterShort, RosterUnfit
from timebank.policy.eligibility import BULK_VOLUNTEERS, bulk_volunteers
from timebank.policy.load import named_profile, shipped_names
from timebank.records.importing import ImportResult, import_register
from timebank.records.review import approve_batch, review_record
from timebank.records.rosters import Roster, check_roster
from timebank.stations.model import Actor, Role

BULK_OF_THREE = '[review]\nbulk_volunteers = { value = 3, source = "F2" }'
HEADER = "服务日期,开始时间,结束时间,志愿者编号,服务对象,服务内容,服务时长\n"
NUMBERS = [f"V{number:04}" for number in range(1, 6)]
SHEET = Roster("2023-04/5", 5)


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[TriedBank]:
    """A bank in which three make an event, and nobody else waits for anything."""
    with bank_with(tmp_path, BULK_OF_THREE, people=(*NUMBERS, "E0001")) as made:
        yield made


def posted(tried: TriedBank, number: str = "V0001") -> int:
    with tried.bank.read() as connection:
        found = balance_of(connection, tried.account(number))
    assert found is not None
    return found.posted


def event(tried: TriedBank, volunteers: int, key: int = 1) -> str:
    return log(tried, key, volunteers="、".join(NUMBERS[:volunteers]))


def imported(tried: TriedBank, folder: Path, *lines: str, key: str = "import-1") -> ImportResult:
    file = folder / f"{key}.csv"
    file.write_text(HEADER + "\n".join(lines), encoding="utf-8")
    return import_register(tried.bank, CLERK, "XFL", file, key=key)


def line(number: str, whom: str = "居民", at: str = "8:00,10:00") -> str:
    return f"2023-04-05,{at},{number},{whom},环境清洁,2小时"


def records(tried: TriedBank) -> list[Any]:
    with tried.bank.read() as connection:
        query = "SELECT record_id, state, marks FROM service_record ORDER BY number"
        return list(connection.exec_driver_sql(query))


def test_the_plain_profile_says_ten_and_so_does_what_says_nothing(tried: TriedBank) -> None:
    stated = {name: named_profile(name).review.bulk_volunteers for name in shipped_names()}
    assert [name for name, clause in stated.items() if clause is not None] == ["plain-2026"]
    found = {bulk_volunteers(named_profile(name)) for name in stated}
    assert found == {BULK_VOLUNTEERS} == {10}
    assert bulk_volunteers(tried.bank.profiles[0]) == 3


@pytest.mark.parametrize(("volunteers", "state"), [(2, "posted"), (3, "awaiting_review"),
                                                   (4, "awaiting_review")])  # fmt: skip
def test_as_many_as_the_policy_says_wait(tried: TriedBank, volunteers: int, state: str) -> None:
    event(tried, volunteers)
    ((_record, found, marks),) = records(tried)
    assert found == state
    assert ("event" in marks, "unreviewed" in marks) == (volunteers > 2, volunteers < 3)
    assert posted(tried) == (90 if volunteers < 3 else 0)


@pytest.mark.parametrize(("volunteers", "state"), [(9, "posted"), (10, "awaiting_review"),
                                                   (11, "awaiting_review")])  # fmt: skip
def test_where_nothing_is_said_ten_wait(tmp_path: Path, volunteers: int, state: str) -> None:
    many = [f"V{number:04}" for number in range(1, 12)]
    with bank_with(tmp_path, people=(*many, "E0001")) as tried:
        log(tried, volunteers="、".join(many[:volunteers]))
        ((_record, found, _marks),) = records(tried)
        assert found == state
        assert judged(tried, tmp_path).ok


def test_nobody_approves_without_the_roster_or_for_more_than_signed(tried: TriedBank) -> None:
    record = event(tried, 5)
    for roster, no in (
        (None, RosterMissing), (Roster("", 5), RosterMissing), (Roster("张三", 5), RosterUnfit),
        (Roster("2023-04/5", 4), RosterShort),
    ):  # fmt: skip
        with pytest.raises(no):
            review_record(tried.bank, REVIEWER, record, approve=True, roster=roster,
                          key=f"review-{no.code}-{roster and roster.sheet!r}")  # fmt: skip
    same = Actor(CLERK.actor_id, Role.REVIEWER, "XFL")
    with pytest.raises(ReviewerIsRecorder):
        review_record(tried.bank, same, record, approve=True, roster=SHEET, key="review-same")
    assert posted(tried) == 0


def test_who_saw_the_roster_approves_and_the_leaf_says_it(tried: TriedBank, tmp_path: Path) -> None:
    record = event(tried, 5)
    scan = "ab" * 32
    seen = Roster("2023-04/5", 5, scan)
    done = review_record(tried.bank, REVIEWER, record, approve=True, roster=seen, key="review-1")
    assert (done.body["state"], len(done.body["entries"])) == ("posted", 5)
    with tried.bank.read() as connection:
        query = "SELECT record_id, sheet, signatures, scan FROM record_roster"
        assert list(connection.exec_driver_sql(query)) == [(record, "2023-04/5", 5, scan)]
    found = judged(tried, tmp_path)
    assert (found.ok, found.derived) == (True, 5)


def test_an_event_may_be_sent_back_without_a_roster(tried: TriedBank) -> None:
    record = event(tried, 5)
    body = review_record(
        tried.bank, REVIEWER, record, approve=False, reason="没有签到表", key="review-1"
    ).body
    assert body["state"] == "rejected"


@pytest.mark.parametrize(
    "sheet", ["2", "2023-04/5", "B12.3", "x" * 39 + "1"], ids=lambda sheet: sheet[:9]
)
def test_numbers_of_sheets(sheet: str) -> None:
    assert check_roster(Roster(sheet, 3), "record_1", 3).sheet == sheet


@pytest.mark.parametrize(
    "roster",
    [
        Roster("page", 3), Roster("/5", 3), Roster("5 6", 3), Roster("第5页", 3),
        Roster("x" * 40 + "1", 3), Roster("13800138000", 3), Roster("5", -1), Roster("5", 100_001),
        Roster("5", 3, "ab"), Roster("5", 3, "AB" * 32),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_number_of_a_sheet(roster: Roster) -> None:
    with pytest.raises(RosterUnfit):
        check_roster(roster, "record_1", 3)


def test_the_rows_of_one_event_are_one_record_that_waits(tried: TriedBank, tmp_path: Path) -> None:
    rows = [line(number) for number in NUMBERS]
    alone = line("V0001", at="14:00,16:00")
    result = imported(tried, tmp_path, rows[0], alone, *rows[1:])
    assert (result.state, result.accepted, result.refused) == ("posted", 6, 0)
    ((first, event_state, marks), (_other, state, _marks)) = records(tried)
    assert (event_state, marks.split()) == ("awaiting_review", ["bulk", "event", "merged"])
    assert (state, posted(tried), posted(tried, "V0002")) == ("posted", 120, 0)
    assert [(one.row, one.record_id, one.volunteers) for one in result.events] == [(2, first, 5)]

    body = approve_batch(tried.bank, REVIEWER, result.batch_id, key="approve-1").body
    assert (body["approved"], body["events"]) == (1, 1)
    with pytest.raises(RosterMissing):
        approve_batch(tried.bank, REVIEWER, result.batch_id, key="approve-2")
    review_record(tried.bank, REVIEWER, first, approve=True, roster=SHEET, key="review-1")
    assert posted(tried, "V0002") == 120
    with pytest.raises(AlreadyReviewed):
        approve_batch(tried.bank, REVIEWER, result.batch_id, key="approve-3")
    again = imported(tried, tmp_path, *rows, alone, key="import-2")
    assert (again.already_posted, again.accepted, again.refused) == (6, 0, 0)
    assert judged(tried, tmp_path).ok


def test_rows_that_differ_in_hour_or_elder_are_no_event(tried: TriedBank, tmp_path: Path) -> None:
    rows = [line("V0001"), line("V0002"), line("V0003", at="8:01,10:01"), line("V0004", "E0001")]
    result = imported(tried, tmp_path, *rows)
    assert (result.accepted, result.events) == (4, [])
    assert {state for _record, state, _marks in records(tried)} == {"posted"}


def test_whoever_is_added_until_it_is_many_waits(tried: TriedBank, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        imported(tried, tmp_path, line(f"V000{number}", "E0001"), key=f"import-{number}")
    assert [posted(tried, f"V000{number}") for number in (1, 2, 3)] == [120, 120, 0]
    assert [state for _record, state, _marks in records(tried)] == ["posted", "awaiting_review"]
    assert judged(tried, tmp_path).ok


@pytest.mark.parametrize("rest", [FOUR_EYES, NOTICE], ids=["four eyes", "notice"])
def test_other_rules_of_the_procedure_stay(tmp_path: Path, rest: str) -> None:
    part = f'{rest}\nbulk_volunteers = {{ value = 3, source = "F2" }}'
    with bank_with(tmp_path, part, people=(*NUMBERS, "E0001")) as tried:
        record = event(tried, 5)
        done = review_record(
            tried.bank, REVIEWER, record, approve=True, roster=SHEET, key="review-1"
        ).body
        assert done["state"] == ("posted" if rest == FOUR_EYES else "under_notice")
        assert judged(tried, tmp_path).ok
