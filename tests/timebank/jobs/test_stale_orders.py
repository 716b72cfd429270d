"""timebank/jobs/stale_orders.py: orders that nobody led on end, and set their minutes free."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import bank_with, judged
from tests.support.orders import CLERK, OTHER_CLERK, Journey
from timebank.errors import NotPermitted
from timebank.founding import FOUNDER
from timebank.jobs.expiry import expire_holds
from timebank.jobs.model import Ended
from timebank.jobs.runner import run_now
from timebank.jobs.stale_orders import close_stale_orders, stale_orders
from timebank.orders.queries import order_file
from timebank.reconciliation.reconcile import reconcile


def closed(journey: Journey) -> int:
    bank = journey.tried.bank
    expected = bool(stale_orders(bank, 1))
    done = int(str(close_stale_orders(bank, bank.now_ms())["closed_orders"]))
    assert bool(done) is expected
    return done


@pytest.mark.parametrize("state", ["requested", "vetted", "published"])
def test_a_wish_whose_day_passed_with_nobody_matched_is_closed(bank: TriedBank, state: str) -> None:
    journey = Journey(bank).to(state)
    assert closed(journey) == 0  # On its very day.
    bank.clock.move(timedelta(days=1))
    assert closed(journey) == 1
    assert journey.order().state.value == "cancelled"
    assert closed(journey) == 0


@pytest.mark.parametrize("state", ["matched", "accepted"])
@pytest.mark.parametrize("expired_first", [True, False])
def test_a_visit_that_never_began_is_closed_after_seven_days(
    tmp_path: Path, state: str, expired_first: bool
) -> None:
    with bank_with(tmp_path, people=()) as tried:
        journey = Journey(tried).to(state)
        tried.clock.move(timedelta(days=7))
        assert closed(journey) == 0
        assert journey.balance("E0001") == (300, 60)
        tried.clock.move(timedelta(days=1))
        if expired_first:
            assert expire_holds(tried.bank, tried.bank.now_ms()) == {"expired": 1}
        assert closed(journey) == 1
        assert journey.balance("E0001") == (300, 0)
        order = journey.order()
        assert (order.state.value, order.hold_id, order.held_minutes) == ("cancelled", "", 0)
        with tried.bank.read() as connection:
            step = order_file(tried.bank, connection, OPERATOR, journey.order_id).steps[-1]
        assert (step.step, step.who, step.reason) == ("lapse", "scheduler", "")
        found = judged(tried, tmp_path)
        assert found.report.findings == ()


@pytest.mark.parametrize(
    "state", ["signed_in", "awaiting_confirmation", "interrupted", "disputed", "posted"]
)
def test_what_has_begun_is_never_closed_by_itself(bank: TriedBank, state: str) -> None:
    ways = {
        "interrupted": ("signed_in", "interrupt", {"reason": "r", "at": "08:30"}),
        "disputed": ("awaiting_confirmation", "dispute", {"reason": "r"}),
    }
    before, *step = ways.get(state, (state,))
    journey = Journey(bank).to(before)
    if step:
        name, stated = step
        journey.step(str(name), OTHER_CLERK, **stated)  # type: ignore[arg-type]
    bank.clock.move(timedelta(days=400))
    assert closed(journey) == 0
    assert journey.order().state.value == state


def test_a_repeated_run_closes_nothing_again_and_staff_cannot(bank: TriedBank) -> None:
    journey = Journey(bank).to("published")
    bank.clock.move(timedelta(days=1))
    planned = bank.bank.now_ms()
    with pytest.raises(NotPermitted):
        journey.step("lapse", CLERK)
    assert close_stale_orders(bank.bank, planned) == {"closed_orders": 1}
    assert close_stale_orders(bank.bank, planned) == {"closed_orders": 0}
    run = run_now(bank.bank, OPERATOR, "close_stale_orders")
    assert (run.outcome, run.detail) == (Ended.DONE, '{"closed_orders": 0}')
    checks = reconcile(bank.bank, FOUNDER).checks
    assert {one.name for one in checks if one.differences} <= {"jobs_silent"}
