"""Reading for matching: who might take an order, which orders are open, what is known of somebody.

Names are masked.  Members see open orders without any word of the elder but the area's distance.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select, text

from timebank.bank import Bank
from timebank.errors import OrderStepNotAllowed, UnknownOrder
from timebank.matching.actions import person_for
from timebank.matching.facts import Asked, Chosen, Facts, load, opened
from timebank.matching.model import Ranked, Refused, Rules, rank
from timebank.matching.tables import AREA, MATCHING_PERSON, MATCHING_SKILL, MATCHING_WINDOW
from timebank.matching.wording import Sentence, hard_sentence, sentence
from timebank.orders.model import State, standing
from timebank.orders.store import order_in
from timebank.people.directory import members
from timebank.people.masks import mask_name
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
OPEN_DAYS = 28
"""Days ahead from which open orders are proposed to a volunteer."""

AT_THE_STATION = "p.station_code IN (:station, '')"
"""Volunteers of a station and of the district."""

_APART = text(
    "SELECT elder_id, volunteer_id FROM matching_exclusion "
    "WHERE book_id = 1 AND (elder_id = :person OR volunteer_id = :person)"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A volunteer whom a station may ask, masked; ``points`` are those of the whole match."""

    number: str
    name: str
    points: int
    reasons: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Barred:
    """A volunteer whom a hard rule keeps from the order, masked."""

    number: str
    name: str
    why: Sentence


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who might take an order: the best first; ``refused_by`` counts everybody else by rule."""

    order_id: str
    ranked: tuple[Candidate, ...]
    refused: tuple[Barred, ...]
    refused_by: dict[str, int]


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that a volunteer might take, with why it suits them."""

    asked: Asked
    points: int
    reasons: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class ShownArea:
    """An area with its middle on the city's grid."""

    code: str
    name: str
    east_metres: int
    north_metres: int


def candidates(bank: Bank, actor: Actor, order_id: str, *, most: int = 20) -> Candidates:
    """Ranked volunteers for a published order, and ``most`` of those whom a hard rule refuses.

    Raises, the first that applies:
        NotPermitted: no staff of stations.
        UnknownOrder: none, or another station's.
        OrderStepNotAllowed: the order looks for nobody.
    """
    require(actor, "read_candidates", Role.OPERATOR, Role.CLERK, Role.REVIEWER)
    with bank.read() as connection:
        order = order_in(connection, order_id)
        if standing(actor, order) is None:
            raise UnknownOrder(order=order_id[:60])
        if order.state is not State.PUBLISHED:
            raise OrderStepNotAllowed(order=order_id, state=order.state.value, step="match")
        values = {"order": order_id, "station": order.station_code}
        chosen = Chosen("o.order_id = :order", AT_THE_STATION, values)
        ranked, refused = _ranked(load(bank, connection, chosen))
        first, barred = ranked[:most], refused[:most]
        met = [one.volunteer.person_id for one in first]
        met += [one.volunteer.person_id for one in barred]
        shown = names_of(bank, connection, met)
    return Candidates(
        order_id,
        tuple(
            Candidate(*shown[one.volunteer.person_id], one.score, sentences(one))
            for one in first
            if one.volunteer.person_id in shown
        ),
        tuple(
            Barred(*shown[one.volunteer.person_id], hard_sentence(one.code))
            for one in barred
            if one.volunteer.person_id in shown
        ),
        dict(sorted(Counter(one.code for one in refused).items())),
    )


