"""timebank/orders/affordable.py: how many visits the minutes pay, by the policy's own price."""

from datetime import date

import pytest

from tests.support.profiles import cap, profile_with, steps
from timebank.orders.affordable import affordable
from timebank.people.model import Member

ON = date(2023, 4, 6)
ELDER = Member("person_1", "acct_1", ("E0001",), ("elder",), "王秀兰", date(1953, 4, 6))
REDEEMING = """
[redeeming]
minimum_age = { value = 70, source = "a" }
minimum_minutes = { value = 120, source = "b" }
"""


@pytest.mark.parametrize(
    ("available", "visits"),
    [(-1, 0), (0, 0), (59, 0), (60, 1), (61, 1), (119, 1), (120, 2), (750, 12)],
)
def test_whole_visits_only(available: int, visits: int) -> None:
    found = affordable(profile_with(), ELDER, ON, posted=750, available=available)
    assert found is not None
    assert (found.visits, found.visit_minutes, found.charged_minutes) == (visits, 60, 60)


def test_a_volunteer_is_told_nothing() -> None:
    volunteer = Member("person_1", "acct_1", ("V0001",), ("volunteer",), "张三")
    assert affordable(profile_with(), volunteer, ON, posted=750, available=750) is None


def test_where_an_order_is_capped_the_visit_is_shorter() -> None:
    found = affordable(profile_with(cap("order", 45, "refuse")), ELDER, ON, posted=90, available=90)
    assert found is not None
    assert (found.visits, found.visit_minutes, found.charged_minutes) == (2, 45, 45)


def test_rounding_is_the_policys() -> None:
    found = affordable(profile_with(steps(90, "up")), ELDER, ON, posted=200, available=200)
    assert found is not None
    assert (found.visits, found.visit_minutes, found.charged_minutes) == (2, 60, 90)


@pytest.mark.parametrize(
    ("born_on", "posted", "code"),
    [
        (date(1953, 4, 5), 120, ""),
        (date(1953, 4, 6), 120, ""),
        (date(1953, 4, 7), 120, "too_young_to_redeem"),
        (date(1953, 4, 6), 119, "not_redeemable"),
        (date(1953, 4, 6), 121, ""),
        (None, 120, "too_young_to_redeem"),
    ],
)
def test_what_the_policy_asks_before_the_first_use(
    born_on: date | None, posted: int, code: str
) -> None:
    member = Member("person_1", "acct_1", ("E0001",), ("elder",), "王秀兰", born_on)
    found = affordable(profile_with(REDEEMING), member, ON, posted=posted, available=posted)
    assert found is not None
    assert (found.refused.code if found.refused else "") == code
    assert found.visits == (0 if code else posted // 60)
