"""timebank/succession.py: an order goes on where the frozen book left it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.banks import FOUNDER, TriedBank, new_bank
from tests.support.givers import Givers
from tests.support.orders import CLERK, OTHER_CLERK, REVIEWER, Journey
from tests.support.portraits import pictured
from tests.support.profiles import FOUR_EYES, HEAD
from tests.timebank.test_succession import NEXT, exported, frozen, judge
from timebank.bank import Bank
from timebank.config import Settings
from timebank.matching.actions import Told, draw_area, keep_apart, tell
from timebank.matching.model import Window
from timebank.matching.queries import areas_listed, matching_shown
from timebank.orders.model import State, Who
from timebank.orders.portraits import slip_portrait
from timebank.reconciliation.reconcile import reconcile
from timebank.records.review import review_record
from timebank.succession import found_successor


def followed(journey: Journey | Givers, place: Path, *, later: timedelta = timedelta()) -> Path:
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


def is_sound(journey: Journey | Givers, bundle: Path) -> None:
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


def test_whose_photograph_was_kept_is_known_on_the_next_slip(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    journey = Journey(sqlite_bank).to("accepted")
    pictured(journey, "V0001")
    before = slip_portrait(sqlite_bank.bank, CLERK, journey.order_id, Who.VOLUNTEER)
    followed(journey, tmp_path)
    with journey.tried.bank as bank:
        assert slip_portrait(bank, CLERK, journey.order_id, Who.VOLUNTEER) == before


def test_what_matching_knows_comes_over(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    """A volunteer who was asked, and what is told of them, is not forgotten with the book."""
    journey = Journey(sqlite_bank).to("matched")
    draw_area(sqlite_bank.bank, FOUNDER, "A-1", "一区", 10, 20)
    told = Told(("meals",), (Window(1, 0, 60),), "A-1", area_consent=True, gender="female")
    tell(sqlite_bank.bank, FOUNDER, "V0001", told)
    keep_apart(sqlite_bank.bank, FOUNDER, "E0002", "V0001", apart=True)
    before = matching_shown(sqlite_bank.bank, FOUNDER, "V0001")
    followed(journey, tmp_path)
    with journey.tried.bank as bank:
        assert matching_shown(bank, FOUNDER, "V0001") == before
        with bank.read() as connection:
            asked = connection.execute(text("SELECT person_id FROM matching_asked")).scalars()
            assert list(asked) == [journey.people["V0001"]]
            assert [one.code for one in areas_listed(connection, FOUNDER)] == ["A-1"]