def open_orders(bank: Bank, actor: Actor, number: str, *, most: int = 20) -> list[OpenOrder]:
    """Published orders of the next :data:`OPEN_DAYS` that a volunteer might take, the best first.

    They are the station's own and, for the district's volunteers, all.  What a hard rule refuses
    is left out without a word: an exclusion is nobody's to learn, nor a member's what gender an
    elder wishes.

    Raises:
        NotPermitted, UnknownMember: see :func:`timebank.matching.actions.person_for`.
    """
    today = bank.today()
    values: dict[str, Any] = {
        "from_on": today.isoformat(),
        "until_on": (today + timedelta(days=OPEN_DAYS)).isoformat(),
    }
    orders = (
        "o.state = 'published' AND o.wanted_on BETWEEN :from_on AND :until_on "
        "AND EXISTS (SELECT 1 FROM person q WHERE q.book_id = 1 AND q.person_id = :person "
        "AND q.station_code IN (o.station_code, ''))"
    )
    with bank.read() as connection:
        values["person"] = person_for(connection, actor, number, "read_open_orders")
        if actor.station_code:  # Staff propose what is theirs to match.
            orders += " AND o.station_code = :at"
            values["at"] = actor.station_code
        facts = load(bank, connection, Chosen(orders, "p.person_id = :person", values))
    by_id = {one.request.order_id: one for one in facts.asked}
    ranked, _refused = _ranked(facts)
    hidden = {"gender"} if actor.role is Role.MEMBER else set()
    return [
        OpenOrder(
            by_id[one.request.order_id],
            one.score,
            tuple(why for why in sentences(one) if why.code not in hidden),
        )
        for one in ranked[:most]
    ]


def told_of(bank: Bank, connection: Connection, person_id: str) -> dict[str, Any]:
    """Everything that matching knows of a person, for them and for whoever may tell it."""
    rows = {
        name: connection.execute(
            select(table).where(table.c.book_id == BOOK, table.c.person_id == person_id)
        )
        .mappings()
        .all()
        for name, table in (
            ("person", MATCHING_PERSON), ("skills", MATCHING_SKILL), ("windows", MATCHING_WINDOW)
        )
    }  # fmt: skip
    mine = rows["person"][0] if rows["person"] else {}
    sealed = bytes(mine.get("sealed", b""))
    hidden = opened(bank, {person_id: sealed}).get(person_id, {}) if sealed else {}
    days = ("area", "insured_until", "agreed_until", "paused_from", "paused_until")
    return {
        "skills": [row["class_code"] for row in rows["skills"]],
        "free_times": [
            {name: row[name] for name in ("weekday", "from_minute", "to_minute")}
            for row in rows["windows"]
        ],
        **{name: mine.get(name, "") for name in days},
        **{name: hidden.get(name, "") for name in ("gender", "gender_wish", "pause_reason")},
    }


def matching_shown(bank: Bank, actor: Actor, number: str) -> dict[str, Any]:
    """As :func:`told_of` by number, with masked names of whom staff keep apart from the person.

    Raises:
        NotPermitted, UnknownMember: see :func:`timebank.matching.actions.person_for`.
    """
    with bank.read() as connection:
        person_id = person_for(connection, actor, number, "read_matching")
        apart: list[dict[str, str]] = []
        if actor.role is not Role.MEMBER:
            pairs = connection.execute(_APART, {"person": person_id}).all()
            others = {one for pair in pairs for one in pair if one != person_id}
            shown = names_of(bank, connection, others)
            apart = [{"number": who, "name": name} for who, name in sorted(shown.values())]
        return {**told_of(bank, connection, person_id), "apart": apart}


def areas_listed(connection: Connection, actor: Actor) -> list[ShownArea]:
    """Every area by code.

    Raises:
        NotPermitted: no staff.
    """
    require(actor, "read_areas", Role.OPERATOR, Role.CLERK, Role.REVIEWER, Role.AUDITOR)
    columns = AREA.c
    query = select(
        columns.code, columns.name, columns.east_metres, columns.north_metres
    ).where(columns.book_id == BOOK)  # fmt: skip
    return [ShownArea(*row) for row in connection.execute(query.order_by(columns.code))]


def sentences(one: Ranked) -> tuple[Sentence, ...]:
    """Why a match suits, rule by rule."""
    return tuple(sentence(one.request, reason) for reason in one.reasons)


def names_of(
    bank: Bank, connection: Connection, person_ids: Iterable[str]
) -> dict[str, tuple[str, str]]:
    """First volunteer number, or any, and masked name by person; forgotten ones are left out."""
    found = members(bank, connection, person_ids)
    return {who: (one.numbers[0], mask_name(one.name)) for who, one in found.items()}


def _ranked(facts: Facts) -> tuple[list[Ranked], list[Refused]]:
    pairs = ((one.request, who) for one in facts.asked for who in facts.volunteers)

    def rules_on(on: date) -> Rules:
        return facts.rules[on]

    return rank(pairs, rules_on)
