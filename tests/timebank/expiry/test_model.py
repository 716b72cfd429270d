"""timebank/expiry/model.py: the oldest is used first, and nothing expires early or unannounced."""

from collections import deque
from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import profile_with
from timebank.expiry.model import (
    Left,
    Terms,
    due_on,
    expiring,
    kept_since,
    left_by_month,
    month_of,
    newly_due,
    notice_is_over,
    older,
    terms_of,
)

TERMS = Terms(12, 3)
FIRST = date(2020, 1, 1)


def test_terms_are_those_of_the_profile_and_unset_is_off() -> None:
    assert terms_of(profile_with()) is None
    said = (
        '[endings]\ncredit_expires_after_months = { value = 12, source = "本区规定" }\n'
        'expiry_notice_months = { value = 3, source = "本区规定" }'
    )
    assert terms_of(profile_with(said)) == TERMS


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2023, 4, 30), date(2023, 8, 1)),
        (date(2023, 5, 1), date(2023, 8, 1)),
        (date(2023, 5, 2), date(2023, 9, 1)),
        (date(2023, 11, 30), date(2024, 3, 1)),
    ],
    ids=str,
)
def test_what_is_announced_expires_on_a_first_a_whole_notice_away(today: date, due: date) -> None:
    assert due_on(today, TERMS) == due
    assert notice_is_over(today, due, TERMS)


@pytest.mark.parametrize(("day", "is_over"), [(4, False), (5, True), (6, True)])
def test_the_notice_is_over_after_whole_months(day: int, is_over: bool) -> None:
    assert notice_is_over(date(2023, 1, 5), date(2023, 4, day), TERMS) is is_over


@pytest.mark.parametrize("day", [1, 15, 31])
def test_credit_of_any_day_of_a_month_lives_for_whole_months_after_it(day: int) -> None:
    recorded = date(2022, 3, day)
    assert recorded < kept_since(date(2023, 4, 1), TERMS)
    assert recorded >= kept_since(date(2023, 3, 1), TERMS)
    (left,) = left_by_month(60, {month_of(recorded): 60}, TERMS)
    assert left == Left(date(2022, 3, 1), 60, date(2023, 4, 1))
    assert left.expires_on - relativedelta(months=TERMS.months) > recorded


@pytest.mark.parametrize(
    ("announced", "old", "held", "minutes"),
    [
        (60, 59, 0, 59),
        (60, 60, 0, 60),
        (60, 61, 0, 60),
        (60, 60, 59, 1),
        (60, 60, 60, 0),
        (60, 60, 61, 0),
        (60, 0, 0, 0),
    ],
)
def test_never_more_than_announced_nor_what_a_hold_will_take(
    announced: int, old: int, held: int, minutes: int
) -> None:
    assert expiring(announced, old, held) == minutes


def test_what_was_announced_and_is_spent_does_not_hide_what_comes_next() -> None:
    """60 old minutes were announced, 40 of them spent; 30 more turn old a month later."""
    before, due = date(2023, 7, 1), date(2023, 8, 1)
    received = {kept_since(before, TERMS): 30, kept_since(due, TERMS): 0}
    assert newly_due(50, received, [(before, 60)], due, TERMS) == 30
    assert newly_due(50, received, [], due, TERMS) == 50
    assert newly_due(50, received, [(before, 20), (due, 30)], due, TERMS) == 0


# A member's life, day by day, with every minute in a box of its own age ------------------------

MOVES = st.lists(
    st.tuples(st.integers(0, 70), st.sampled_from(["earn", "spend"]), st.integers(1, 90)),
    min_size=1,
    max_size=25,
)


@given(moves=MOVES, months=st.integers(1, 14), ahead=st.integers(0, 40))
def test_a_simulation_of_boxes_finds_the_same_left(
    moves: list[tuple[int, str, int]], months: int, ahead: int
) -> None:
    """Boxes that are emptied from the oldest: what stands in those before a day is ``older``."""
    boxes: deque[list[int]] = deque()
    today, posted = FIRST.toordinal(), 0
    came: list[tuple[int, int]] = []
    for days, what, minutes in moves:
        today += days
        if what == "earn":
            boxes.append([today, minutes])
            came.append((today, minutes))
            posted += minutes
            continue
        spent = min(minutes, posted)
        posted -= spent
        while spent:
            taken = min(spent, boxes[0][1])
            boxes[0][1] -= taken
            spent -= taken
            if not boxes[0][1]:
                boxes.popleft()
    terms = Terms(months, 1)
    due = month_of(date.fromordinal(today)) + relativedelta(months=ahead)
    kept = kept_since(due, terms)
    received = sum(minutes for day, minutes in came if day >= kept.toordinal())
    assert older(posted, received) == sum(
        minutes for day, minutes in boxes if day < kept.toordinal()
    )
    by_month: dict[date, int] = {}
    for day, minutes in came:
        month = month_of(date.fromordinal(day))
        by_month[month] = by_month.get(month, 0) + minutes
    shown = left_by_month(posted, by_month, terms)
    assert sum(one.minutes for one in shown) == posted
    assert older(posted, received) == sum(one.minutes for one in shown if one.expires_on <= due)
