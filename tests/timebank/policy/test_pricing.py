"""timebank/policy/pricing.py: each rule bites at its bound, names its clause, and is exact."""

import dataclasses
from timeit import repeat

import pytest

from tests.support.profiles import SHORT_IS_AN_HOUR, cap, profile_with, steps
from timebank.errors import AccountCapExceeded, DailyCapExceeded, OrderCapExceeded
from timebank.policy.load import named_profile
from timebank.policy.pricing import RULE_SETS, RULES, ServiceFacts, active_rules, price

EVENING = """
[[coefficients]]
from_time = "17:00"
to_time = "09:00"
factor = "8/7"
source = "Setagaya 1995"
"""
SUPPER = """
[[coefficients]]
from_time = "17:30"
to_time = "20:15"
factor = "2"
source = "Setagaya 1995"
"""
BODILY = """
[[coefficients]]
service_class = "bathing"
factor = "1.5"
source = "class table"
"""
NO_TRAVEL = '[counting]\ntravel = { value = false, source = "2024" }'
NO_REST = '[counting]\nmeals_and_rest = { value = false, source = "2024" }'
PROFESSIONAL = '[charging]\nprofessional_rate = { value = 3, source = "New Taipei" }'


CASES = {
    "leave_out_travel": (NO_TRAVEL, [({"travel_minutes": 20}, 70, 70), ({}, 90, 90)]),
    "leave_out_rest": (NO_REST, [({"rest_minutes": 30}, 60, 60), ({}, 90, 90)]),
    "lift_to_minimum": (
        SHORT_IS_AN_HOUR,
        [
            ({"given_minutes": 1}, 60, 60),
            ({"given_minutes": 59}, 60, 60),
            ({"given_minutes": 60}, 60, 60),
            ({"given_minutes": 61}, 61, 61),
            ({"given_minutes": 45, "aim_met": False}, 45, 45),
        ],
    ),
    "round_to_step": (
        steps(30, "nearest"),
        [
            ({"given_minutes": 14}, 0, 0),
            ({"given_minutes": 15}, 30, 30),
            ({"given_minutes": 16}, 30, 30),
            ({"given_minutes": 44}, 30, 30),
            ({"given_minutes": 45}, 60, 60),
        ],
    ),
    "apply_coefficient": (
        BODILY + EVENING,
        [
            ({"service_class": "bathing"}, 135, 135),
            ({"starts_at_minute": 15 * 60 + 29}, 90, 90),
            ({"starts_at_minute": 15 * 60 + 30}, 90, 90),
            ({"starts_at_minute": 16 * 60 + 30}, 99, 99),  # 30 + 60 × 8/7 = 98.57
            ({"starts_at_minute": 17 * 60}, 103, 103),  # 90 × 8/7 = 102.86
            ({"starts_at_minute": 23 * 60 + 30}, 103, 103),
            ({"starts_at_minute": 8 * 60 + 30}, 94, 94),  # 30 × 8/7 + 60 = 94.29
            ({}, 90, 90),
        ],
    ),
    "cap_order": (
        cap("order", 90, "trim"),
        [
            ({"given_minutes": 89}, 89, 89),
            ({"given_minutes": 90}, 90, 90),
            ({"given_minutes": 91}, 90, 90),
        ],
    ),
    "cap_day": (
        cap("day", 120, "trim"),
        [
            ({"credited_that_day_minutes": 29}, 90, 90),
            ({"credited_that_day_minutes": 30}, 90, 90),
            ({"credited_that_day_minutes": 31}, 89, 90),
            ({"credited_that_day_minutes": 120}, 0, 90),
            ({"credited_that_day_minutes": 200}, 0, 90),
        ],
    ),
    "cap_account": (
        cap("account", 90_000, "honour"),
        [
            ({"account_minutes": 89_909}, 90, 90),
            ({"account_minutes": 89_910}, 90, 90),
            ({"account_minutes": 89_911}, 89, 90),
            ({"account_minutes": 90_001}, 0, 90),
        ],
    ),
    "charge_professional": (PROFESSIONAL, [({"professional": True}, 90, 270), ({}, 90, 90)]),
}


