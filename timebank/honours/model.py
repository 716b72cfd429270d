"""How many stars given minutes are worth, and why: pure rules.

Stars come from minutes *given*, so what a cap did not credit counts as well; what was reversed does
not.  Source: facts, table 1, row "Star grades".
"""

from dataclasses import dataclass

from timebank.policy.explain import Explanation, version_lines
from timebank.policy.model import Profile
from timebank.policy.sheet import TITLES
from timebank.words import minutes_en, minutes_zh

KEY = "honours.star_minutes"


@dataclass(frozen=True, slots=True)
class Given:
    """Whole minutes that somebody gave: those that count now, and the most that ever counted."""

    minutes: int
    most_minutes: int


@dataclass(frozen=True, slots=True)
class Stars:
    """Stars under one ladder; ``undone`` were reached once and went with a reversal.

    ``missing_minutes`` lead to the next star; ``None``: there is no further one.
    """

    count: int
    most: int
    undone: int
    given_minutes: int
    missing_minutes: int | None

    @property
    def drawn(self) -> str:
        """As signs, the reached ones filled: ``★★☆☆☆``."""
        return "★" * self.count + "☆" * (self.most - self.count)


def ladder_of(profile: Profile) -> tuple[int, ...]:
    """Minutes from which each star is shown, ascending; empty where the policy has no stars."""
    clause = profile.honours.star_minutes
    return () if clause is None else clause.value


def stars_of(ladder: tuple[int, ...], given: Given) -> Stars | None:
    """The stars of ``given``; a step's minutes are inside it.  ``None``: the policy has none."""
    if not ladder:
        return None
    count = sum(given.minutes >= step for step in ladder)
    reached = sum(given.most_minutes >= step for step in ladder)
    missing = ladder[count] - given.minutes if count < len(ladder) else None
    return Stars(count, len(ladder), max(reached - count, 0), given.minutes, missing)


def explain_stars(profile: Profile, given: Given) -> Explanation:
    """Rule, value, clause and inputs, and what a reversal took away; in both languages."""
    clause, last = profile.honours.star_minutes, version_lines(profile)
    found = stars_of(ladder_of(profile), given)
    if clause is None or found is None:
        return Explanation((f"本规则没有设置 {TITLES[KEY]}（{KEY}）", last[0]),
                           (f"unset: {KEY}", last[1]))  # fmt: skip
    steps_zh = "、".join(f"{place}星 {minutes_zh(one)}" for place, one in _steps(clause.value))
    steps_en = ", ".join(f"{place}: {minutes_en(one)}" for place, one in _steps(clause.value))
    zh = [
        f"星级：{found.drawn}（{found.count} 星）",
        (
            f"输入：已入账且没有更正的服务共 {minutes_zh(given.minutes)}（{given.minutes} 分钟），"
            "按实际服务时间，上限以外未记入的也算"
        ),
        f"{TITLES[KEY]}（{KEY}）：{steps_zh}（依据：{clause.source}）",
    ]
    en = [
        f"Stars: {found.count} of {found.most}",
        (
            f"inputs: services that are posted and not reversed, {given.minutes} minutes as "
            "given; what a cap did not credit counts too"
        ),
        f"{KEY}: {steps_en} ({clause.source})",
    ]
    if found.undone:
        most = given.most_minutes
        zh.append(f"曾达到 {minutes_zh(most)}；其中有服务后来被更正，少了 {found.undone} 星")
        en.append(f"{most} minutes were reached once; reversals took {found.undone} of the stars")
    return Explanation((*zh, last[0]), (*en, last[1]))


def _steps(ladder: tuple[int, ...]) -> enumerate[int]:
    return enumerate(ladder, 1)
