"""Whether a profile, or several of one book, contradict themselves; asked once, at the start."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from timebank.errors import NoProfileInForce, ProfilePricesThePast, ProfilesOverlap
from timebank.policy.faults import Fault
from timebank.policy.model import Caps, Endings, Profile, Rounding
from timebank.policy.pricing import RULE_SETS


def contradictions(head: Mapping[str, Any], sections: Mapping[str, Any]) -> Iterator[Fault]:
    """What could not all be obeyed at once, among the keys and sections that could be read.

    A last day before the first, rules that this program does not have, a cap without its excess, a
    step without its mode, a minimum that its step would round away, shares on death of more than
    the whole, credit that would expire before its notice is over, and a profile that replaces
    itself.
    """
    first, until = head.get("in_force_from"), head.get("in_force_until")
    if first is not None and until is not None and until < first:
        yield Fault("in_force_until", "早于 in_force_from", "is before in_force_from")
    if "rules" in head and head["rules"] not in RULE_SETS:
        listed = sorted(RULE_SETS)
        yield Fault("rules", f"本程序只有规则集 {listed}", f"this program has rule sets {listed}")
    if head.get("replaces") is not None and head["replaces"] == head.get("name"):
        yield Fault("replaces", "不能代替自己", "names the profile itself")
    yield from _in_caps(sections.get("caps", Caps()))
    yield from _in_rounding(sections.get("rounding", Rounding()))
    endings = sections.get("endings", Endings())
    shares = (endings.death_pool_percent, endings.death_umbrella_percent)
    if sum(share.value for share in shares if share) > 100:
        where = "endings.death_pool_percent"
        yield Fault(where, "各份合计超过全部", "the shares exceed the whole")
    yield from _in_expiry(endings)


def _in_caps(caps: Caps) -> Iterator[Fault]:
    for name in ("order", "day", "account"):
        if (getattr(caps, f"{name}_minutes") is None) != (getattr(caps, f"{name}_excess") is None):
            yield _together(f"caps.{name}_excess", f"{name}_minutes")


def _in_rounding(rounding: Rounding) -> Iterator[Fault]:
    if (rounding.step_minutes is None) != (rounding.mode is None):
        yield _together("rounding.mode", "step_minutes")
    step, minimum = rounding.step_minutes, rounding.minimum_minutes
    if step and minimum and minimum.value % step.value:
        where = "rounding.minimum_minutes"
        yield Fault(where, "必须是整数档", "must be a whole number of steps")


def _in_expiry(endings: Endings) -> Iterator[Fault]:
    lives, notice = endings.credit_expires_after_months, endings.expiry_notice_months
    if (lives is None) != (notice is None):
        yield _together("endings.expiry_notice_months", "credit_expires_after_months")
    elif lives and notice and notice.value > lives.value:
        where = "endings.expiry_notice_months"
        yield Fault(where, "不得长于有效期", "is longer than credit lives")


def _together(where: str, other: str) -> Fault:
    return Fault(where, f"须与 {other} 同时设置", f"goes together with {other}")


def check_timeline(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """The profiles of one book in order of their days.

    A profile ends the day before another begins that ``replaces`` it.

    Raises:
        ProfilesOverlap: two are in force on one day, of one family or of two; nobody could say
            which of them prices a service.
    """
    ordered = sorted(profiles, key=lambda each: each.in_force_from)
    for first, second in pairwise(ordered):
        begins = second.in_force_from
        if first.in_force_on(begins) and not _replaced(first, ordered, begins):
            raise ProfilesOverlap(first=first.name, second=second.name, on=begins.isoformat())
    return tuple(ordered)


def check_start(profile: Profile, latest: date | None) -> None:
    """Let a profile begin behind the ``latest`` day with a recorded service, ``None`` for none.

    Raises:
        ProfilePricesThePast: it would begin on that day or before.
    """
    if latest is not None and profile.in_force_from <= latest:
        raise ProfilePricesThePast(start=profile.in_force_from.isoformat(), on=latest.isoformat())


def choose(profiles: Iterable[Profile], on: date) -> Profile:
    """The one profile of a book that is in force on ``on``.

    Pass the date of the service for pricing (``Profile.PRICING``), the date of recording for
    procedure; ``profiles`` have passed :func:`check_timeline`.

    Raises:
        NoProfileInForce: none covers the day.
    """
    known = tuple(profiles)
    for profile in known:
        if profile.in_force_on(on) and not _replaced(profile, known, on):
            return profile
    raise NoProfileInForce(on=on.isoformat())


def last_day(profile: Profile, profiles: Iterable[Profile]) -> date | None:
    """The last day on which a profile is in force among ``profiles``; ``None`` is open."""
    ends = [date.fromordinal(other.in_force_from.toordinal() - 1)
            for other in profiles if _replaces(other, profile)]  # fmt: skip
    if profile.in_force_until is not None:
        ends.append(profile.in_force_until)
    return min(ends, default=None)


def _replaced(profile: Profile, profiles: Iterable[Profile], on: date) -> bool:
    """Whether another profile has taken its place by that day."""
    return any(_replaces(other, profile) and other.in_force_from <= on for other in profiles)


def _replaces(later: Profile, earlier: Profile) -> bool:
    return later.replaces == earlier.name and later.in_force_from > earlier.in_force_from
