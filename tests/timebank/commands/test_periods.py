"""timebank/commands/periods.py: the checklist, the question, the closing and the trial balance."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.timebank.commands.test_cli import run, told
from timebank.reconciliation.reconcile import reconcile


@pytest.fixture
def april(tmp_path: Path) -> Iterator[TriedBank]:
    """A bank of April 2023 with ninety minutes in it; the command line's clock is today's."""
    with new_bank(tmp_path) as tried:
        tried.people("V0001")
        tried.issue("V0001", 90)
        yield tried


def test_a_month_is_closed_and_its_trial_balance_printed(april: TriedBank) -> None:
    data = april.settings.data
    done = run("close-period", "--data", data, input="y\n")
    for line in (
        "结账前检查 Before closing 2023-04",
        "silent jobs   anchor_accesses",
        "从未 never",
    ):
        assert line in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("2023-04 已结账")
    assert "凭证 1 笔（1-1）" in lines[1]
    rows = {line.split()[-1]: [int(part) for part in line.split()[:4]] for line in lines[5:]}
    assert rows["Total"] == [0, 90, 90, 0]
    assert rows["Issuance"] == [0, 0, 90, -90]
    again = told("close-period", "--yes", "--data", data)
    assert (again["period"], again["entries"], again["checklist"]["open_holds"]) == (
        "2023-05",
        0,
        0,
    )
    assert "（—）" in run("close-period", "--yes", "--data", data).stdout


def test_nothing_is_closed_unless_somebody_says_yes(april: TriedBank) -> None:
    data = april.settings.data
    answer = told("close-period", "--data", data, input="n\n", code=1)
    assert answer["error"]["code"] == "not_confirmed"
    named = told(
        "close-period", "--period", "2023-04", "--yes", "--data", data, "--key", "april-23"
    )
    assert named["period"] == "2023-04"


@pytest.mark.parametrize(
    ("period", "code"),
    [("2023-05", "period_not_next"), ("2999-01", "period_not_next"), ("May", "not_a_period")],
)
def test_what_cannot_be_closed_is_refused_before_anybody_is_asked(
    april: TriedBank, period: str, code: str
) -> None:
    size = told("doctor", "--data", april.settings.data)["size"]
    answer = told("close-period", "--period", period, "--data", april.settings.data, code=1)
    assert answer["error"]["code"] == code
    assert told("doctor", "--data", april.settings.data)["size"] == size


def test_an_open_alarm_wants_a_reason(april: TriedBank) -> None:
    april.behind("UPDATE balance SET posted = posted + 1 WHERE posted = 90")
    reconcile(april.bank, OPERATOR)
    data = april.settings.data
    answer = told("close-period", "--yes", "--data", data, code=1)
    assert answer["error"]["code"] == "severe_findings_open"
    closed = told("close-period", "--yes", "--reason", "五月冲正", "--data", data)
    assert closed["severe_findings"] == closed["checklist"]["severe_findings"] > 0


def test_who_is_no_operator_closes_nothing(april: TriedBank) -> None:
    answer = told(
        "close-period", "--yes", "--as", "clerk-XFL", "--data", april.settings.data, code=1
    )
    assert answer["error"]["code"] == "not_permitted"