def test_every_rule_has_its_cases():
    assert [rule.name for rule in RULES] == list(CASES)


@pytest.mark.parametrize(
    ("rule", "facts", "credited", "charged"),
    [(rule, *case) for rule, (_, cases) in CASES.items() for case in cases],
)
def test_a_rule_bites_at_its_bound_and_says_so(rule, facts, credited, charged):
    profile = profile_with(CASES[rule][0])
    given = facts.get("given_minutes", 90)

    priced = price(profile, ServiceFacts(**{"given_minutes": 90, "has_payer": True, **facts}))

    assert (priced.given, priced.credited, priced.charged) == (given, credited, charged)
    bitten = (credited, charged) != (given, given)
    assert [step.rule for step in priced.steps] == [rule] * bitten
    for step in priced.steps:
        assert step.before == given
        assert step.after == (charged if step.side == "charged" else credited)
        assert step.clause


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_that_is_unset_is_off(rule):
    _, cases = CASES[rule]
    plain = profile_with()

    assert active_rules(plain) == ()
    assert [each.name for each in active_rules(profile_with(CASES[rule][0]))] == [rule]
    for facts, _, _ in cases:
        priced = price(plain, ServiceFacts(**{"given_minutes": 90, "has_payer": True, **facts}))
        assert priced.credited == priced.charged == priced.given
        assert priced.steps == ()


@pytest.mark.parametrize(
    ("step", "mode", "given", "credited"),
    [
        (30, "down", 29, 0),
        (30, "down", 30, 30),
        (30, "down", 59, 30),
        (30, "up", 1, 30),
        (30, "up", 30, 30),
        (30, "up", 31, 60),
        (15, "nearest", 7, 0),
        (15, "nearest", 8, 15),
        (1, "nearest", 45, 45),
    ],
)
def test_the_three_ways_to_round(step, mode, given, credited):
    profile = profile_with(steps(step, mode))

    assert price(profile, ServiceFacts(given)).credited == credited


@pytest.mark.parametrize(
    ("span", "facts", "refusal"),
    [
        ("order", {}, OrderCapExceeded),
        ("day", {"credited_that_day_minutes": 1}, DailyCapExceeded),
        ("account", {"account_minutes": 1}, AccountCapExceeded),
    ],
)
def test_a_cap_may_refuse_instead(span, facts, refusal):
    limit = 89 if span == "order" else 90
    profile = profile_with(cap(span, limit, "refuse"))

    with pytest.raises(refusal):
        price(profile, ServiceFacts(90, **facts))

    assert price(profile, ServiceFacts(limit)).credited == limit


def test_the_excess_over_an_account_may_go_to_the_pool():
    priced = price(
        profile_with(cap("account", 90_000, "pool")),
        ServiceFacts(45, account_minutes=89_970),
    )

    assert (priced.credited, priced.overflow, priced.charged) == (30, 15, 0)


def test_the_excess_over_an_account_may_stay_an_honour():
    priced = price(
        profile_with(cap("account", 90_000, "honour")),
        ServiceFacts(45, account_minutes=89_970),
    )

    assert (priced.credited, priced.overflow) == (30, 0)


@pytest.mark.parametrize(
    ("start", "credited"),
    [
        (0, 1),
        (17 * 60 + 29, 1),
        (17 * 60 + 30, 2),
        (17 * 60 + 31, 2),
        (20 * 60 + 14, 2),
        (20 * 60 + 15, 1),
        (20 * 60 + 16, 1),
        (1439, 1),
    ],
)
def test_a_band_has_its_first_minute_inside_and_its_last_outside(start, credited):
    priced = price(profile_with(SUPPER), ServiceFacts(1, starts_at_minute=start))

    assert priced.credited == credited


