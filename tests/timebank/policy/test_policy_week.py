"""tests/golden/policy-week.md: three cities price one week, as a reader works it out by hand."""

from pathlib import Path

from tests.support.policy_week import CITIES, WEEK, page, week
from timebank.policy.load import named_profile
from timebank.policy.sheet import sheet_of

GOLDEN = Path(__file__).parents[2] / "golden" / "policy-week.md"

REFUSED = None
BY_HAND = {
    (13, "南京"): (60, 1),  # Room for 60 below 1,500 h, one minute goes to the pool.
    (14, "南京"): (0, 30),
    (18, "南京"): REFUSED,
    (19, "南京"): REFUSED,  # Only Shanghai published the exception for groups at institutions.
    (18, "上海"): REFUSED,
}
"""What differs from the minutes given: credited, and to the pool.  From the table of parameters."""


def test_the_golden_page_is_what_the_rules_say() -> None:
    assert GOLDEN.read_text(encoding="utf-8") == page()


def test_every_credit_is_what_a_reader_finds_by_hand() -> None:
    for one in week():
        given = one.given.facts.given_minutes
        wanted = BY_HAND.get((one.place, one.city), (given, 0))
        found = None if one.priced is None else (one.priced.credited, one.priced.overflow)
        assert found == wanted, (one.place, one.city)


def test_each_line_of_each_city_names_its_clause() -> None:
    found = list(week())
    assert len(found) == len(WEEK) * len(CITIES)
    assert all(any("依据：" in line for line in one.why) for one in found)


def test_a_citys_clauses_come_from_that_city_or_from_the_law() -> None:
    """A value that another place published is not this city's."""
    for city, name in CITIES:
        for line in sheet_of(named_profile(name)).lines:
            assert line.source.startswith((city, "民政部令第67号")), line.key
