"""timebank/policy/eligibility.py: who may earn, redeem and receive, judged at each bound."""

from datetime import date

import pytest

from tests.support.profiles import FOUR_EYES, profile_with
from timebank.errors import (
    ExcludedService,
    InTheFuture,
    NotRedeemable,
    OwnSpouse,
    SelfService,
    TooLateWithoutReason,
    TooYoungToRedeem,
    TransferNotAllowed,
    UnderAge,
)
from timebank.errors.standing import (
    NotRedemptionDay,
    NotResident,
    NotRetired,
    QuarterUsedUp,
    RecordNotGood,
)
from timebank.policy import eligibility as may
from timebank.policy.load import named_profile

BARE = profile_with()
PLAIN = named_profile("plain-2026")
NANJING = named_profile("nanjing-2019")
SHANGHAI = named_profile("shanghai-2026")


@pytest.mark.parametrize("age", [18, 19])
def test_from_eighteen_one_earns(age):
    may.check_earner(NANJING, age)


def test_under_eighteen_one_earns_only_where_the_profile_excepts_groups():
    may.check_earner(SHANGHAI, 17, in_institution_group=True)
    may.check_earner(BARE, 6)
    for profile, in_group in ((NANJING, False), (NANJING, True), (SHANGHAI, False)):
        with pytest.raises(UnderAge):
            may.check_earner(profile, 17, in_institution_group=in_group)


def test_care_for_oneself_never_earns_and_for_the_spouse_as_the_profile_says():
    may.check_relation(PLAIN, None)
    may.check_relation(PLAIN, "child")
    may.check_relation(BARE, "spouse")
    with pytest.raises(OwnSpouse):
        may.check_relation(PLAIN, "spouse")
    for profile in (BARE, PLAIN):
        with pytest.raises(SelfService):
            may.check_relation(profile, "self")


def test_an_excluded_class_is_refused():
    profile = profile_with('[services]\nexcluded_classes = { value = ["nursing"], source = "s" }')

    may.check_class(profile, "cleaning")
    may.check_class(BARE, "nursing")
    with pytest.raises(ExcludedService):
        may.check_class(profile, "nursing")


SERVICE_ON = date(2023, 3, 6)


@pytest.mark.parametrize(
    ("recorded_on", "back_dated"),
    [
        (date(2023, 3, 6), False),
        (date(2023, 3, 20), False),  # the tenth working day
        (date(2023, 3, 21), True),
    ],
)
def test_a_reason_carries_a_late_record_and_marks_it(recorded_on, back_dated):
    assert may.check_recorded(PLAIN, SERVICE_ON, recorded_on, reason_given=True) is back_dated


def test_a_late_record_without_a_reason_is_refused():
    may.check_recorded(PLAIN, SERVICE_ON, date(2023, 3, 20), reason_given=False)
    with pytest.raises(TooLateWithoutReason) as refused:
        may.check_recorded(PLAIN, SERVICE_ON, date(2023, 3, 21), reason_given=False)

    assert refused.value.facts == {"working_days": 11, "most_working_days": 10}


def test_where_the_rule_is_unset_nothing_is_late():
    assert not may.check_recorded(BARE, SERVICE_ON, date(2026, 3, 6), reason_given=False)


def test_a_service_of_tomorrow_is_refused_whatever_the_reason():
    with pytest.raises(InTheFuture):
        may.check_recorded(PLAIN, date(2023, 3, 7), SERVICE_ON, reason_given=True)


@pytest.mark.parametrize(
    ("profile", "age", "noted", "passes"),
    [
        (NANJING, 59, set(), False),
        (NANJING, 60, set(), True),
        (NANJING, 61, set(), True),
        (NANJING, 59, {may.HARDSHIP}, False),  # Nanjing excepts nobody
        (SHANGHAI, 64, {may.RESIDENT}, False),
        (SHANGHAI, 65, {may.RESIDENT}, True),
        (SHANGHAI, 66, {may.RESIDENT}, True),
        (SHANGHAI, 59, {may.RESIDENT, may.HARDSHIP}, False),
        (SHANGHAI, 60, {may.RESIDENT, may.HARDSHIP}, True),
        (SHANGHAI, 61, {may.RESIDENT, may.HARDSHIP}, True),
        (BARE, 0, set(), True),
    ],
)
def test_who_redeems(profile, age, noted, passes):
    if passes:
        may.check_redeemer(profile, age, 0, noted=frozenset(noted))
    else:
        with pytest.raises(TooYoungToRedeem):
            may.check_redeemer(profile, age, 0, noted=frozenset(noted))


