"""Who could serve whom, and how well: hard rules that refuse, then soft points with their reasons.

Pure: a request, a volunteer, the rules of the day.  Points are whole numbers from one table, so
that two computers rank alike.  Nothing here looks at names, health, credit that somebody owns
beyond the policy's cap, or how an elder rated anybody.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from math import isqrt

from timebank.people.identity import age_on
from timebank.policy.model import MINUTES_A_DAY, Profile

LATELY_DAYS = 28
"""Days back over which asking and matching count for the rotation."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of every soft rule; ``base`` is what a match is worth at all.

    Everything that takes points away takes less than ``base``: any match is better than none.
    """

    base: int = 1_000
    near: int = 200
    near_loses_one_per_metres: int = 25
    near_unknown: int = 80
    free: int = 200
    free_unknown: int = 100
    skill: int = 120
    served_each: int = 40
    served_most: int = 3
    gender: int = 250
    paired: int = 400
    paired_backup: int = 150
    asked_each: int = 25
    matched_each: int = 25
    rotation_most: int = 8
    again_that_day: int = 100
    again_most: int = 5


WEIGHTS = Weights()
"""The one table of points; the page on matching explains each row."""


@dataclass(frozen=True, slots=True)
class Place:
    """The middle of an area on the city's own grid, in whole metres; never somebody's home."""

    east_metres: int
    north_metres: int

    def metres_to(self, other: "Place") -> int:
        """The distance as the crow flies, in whole metres."""
        east = self.east_metres - other.east_metres
        north = self.north_metres - other.north_metres
        return isqrt(east * east + north * north)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """When somebody is free each week: ``weekday`` 1 (Monday) to 7, minutes of the day, the last
    outside."""

    weekday: int
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Until when papers of a volunteer hold, and when they pause: local days, empty where unset.

    ``paused_until`` is the last day of the pause; empty beside ``paused_from`` it has no end.
    """

    insured_until: str = ""
    agreed_until: str = ""
    paused_from: str = ""
    paused_until: str = ""

    def is_paused(self, on: str) -> bool:
        """Whether the volunteer takes nothing on that day."""
        return bool(self.paused_from) and (
            self.paused_from <= on and (not self.paused_until or on <= self.paused_until)
        )


@dataclass(frozen=True, slots=True)
class Request:
    """An order as matching sees it; ``from_minute`` 0 to 1439, ``minutes`` 1 to 1440.

    ``gender_wish`` is empty, ``female`` or ``male``.
    """

    order_id: str
    elder_id: str
    class_code: str
    on: date
    from_minute: int
    minutes: int
    place: Place | None = None
    gender_wish: str = ""
    elder_suspended: bool = False

    @property
    def starts_at(self) -> int:
        """Local minutes since the first day of the calendar."""
        return self.on.toordinal() * MINUTES_A_DAY + self.from_minute

    @property
    def ends_at(self) -> int:
        """Likewise, when it is over; it may be the next day."""
        return self.starts_at + self.minutes


