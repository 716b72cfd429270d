"""A whole day given out at once: each request to at most one volunteer, for the most points.

A volunteer may take several requests that do not overlap, and each further one of a day costs
points.  Best first gives a plan to begin with.  Then the requests of one moment, of which nobody
can take two, are given out anew by an exact assignment (``scipy``) while all others stay, moment
after moment, until nothing is gained.  No step loses points, so no plan is worse than best first.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from timebank.matching.board import Board, Flags, Table
from timebank.matching.model import TIE_BITS, WEIGHTS

NOBODY = -1
MOST_SWEEPS = 8


@dataclass(slots=True)
class Plan:
    """Which volunteer takes each request, :data:`NOBODY` where none, and what it adds up to.

    ``again`` by number of visits is what one more costs.
    """

    board: Board
    chosen: Table
    visits: Table
    minutes: Table
    worth: Table
    overlaps: Flags

    @classmethod
    def empty(cls, board: Board) -> "Plan":
        """Nobody takes anything yet."""
        requests, volunteers = board.points.shape
        # Points decide; the draw only between equals, however many it adds up over.
        scale = (requests + 1) << TIE_BITS
        worth = np.where(board.points > 0, board.points * scale + board.draws, 0)
        overlaps = (board.starts[:, None] < board.ends[None, :]) & (
            board.starts[None, :] < board.ends[:, None]
        )
        return cls(
            board,
            np.full(requests, NOBODY, np.int64),
            np.zeros(volunteers, np.int64),
            np.zeros(volunteers, np.int64),
            worth,
            overlaps,
        )

    @property
    def points(self) -> int:
        """All points of the plan, with what further visits of a day cost."""
        rows = np.flatnonzero(self.chosen != NOBODY)
        whole = int(self.board.points[rows, self.chosen[rows]].sum())
        return whole - sum(int(_AGAIN[:count].sum()) for count in _counted(self.visits))

    def gains(self, row: int) -> Table:
        """What each volunteer would add for a request as the plan stands; 0 or less: not they."""
        scale = (len(self.chosen) + 1) << TIE_BITS
        found: Table = self.worth[row] - _again(self.visits) * scale
        found[self.worth[row] == 0] = 0
        found[self.minutes + self.board.minutes[row] > self.board.room] = 0
        beside = self.chosen[self.overlaps[row]]
        found[beside[beside != NOBODY]] = 0
        return found

    def give(self, row: int, column: int) -> None:
        """Give a request to a volunteer."""
        self.chosen[row] = column
        self.visits[column] += 1
        self.minutes[column] += self.board.minutes[row]

    def take_back(self, row: int) -> None:
        """Take a request back from whoever has it."""
        column = self.chosen[row]
        if column != NOBODY:
            self.chosen[row] = NOBODY
            self.visits[column] -= 1
            self.minutes[column] -= self.board.minutes[row]


_MOST_VISITS = 1_440
_AGAIN: Table = np.minimum(np.arange(_MOST_VISITS), WEIGHTS.again_most) * WEIGHTS.again_that_day
"""What the visit after so many of the day costs; a day has no more visits than minutes."""


def _again(visits: Table) -> Table:
    found: Table = _AGAIN[visits]
    return found


def _counted(visits: Table) -> list[int]:
    return [int(count) for count in visits[visits > 1]]


def best_first(board: Board) -> Plan:
    """The best pair of all, then the best of what is left, and so on: the greedy plan."""
    plan = Plan.empty(board)
    waiting = []
    for row in range(len(plan.chosen)):
        gains = plan.gains(row)
        waiting.append((-int(gains.max(initial=0)), row))
    heapq.heapify(waiting)
    while waiting:
        stale, row = heapq.heappop(waiting)
        if not stale:
            break
        gains = plan.gains(row)
        column = int(gains.argmax())
        best = int(gains[column])
        if best == -stale:  # Gains only fall, so nobody behind it can have more.
            plan.give(row, column)
        else:
            heapq.heappush(waiting, (-best, row))
    return plan


def assign(board: Board) -> Plan:
    """The plan of a day: never fewer points than :func:`best_first`."""
    plan = best_first(board)
    moments = list(_moments(board))
    for _sweep in range(MOST_SWEEPS):
        before = plan.chosen.copy()
        for rows in moments:
            _give_out_anew(plan, rows)
        if (plan.chosen == before).all():
            break
    return plan


def _moments(board: Board) -> Iterator[list[int]]:
    """Requests in groups that all contain one moment: the earliest end that is left."""
    left = np.ones(len(board.starts), np.bool_)
    for row in np.argsort(board.ends, kind="stable"):
        if left[row]:
            rows = np.flatnonzero(left & (board.starts < board.ends[row]))
            left[rows] = False
            yield [int(one) for one in rows]


def _give_out_anew(plan: Plan, rows: list[int]) -> None:
    """Take the requests of one moment back, and give them out for the most that they can add.

    What they had before is one of the ways tried, so nothing is lost.
    """
    for row in rows:
        plan.take_back(row)
    gains = np.maximum(np.stack([plan.gains(row) for row in rows]), 0)
    columns = _worth_trying(gains)
    taken, given = linear_sum_assignment(gains[:, columns], maximize=True)
    for at, column in zip(taken, columns[given], strict=True):
        if gains[at, column] > 0:
            plan.give(rows[at], int(column))


def _worth_trying(gains: Table) -> Table:
    """Columns that a best assignment may need: of each row its best ones, as many as rows.

    Whoever stands behind those is never needed, for one of them is always left.
    """
    rows, columns = gains.shape
    if rows >= columns:
        return np.arange(columns)
    best = np.argpartition(gains, columns - rows, axis=1)[:, columns - rows :]
    found: Table = np.unique(best)
    return found
