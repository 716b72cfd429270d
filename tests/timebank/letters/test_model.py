"""timebank/letters/model.py: whose part of a year is due on which day, day by day."""

from datetime import date, timedelta

import pytest

from tests.support.profiles import HEAD
from timebank.letters.model import Part, due_parts, handed_by, parts_of
from timebank.policy.load import read_profile
from timebank.policy.model import Profile


def asking(per_year: int | None, head: str = HEAD) -> Profile:
    """A profile that asks for so many letters a year."""
    if per_year is None:
        return read_profile(head)
    asked = f'[endings]\nstatements_per_year = {{ value = {per_year}, source = "本区规定" }}'
    return read_profile(head + asked)


def due(per_year: int | None, today: str) -> list[str]:
    return [one.name for one in due_parts([asking(per_year)], date.fromisoformat(today))]


@pytest.mark.parametrize(
    ("per_year", "part", "before", "on"),
    [
        (1, "2022-1of1", "2023-01-02", "2023-01-03"),  # New Year's holiday ends on the 2nd.
        (2, "2023-1of2", "2023-07-02", "2023-07-03"),  # 1 July 2023 is a Saturday.
        (3, "2023-1of3", "2023-05-03", "2023-05-04"),  # Labour Day lasts until the 3rd.
        (4, "2023-3of4", "2023-10-06", "2023-10-07"),  # National Day; Saturday the 7th is worked.
        (6, "2023-1of6", "2023-02-28", "2023-03-01"),
        (12, "2023-2of12", "2023-02-28", "2023-03-01"),
    ],
)
def test_letters_are_due_on_the_first_working_day(
    per_year: int, part: str, before: str, on: str
) -> None:
    day = date.fromisoformat(on)
    after = (day + timedelta(days=1)).isoformat()
    assert part not in due(per_year, before)
    assert due(per_year, on)[-1] == part
    assert due(per_year, after)[-1] == part


def test_nothing_is_due_where_no_policy_asks() -> None:
    assert due(None, "2023-10-01") == []
    assert list(due_parts([], date(2023, 10, 1))) == []


@pytest.mark.parametrize(
    ("today", "is_due"), [("2023-06-30", True), ("2023-07-01", True), ("2023-07-02", False)]
)
def test_what_ended_a_year_ago_is_let_go(today: str, is_due: bool) -> None:
    """366 days after 30 June 2022 it is 1 July 2023."""
    assert ("2022-1of2" in due(2, today)) is is_due
    assert "2022-2of2" in due(2, today)


def test_the_policy_of_the_last_day_divides_the_year() -> None:
    later = HEAD.replace("test-1", "test-2").replace("2020-01-01", "2023-09-01")
    halves = asking(2)
    quarters = asking(4, later.replace("rules = 1", 'rules = 1\nreplaces = "test-1"'))
    found = [one.name for one in due_parts([halves, quarters], date(2024, 1, 2))]
    assert found == ["2023-1of2", "2023-3of4", "2023-4of4"]


def test_where_the_calendar_is_not_known_two_days_pass() -> None:
    part = Part(2090, 1, 1, date(2090, 1, 1), date(2090, 12, 31))
    assert part.due_on == date(2091, 1, 2)


def test_ten_working_days_to_hand_them_out() -> None:
    assert handed_by(date(2023, 7, 3)) == date(2023, 7, 17)
    assert parts_of(2023, 2)[0].due_on == date(2023, 7, 3)
