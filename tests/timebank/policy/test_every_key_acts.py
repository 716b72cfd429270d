"""No key of a profile without a test of its boundary and one of what it does through an action.

Whoever adds a key writes both and names them here.  A key that holds by itself, because nothing in
the books could break it, says so with its reason on the reference page.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

from timebank.policy.sheet import TITLES

TESTS = Path(__file__).parents[2]
PAGE = TESTS.parent / "docs" / "reference" / "policy-profile.md"

_ELIGIBLE = "timebank/policy/test_eligibility.py::"
_PRICING = "timebank/policy/test_pricing.py::"
_BY_KEY = "timebank/policy/test_actions_by_key.py::"
_ADMITTED = "timebank/records/test_admitting.py::"
_RECORDED = "timebank/records/test_actions.py::"
_SPENT = "timebank/records/test_time_spent.py::"
_GIVING = "timebank/transfers/test_giving.py::"
_PROPOSED = "timebank/transfers/test_proposing.py::"
_ORGANISATIONS = "timebank/organisations/test_organisations.py::"
_SHORT = "timebank/shortfalls/test_shortfalls.py::"
_ESTATES = "timebank/estates/test_estates.py::"
_ENDINGS = "timebank/policy/test_endings.py::"
_EXPIRY = "timebank/expiry/test_announcing.py::"
_VOCABULARY = "timebank/policy/test_vocabulary.py::"
_CATALOGUE = "api/pages/test_catalogue.py::"
_BITES = f"{_PRICING}test_a_rule_bites_at_its_bound_and_says_so"
_WORDS = (
    f"{_VOCABULARY}test_a_city_may_avoid_every_financial_word",
    f"{_CATALOGUE}test_a_city_may_replace_every_financial_word",
)
_UNIT = (
    "timebank/test_words.py::test_the_unit_on_a_screen_is_the_profiles",
    "api/pages/test_kiosk_unit.py::test_the_balance_in_the_citys_unit",
)
_RELATIONS = (
    f"{_ELIGIBLE}test_a_gift_goes_only_where_the_profile_lists_it",
    f"{_GIVING}test_the_policy_says_which_kin_may_get",
)
_PROFESSIONAL = "timebank/orders/test_professional.py::"
_MATCHED = "timebank/matching/test_orders.py::test_a_match_asks_for_permission_once_more"

TRIED: dict[str, tuple[str, str]] = {
    "unit.kind": (
        "timebank/policy/test_load.py::test_a_unit_that_is_not_time_is_refused_with_the_reason",
        "timebank/commands/test_policies.py::test_every_fault_is_told_and_the_exit_code_is_one",
    ),
    "unit.minutes_per_unit": _UNIT,
    "unit.name_zh": _UNIT,
    "unit.name_en": _UNIT,
    "words.platform_zh": (f"{_VOCABULARY}test_a_city_may_rename_the_platform_alone", _WORDS[1]),
    "words.bank_zh": _WORDS,
    "words.coin_zh": _WORDS,
    "words.save_zh": _WORDS,
    "words.spend_zh": _WORDS,
    "counting.travel": (
        _BITES, f"{_SPENT}test_travel_and_rest_are_left_out_where_the_policy_says_so",
    ),
    "counting.meals_and_rest": (
        _BITES, f"{_SPENT}test_travel_and_rest_are_left_out_where_the_policy_says_so",
    ),
    "rounding.minimum_minutes": (
        _BITES, f"{_SPENT}test_a_short_service_counts_as_an_hour_where_it_met_its_aim",
    ),
    "rounding.step_minutes": (
        f"{_PRICING}test_the_three_ways_to_round", f"{_BY_KEY}test_steps_of_credit",
    ),
    "rounding.mode": (
        f"{_PRICING}test_the_three_ways_to_round", f"{_BY_KEY}test_steps_of_credit",
    ),
    "coefficients": (
        f"{_PRICING}test_a_band_has_its_first_minute_inside_and_its_last_outside",
        f"{_BY_KEY}test_a_coefficient_weighs_each_minute_of_its_hours",
    ),
    "caps.order_minutes": (_BITES, f"{_BY_KEY}test_the_cap_of_an_order"),
    "caps.order_excess": (
        f"{_PRICING}test_a_cap_may_refuse_instead", f"{_BY_KEY}test_the_cap_of_an_order",
    ),
    "caps.day_minutes": (_BITES, f"{_BY_KEY}test_the_cap_of_a_day"),
    "caps.day_excess": (
        f"{_PRICING}test_a_cap_may_refuse_instead", f"{_BY_KEY}test_the_cap_of_a_day",
    ),
    "caps.account_minutes": (_BITES, f"{_BY_KEY}test_the_cap_of_an_account"),
    "caps.account_excess": (
        f"{_PRICING}test_the_excess_over_an_account_may_go_to_the_pool",
        f"{_BY_KEY}test_the_cap_of_an_account",
    ),
    "charging.professional_rate": (
        f"{_PROFESSIONAL}test_what_an_hour_of_a_trained_hand_costs",
        f"{_PROFESSIONAL}test_the_whole_charge_is_held_before_anybody_comes",
    ),
    "services.own_spouse_excluded": (
        f"{_ELIGIBLE}test_care_for_oneself_never_earns_and_for_the_spouse_as_the_profile_says",
        f"{_RECORDED}test_care_for_oneself_or_ones_spouse_earns_nothing",
    ),
    "services.excluded_classes": (
        f"{_ELIGIBLE}test_an_excluded_class_is_refused",
        f"{_BY_KEY}test_an_excluded_class_earns_nothing",
    ),
    "services.non_professional_only": (
        f"{_ELIGIBLE}test_a_trained_hand_is_refused_where_services_are_not_professional",
        f"{_ADMITTED}test_a_class_for_a_trained_hand_is_refused_or_costs_more",
    ),
    "earning.minimum_age": (
        f"{_ELIGIBLE}test_from_eighteen_one_earns",
        f"{_BY_KEY}test_the_age_from_which_one_earns",
    ),
    "earning.under_age_in_groups": (
        f"{_ELIGIBLE}test_under_eighteen_one_earns_only_where_the_profile_excepts_groups",
        f"{_ORGANISATIONS}test_who_is_under_age_gives_beside_an_adult_of_their_group",
    ),
    "earning.retired_or_age": (
        f"{_ELIGIBLE}test_where_the_retired_earn_age_or_proof_makes_one",
        f"{_ADMITTED}test_who_shows_neither_age_nor_retirement_earns_nothing",
    ),
    "earning.good_record": (
        f"{_ELIGIBLE}test_a_bad_record_counts_where_the_profile_asks",
        f"{_ADMITTED}test_a_noted_bad_record_is_refused_until_it_is_taken_away",
    ),
    "earning.organisations": (
        f"{_ORGANISATIONS}test_without_a_clause_it_earns_nothing",
        f"{_ORGANISATIONS}test_what_a_unit_earned_is_donated_and_nothing_else",
    ),
    "earning.organisations_donate_only": (
        f"{_ORGANISATIONS}test_the_verifier_finds_a_gift_from_a_unit",
        f"{_ORGANISATIONS}test_what_a_unit_earned_is_donated_and_nothing_else",
    ),
    "redeeming.minimum_age": (
        f"{_ELIGIBLE}test_who_redeems", f"{_BY_KEY}test_the_age_from_which_one_redeems",
    ),
    "redeeming.hardship_minimum_age": (
        f"{_ELIGIBLE}test_who_redeems", f"{_BY_KEY}test_the_age_from_which_one_redeems",
    ),
    "redeeming.residents_only": (
        f"{_ELIGIBLE}test_where_residents_alone_redeem_the_proof_must_be_noted",
        f"{_ADMITTED}test_only_a_resident_is_matched",
    ),
    "redeeming.minimum_minutes": (
        f"{_ELIGIBLE}test_how_much_must_be_saved_first",
        f"{_BY_KEY}test_what_must_be_saved_before_the_first_use",
    ),
    "redeeming.times_per_quarter": (
        f"{_ELIGIBLE}test_how_often_time_is_used_in_a_quarter",
        f"{_ADMITTED}test_a_quarter_ends_with_its_last_day",
    ),
    "redeeming.day_of_month": (
        f"{_ELIGIBLE}test_the_one_day_of_a_month_on_which_time_is_used",
        f"{_ADMITTED}test_the_day_of_the_month_is_the_wished_day",
    ),
    "transfer.relations": _RELATIONS,
    "transfer.relative_minimum_age": (
        f"{_GIVING}test_the_receiver_is_old_enough", f"{_GIVING}test_the_receiver_is_old_enough",
    ),
    "transfer.donation_to": (
        f"{_ELIGIBLE}test_a_donation_goes_only_where_the_profile_lists_it",
        f"{_GIVING}test_a_donation_goes_to_the_pool",
    ),
    "recording.shortfall_recovery_percent": (
        f"{_SHORT}test_half_of_what_services_brought_comes_back",
        f"{_SHORT}test_half_of_later_credit_comes_back_until_all_is_back",
    ),
    "recording.backdating_max_working_days": (
        f"{_ELIGIBLE}test_a_reason_carries_a_late_record_and_marks_it",
        f"{_RECORDED}test_after_ten_working_days_a_reason_is_needed_and_the_record_is_marked",
    ),
    "review.four_eyes": (
        f"{_ELIGIBLE}test_a_second_person_is_needed_only_where_the_profile_says_so",
        "timebank/records/test_review.py::test_credit_waits_for_the_second_person",
    ),
    "review.notice_working_days": (
        "timebank/notices/test_notices.py::test_three_working_days_lie_between",
        "timebank/notices/test_notices.py::test_what_two_people_saw_is_shown_before_it_posts",
    ),
    "review.bulk_volunteers": (
        "timebank/records/test_rosters.py::test_as_many_as_the_policy_says_wait",
        "timebank/records/test_rosters.py::test_who_saw_the_roster_approves_and_the_leaf_says_it",
    ),
    "dispatch.insurance_required": (
        "timebank/matching/test_orders.py::test_every_hard_rule_reaches_the_station_by_its_name",
        _MATCHED,
    ),
    "dispatch.agreement_required": (
        "timebank/matching/test_orders.py::test_every_hard_rule_reaches_the_station_by_its_name",
        _MATCHED,
    ),
    "dispatch.skilled_classes": (
        "timebank/matching/test_orders.py::test_every_hard_rule_reaches_the_station_by_its_name",
        _MATCHED,
    ),
    "visits.geofence_metres": (
        "timebank/orders/test_presence.py::test_the_limit_itself_is_inside",
        "timebank/orders/test_visits.py::test_a_sign_out_elsewhere_is_shown_and_not_refused",
    ),
    "grants.monthly_minutes": (
        f"{_PROPOSED}test_the_fund_gives_what_it_has",
        f"{_PROPOSED}test_donated_time_becomes_grants",
    ),
    "grants.eligible": (
        f"{_PROPOSED}test_age_and_condition_decide_together",
        f"{_PROPOSED}test_an_elder_gets_one_grant_a_month",
    ),
    "endings.death_pool_percent": (
        f"{_ESTATES}test_shares_of_pool_and_umbrella_add_up",
        f"{_ESTATES}test_half_to_the_pool_and_half_to_the_widow",
    ),
    "endings.death_umbrella_percent": (
        f"{_ESTATES}test_shares_of_pool_and_umbrella_add_up",
        f"{_ESTATES}test_the_umbrella_bodys_percentage_decides",
    ),
    "endings.credit_expires_after_months": (
        f"{_ENDINGS}test_both_at_their_bounds_are_a_rule",
        f"{_EXPIRY}test_what_turns_old_is_announced_three_months_before",
    ),
    "endings.expiry_notice_months": (
        f"{_ENDINGS}test_both_at_their_bounds_are_a_rule",
        f"{_EXPIRY}test_what_turns_old_is_announced_three_months_before",
    ),
    "endings.dormant_after_months": (
        "timebank/dormancy/test_reminding.py::test_six_months_after_the_last_day",
        "timebank/dormancy/test_reminding.py::test_f7_time_that_rests_is_told_of_once",
    ),
    "endings.statements_per_year": (
        "timebank/letters/test_model.py::test_letters_are_due_on_the_first_working_day",
        "timebank/letters/test_runs.py::test_a_run_is_made_drawn_and_handed_out",
    ),
    "honours.star_minutes": (
        "timebank/honours/test_stars.py::test_the_minutes_of_a_step_are_inside_it",
        "api/test_honours.py::test_stars_are_shown_to_staff_and_to_their_holder",
    ),
}  # fmt: skip
"""By key: the test of its boundary, and the test of what it does through an action or a page."""

BY_ITSELF = {"redeeming.own_saved_time", "redeeming.services_only"}
"""Keys that nothing in the books could break; the page says ``Holds by itself``."""

NOTHING_YET: frozenset[str] = frozenset()
"""Keys that are read, shown and rehearsed, and that no action asks; the page says so."""


def test_every_key_is_tried_or_says_why_not() -> None:
    known = [*TRIED, *BY_ITSELF, *NOTHING_YET]
    assert sorted(known) == sorted(TITLES)


@pytest.mark.parametrize("key", TRIED)
def test_the_tests_that_are_named_are_there(key: str) -> None:
    for named in TRIED[key]:
        file, _, name = named.partition("::")
        assert name in _tests_of(file), named


@pytest.mark.parametrize("key", sorted(BY_ITSELF | NOTHING_YET))
def test_the_page_says_what_nobody_acts_on(key: str) -> None:
    (row,) = [
        line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{key}` |")
    ]
    assert ("Holds by itself" if key in BY_ITSELF else "No action asks for it yet") in row


@cache
def _tests_of(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))
