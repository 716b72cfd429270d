"""``timebank bench matching``: a whole day given out at once, beside best first in the same run.

Two invented days of the same requests: one on which five times as many volunteers are there, and
one on which they are so few and so particular that many requests compete for the same people.  Each
round draws both anew; only ratios inside one round mean anything, and the card has their medians.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from rich.table import Table

from timebank.matching.assigning import check_extra
from timebank.matching.model import Place, Request, Rules, Volunteer, Window

REQUESTS, VOLUNTEERS, ROUNDS = 1_000, 5_000, 3
_DAY = date(2026, 3, 3)
_CLASSES = ("meals", "bathing", "cleaning", "repairs", "companionship", "smartphones")
_SKILLED = Rules(skilled_classes=frozenset(_CLASSES), day_minutes=240)
_FEW = 16
"""Of the scarce day: one volunteer where the plentiful one has so many."""


@dataclass(frozen=True, slots=True)
class MatchedDay:
    """One shape of day; seconds are medians over the rounds.

    ``table_seconds`` is what both plans need first.  ``points_ratio`` is the points of the plan by
    those of best first, ``least_ratio`` the least of any round, ``time_ratio`` the plan's seconds
    by those of best first, table included in both.
    """

    shape: str
    requests: int
    volunteers: int
    table_seconds: float
    greedy_seconds: float
    plan_seconds: float
    time_ratio: float
    greedy_points: int
    plan_points: int
    points_ratio: float
    least_ratio: float
    greedy_matched: int
    plan_matched: int


@dataclass(frozen=True, slots=True)
class MatchingCard:
    """Both days of one run."""

    rounds: int
    measured: tuple[MatchedDay, ...]

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON has it."""
        return asdict(self)

    def table(self) -> Table:
        """The card for a terminal."""
        table = Table(
            title="A day of orders given out at once, beside best first",
            caption=f"median of {self.rounds} rounds, each with a day drawn anew",
        )
        table.add_column("day")
        headings = "orders,people,table s,best first s,plan s,time,matched,of,points,least"
        for heading in headings.split(","):
            table.add_column(heading, justify="right")
        for row in self.measured:
            table.add_row(
                row.shape,
                f"{row.requests:,}",
                f"{row.volunteers:,}",
                f"{row.table_seconds:.2f}",
                f"{row.greedy_seconds:.2f}",
                f"{row.plan_seconds:.2f}",
                f"{row.time_ratio:.2f}",
                f"{row.plan_matched:,}",
                f"{row.greedy_matched:,}",
                f"{row.points_ratio:.4f}",
                f"{row.least_ratio:.4f}",
            )
        return table


def matching(
    *,
    requests: int = REQUESTS,
    volunteers: int = VOLUNTEERS,
    rounds: int = ROUNDS,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> MatchingCard:
    """Measure both days; ``progress`` hears (rounds done, rounds in all).

    Raises:
        ExtraMissing: numpy and scipy are not installed.
        RuntimeError: a plan has fewer points than best first.
    """
    check_extra()
    shapes = {"plenty": (volunteers, Rules()), "scarce": (max(1, volunteers // _FEW), _SKILLED)}
    total, done, measured = rounds * len(shapes), 0, []
    for shape, (people, rules) in shapes.items():
        found = []
        for seed in range(rounds):
            found.append(_one_round(Random(seed), requests, people, rules))
            done += 1
            progress(done, total)
        measured.append(_medians(shape, requests, people, found))
    return MatchingCard(rounds, tuple(measured))


@dataclass(frozen=True, slots=True)
class _Round:
    table: float
    greedy: float
    plan: float
    greedy_points: int
    plan_points: int
    greedy_matched: int
    plan_matched: int


def _one_round(random: Random, requests: int, volunteers: int, rules: Rules) -> _Round:
    # Imported here: the command line starts without the extra.
    from timebank.matching.assignment import NOBODY, assign, best_first
    from timebank.matching.board import board_of

    asked, people = _day(random, requests, volunteers)
    began = perf_counter()
    board = board_of(asked, people, rules)
    tabled = perf_counter()
    greedy = best_first(board)
    first = perf_counter()
    plan = assign(board)
    ended = perf_counter()
    if plan.points < greedy.points:
        raise RuntimeError(f"the plan has {plan.points} points, best first {greedy.points}")
    return _Round(
        tabled - began,
        first - tabled,
        ended - first,
        greedy.points,
        plan.points,
        int((greedy.chosen != NOBODY).sum()),
        int((plan.chosen != NOBODY).sum()),
    )


def _medians(shape: str, requests: int, volunteers: int, found: list[_Round]) -> MatchedDay:
    ratios = [one.plan_points / one.greedy_points for one in found]
    return MatchedDay(
        shape,
        requests,
        volunteers,
        round(median(one.table for one in found), 3),
        round(median(one.greedy for one in found), 3),
        round(median(one.plan for one in found), 3),
        round(median((one.table + one.plan) / (one.table + one.greedy) for one in found), 3),
        round(median(one.greedy_points for one in found)),
        round(median(one.plan_points for one in found)),
        round(median(ratios), 4),
        round(min(ratios), 4),
        round(median(one.greedy_matched for one in found)),
        round(median(one.plan_matched for one in found)),
    )


def _day(random: Random, requests: int, volunteers: int) -> tuple[list[Request], list[Volunteer]]:
    places = [Place(random.randrange(8_000), random.randrange(8_000)) for _ in range(40)]
    asked = [
        Request(
            f"ordr_{at}",
            f"elder_{random.randrange(requests)}",
            random.choice(_CLASSES),
            _DAY,
            random.randrange(16, 38) * 30,
            random.choice((30, 60, 90, 120)),
            random.choice(places),
            random.choice(("", "", "female", "male")),
        )
        for at in range(requests)
    ]
    people = [
        Volunteer(
            f"person_{at}",
            frozenset(random.sample(_CLASSES, 2)),
            tuple(
                Window(weekday, 480, random.choice((720, 1_080)))
                for weekday in random.sample(range(1, 8), 3)
            ),
            random.choice(places),
            random.choice(("", "female", "male")),
            served={f"elder_{random.randrange(requests)}": random.randrange(1, 4)},
            asked_lately=random.randrange(6),
            matched_lately=random.randrange(4),
        )
        for at in range(volunteers)
    ]
    return asked, people
