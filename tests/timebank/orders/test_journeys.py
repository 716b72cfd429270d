"""timebank/orders: a wish becomes care and credit, or ends with every minute free again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import FloorExceeded
from tests.support.banks import TriedBank
from tests.support.forging import bank_with, judged
from tests.support.orders import CLERK, OTHER_CLERK, REVIEWER, STRAIGHT, TODAY, Journey
from tests.support.profiles import FOUR_EYES, cap
from timebank.errors import (
    AssistantMissing,
    ConfirmedBeyondVisit,
    ConfirmerNotIndependent,
    EndBeforeStart,
    InTheFuture,
    MissingField,
    NotAVolunteer,
    NotPermitted,
    OrderAlreadyRated,
    OrderStepNotAllowed,
    OrderValueInvalid,
    SelfService,
    UnknownClass,
    VisitNotThatDay,
    VolunteerBusy,
    WishInThePast,
    WrongDoorCode,
)
from timebank.founding import FOUNDER
from timebank.jobs.expiry import expire_holds
from timebank.orders.model import State
from timebank.reconciliation.reconcile import reconcile
from timebank.records.actions import reverse_record
from timebank.records.model import Payer
from timebank.records.review import review_record


@pytest.fixture
def journey(bank: TriedBank) -> Journey:
    """On both databases."""
    return Journey(bank)


@pytest.fixture
def alone(sqlite_bank: TriedBank) -> Journey:
    return Journey(sqlite_bank)


def differences(journey: Journey) -> list[Any]:
    told = reconcile(journey.tried.bank, FOUNDER).as_json()
    return [told["findings"], [one for one in told["checks"] if one["differences"]]]


def test_from_a_telephone_call_to_posted_credit(journey: Journey, tmp_path: Path) -> None:
    asked = journey.ask()
    assert (asked.body["number"], asked.body["state"]) == (1, "requested")
    held = {"match": 60, "accept": 60, "sign_in": 60, "sign_out": 60}
    for name, stated in STRAIGHT:
        answer = journey.step(name, OTHER_CLERK if name == "confirm" else CLERK, **stated)
        assert journey.balance("E0001")[1] == held.get(name, 0), name
    assert answer.body["state"] == "posted"
    assert journey.order().state is State.POSTED
    assert (journey.balance("E0001"), journey.balance("V0001")) == ((240, 0), (60, 0))
    assert differences(journey) == [[], []]
    found = judged(journey.tried, tmp_path)
    assert (found.report.findings, found.derived) == ((), 2)


def test_members_lead_their_own_order(alone: Journey) -> None:
    elder, volunteer = alone.member("E0001"), alone.member("V0001")
    with pytest.raises(NotPermitted):  # A member asks for whom they act, and for nobody else.
        alone.ask(elder, elder="E0002")
    alone.ask(elder, elder="")
    for name in ("vet", "publish"):
        alone.step(name)
    alone.step("match", volunteer="V0001")
    alone.step("accept", volunteer)
    with pytest.raises(WrongDoorCode):
        alone.step("sign_in", volunteer, reason="忘了")
    alone.step("sign_in", volunteer, code=alone.order().door_code, at="08:10")
    alone.step("sign_out", volunteer, at="08:50")
    alone.step("confirm", elder)
    alone.step("rate", elder, stars=5)
    with pytest.raises(OrderAlreadyRated):
        alone.step("rate", elder, stars=1)
    assert alone.order().elder_id == alone.people["E0001"]
    assert (alone.balance("E0001"), alone.balance("V0001")) == ((260, 0), (40, 0))


@pytest.mark.parametrize(
    ("state", "step", "stated", "ends"),
    [
        ("requested", "reject", {}, "rejected"),
        ("published", "cancel", {}, "cancelled"),
        ("matched", "cancel", {}, "cancelled"),
        ("accepted", "cancel", {}, "cancelled"),
        ("matched", "decline", {}, "published"),
        ("accepted", "decline", {}, "published"),
        ("accepted", "no_show", {"party": "volunteer"}, "no_show"),
        ("accepted", "no_show", {"party": "elder"}, "no_show"),
    ],
)
def test_every_way_out_before_the_visit_sets_the_minutes_free(
    alone: Journey, state: str, step: str, stated: dict[str, Any], ends: str
) -> None:
    alone.to(state)
    with pytest.raises(MissingField):
        alone.step(step, **stated)
    alone.step(step, reason="说明", **stated)
    assert alone.order().state.value == ends
    assert (alone.balance("E0001"), alone.balance("V0001")) == ((300, 0), (0, 0))


def test_a_declined_order_is_open_to_others(alone: Journey) -> None:
    alone.to("accepted")
    first = alone.order().door_code
    alone.step("decline", alone.member("V0001"), reason="家里有事")
    assert (alone.order().volunteer_id, alone.order().door_code) == ("", "")
    alone.step("match", volunteer="V0002")
    assert alone.order().volunteer_id == alone.people["V0002"]
    assert len(first) == len(alone.order().door_code) == 4


def test_an_upheld_dispute_credits_nobody(alone: Journey) -> None:
    alone.to("awaiting_confirmation")
    alone.step("dispute", alone.member("E0001"), reason="人没有来")
    alone.step("uphold", REVIEWER, reason="监控无人")
    assert (alone.order().state.value, alone.balance("E0001")) == ("upheld", (300, 0))
    assert alone.balance("V0001") == (0, 0)


def test_a_dismissed_dispute_goes_back_to_be_confirmed(alone: Journey, tmp_path: Path) -> None:
    alone.to("awaiting_confirmation")
    alone.step("dispute", alone.member("E0001"), reason="人没有来")
    assert alone.balance("E0001") == (300, 60)
    alone.step("dismiss", REVIEWER, reason="邻居作证")
    alone.step("confirm", OTHER_CLERK, minutes=30)
    assert (alone.balance("E0001"), alone.balance("V0001")) == ((270, 0), (30, 0))
    assert judged(alone.tried, tmp_path).ok


def test_a_visit_that_broke_off_is_credited_for_what_it_was(alone: Journey) -> None:
    alone.to("signed_in")
    alone.step("interrupt", at="08:20", reason="老人不适，送医")
    alone.step("confirm", OTHER_CLERK)
    assert (alone.balance("E0001"), alone.balance("V0001")) == ((280, 0), (20, 0))


def test_a_missed_sign_out_is_never_credited_by_silence(alone: Journey) -> None:
    alone.to("signed_in")
    with pytest.raises(OrderStepNotAllowed):
        alone.step("confirm", OTHER_CLERK)
    assert alone.balance("E0001") == (300, 60)


def test_the_hold_waits_as_long_as_a_confirmation_takes(alone: Journey) -> None:
    """A week after the wished day the hold of a visit that never began is due, and no other."""
    alone.to("signed_in")
    alone.tried.clock.move(timedelta(days=300))
    alone.step("sign_out", at=f"{TODAY}T09:00")
    alone.step("confirm", OTHER_CLERK, reason="补确认")
    assert alone.balance("V0001") == (60, 0)


@pytest.mark.parametrize(
    ("state", "step", "ends"),
    [
        ("matched", "decline", "published"),
        ("matched", "cancel", "cancelled"),
        ("accepted", "no_show", "no_show"),
    ],
)
def test_an_order_whose_hold_has_expired_is_not_stuck(
    alone: Journey, state: str, step: str, ends: str
) -> None:
    alone.to(state)
    alone.tried.clock.move(timedelta(days=9))
    assert expire_holds(alone.tried.bank, alone.tried.bank.now_ms()) == {"expired": 1}
    assert alone.balance("E0001") == (300, 0)
    alone.step(step, reason="逾期未服务", party="volunteer" if step == "no_show" else "")
    assert (alone.order().state.value, alone.order().hold_id) == (ends, "")
    # Nine days passed without a scheduler, which is a finding of its own.
    assert [one["name"] for one in differences(alone)[1]] == ["jobs_silent"]


def test_under_four_eyes_the_review_settles_the_hold(tmp_path: Path) -> None:
    with bank_with(tmp_path, FOUR_EYES, people=()) as tried:
        journey = Journey(tried, saved=0, payer=Payer.NOBODY)
        journey.to("awaiting_confirmation").step("confirm", OTHER_CLERK)
        record = journey.order().record_id
        assert journey.order().state is State.CONFIRMED
        review_record(tried.bank, REVIEWER, record, approve=True, key="review-001")
        assert journey.order().state is State.POSTED
        assert journey.balance("V0001") == (60, 0)
        assert judged(tried, tmp_path).ok


def test_a_record_that_is_sent_back_may_be_confirmed_again(tmp_path: Path) -> None:
    with bank_with(tmp_path, FOUR_EYES, people=()) as tried:
        journey = Journey(tried)
        saved = journey.records()[0]
        review_record(tried.bank, REVIEWER, saved, approve=True, key="review-001")
        journey.to("awaiting_confirmation")
        journey.step("confirm", OTHER_CLERK)
        record = journey.order().record_id
        review_record(
            tried.bank, REVIEWER, record, approve=False, reason="时间不符", key="review-002"
        )
        assert journey.order().state is State.AWAITING_CONFIRMATION
        assert journey.balance("E0001") == (300, 60)
        journey.step("confirm", OTHER_CLERK, minutes=50)
        again = journey.order().record_id
        review_record(tried.bank, REVIEWER, again, approve=True, key="review-003")
        assert (journey.balance("E0001"), journey.balance("V0001")) == ((250, 0), (50, 0))
        assert differences(journey) == [[], []]
        assert judged(tried, tmp_path).ok


def test_a_reversed_record_gives_the_elder_the_minutes_back(alone: Journey, tmp_path: Path) -> None:
    alone.to("posted")
    reverse_record(alone.tried.bank, REVIEWER, alone.order().record_id, "记错了", key="undo-0001")
    assert alone.order().state is State.REVERSED
    assert (alone.balance("E0001"), alone.balance("V0001")) == ((300, 0), (0, 0))
    assert judged(alone.tried, tmp_path).ok


def test_a_cap_takes_the_credit(tmp_path: Path) -> None:
    with bank_with(tmp_path, cap("day", 30, "trim"), people=()) as tried:
        journey = Journey(tried, saved=0, payer=Payer.NOBODY)
        journey.to("awaiting_confirmation").step("confirm", OTHER_CLERK)
        assert journey.balance("V0001") == (30, 0)
        assert judged(tried, tmp_path).ok


# Who pays ----------------------------------------------------------------------------------


def test_without_hours_the_wish_is_taken_and_the_station_finds_who_pays(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    journey = Journey(sqlite_bank, saved=0)
    journey.ask()
    journey.step("vet")
    journey.step("publish")
    with pytest.raises(FloorExceeded):
        journey.step("match", volunteer="V0001")
    with pytest.raises(FloorExceeded):
        journey.step("match", volunteer="V0001", payer=Payer.POOL)
    journey.step("match", volunteer="V0001", payer=Payer.NOBODY)
    assert journey.order().payer is Payer.NOBODY
    assert journey.order().hold_id == ""
    for name, stated in STRAIGHT[3:]:
        journey.step(name, OTHER_CLERK if name == "confirm" else CLERK, **stated)
    assert journey.balance("V0001") == (60, 0)
    assert judged(sqlite_bank, tmp_path).ok


@pytest.mark.parametrize(("saved", "fits"), [(59, False), (60, True), (61, True)])
def test_no_more_is_held_than_there_is(sqlite_bank: TriedBank, saved: int, fits: bool) -> None:
    journey = Journey(sqlite_bank, saved=saved)
    journey.to("published")
    if fits:
        journey.step("match", volunteer="V0001")
        assert journey.balance("E0001") == (saved, 60)
        return
    with pytest.raises(FloorExceeded):
        journey.step("match", volunteer="V0001")
    assert journey.balance("E0001") == (saved, 0)


# What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"assistant": " "}, AssistantMissing),
        ({"class_code": "gardening"}, UnknownClass),
        ({"class_code": "not_volunteer"}, UnknownClass),
        ({"wanted_on": "2023-04-31"}, OrderValueInvalid),
        ({"wanted_at": "25:00"}, OrderValueInvalid),
        ({"wanted_minutes": 0}, OrderValueInvalid),
        ({"wanted_minutes": 1441}, OrderValueInvalid),
        ({"need": "长" * 201}, OrderValueInvalid),
        ({"wanted_on": "2023-04-05"}, WishInThePast),
        ({"elder": ""}, MissingField),
    ],
    ids=str,
)
def test_a_wish_that_cannot_be_taken(
    alone: Journey, changed: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        alone.ask(**changed)


@pytest.mark.parametrize(
    ("state", "step", "stated", "refusal"),
    [
        ("published", "match", {"volunteer": "E0002"}, NotAVolunteer),
        ("published", "match", {"volunteer": "V1001"}, SelfService),
        ("published", "match", {}, MissingField),
        ("accepted", "sign_in", {"code": "12345"}, WrongDoorCode),
        ("accepted", "sign_in", {}, MissingField),
        ("accepted", "sign_in", {"reason": "电话", "at": "09:01"}, InTheFuture),
        ("accepted", "sign_in", {"reason": "电话", "at": "2023-04-05T09:00"}, VisitNotThatDay),
        ("accepted", "sign_in", {"reason": "电话", "at": "8 o'clock"}, OrderValueInvalid),
        ("signed_in", "sign_out", {"at": "08:00"}, EndBeforeStart),
        ("awaiting_confirmation", "confirm", {"minutes": 0}, ConfirmedBeyondVisit),
        ("awaiting_confirmation", "confirm", {"minutes": 61}, ConfirmedBeyondVisit),
        ("accepted", "no_show", {"reason": "r", "party": "nobody"}, OrderValueInvalid),
        ("posted", "rate", {"stars": 0}, OrderValueInvalid),
        ("posted", "rate", {"stars": 6}, OrderValueInvalid),
        ("requested", "fly", {}, OrderValueInvalid),
        ("requested", "reject", {"reason": "长" * 201}, OrderValueInvalid),
    ],
    ids=str,
)
def test_a_step_that_is_refused_changes_nothing(
    alone: Journey, state: str, step: str, stated: dict[str, Any], refusal: type[Exception]
) -> None:
    alone.to(state)
    before = alone.order(), alone.balance("E0001")
    actor = OTHER_CLERK if step == "confirm" else CLERK
    with pytest.raises(refusal):
        alone.step(step, actor, **stated)
    assert (alone.order(), alone.balance("E0001")) == before


def test_whoever_signed_the_visit_out_does_not_confirm_it(alone: Journey) -> None:
    alone.to("awaiting_confirmation")
    with pytest.raises(ConfirmerNotIndependent):
        alone.step("confirm", CLERK)


def test_a_volunteer_is_in_one_place_at_a_time(alone: Journey) -> None:
    alone.to("matched")
    alone.ask(wanted_at="08:59")
    for name in ("vet", "publish"):
        alone.step(name)
    with pytest.raises(VolunteerBusy):
        alone.step("match", volunteer="V0001")
    alone.step("match", volunteer="V0002")


def test_the_same_key_answers_the_same_and_moves_nothing_twice(alone: Journey) -> None:
    alone.to("published")
    first = alone.step("match", volunteer="V0001")
    alone._keys -= 1
    again = alone.step("match", volunteer="V0001")
    assert (again.raw, again.replayed) == (first.raw, True)
    assert alone.balance("E0001") == (300, 60)


def test_what_a_cap_takes_from_the_volunteer_is_redeemed_and_the_books_agree(
    tmp_path: Path,
) -> None:
    with bank_with(tmp_path, cap("day", 40, "trim"), people=()) as tried:
        journey = Journey(tried, saved=0)
        tried.issue("E0001", 60)
        journey.to("posted")
        assert (journey.balance("E0001"), journey.balance("V0001")) == ((0, 0), (40, 0))
        assert differences(journey) == [[], []]
