"""Why did 45 minutes become 45, or 60?  The answer in two languages, each step with its clause."""

from dataclasses import dataclass

from timebank.policy.model import Profile
from timebank.policy.pricing import Priced


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer as lines, the result first, then one line for each rule that changed something."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


def explain(profile: Profile, priced: Priced) -> Explanation:
    """Say how ``priced`` came about under ``profile``, so that a member can check it by hand.

    Where no rule changed anything, the clause of the unit is the reason: time counts as given.
    """
    zh, en = ([one] for one in result(priced))
    for place, step in enumerate(priced.steps, 1):
        zh.append(f"{place}. {step.zh}：{step.before} → {step.after} 分钟（依据：{step.clause}）")
        en.append(f"{place}. {step.en}: {step.before} → {step.after} minutes ({step.clause})")
    if not priced.steps:
        source = profile.unit.minutes_per_unit.source
        zh.append(f"没有规则改变它，按实际时间计（依据：{source}）")
        en.append(f"no rule changes it, time counts as given ({source})")
    last_zh, last_en = version_lines(profile)
    return Explanation((*zh, last_zh), (*en, last_en))


def version_lines(profile: Profile) -> tuple[str, str]:
    """Which policy it was, in one line of Chinese and one of English; an example says so."""
    marks = ("示例 ", "example ") if profile.example else ("", "")
    return (
        f"规则：{profile.title_zh}（{marks[0]}{profile.version}）",
        f"policy: {profile.title_en} ({marks[1]}{profile.version})",
    )


def result(priced: Priced) -> tuple[str, str]:
    """What was given, credited and charged in one line of Chinese and one of English."""
    return _result_zh(priced), _result_en(priced)


def _result_zh(priced: Priced) -> str:
    parts = [f"服务 {priced.given} 分钟，入账 {priced.credited} 分钟"]
    if priced.overflow:
        parts.append(f"捐入公共时间池 {priced.overflow} 分钟")
    if priced.charged:
        parts.append(f"使用方支出 {priced.charged} 分钟")
    return "，".join(parts)


def _result_en(priced: Priced) -> str:
    parts = [f"{priced.given} minutes given, {priced.credited} credited"]
    if priced.overflow:
        parts.append(f"{priced.overflow} given to the public pool")
    if priced.charged:
        parts.append(f"{priced.charged} charged")
    return ", ".join(parts)
