"""Reasons and hard rules as sentences, in Chinese and in English."""

from dataclasses import dataclass

from timebank.matching.model import LATELY_DAYS, Reason, Request
from timebank.records.classes import name_of

_DAYS_ZH = "一二三四五六日"
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NOON, _EVENING = 12 * 60, 18 * 60

_ZH = {
    "free": "{day_zh}有空",
    "free_unknown": "未登记空闲时间",
    "not_free": "登记的空闲时间不含{day_zh}",
    "paired": "与这位老人结对",
    "paired_backup": "是这位老人结对的候补",
    "served": "已为这位老人服务 {number} 次",
    "skill": "会{class_zh}",
    "gender": "符合老人对性别的意愿",
    "asked": "近 {lately} 天被邀约 {number} 次",
    "matched": "近 {lately} 天承接 {number} 次",
}
_EN = {
    "free": "free on {day_en}",
    "free_unknown": "has stated no free time",
    "not_free": "not free on {day_en} as far as stated",
    "paired": "is paired with this elder",
    "paired_backup": "is the backup of this elder's pairing",
    "served": "served this elder {times} before",
    "skill": "has the skill ({class_code})",
    "gender": "as the elder wishes (gender)",
    "asked": "asked {times} in the last {lately} days",
    "matched": "took {number} in the last {lately} days",
}

HARD_RULES: dict[str, tuple[str, str]] = {
    "person_suspended": ("目前暂停参与", "is suspended at present"),
    "self_service": ("不能为本人服务", "is the elder"),
    "own_spouse": ("规则不计为配偶的服务", "is the elder's spouse, which the policy excludes"),
    "under_age": ("当日未达规则要求的年龄", "is too young on that day"),
    "volunteer_excluded": ("已登记与这位老人不安排在一起", "is kept apart from this elder"),
    "volunteer_paused": ("当日不接单", "takes no visits on that day"),
    "not_insured": ("当日没有有效的意外保险", "has no insurance for that day"),
    "no_agreement": ("当日没有有效的服务协议", "has no agreement for that day"),
    "skill_missing": ("没有登记这类服务所需的技能", "lacks the skill that the class needs"),
    "volunteer_busy": ("这段时间已有约定", "has agreed to another visit at that time"),
    "daily_cap_exceeded": ("会超过当日入账上限", "would pass the cap of the day"),
    "account_cap_exceeded": ("会超过账户上限", "would pass the cap of the account"),
    "no_candidate": ("没有符合条件的志愿者", "nobody may be sent"),
    "all_taken": ("合适的志愿者都已另有安排", "everybody who may be sent has another visit"),
}
"""What keeps a volunteer, or everybody, from an order, by code."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A code with what it says; ``points`` is what it gave or took, 0 for a hard rule."""

    code: str
    zh: str
    en: str
    points: int = 0


def sentence(one: Request, reason: Reason) -> Sentence:
    """A soft reason of a request as a sentence."""
    if reason.code == "near":
        zh, en = _distance(reason.number)
        return Sentence(reason.code, zh, en, reason.points)
    day_zh, day_en = _day(one)
    words = {
        "class_code": one.class_code,
        "class_zh": name_of(one.class_code),
        "day_en": day_en,
        "day_zh": day_zh,
        "lately": LATELY_DAYS,
        "number": reason.number,
        "times": {1: "once", 2: "twice"}.get(reason.number, f"{reason.number} times"),
    }
    zh = _ZH[reason.code].format_map(words)
    return Sentence(reason.code, zh, _EN[reason.code].format_map(words), reason.points)


def hard_sentence(code: str) -> Sentence:
    """What a hard rule says."""
    return Sentence(code, *HARD_RULES[code])


def _day(one: Request) -> tuple[str, str]:
    day = one.on.isoweekday() - 1
    part = (one.from_minute >= _NOON) + (one.from_minute >= _EVENING)
    zh = f"星期{_DAYS_ZH[day]}{('上午', '下午', '晚上')[part]}"
    return zh, f"{_DAYS_EN[day]} {('morning', 'afternoon', 'evening')[part]}"


def _distance(metres: int) -> tuple[str, str]:
    if metres < 0:
        return "距离未登记", "distance unknown"
    if metres == 0:
        return "同一片区", "in the same area"
    tenths = (metres + 50) // 100
    shown = f"{tenths // 10}.{tenths % 10}"
    return f"{shown} 公里", f"{shown} km"
