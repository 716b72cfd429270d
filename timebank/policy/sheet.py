"""A profile as a sheet that people read: each set value with its clause, and what is off."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import time
from typing import Any

from timebank.policy.model import Clause, Coefficient, Eligibility, Profile
from timebank.policy.reader import SECTIONS

TITLES: dict[str, str] = {
    "unit.kind": "计量对象",
    "unit.minutes_per_unit": "每单位分钟数",
    "unit.name_zh": "单位名称",
    "unit.name_en": "单位英文名称",
    "words.platform_zh": "“时间银行”的用词",
    "words.bank_zh": "“银行”的用词",
    "words.coin_zh": "“币”的用词",
    "words.save_zh": "“存”的用词",
    "words.spend_zh": "“取”的用词",
    "counting.travel": "路途是否计入",
    "counting.meals_and_rest": "用餐休息是否计入",
    "rounding.minimum_minutes": "最少计入分钟数",
    "rounding.step_minutes": "计入的档",
    "rounding.mode": "取整方式",
    "coefficients": "折算系数",
    "caps.order_minutes": "单次上限",
    "caps.order_excess": "单次超出部分",
    "caps.day_minutes": "每日上限",
    "caps.day_excess": "每日超出部分",
    "caps.account_minutes": "账户上限",
    "caps.account_excess": "账户超出部分",
    "charging.professional_rate": "专业照护每分钟使用",
    "services.own_spouse_excluded": "照护配偶不计",
    "services.excluded_classes": "不计的服务类别",
    "services.non_professional_only": "仅限非专业服务",
    "earning.minimum_age": "服务最低年龄",
    "earning.under_age_in_groups": "未成年人可随团体服务",
    "earning.retired_or_age": "已退休或达到年龄",
    "earning.good_record": "须健康且无不良记录",
    "earning.organisations": "单位可作团体志愿者",
    "earning.organisations_donate_only": "单位时间只能捐赠",
    "redeeming.minimum_age": "使用最低年龄",
    "redeeming.hardship_minimum_age": "特殊困难使用最低年龄",
    "redeeming.residents_only": "仅限本市居民",
    "redeeming.own_saved_time": "须有本人存储的时间",
    "redeeming.minimum_minutes": "首次使用前最少存储",
    "redeeming.services_only": "只可换服务",
    "redeeming.times_per_quarter": "每季度最多使用次数",
    "redeeming.day_of_month": "每月使用日",
    "transfer.relations": "可转赠的关系",
    "transfer.relative_minimum_age": "受赠人最低年龄",
    "transfer.donation_to": "可捐赠的对象",
    "recording.backdating_max_working_days": "补录期限（工作日）",
    "recording.shortfall_recovery_percent": "短缺由以后入账归还（%）",
    "review.four_eyes": "两人复核",
    "review.notice_working_days": "公示工作日",
    "review.bulk_volunteers": "须凭签到表复核的人数",
    "dispatch.insurance_required": "派单须有保险",
    "dispatch.agreement_required": "派单须有协议",
    "dispatch.skilled_classes": "须有技能的服务类别",
    "visits.geofence_metres": "签到签退的距离限度（米）",
    "grants.monthly_minutes": "每月发放",
    "grants.eligible": "发放对象",
    "endings.death_pool_percent": "身故后归公共池（%）",
    "endings.death_umbrella_percent": "身故后归上级组织（%）",
    "endings.statements_per_year": "每年书面对账单",
    "endings.dormant_after_months": "多久不用就提醒（月）",
    "endings.credit_expires_after_months": "时间的有效期（月）",
    "endings.expiry_notice_months": "到期前多久告知（月）",
    "honours.star_minutes": "星级分钟数",
}
"""Every key of a profile in the order of the sheet, with what a clerk calls it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One decided value: its key, what a clerk calls it, the value as text, and the clause."""

    key: str
    title_zh: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A profile's decided values, and the keys that are unset, which means off."""

    lines: tuple[Line, ...]
    unset: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """What a program is told of a draft that is in order."""
        return {"set": [asdict(line) for line in self.lines], "unset": list(self.unset)}


def sheet_of(profile: Profile) -> Sheet:
    """Every key of the profile, those with several clauses once for each."""
    lines = []
    unset = []
    for key, clauses in _keys(profile):
        lines += [Line(key, TITLES[key], _told(one.value), one.source) for one in clauses]
        if not clauses:
            unset.append(key)
    return Sheet(tuple(lines), tuple(unset))


def clauses_of(profile: Profile, key: str) -> tuple[Clause[Any], ...]:
    """The clauses of a key such as ``caps.day_minutes``; none where it is unset.

    Raises:
        KeyError: no profile has such a key.
    """
    return dict(_keys(profile))[key]


def _keys(profile: Profile) -> Iterator[tuple[str, tuple[Clause[Any], ...]]]:
    for name in SECTIONS:
        if name == "caps":
            yield "coefficients", profile.coefficients
        section = getattr(profile, name)
        for field in fields(section):
            value = getattr(section, field.name)
            found = value if isinstance(value, tuple) else () if value is None else (value,)
            yield f"{name}.{field.name}", found


def _told(value: object) -> str:
    match value:
        case bool():
            return "是 true" if value else "否 false"
        case tuple():
            return ", ".join(str(one) for one in value)
        case Coefficient(factor, service_class, from_time, to_time):
            hours = "" if from_time is None else f" {_clock(from_time)}–{_clock(to_time)}"
            return f"{factor} × {service_class or '*'}{hours}"
        case Eligibility(low, high, conditions):
            ages = f"{low}+" if high is None else f"{low}–{high}"
            return f"{ages}: {', '.join(conditions)}"
        case _:
            return str(value)


def _clock(moment: time | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="minutes")
