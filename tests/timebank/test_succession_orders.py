"""timebank/succession.py: an order goes on where the frozen book left it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.banks import FOUNDER, TriedBank, new_bank
from tests.support.orders import OTHER_CLERK, REVIEWER, Journey
from tests.support.profiles import FOUR_EYES, HEAD
from tests.timebank.test_succession import NEXT, exported, frozen, judge
from timebank.bank import Bank
from timebank.config import Settings
from timebank.orders.model import State
from timebank.reconciliation.reconcile import reconcile
from timebank.records.review import review_record
from timebank.succession import found_successor


def followed(journey: Journey, place: Path, *, later: timedelta = timedelta()) -> Path:
    """End the book, go on with its successor; answers the last bundle."""
    tried = journey.tried
    frozen(tried)
    bundle = exported(tried.bank, place / "last")
    tried.clock.move(later)
    settings = Settings(data=place / "next")
    found_successor(settings, tried.clock, origin=NEXT, bundle=bundle, former=tried.settings)
    bank = Bank.open(settings, tried.clock)
    journey.tried = replace(tried, bank=bank, settings=settings)
    return bundle


def is_sound(journey: Journey, bundle: Path) -> None:
    with journey.tried.bank as bank:
        bank.publish()
        assert reconcile(bank, FOUNDER).open_findings == 0
    assert judge(journey.tried.settings.log_folder, bundle).findings == ()


def test_a_visit_that_had_begun_is_paid_from_the_hold_that_came_over(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    journey = Journey(sqlite_bank).to("signed_in")
    assert journey.balance("E0001") == (300, 60)
    bundle = followed(journey, tmp_path)
    assert journey.balance("E0001") == (300, 60)
    journey.step("sign_out", at="09:00")
    journey.step("confirm", OTHER_CLERK)
    assert (journey.balance("E0001"), journey.balance("V0001")) == ((240, 0), (60, 0))
    is_sound(journey, bundle)


def test_an_order_whose_hold_has_lapsed_holds_nothing(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    journey = Journey(sqlite_bank).to("accepted")
    bundle = followed(journey, tmp_path, later=timedelta(days=40))
    assert journey.balance("E0001") == (300, 0)
    assert (journey.order().hold_id, journey.order().held_minutes) == ("", 0)
    journey.step("cancel", reason="改日再来")
    is_sound(journey, bundle)


def test_what_awaited_review_is_confirmed_and_reviewed_again(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(HEAD + FOUR_EYES, encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as tried:
        journey = Journey(tried, saved=0)
        tried.issue("E0001", 100)
        journey.to("confirmed")
        bundle = followed(journey, tmp_path)
        assert journey.order().state is State.AWAITING_CONFIRMATION
        assert journey.balance("E0001") == (100, 60)
        journey.step("confirm", OTHER_CLERK)
        record = journey.records()[-1]
        review_record(journey.tried.bank, REVIEWER, record, approve=True, key="review-1")
        assert (journey.balance("E0001"), journey.balance("V0001")) == ((40, 0), (60, 0))
        is_sound(journey, bundle)


@pytest.mark.parametrize("state", ["requested", "published"])
def test_a_wish_is_still_a_wish(sqlite_bank: TriedBank, tmp_path: Path, state: str) -> None:
    journey = Journey(sqlite_bank).to(state)
    bundle = followed(journey, tmp_path)
    assert journey.order().state.value == state
    is_sound(journey, bundle)