@dataclass(frozen=True, slots=True)
class Volunteer:
    """What is known of a volunteer, by opaque ids; mappings go by elder id or by day.

    ``kin`` says what they are to an elder, ``paired`` what they are in a pairing with one.
    ``busy`` are intervals as :attr:`Request.starts_at` counts; ``committed_on`` has the minutes
    that are credited or promised on a day.
    """

    person_id: str
    skills: frozenset[str] = frozenset()
    windows: tuple[Window, ...] = ()
    place: Place | None = None
    gender: str = ""
    born_on: date | None = field(default=None, repr=False)
    standing: Standing = Standing()
    busy: tuple[tuple[int, int], ...] = ()
    excluded: frozenset[str] = frozenset()
    kin: Mapping[str, str] = field(default_factory=dict)
    served: Mapping[str, int] = field(default_factory=dict)
    asked_lately: int = 0
    matched_lately: int = 0
    committed_on: Mapping[str, int] = field(default_factory=dict)
    account_minutes: int = 0
    suspended: bool = False
    paired: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a profile demands of whoever is sent; ``None`` and empty demand nothing."""

    minimum_age: int | None = None
    insurance_required: bool = False
    agreement_required: bool = False
    skilled_classes: frozenset[str] = frozenset()
    spouse_excluded: bool = False
    day_minutes: int | None = None
    account_minutes: int | None = None


def rules_of(profile: Profile) -> Rules:
    """The rules of dispatch in a profile."""
    dispatch, caps = profile.dispatch, profile.caps
    spouse = profile.services.own_spouse_excluded
    skilled = dispatch.skilled_classes
    return Rules(
        None if profile.earning.minimum_age is None else profile.earning.minimum_age.value,
        dispatch.insurance_required is not None and dispatch.insurance_required.value,
        dispatch.agreement_required is not None and dispatch.agreement_required.value,
        frozenset() if skilled is None else frozenset(skilled.value),
        spouse is not None and spouse.value,
        None if caps.day_minutes is None else caps.day_minutes.value,
        None if caps.account_minutes is None else caps.account_minutes.value,
    )


# Hard rules --------------------------------------------------------------------------------


def _too_young(one: Request, who: Volunteer, rules: Rules) -> bool:
    if rules.minimum_age is None or who.born_on is None:
        return False
    return age_on(who.born_on, one.on) < rules.minimum_age


def _skill_missing(one: Request, who: Volunteer, rules: Rules) -> bool:
    return one.class_code in rules.skilled_classes and one.class_code not in who.skills


def _not_insured(one: Request, who: Volunteer, rules: Rules) -> bool:
    return rules.insurance_required and who.standing.insured_until < one.on.isoformat()


def _no_agreement(one: Request, who: Volunteer, rules: Rules) -> bool:
    return rules.agreement_required and who.standing.agreed_until < one.on.isoformat()


def _suspended(one: Request, who: Volunteer, _rules: Rules) -> bool:
    return one.elder_suspended or who.suspended


def _paused(one: Request, who: Volunteer, _rules: Rules) -> bool:
    return who.standing.is_paused(one.on.isoformat())


def _excluded(one: Request, who: Volunteer, _rules: Rules) -> bool:
    return one.elder_id in who.excluded


def _oneself(one: Request, who: Volunteer, _rules: Rules) -> bool:
    return one.elder_id == who.person_id


def _own_spouse(one: Request, who: Volunteer, rules: Rules) -> bool:
    return rules.spouse_excluded and who.kin.get(one.elder_id) == "spouse"


def _day_full(one: Request, who: Volunteer, rules: Rules) -> bool:
    committed = who.committed_on.get(one.on.isoformat(), 0)
    return rules.day_minutes is not None and committed + one.minutes > rules.day_minutes


def _account_full(one: Request, who: Volunteer, rules: Rules) -> bool:
    most = rules.account_minutes
    return most is not None and who.account_minutes + one.minutes > most


def _busy(one: Request, who: Volunteer, _rules: Rules) -> bool:
    return any(start < one.ends_at and one.starts_at < end for start, end in who.busy)


HARD: tuple[tuple[str, Callable[[Request, Volunteer, Rules], bool]], ...] = (
    ("person_suspended", _suspended),
    ("self_service", _oneself),
    ("own_spouse", _own_spouse),
    ("under_age", _too_young),
    ("volunteer_excluded", _excluded),
    ("volunteer_paused", _paused),
    ("not_insured", _not_insured),
    ("no_agreement", _no_agreement),
    ("skill_missing", _skill_missing),
    ("volunteer_busy", _busy),
    ("daily_cap_exceeded", _day_full),
    ("account_cap_exceeded", _account_full),
)
"""Hard rules in the order in which they are tried; each refuses under the code of its refusal."""


def refusal(one: Request, who: Volunteer, rules: Rules) -> str:
    """The code of the first hard rule that refuses the volunteer; empty: they may be asked."""
    return next((code for code, refuses in HARD if refuses(one, who, rules)), "")


# Soft rules --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """One soft rule at work: its ``code``, the points it gave or took, and the number behind it.

    ``number`` is metres, visits or times asked; ``-1`` stands for what is not known.
    """

    code: str
    points: int
    number: int = 0


def near_points(metres: int) -> int:
    """Points for a distance in metres; -1 is an unknown one."""
    if metres < 0:
        return WEIGHTS.near_unknown
    return max(0, WEIGHTS.near - metres // WEIGHTS.near_loses_one_per_metres)


def is_free(one: Request, windows: Iterable[Window]) -> bool:
    """Whether one of the stated windows covers the whole visit."""
    weekday, until = one.on.isoweekday(), one.from_minute + one.minutes
    return any(
        each.weekday == weekday and each.from_minute <= one.from_minute and until <= each.to_minute
        for each in windows
    )


def rotation_points(times: int, each: int) -> int:
    """What having been asked or matched lately takes away; 0 or less, bounded."""
    return -each * min(times, WEIGHTS.rotation_most)


def paired_code(role: str) -> str:
    """The soft rule for a role in a pairing; empty for none."""
    return "paired_backup" if role == "backup" else "paired" if role else ""


def reasons(one: Request, who: Volunteer) -> tuple[Reason, ...]:
    """What speaks for and against, rule by rule; the points add up to the score."""
    metres = -1
    if one.place is not None and who.place is not None:
        metres = one.place.metres_to(who.place)
    found = [Reason("near", near_points(metres), metres)]
    if not who.windows:
        found.append(Reason("free_unknown", WEIGHTS.free_unknown))
    elif is_free(one, who.windows):
        found.append(Reason("free", WEIGHTS.free))
    else:
        found.append(Reason("not_free", 0))
    visits = who.served.get(one.elder_id, 0)
    if visits:
        points = WEIGHTS.served_each * min(visits, WEIGHTS.served_most)
        found.append(Reason("served", points, visits))
    paired = paired_code(who.paired.get(one.elder_id, ""))
    if paired:
        found.append(Reason(paired, getattr(WEIGHTS, paired)))
    if one.class_code in who.skills:
        found.append(Reason("skill", WEIGHTS.skill))
    if one.gender_wish and one.gender_wish == who.gender:
        found.append(Reason("gender", WEIGHTS.gender))
    asked, matched = who.asked_lately, who.matched_lately
    found.append(Reason("asked", rotation_points(asked, WEIGHTS.asked_each), asked))
    if matched:
        found.append(Reason("matched", rotation_points(matched, WEIGHTS.matched_each), matched))
    return tuple(found)


def score(one: Request, who: Volunteer) -> int:
    """The points of a match that no hard rule refuses; always above 0."""
    return WEIGHTS.base + sum(reason.points for reason in reasons(one, who))


def again_points(visits: int) -> int:
    """What one more visit costs somebody who has ``visits`` of that day already."""
    return WEIGHTS.again_that_day * min(visits, WEIGHTS.again_most)


# Ranking -----------------------------------------------------------------------------------

_ODD = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1
TIE_BITS = 10


def day_hash(identifier: str, on: date) -> int:
    """64 bits of SHA-256 over a day and an id: nobody is always first among equals."""
    return int.from_bytes(sha256(f"{on.isoformat()} {identifier}".encode()).digest()[:8], "big")


def tie(order_hash: int, person_hash: int) -> int:
    """How the draw between equals falls for two :func:`day_hash` values, :data:`TIE_BITS` bits."""
    return (((order_hash ^ person_hash) * _ODD) & _WORD) >> (64 - TIE_BITS)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A request and a volunteer who may be asked, with the points and what they are made of."""

    request: Request
    volunteer: Volunteer
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A request and a volunteer whom a hard rule keeps from it, with the rule's code."""

    request: Request
    volunteer: Volunteer
    code: str


def rank(
    pairs: Iterable[tuple[Request, Volunteer]], rules_on: Callable[[date], Rules]
) -> tuple[list[Ranked], list[Refused]]:
    """Judge pairs of request and volunteer; the best first, equals by a draw of ids and day.

    For one request it ranks volunteers, for one volunteer open requests.
    """
    ranked: list[Ranked] = []
    refused: list[Refused] = []
    for one, who in pairs:
        code = refusal(one, who, rules_on(one.on))
        if code:
            refused.append(Refused(one, who, code))
        else:
            ranked.append(Ranked(one, who, score(one, who), reasons(one, who)))
    ranked.sort(key=_best_first)
    return ranked, refused


def _best_first(one: Ranked) -> tuple[int, int, str, str]:
    on, order_id, person_id = one.request.on, one.request.order_id, one.volunteer.person_id
    drawn = tie(day_hash(order_id, on), day_hash(person_id, on))
    return -one.score, -drawn, person_id, order_id
