"""timebank/matching/board.py, assignment.py: the table says what the model says; plans hold."""

from collections import defaultdict
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.matching import STRICT, invented_day, request
from timebank.matching.assignment import NOBODY, Plan, assign, best_first
from timebank.matching.board import Board, board_of
from timebank.matching.model import Request, Rules, Volunteer, again_points, refusal, score

LOOSE = Rules()


def worth(requests: list[Request], people: list[Volunteer], rules: Rules, plan: Plan) -> int:
    """The points of a plan counted again by the model alone; fails where it breaks a rule."""
    taken: dict[int, list[Request]] = defaultdict(list)
    total = 0
    for one, column in zip(requests, plan.chosen, strict=True):
        if column == NOBODY:
            continue
        who, before = people[column], taken[column]
        assert not refusal(one, who, rules)
        assert not any(b.starts_at < one.ends_at and one.starts_at < b.ends_at for b in before)
        total += score(one, who) - again_points(len(before))
        before.append(one)
    for column, given_out in taken.items():
        if rules.day_minutes is not None:
            committed = people[column].committed_on[given_out[0].on.isoformat()]
            assert committed + sum(one.minutes for one in given_out) <= rules.day_minutes
    return total


def exact(board: Board) -> int:
    """The most points of any plan, by trying every one."""
    rows, columns = board.points.shape

    def most(row: int, plan: Plan) -> int:
        if row == rows:
            return plan.points
        found = most(row + 1, plan)
        gains = plan.gains(row)
        for column in range(columns):
            if gains[column] > 0:
                plan.give(row, column)
                found = max(found, most(row + 1, plan))
                plan.take_back(row)
        return found

    return most(0, Plan.empty(board))


@pytest.mark.parametrize("rules", [STRICT, LOOSE])
def test_the_table_says_what_the_model_says(rules: Rules) -> None:
    asked, people = invented_day(Random(11), 40, 50)
    board = board_of(asked, people, rules)
    for row, one in enumerate(asked):
        for column, who in enumerate(people):
            expected = 0 if refusal(one, who, rules) else score(one, who)
            assert board.points[row, column] == expected, (one, who)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 30), st.booleans())
def test_no_plan_is_worse_than_best_first(seed: int, n: int, m: int, strict: bool) -> None:
    rules = STRICT if strict else LOOSE
    asked, people = invented_day(Random(seed), n, m)
    board = board_of(asked, people, rules)
    greedy, plan = best_first(board), assign(board)
    assert worth(asked, people, rules, plan) == plan.points >= greedy.points
    assert worth(asked, people, rules, greedy) == greedy.points
    assert (assign(board).chosen == plan.chosen).all()


def test_best_first_is_beaten_where_it_takes_the_wrong_one() -> None:
    """Whoever is good for both goes where nobody else can."""
    asked = [request("ordr_a", "elder_a"), request("ordr_b", "elder_b", class_code="repairs")]
    both = Volunteer("person_both", frozenset({"companionship", "repairs"}))
    one = Volunteer("person_one", frozenset({"companionship"}), asked_lately=1)
    rules = Rules(skilled_classes=frozenset({"repairs", "companionship"}))
    board = board_of(asked, [both, one], rules)
    assert list(assign(board).chosen) == [1, 0]


@pytest.mark.parametrize("seed", range(12))
def test_one_moment_is_given_out_exactly(seed: int) -> None:
    random = Random(seed)
    asked, people = invented_day(random, 6, 4)
    same = [request(one.order_id, one.elder_id, gender_wish=one.gender_wish) for one in asked]
    board = board_of(same, people, LOOSE)
    assert assign(board).points == exact(board)


def test_a_whole_day_comes_near_the_best_that_there_is() -> None:
    short = []
    for seed in range(30):
        asked, people = invented_day(Random(seed), 6, 3)
        board = board_of(asked, people, STRICT)
        best, found, greedy = exact(board), assign(board).points, best_first(board).points
        assert greedy <= found <= best
        short.append((best - found, best - greedy))
    assert sum(gap for gap, _ in short) <= sum(gap for _, gap in short)
    assert sum(gap == 0 for gap, _ in short) >= 24


def test_nobody_takes_what_overlaps_or_what_the_day_has_no_room_for() -> None:
    who = [Volunteer("person_one", committed_on={"2023-04-11": 100})]
    asked = [request(f"ordr_{at}", f"e{at}", from_minute=600 + 60 * at) for at in range(4)]
    rules = Rules(day_minutes=220)
    assert sorted(assign(board_of(asked, who, rules)).chosen).count(0) == 2
    halves = [request(f"ordr_{at}", f"e{at}", from_minute=600 + 30 * at) for at in range(4)]
    assert list(assign(board_of(halves, who, LOOSE)).chosen).count(0) == 2
