"""Whether a profile, or several of one book, contradict themselves; asked once, at the start."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from timebank.errors import NoProfileInForce, ProfileInvalid, ProfilesOverlap
from timebank.policy.model import Profile
from timebank.policy.pricing import RULE_SETS


def check_profile(profile: Profile) -> None:
    """Let a profile pass whose values can all be obeyed at once.

    Raises:
        ProfileInvalid: a last day before the first, rules that this program does not have, a cap
            without its excess, a step without its mode, a minimum that its step would round away,
            or shares on death of more than the whole.
    """
    for where, fault in _faults(profile):
        raise ProfileInvalid(profile=profile.name, where=where, why=fault)


def _faults(profile: Profile) -> Iterable[tuple[str, str]]:
    until, caps, rounding = profile.in_force_until, profile.caps, profile.rounding
    if until is not None and until < profile.in_force_from:
        yield "in_force_until", "is before in_force_from"
    if profile.rules not in RULE_SETS:
        yield "rules", f"this program has rule sets {sorted(RULE_SETS)}"
    for name in ("order", "day", "account"):
        if (getattr(caps, f"{name}_minutes") is None) != (getattr(caps, f"{name}_excess") is None):
            yield f"caps.{name}_excess", f"goes together with {name}_minutes"
    if (rounding.step_minutes is None) != (rounding.mode is None):
        yield "rounding.mode", "goes together with step_minutes"
    step, minimum = rounding.step_minutes, rounding.minimum_minutes
    if step and minimum and minimum.value % step.value:
        yield "rounding.minimum_minutes", "must be a whole number of steps"
    shares = (profile.endings.death_pool_percent, profile.endings.death_umbrella_percent)
    if sum(share.value for share in shares if share) > 100:
        yield "endings.death_pool_percent", "the shares exceed the whole"


def check_timeline(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """The profiles of one book in order of their days.

    Raises:
        ProfilesOverlap: two are in force on one day, of one family or of two; nobody could say
            which of them prices a service.
    """
    ordered = sorted(profiles, key=lambda each: each.in_force_from)
    for first, second in pairwise(ordered):
        if first.in_force_on(second.in_force_from):
            raise ProfilesOverlap(
                first=first.name, second=second.name, on=second.in_force_from.isoformat()
            )
    return tuple(ordered)


def choose(profiles: Iterable[Profile], on: date) -> Profile:
    """The one profile of a book that is in force on ``on``.

    Pass the date of the service for pricing (``Profile.PRICING``), the date of recording for
    procedure; ``profiles`` have passed :func:`check_timeline`.

    Raises:
        NoProfileInForce: none covers the day.
    """
    for profile in profiles:
        if profile.in_force_on(on):
            return profile
    raise NoProfileInForce(on=on.isoformat())
