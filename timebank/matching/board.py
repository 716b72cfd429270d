"""All requests and volunteers of one day as a table of points; needs numpy, the extra ``matching``.

The table says the same as :func:`timebank.matching.model.score` for every pair, a thousand times
faster; 0 stands where a hard rule refuses.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timebank.matching.model import (
    TIE_BITS,
    WEIGHTS,
    Request,
    Rules,
    Volunteer,
    day_hash,
    is_free,
    near_points,
    paired_code,
    refusal,
    rotation_points,
)

Table = NDArray[np.int64]
Flags = NDArray[np.bool_]

_ODD = np.uint64(0x9E3779B97F4A7C15)
NO_ROOM = 1 << 40


@dataclass(frozen=True, slots=True)
class Board:
    """One day: ``points`` and ``draws`` by request and volunteer, intervals by request.

    ``room`` is what the cap of the day leaves each volunteer, in minutes.
    """

    points: Table
    draws: Table
    starts: Table
    ends: Table
    minutes: Table
    room: Table


def board_of(requests: Sequence[Request], volunteers: Sequence[Volunteer], rules: Rules) -> Board:
    """The table of a day; all requests are of the same day, to which ``rules`` belong."""
    points = _soft(requests, volunteers)
    points[~_allowed(requests, volunteers, rules)] = 0
    on = requests[0].on
    of_orders = np.array([day_hash(one.order_id, on) for one in requests], np.uint64)
    of_people = np.array([day_hash(one.person_id, on) for one in volunteers], np.uint64)
    mixed = (of_orders[:, None] ^ of_people[None, :]) * _ODD
    draws = (mixed >> np.uint64(64 - TIE_BITS)).astype(np.int64)
    cap, day = rules.day_minutes, on.isoformat()
    room = [NO_ROOM if cap is None else cap - one.committed_on.get(day, 0) for one in volunteers]
    return Board(
        points,
        draws,
        np.array([one.starts_at for one in requests], np.int64),
        np.array([one.ends_at for one in requests], np.int64),
        np.array([one.minutes for one in requests], np.int64),
        np.array(room, np.int64),
    )


# Soft points -------------------------------------------------------------------------------


def _soft(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> Table:
    rotation = [
        rotation_points(one.asked_lately, WEIGHTS.asked_each)
        + rotation_points(one.matched_lately, WEIGHTS.matched_each)
        for one in volunteers
    ]
    points = np.tile(np.array(rotation, np.int64) + WEIGHTS.base, (len(requests), 1))
    points += _near(requests, volunteers)
    _add_rows(points, requests, lambda one: (one.from_minute, one.minutes), volunteers, _free)
    _add_rows(points, requests, lambda one: one.class_code, volunteers, _skill)
    _add_rows(points, requests, lambda one: one.gender_wish, volunteers, _gender)
    by_elder = _by_elder(requests)
    for column, who in enumerate(volunteers):
        for elder_id, visits in who.served.items():
            gained = WEIGHTS.served_each * min(visits, WEIGHTS.served_most)
            for row in by_elder.get(elder_id, ()):
                points[row, column] += gained
        for elder_id, role in who.paired.items():
            for row in by_elder.get(elder_id, ()):
                points[row, column] += getattr(WEIGHTS, paired_code(role))
    return points


def _near(requests: Sequence[Request], volunteers: Sequence[Volunteer]) -> Table:
    """Points by distance, counted once for each pair of areas."""
    of_requests = [one.place for one in requests]
    of_volunteers = [one.place for one in volunteers]
    places = list(dict.fromkeys([*of_requests, *of_volunteers]))
    index = {place: at for at, place in enumerate(places)}
    between = np.array(
        [
            [
                near_points(-1 if one is None or other is None else one.metres_to(other))
                for other in places
            ]
            for one in places
        ],
        np.int64,
    )
    rows, columns = ([index[one] for one in kind] for kind in (of_requests, of_volunteers))
    return between[np.ix_(rows, columns)]


def _add_rows(
    points: Table,
    requests: Sequence[Request],
    kind_of: Callable[[Request], Any],
    volunteers: Sequence[Volunteer],
    worth: Callable[[Request, Volunteer], int],
) -> None:
    """Add what depends on the request by ``kind_of`` alone: counted once for each kind."""
    rows: dict[Any, list[int]] = defaultdict(list)
    for at, one in enumerate(requests):
        rows[kind_of(one)].append(at)
    for same in rows.values():
        one = requests[same[0]]
        points[same] += np.array([worth(one, who) for who in volunteers], np.int64)


def _free(one: Request, who: Volunteer) -> int:
    if not who.windows:
        return WEIGHTS.free_unknown
    return WEIGHTS.free if is_free(one, who.windows) else 0


def _skill(one: Request, who: Volunteer) -> int:
    return WEIGHTS.skill if one.class_code in who.skills else 0


def _gender(one: Request, who: Volunteer) -> int:
    return WEIGHTS.gender if one.gender_wish and one.gender_wish == who.gender else 0


# Hard rules --------------------------------------------------------------------------------


def _allowed(requests: Sequence[Request], volunteers: Sequence[Volunteer], rules: Rules) -> Flags:
    """Whom no hard rule refuses: what is the elder's own affair is looked at pair by pair."""
    allowed = np.ones((len(requests), len(volunteers)), np.bool_)
    kinds: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for at, one in enumerate(requests):
        kinds[one.class_code, one.from_minute, one.minutes].append(at)
    strangers = [
        replace(who, excluded=frozenset(), kin={}, busy=()) for who in volunteers
    ]  # So that the rules judge papers, age, skill and caps alone.
    same_papers: dict[tuple[str, int], Flags] = {}
    for (code, _start, minutes), rows in kinds.items():
        one = replace(requests[rows[0]], elder_id="", elder_suspended=False)
        if (code, minutes) not in same_papers:
            same_papers[code, minutes] = np.array(
                [not refusal(one, who, rules) for who in strangers], np.bool_
            )
        allowed[rows] = same_papers[code, minutes]
        taken = [
            column
            for column, who in enumerate(volunteers)
            if any(begin < one.ends_at and one.starts_at < end for begin, end in who.busy)
        ]
        allowed[np.ix_(rows, taken)] = False
    by_elder = _by_elder(requests)
    for column, who in enumerate(volunteers):
        for elder_id in {who.person_id, *who.excluded, *who.kin}:
            for row in by_elder.get(elder_id, ()):
                allowed[row, column] = not refusal(requests[row], who, rules)
    for row, one in enumerate(requests):
        if one.elder_suspended:
            allowed[row] = False
    return allowed


def _by_elder(requests: Sequence[Request]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(requests):
        found[one.elder_id].append(at)
    return found
