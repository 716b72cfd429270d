"""timebank/jobs/grants.py: the month's grants are proposed by themselves, and move by a person."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR
from tests.support.forging import judged
from tests.support.givers import GRANTS, TRANSFER, Givers, givers_with
from timebank.jobs.grants import propose_monthly_grants
from timebank.jobs.model import Ended
from timebank.jobs.runner import run_now


@pytest.fixture
def givers(tmp_path: Path) -> Iterator[Givers]:
    with givers_with(tmp_path, TRANSFER, GRANTS) as made:
        yield made


def test_a_planned_run_proposes_once_and_one_operator_approves(
    givers: Givers, tmp_path: Path
) -> None:
    bank = givers.tried.bank
    givers.fund(240)
    givers.note("E0001", "low_income")
    planned = bank.now_ms()
    assert propose_monthly_grants(bank, planned) == {"proposed": 1}
    givers.note("E0002", "empty_nest_alone")
    assert propose_monthly_grants(bank, planned) == {"proposed": 0}  # The same planned time.
    assert propose_monthly_grants(bank, planned + 1) == {"proposed": 1}
    assert givers.balance("E0001") == (0, 0)
    for proposal in givers.proposals():
        givers.decide(proposal, OPERATOR)
    assert (givers.balance("E0001"), givers.balance("E0002")) == ((120, 0), (120, 0))
    givers.tried.clock.move(timedelta(days=1))
    assert propose_monthly_grants(bank, bank.now_ms()) == {"proposed": 0}
    assert judged(givers.tried, tmp_path).report.findings == ()


def test_a_fund_that_is_too_small_fails_the_run_and_proposes_nothing(givers: Givers) -> None:
    givers.fund(119)
    givers.note("E0001", "low_income")
    run = run_now(givers.tried.bank, OPERATOR, "propose_grants")
    assert (run.outcome, run.detail) == (Ended.FAILED, "source_too_small")
    assert givers.proposals() == []


def test_without_anybody_to_grant_to_the_run_says_so(givers: Givers) -> None:
    run = run_now(givers.tried.bank, OPERATOR, "propose_grants")
    assert (run.outcome, run.detail) == (Ended.DONE, '{"proposed": 0}')
