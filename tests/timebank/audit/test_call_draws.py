"""timebank/audit/call_draws.py: a draw whose seed somebody chose is found by a stranger."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from ledger.errors import Refusal
from ledger.findings import Finding
from tests.support.banks import OPERATOR, TriedBank
from tests.support.call_backs import MONDAY, a_week, drawn, rows
from tests.support.forging import bank_with, judged
from timebank.call_backs.model import DRAW
from timebank.reconciliation.reconcile import SCHEDULER


@pytest.fixture
def week(tmp_path: Path) -> Iterator[TriedBank]:
    """Six services, and the Monday after them."""
    with bank_with(tmp_path, people=()) as tried:
        a_week(tried, 6)
        tried.clock.move(timedelta(days=3, hours=20))
        yield tried


def draw_as(tried: TriedBank, key: str = "draw-00001", **changed: Any) -> None:
    """State a draw of the operator's own making, under the scheduler's key."""
    size = len(rows(tried, "SELECT 1 FROM leaf"))  # Nothing was recorded since Monday.
    honest = {
        "do": DRAW, "drawn": 5, "entries": 6, "first": 0, "list": "0" * 64,
        "root": _root(tried, size), "size": size,
        "week": MONDAY,
    }  # fmt: skip

    def decide(draft: Draft) -> dict[str, Any]:
        facts = {name: value for name, value in (honest | changed).items() if value is not None}
        draft.state(draft.new_id("draw"), facts)
        return {}

    tried.bank.act(tried.bank.action(SCHEDULER, DRAW, decide, key=key, content={}))


def _root(tried: TriedBank, size: int) -> str:
    with tried.bank.read() as connection:
        return tried.bank.tree.root(connection, size).hex()


def found(tried: TriedBank, folder: Path) -> list[Finding]:
    tried.bank.publish()
    return list(judged(tried, folder).report.findings)


def test_honest_draws_of_two_weeks_are_found_sound(week: TriedBank, tmp_path: Path) -> None:
    drawn(week)
    a_week(week, 3, first=50)
    week.clock.move(timedelta(days=7))
    assert len(drawn(week)) == 5 + 3
    assert found(week, tmp_path) == []


def test_what_is_forged_here_is_honest_to_begin_with(week: TriedBank, tmp_path: Path) -> None:
    draw_as(week)
    assert found(week, tmp_path) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"root": "0" * 64}, "root: that of"),
        ({"first": 1}, "first: the draw before ended at 0"),
        ({"week": "2023-04-11"}, "week: 2023-04-11 is no Monday"),
        ({"week": "2023-04-17"}, "leaves were recorded before 2023-04-17"),
        ({"week": "2023-04-03"}, "size: 0 leaves were recorded before 2023-04-03"),
    ],
)
def test_a_seed_that_was_chosen(
    week: TriedBank, tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    draw_as(week, **changed)
    told = found(week, tmp_path)
    assert {one.rule for one in told} <= {"call_draw"}
    assert said in str(told)


@pytest.mark.parametrize("off", [-1, 1])
def test_a_checkpoint_of_another_moment(week: TriedBank, tmp_path: Path, off: int) -> None:
    size = len(rows(week, "SELECT 1 FROM leaf")) + off
    draw_as(week, size=size, root=_root(week, min(size, size - off)))
    assert [one.rule for one in found(week, tmp_path)] == ["call_draw"]


def test_a_week_is_drawn_once(week: TriedBank, tmp_path: Path) -> None:
    size = len(rows(week, "SELECT 1 FROM leaf"))
    draw_as(week)
    draw_as(week, key="draw-00002", first=size, size=size, root=_root(week, size))
    (told,) = found(week, tmp_path)
    assert "was drawn before" in str(told)


@pytest.mark.parametrize("name", ["week", "first", "size", "root"])
def test_what_a_draw_must_say(week: TriedBank, tmp_path: Path, name: str) -> None:
    draw_as(week, **{name: None})
    (told,) = found(week, tmp_path)
    assert (told.rule, name in str(told)) == ("facts_form", True)


def test_nobody_elses_key_draws(week: TriedBank, tmp_path: Path) -> None:
    """The writer refuses it; see tests/timebank/keys/test_roles.py for every kind and role."""

    def decide(draft: Draft) -> dict[str, Any]:
        draft.state(draft.new_id("draw"), {"do": DRAW})
        return {}

    with pytest.raises(Refusal):
        week.bank.act(week.bank.action(OPERATOR, DRAW, decide, key="draw-00009", content={}))
    assert found(week, tmp_path) == []