def test_where_residents_alone_redeem_the_proof_must_be_noted():
    may.check_redeemer(NANJING, 70, 0)
    may.check_redeemer(SHANGHAI, 70, 0, noted=frozenset({may.RESIDENT}))
    with pytest.raises(NotResident):
        may.check_redeemer(SHANGHAI, 70, 0)


RETIRED = profile_with('[earning]\nretired_or_age = { value = 60, source = "St. Gallen" }')


@pytest.mark.parametrize(
    ("age", "noted", "passes"),
    [(59, "", False), (60, "", True), (61, "", True), (None, "", False), (40, "retired", True)],
)
def test_where_the_retired_earn_age_or_proof_makes_one(age, noted, passes):
    codes = frozenset({noted} - {""})
    if passes:
        may.check_earner(RETIRED, age, noted=codes)
    else:
        with pytest.raises(NotRetired):
            may.check_earner(RETIRED, age, noted=codes)


def test_a_bad_record_counts_where_the_profile_asks():
    noted = frozenset({may.BAD_RECORD})
    may.check_earner(BARE, 30, noted=noted)
    may.check_earner(NANJING, 30)
    with pytest.raises(RecordNotGood):
        may.check_earner(NANJING, 30, noted=noted)


def test_a_trained_hand_is_refused_where_services_are_not_professional():
    may.check_class(SHANGHAI, "cleaning")
    may.check_class(NANJING, "nursing", professional=True)
    with pytest.raises(ExcludedService):
        may.check_class(SHANGHAI, "nursing", professional=True)


@pytest.mark.parametrize(("day", "passes"), [(14, False), (15, True), (16, False)])
def test_the_one_day_of_a_month_on_which_time_is_used(day, passes):
    profile = profile_with('[redeeming]\nday_of_month = { value = 15, source = "Lubei 2022" }')

    may.check_redemption_day(BARE, date(2023, 4, day), 99)
    if passes:
        may.check_redemption_day(profile, date(2023, 4, day), 99)
    else:
        with pytest.raises(NotRedemptionDay):
            may.check_redemption_day(profile, date(2023, 4, day), 0)


@pytest.mark.parametrize(("used", "passes"), [(1, True), (2, False), (3, False)])
def test_how_often_time_is_used_in_a_quarter(used, passes):
    profile = profile_with('[redeeming]\ntimes_per_quarter = { value = 2, source = "Hailin" }')

    if passes:
        may.check_redemption_day(profile, date(2023, 4, 6), used)
    else:
        with pytest.raises(QuarterUsedUp):
            may.check_redemption_day(profile, date(2023, 4, 6), used)


@pytest.mark.parametrize(("posted", "passes"), [(1199, False), (1200, True), (1201, True)])
def test_how_much_must_be_saved_first(posted, passes):
    profile = profile_with('[redeeming]\nminimum_minutes = { value = 1200, source = "Yaohua" }')

    if passes:
        may.check_redeemer(profile, 70, posted)
    else:
        with pytest.raises(NotRedeemable):
            may.check_redeemer(profile, 70, posted)


def test_a_gift_goes_only_where_the_profile_lists_it():
    may.check_gift(NANJING, "spouse", 60)
    may.check_gift(SHANGHAI, "friend", 20)
    for profile, relation, age in (
        (NANJING, "spouse", 59),
        (NANJING, "friend", 60),
        (BARE, "spouse", 60),
    ):
        with pytest.raises(TransferNotAllowed):
            may.check_gift(profile, relation, age)


def test_a_donation_goes_only_where_the_profile_lists_it():
    may.check_donation(NANJING, "pool")
    for profile, to in ((NANJING, "nonprofit_home"), (BARE, "pool")):
        with pytest.raises(TransferNotAllowed):
            may.check_donation(profile, to)


def test_a_second_person_is_needed_only_where_the_profile_says_so():
    assert may.needs_second_person(profile_with(FOUR_EYES))
    assert not may.needs_second_person(PLAIN)
    assert not may.needs_second_person(BARE)
