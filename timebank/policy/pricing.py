"""From minutes given to minutes credited and charged: one small pure function per rule.

A rule looks at the profile, the facts and what the rules before it left, and either leaves it
alone or changes it and says so in a :class:`Step`.  Everything is whole minutes; a coefficient is
an exact fraction and is rounded once, half up.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from timebank.errors import AccountCapExceeded, DailyCapExceeded, OrderCapExceeded
from timebank.policy.model import MINUTES_A_DAY, Caps, Coefficient, Profile
from timebank.words import minutes_en, minutes_zh


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What one volunteer gave, as the pricing rules need to know it.

    ``given_minutes`` is the whole interval, 1 up to a day; ``travel_minutes`` and ``rest_minutes``
    are stated parts of it.  ``starts_at_minute`` is the local minute of the day, 0 to 1439, or
    ``None`` where nobody noted it: then bands of hours do not apply.  ``credited_that_day_minutes``
    and ``account_minutes`` are the volunteer's before this service.  ``has_payer`` is false for a
    record without an order: then nobody is charged.

    Raises:
        ValueError: a number is out of these bounds.
    """

    given_minutes: int
    service_class: str = ""
    starts_at_minute: int | None = None
    travel_minutes: int = 0
    rest_minutes: int = 0
    aim_met: bool = True
    professional: bool = False
    has_payer: bool = False
    credited_that_day_minutes: int = 0
    account_minutes: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.given_minutes <= MINUTES_A_DAY:
            raise ValueError("given_minutes must be 1 to 1440")
        parts = self.travel_minutes + self.rest_minutes
        if min(self.travel_minutes, self.rest_minutes) < 0 or parts > self.given_minutes:
            raise ValueError("travel and rest are parts of the minutes given")
        start = self.starts_at_minute
        if start is not None and not 0 <= start < MINUTES_A_DAY:
            raise ValueError("starts_at_minute must be 0 to 1439")


@dataclass(frozen=True, slots=True)
class Step:
    """One rule at work: what it changed from ``before`` to ``after`` minutes, and by which clause.

    ``side`` is ``credited`` or ``charged``; a rule that changes both alike speaks of ``credited``.
    """

    rule: str
    value: str
    clause: str
    before: int
    after: int
    zh: str
    en: str
    side: str = "credited"


@dataclass(frozen=True, slots=True)
class Draft:
    """Minutes on their way through the rules."""

    credited: int
    charged: int
    overflow: int = 0


@dataclass(frozen=True, slots=True)
class Priced:
    """What a service is worth under one profile.

    ``given`` is the fact; ``credited`` goes to the volunteer's account and ``overflow`` to the
    public pool in the volunteer's name; ``charged`` is the payer's, 0 where nobody pays.
    """

    given: int
    credited: int
    charged: int
    overflow: int
    steps: tuple[Step, ...]