@pytest.mark.parametrize(
    ("start", "credited"),
    [
        (16 * 60 + 56, 7),  # three of seven minutes inside: 7.43
        (16 * 60 + 57, 8),  # four: 7.57
        (23 * 60 + 57, 8),
        (0, 8),
        (8 * 60 + 56, 8),
        (8 * 60 + 57, 7),
    ],
)
def test_a_band_may_run_over_midnight(start, credited):
    priced = price(profile_with(EVENING), ServiceFacts(7, starts_at_minute=start))

    assert priced.credited == credited


def test_what_was_travel_alone_is_not_lifted_to_an_hour():
    profile = profile_with(NO_TRAVEL, SHORT_IS_AN_HOUR)

    assert price(profile, ServiceFacts(20, travel_minutes=20)).credited == 0
    assert price(profile, ServiceFacts(20, travel_minutes=19)).credited == 60


def test_without_a_payer_nobody_is_charged_whatever_the_rules_do():
    profile = profile_with(SHORT_IS_AN_HOUR, BODILY, PROFESSIONAL)

    priced = price(profile, ServiceFacts(45, service_class="bathing", professional=True))

    assert (priced.credited, priced.charged) == (90, 0)


def test_rules_apply_in_their_order_and_each_says_what_it_did():
    caps = cap("order", 120, "trim") + cap("day", 150, "trim").removeprefix("[caps]")
    profile = profile_with(NO_TRAVEL, SHORT_IS_AN_HOUR, caps, BODILY, PROFESSIONAL)

    priced = price(
        profile,
        ServiceFacts(
            65,
            service_class="bathing",
            travel_minutes=20,
            professional=True,
            has_payer=True,
            credited_that_day_minutes=100,
        ),
    )

    assert [(step.rule, step.before, step.after) for step in priced.steps] == [
        ("leave_out_travel", 65, 45),
        ("lift_to_minimum", 45, 60),
        ("apply_coefficient", 60, 90),
        ("cap_day", 90, 50),
        ("charge_professional", 90, 270),
    ]
    assert (priced.credited, priced.charged) == (50, 270)


def test_the_first_row_of_a_coefficient_table_that_fits_applies_alone():
    both = price(
        profile_with(BODILY, EVENING),
        ServiceFacts(60, service_class="bathing", starts_at_minute=18 * 60),
    )

    assert (both.credited, both.steps[0].clause) == (90, "class table")


@pytest.mark.parametrize(
    "facts",
    [
        {"given_minutes": 0},
        {"given_minutes": 1441},
        {"given_minutes": 60, "travel_minutes": 61},
        {"given_minutes": 60, "travel_minutes": 31, "rest_minutes": 30},
        {"given_minutes": 60, "rest_minutes": -1},
        {"given_minutes": 60, "starts_at_minute": 1440},
        {"given_minutes": 60, "starts_at_minute": -1},
    ],
)
def test_facts_that_cannot_be_are_a_fault_of_the_caller(facts):
    with pytest.raises(ValueError, match=r"minutes|minute"):
        ServiceFacts(**facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"given_minutes": 1},
        {"given_minutes": 1440},
        {"given_minutes": 60, "travel_minutes": 30, "rest_minutes": 30},
        {"given_minutes": 60, "starts_at_minute": 1439},
    ],
)
def test_facts_at_their_bounds_pass(facts):
    assert price(profile_with(), ServiceFacts(**facts)).credited == facts["given_minutes"]


def test_everything_priced_is_a_whole_number():
    profile = profile_with(EVENING)
    for given in range(1, 200):
        priced = price(profile, ServiceFacts(given, starts_at_minute=16 * 60, has_payer=True))
        assert {type(priced.credited), type(priced.charged)} == {int}


def test_a_rule_set_is_for_ever():
    assert RULE_SETS[1] is RULES
    assert all(dataclasses.is_dataclass(rule) for rules in RULE_SETS.values() for rule in rules)


def test_the_plain_profile_prices_in_microseconds():
    profile, facts = named_profile("plain-2026"), ServiceFacts(45)

    seconds = min(repeat(lambda: price(profile, facts), number=1_000, repeat=5)) / 1_000

    assert seconds < 50e-6  # About 1.5 µs; the bound only catches a rule that got into the way.
