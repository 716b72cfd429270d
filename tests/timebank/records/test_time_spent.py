"""What is said of the time inside a service: weighed by the policy, signed, and explained again."""

from pathlib import Path
from typing import Any

import pytest

from ledger.balances import balance_of
from ledger.errors import KeyReused
from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with, facts, forge, honest_move, judged
from tests.support.orders import CLERK
from tests.support.profiles import SHORT_IS_AN_HOUR, profile_with
from tests.support.services import service
from timebank.answers import Answer
from timebank.errors.spent import TimeSpentInvalid
from timebank.policy.model import Profile
from timebank.records.actions import log_service
from timebank.records.explaining import Outcome, explain_record
from timebank.records.importing import import_register
from timebank.records.model import TimeSpent
from timebank.records.rehearsing import rehearse

NEITHER = (
    '[counting]\ntravel = { value = false, source = "志愿汇 2024" }\n'
    'meals_and_rest = { value = false, source = "志愿汇 2024" }\n'
)


def log(tried: TriedBank, spent: TimeSpent, key: str = "spent-0001", **changed: Any) -> Answer:
    said = service("V0001", "E0001", spent=spent, **changed)
    return log_service(tried.bank, CLERK, "XFL", said, key=key)


def rehearsed(tried: TriedBank, profile: Profile) -> int:
    day = tried.bank.today().replace(day=5)
    with tried.bank.read() as connection:
        found = rehearse(tried.bank, connection, OPERATOR, profile, first=day, last=day)
    return found.total.credited_after


@pytest.mark.parametrize(
    ("spent", "credited"),
    [
        (TimeSpent(), 90),
        (TimeSpent(travel_minutes=20), 70),
        (TimeSpent(rest_minutes=30), 60),
        (TimeSpent(20, 30), 40),
        (TimeSpent(60, 29), 1),
    ],
)
def test_travel_and_rest_are_left_out_where_the_policy_says_so(
    tmp_path: Path, spent: TimeSpent, credited: int
) -> None:
    with bank_with(tmp_path, NEITHER) as tried:
        answer = log(tried, spent)
        assert answer.body["credits"][0]["minutes"] == credited
        found = judged(tried, tmp_path)
        assert (found.report.findings, found.derived) == ((), 1)
        with tried.bank.read() as connection:
            told = explain_record(tried.bank, connection, OPERATOR, str(answer.body["record"]))
        assert told.outcome is Outcome.AGREES
        assert rehearsed(tried, profile_with(NEITHER)) == credited
        assert rehearsed(tried, profile_with()) == 90


def test_a_policy_that_is_silent_counts_all_of_it(tmp_path: Path) -> None:
    with bank_with(tmp_path) as tried:
        assert log(tried, TimeSpent(20, 30)).body["credits"][0]["minutes"] == 90
        assert judged(tried, tmp_path).report.findings == ()


@pytest.mark.parametrize(
    ("minutes", "aim_met", "credited"),
    [(59, True, 60), (59, False, 59), (60, False, 60), (61, False, 61)],
)
def test_a_short_service_counts_as_an_hour_where_it_met_its_aim(
    tmp_path: Path, minutes: int, aim_met: bool, credited: int
) -> None:
    with bank_with(tmp_path, SHORT_IS_AN_HOUR) as tried:
        answer = log(tried, TimeSpent(aim_met=aim_met), minutes=minutes)
        assert answer.body["credits"][0]["minutes"] == credited
        assert judged(tried, tmp_path).report.findings == ()


@pytest.mark.parametrize(("travel", "rest"), [(90, 0), (91, 0), (45, 45), (-1, 0), (0, -1)])
def test_travel_and_rest_leave_at_least_a_minute(tmp_path: Path, travel: int, rest: int) -> None:
    with bank_with(tmp_path, NEITHER) as tried, pytest.raises(TimeSpentInvalid):
        log(tried, TimeSpent(travel, rest))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"travel": 0}, "facts_form"),
        ({"rest": "20"}, "facts_form"),
        ({"aim_met": True}, "facts_form"),
        ({"travel": 20}, "postings_differ"),
    ],
)
def test_a_leaf_that_says_it_otherwise_is_found(
    tmp_path: Path, changed: dict[str, object], rule: str
) -> None:
    with bank_with(tmp_path, NEITHER) as tried:
        forge(tried, facts(tried, **changed), honest_move(tried, 60))
        found = judged(tried, tmp_path)
        assert rule in [finding.rule for finding in found.report.findings]


def test_whoever_joins_a_record_spent_the_same_time(tmp_path: Path) -> None:
    with bank_with(tmp_path, NEITHER) as tried:
        log(tried, TimeSpent(20), content="助餐")
        file = tmp_path / "joined.csv"
        file.write_text(
            "服务日期,开始时间,结束时间,志愿者姓名,服务对象,服务内容,服务时长\n"
            "2023-04-05,09:00,10:30,V0002,E0001,助餐,1.5\n",
            encoding="utf-8",
        )
        import_register(tried.bank, CLERK, "XFL", file, key="import-0001")
        with tried.bank.read() as connection:
            found = balance_of(connection, tried.account("V0002"))
        assert found is not None
        assert found.posted == 70
        assert judged(tried, tmp_path).report.findings == ()


def test_another_statement_is_another_request(tmp_path: Path) -> None:
    with bank_with(tmp_path, NEITHER) as tried:
        first = log(tried, TimeSpent(20))
        assert log(tried, TimeSpent(20)).body == first.body
        with pytest.raises(KeyReused):
            log(tried, TimeSpent(21))
