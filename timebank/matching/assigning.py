"""Giving out a station's open orders of one day at once: a proposal, and on demand the matches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from typing import Any

from ledger.errors import Refusal
from timebank.bank import Bank
from timebank.errors import ExtraMissing, MatchingValueInvalid, UnknownOrder
from timebank.matching.facts import Asked, Chosen, Facts, load
from timebank.matching.model import Volunteer, reasons, score
from timebank.matching.queries import AT_THE_STATION, names_of
from timebank.matching.wording import Sentence, hard_sentence, sentence
from timebank.orders.model import Stated
from timebank.orders.steps import take_step
from timebank.orders.store import order_in
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

_ORDERS = "o.state = 'published' AND o.station_code = :station AND o.wanted_on = :on"
_NEEDS = ("numpy", "scipy")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One order of the day: to whom it goes and why, or why to nobody.

    ``number`` and ``volunteer`` (masked) are empty where nobody is proposed; ``answer`` has the
    state after the match, or the refusal's code and sentence, where the match was taken.
    """

    asked: Asked
    number: str = ""
    volunteer: str = ""
    points: int = 0
    why: tuple[Sentence, ...] = ()
    answer: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A station's day: every open order with its proposal; ``points`` is the worth of it all."""

    station_code: str
    on: str
    points: int
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """An order that was given to a volunteer's number, or why not: ``refused`` is ``None`` then."""

    order_id: str
    order_number: int
    number: str
    refused: Sentence | None


def match_all(
    bank: Bank, actor: Actor, pairs: Sequence[tuple[str, str]], *, key: str
) -> list[Match]:
    """Give orders to volunteers' numbers, each as a step of its own under a key made of ``key``.

    One that is refused fails no other.

    Raises:
        NotPermitted: no staff of stations.
    """
    require(actor, "match_orders", Role.OPERATOR, Role.CLERK, Role.REVIEWER)
    found = []
    for order_id, number in pairs:
        refused, order_number = None, 0
        try:
            with bank.read() as connection:
                order_number = order_in(connection, order_id).number
            stated = Stated(volunteer=number)
            take_step(bank, actor, order_id, "match", stated, key=f"{key}/{order_id}")
        except UnknownOrder as no:  # Of another station, or none: its number is nobody's to learn.
            refused, order_number = Sentence(no.code, no.in_chinese(), str(no)), 0
        except Refusal as no:
            refused = Sentence(no.code, no.in_chinese(), str(no))
        found.append(Match(order_id, order_number, number, refused))
    return found


def check_extra() -> None:
    """Let a day be given out where numpy and scipy are installed.

    Raises:
        ExtraMissing: one of them is not.
    """
    if any(find_spec(name) is None for name in _NEEDS):
        raise ExtraMissing(extra="matching")


def assign_day(
    bank: Bank, actor: Actor, station_code: str, on: str, *, commit: bool = False, key: str = ""
) -> DayPlan:
    """Propose volunteers for all open orders of a station and day, and match them on ``commit``.

    Each match is a step of its order, taken by the actor under a key of its own made of ``key``:
    one that is refused, because something changed meanwhile, fails no other.

    Raises, the first that applies:
        NotPermitted: no staff of the station.
        MatchingValueInvalid: no day.
        ExtraMissing: ``matching`` is not installed.
        NoProfileInForce: no adopted profile covers the day.
    """
    require(actor, "assign_day", Role.OPERATOR, Role.CLERK, Role.REVIEWER)
    require_station(actor, "assign_day", station_code)
    try:
        date.fromisoformat(on)
    except ValueError:
        raise MatchingValueInvalid(field="date", given=on[:40]) from None
    check_extra()
    with bank.read() as connection:
        chosen = Chosen(_ORDERS, AT_THE_STATION, {"station": station_code, "on": on})
        facts = load(bank, connection, chosen)
        points, pairs = _planned(facts)
        takers = {who.person_id for _one, who, _code in pairs if who is not None}
        shown = names_of(bank, connection, takers)
    plan = DayPlan(
        station_code,
        on,
        points,
        tuple(_proposal(one, who, code, shown) for one, who, code in pairs),
    )
    if not commit:
        return plan
    matched = tuple(_matched(bank, actor, one, key) for one in plan.proposals)
    return replace(plan, proposals=matched)


def _planned(facts: Facts) -> tuple[int, list[tuple[Asked, Volunteer | None, str]]]:
    """The worth of the best plan found, and each order with its volunteer or why it has none."""
    if not facts.asked or not facts.volunteers:
        return 0, [(one, None, "no_candidate") for one in facts.asked]
    # Imported here: who does not install the extra still ranks.
    from timebank.matching.assignment import assign
    from timebank.matching.board import board_of

    requests = [one.request for one in facts.asked]
    board = board_of(requests, facts.volunteers, facts.rules[requests[0].on])
    plan = assign(board)
    pairs: list[tuple[Asked, Volunteer | None, str]] = []
    for row, one in enumerate(facts.asked):
        column = int(plan.chosen[row])
        if column >= 0:
            pairs.append((one, facts.volunteers[column], ""))
        else:
            possible = bool((board.points[row] > 0).any())
            pairs.append((one, None, "all_taken" if possible else "no_candidate"))
    return plan.points, pairs


def _proposal(
    one: Asked, who: Volunteer | None, code: str, shown: dict[str, tuple[str, str]]
) -> Proposal:
    if who is None or who.person_id not in shown:
        return Proposal(one, why=(hard_sentence(code or "no_candidate"),))
    number, name = shown[who.person_id]
    why = tuple(sentence(one.request, reason) for reason in reasons(one.request, who))
    return Proposal(one, number, name, score(one.request, who), why)


def _matched(bank: Bank, actor: Actor, one: Proposal, key: str) -> Proposal:
    if not one.number:
        return one
    order_id = one.asked.request.order_id
    try:
        stated = Stated(volunteer=one.number)
        body = take_step(bank, actor, order_id, "match", stated, key=f"{key}/{order_id}").body
        answer = {"state": str(body["state"]), "held_minutes": int(body["held_minutes"])}
    except Refusal as refused:
        answer = {"code": refused.code, "zh": refused.in_chinese(), "en": str(refused)}
    return replace(one, answer=answer)