Work = Callable[[Profile, ServiceFacts, Draft], tuple[Draft, Step | None]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's permanent name, when a profile switches it on, and what it does."""

    name: str
    is_on: Callable[[Profile], bool]
    work: Work


def price(profile: Profile, facts: ServiceFacts) -> Priced:
    """Price one service for one volunteer; pure, and the same for ever under the same profile.

    Raises, the first that applies:
        OrderCapExceeded: longer than an order may be, where the profile refuses the excess.
        DailyCapExceeded: more than a day may bring, likewise.
        AccountCapExceeded: more than the account may hold, likewise.
    """
    given = facts.given_minutes
    charged = given if facts.has_payer else 0
    rules = active_rules(profile)
    if not rules:  # The plain default: a million imported rows should not pay for rules it lacks.
        return Priced(given, given, charged, 0, ())
    draft = Draft(given, charged)
    steps: list[Step] = []
    for rule in rules:
        draft, step = rule.work(profile, facts, draft)
        if step is not None:
            steps.append(step)
    return Priced(given, draft.credited, draft.charged, draft.overflow, tuple(steps))


@lru_cache(maxsize=256)
def active_rules(profile: Profile) -> tuple[Rule, ...]:
    """The rules of the profile's own rule set that it switches on, in order."""
    return tuple(rule for rule in RULE_SETS[profile.rules] if rule.is_on(profile))


def _both(draft: Draft, change: Callable[[int], int]) -> Draft:
    return replace(draft, credited=change(draft.credited), charged=change(draft.charged))


def _leave_out(
    name: str, part: int, clause: str, words: tuple[str, str], draft: Draft
) -> tuple[Draft, Step | None]:
    if not part:
        return draft, None
    after = _both(draft, lambda minutes: minutes - part if minutes else 0)
    zh, en = f"{words[0]} {part} 分钟不计入", f"{part} minutes of {words[1]} do not count"
    return after, Step(name, "false", clause, draft.credited, after.credited, zh, en)


def leave_out_travel(
    profile: Profile, facts: ServiceFacts, draft: Draft
) -> tuple[Draft, Step | None]:
    """Take stated travel off, where the profile counts actual service only."""
    clause = profile.counting.travel
    assert clause is not None
    words = ("路途", "travel")
    return _leave_out("leave_out_travel", facts.travel_minutes, clause.source, words, draft)


def leave_out_rest(
    profile: Profile, facts: ServiceFacts, draft: Draft
) -> tuple[Draft, Step | None]:
    """Take stated meals and rest off, where the profile does not count them."""
    clause = profile.counting.meals_and_rest
    assert clause is not None
    words = ("用餐和休息", "meals and rest")
    return _leave_out("leave_out_rest", facts.rest_minutes, clause.source, words, draft)


def lift_to_minimum(
    profile: Profile, facts: ServiceFacts, draft: Draft
) -> tuple[Draft, Step | None]:
    """Count a short service that met its aim as the minimum; one that failed stays as it is."""
    clause = profile.rounding.minimum_minutes
    assert clause is not None
    least = clause.value
    if not facts.aim_met or not 0 < draft.credited < least:
        return draft, None
    after = _both(draft, lambda minutes: max(minutes, least) if minutes else 0)
    zh = f"达到服务目的，不足 {least} 分钟按 {least} 分钟计"
    en = f"the aim was met, so less than {least} minutes counts as {least}"
    return after, Step("lift_to_minimum", str(least), clause.source, draft.credited, least, zh, en)


_MODES = {"down": ("向下", "down"), "nearest": ("四舍五入", "to the nearest"), "up": ("向上", "up")}


def round_to_step(profile: Profile, facts: ServiceFacts, draft: Draft) -> tuple[Draft, Step | None]:
    """Round to whole steps, down, up, or to the nearest with the half going up."""
    clause, mode = profile.rounding.step_minutes, profile.rounding.mode
    assert clause is not None
    assert mode is not None
    step = clause.value
    add = {"down": 0, "nearest": step // 2, "up": step - 1}[mode.value]
    after = _both(draft, lambda minutes: (minutes + add) // step * step)
    if after == draft:
        return draft, None
    zh, en = _MODES[mode.value]
    return after, Step(
        "round_to_step",
        f"{step} {mode.value}",
        clause.source,
        draft.credited,
        after.credited,
        f"以 {step} 分钟为一档{zh}取整",
        f"rounded {en} in steps of {step} minutes",
    )


def apply_coefficient(
    profile: Profile, facts: ServiceFacts, draft: Draft
) -> tuple[Draft, Step | None]:
    """Weigh each minute by the first row of the table that fits its class and hour."""
    weight, sources = _weight(profile, facts)
    if weight == 1:
        return draft, None
    after = _both(draft, lambda minutes: half_up(minutes * weight))
    return after, Step(
        "apply_coefficient",
        str(weight),
        "；".join(sources),
        draft.credited,
        after.credited,
        f"按服务类别和时段折算，系数 {weight}",
        f"weighed by class and hour with coefficient {weight}",
    )


def _weight(profile: Profile, facts: ServiceFacts) -> tuple[Fraction, tuple[str, ...]]:
    """The mean coefficient over the minutes given, and the clauses it comes from, in order."""
    start = facts.starts_at_minute
    rows = [
        row
        for row in profile.coefficients
        if row.value.service_class in (None, facts.service_class)
        and (start is not None or row.value.from_time is None)
    ]
    if all(row.value.from_time is None for row in rows):  # The same for every minute.
        return (rows[0].value.factor, (rows[0].source,)) if rows else (Fraction(1), ())
    total = Fraction(0)
    sources: dict[str, None] = {}
    for minute in range(facts.given_minutes):
        at = ((start or 0) + minute) % MINUTES_A_DAY
        row = next((row for row in rows if _covers(row.value, at)), None)
        total += row.value.factor if row else 1
        if row:
            sources[row.source] = None
    return total / facts.given_minutes, tuple(sources)


def _covers(row: Coefficient, minute: int) -> bool:
    if row.from_time is None or row.to_time is None:
        return True
    first = row.from_time.hour * 60 + row.from_time.minute
    after = row.to_time.hour * 60 + row.to_time.minute
    return first <= minute < after if first < after else minute >= first or minute < after


def half_up(minutes: Fraction) -> int:
    """The whole minute nearest to ``minutes``, which is not negative; the half goes up."""
    return (2 * minutes.numerator + minutes.denominator) // (2 * minutes.denominator)


def cap_order(profile: Profile, facts: ServiceFacts, draft: Draft) -> tuple[Draft, Step | None]:
    """Credit and charge at most the cap for one order, or refuse, as the profile says."""
    clause, excess = profile.caps.order_minutes, profile.caps.order_excess
    assert clause is not None
    assert excess is not None
    cap = clause.value
    if max(draft.credited, draft.charged) <= cap:
        return draft, None
    if excess.value == "refuse":
        raise OrderCapExceeded(cap_minutes=cap, minutes=draft.credited)
    after = _both(draft, lambda minutes: min(minutes, cap))
    zh, en = f"每次服务最多计 {cap} 分钟", f"at most {cap} minutes for one service"
    return after, Step("cap_order", str(cap), clause.source, draft.credited, cap, zh, en)


def cap_day(profile: Profile, facts: ServiceFacts, draft: Draft) -> tuple[Draft, Step | None]:
    """Credit at most what the day has left; the payer still owes what was received."""
    clause, excess = profile.caps.day_minutes, profile.caps.day_excess
    assert clause is not None
    assert excess is not None
    cap, before = clause.value, facts.credited_that_day_minutes
    room = max(cap - before, 0)
    if draft.credited <= room:
        return draft, None
    if excess.value == "refuse":
        raise DailyCapExceeded(cap_minutes=cap, credited_minutes=before, minutes=draft.credited)
    zh = f"每天最多计 {cap} 分钟，当天已计 {before} 分钟"
    en = f"at most {cap} minutes a day, of which {before} were credited before"
    step = Step("cap_day", str(cap), clause.source, draft.credited, room, zh, en)
    return replace(draft, credited=room), step


_EXCESS = {
    "pool": ("超出部分捐入公共时间池", "the excess is given to the public pool"),
    "honour": ("超出部分只记荣誉", "the excess is recorded as an honour only"),
}


def cap_account(profile: Profile, facts: ServiceFacts, draft: Draft) -> tuple[Draft, Step | None]:
    """Credit at most what the account has room for; the excess goes where the profile sends it."""
    clause, excess = profile.caps.account_minutes, profile.caps.account_excess
    assert clause is not None
    assert excess is not None
    room, overflow = within_account_cap(profile.caps, facts.account_minutes, draft.credited)
    if room == draft.credited:
        return draft, None
    cap = clause.value
    zh, en = _EXCESS[excess.value]
    step = Step(
        "cap_account",
        f"{cap} {excess.value}",
        clause.source,
        draft.credited,
        room,
        f"账户上限为{minutes_zh(cap)}，已有 {facts.account_minutes} 分钟，{zh}",
        f"an account holds at most {minutes_en(cap)}, it had {facts.account_minutes} minutes, {en}",
    )
    return replace(draft, credited=room, overflow=overflow), step


def within_account_cap(caps: Caps, posted: int, minutes: int) -> tuple[int, int]:
    """Of ``minutes`` what an account with ``posted`` takes, and what goes to the public pool.

    Raises:
        AccountCapExceeded: the policy refuses what does not fit.
    """
    clause, excess = caps.account_minutes, caps.account_excess
    room = minutes if clause is None else max(clause.value - posted, 0)
    if clause is None or excess is None or minutes <= room:
        return minutes, 0
    if excess.value == "refuse":
        raise AccountCapExceeded(cap_minutes=clause.value, minutes=minutes)
    return room, minutes - room if excess.value == "pool" else 0


def charge_professional(
    profile: Profile, facts: ServiceFacts, draft: Draft
) -> tuple[Draft, Step | None]:
    """Charge professional care at its rate; what the volunteer is credited stays."""
    clause = profile.charging.professional_rate
    assert clause is not None
    if not facts.professional or not draft.charged:
        return draft, None
    after = replace(draft, charged=draft.charged * clause.value)
    zh = f"专业照护每 1 分钟使用 {clause.value} 分钟"
    en = f"one minute of professional care uses {clause.value}"
    value, source = str(clause.value), clause.source
    return after, Step(
        "charge_professional", value, source, draft.charged, after.charged, zh, en, "charged"
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "leave_out_travel",
        lambda each: each.counting.travel is not None and not each.counting.travel.value,
        leave_out_travel,
    ),
    Rule(
        "leave_out_rest",
        lambda each: (
            each.counting.meals_and_rest is not None and not each.counting.meals_and_rest.value
        ),
        leave_out_rest,
    ),
    Rule(
        "lift_to_minimum", lambda each: each.rounding.minimum_minutes is not None, lift_to_minimum
    ),
    Rule("round_to_step", lambda each: each.rounding.step_minutes is not None, round_to_step),
    Rule("apply_coefficient", lambda each: bool(each.coefficients), apply_coefficient),
    Rule("cap_order", lambda each: each.caps.order_minutes is not None, cap_order),
    Rule("cap_day", lambda each: each.caps.day_minutes is not None, cap_day),
    Rule("cap_account", lambda each: each.caps.account_minutes is not None, cap_account),
    Rule(
        "charge_professional",
        lambda each: each.charging.professional_rate is not None,
        charge_professional,
    ),
)
"""Today's rules in the order in which they apply.  A changed rule makes a new set below."""

RULE_SETS: dict[int, tuple[Rule, ...]] = {1: RULES}
"""Rule sets by number; a profile names its own, and no set is ever edited or removed."""
