"""Why a service, an order's step or a gift was refused: rule, value, clause and inputs."""

from ledger.errors import Refusal
from timebank.errors.base import FIELDS
from timebank.policy.explain import Explanation, version_lines
from timebank.policy.model import Profile
from timebank.policy.sheet import TITLES, sheet_of

DECIDED_BY: dict[str, tuple[str, ...]] = {
    "excluded_service": ("services.excluded_classes", "services.non_professional_only"),
    "own_spouse": ("services.own_spouse_excluded",),
    "under_age": ("earning.minimum_age", "earning.under_age_in_groups"),
    "too_young_to_redeem": ("redeeming.minimum_age", "redeeming.hardship_minimum_age"),
    "not_redeemable": ("redeeming.minimum_minutes",),
    "not_retired": ("earning.retired_or_age",),
    "record_not_good": ("earning.good_record",),
    "organisation_earns_nothing": ("earning.organisations",),
    "organisation_donates_only": ("earning.organisations_donate_only",),
    "not_resident": ("redeeming.residents_only",),
    "not_redemption_day": ("redeeming.day_of_month",),
    "quarter_used_up": ("redeeming.times_per_quarter",),
    "order_cap_exceeded": ("caps.order_minutes", "caps.order_excess"),
    "daily_cap_exceeded": ("caps.day_minutes", "caps.day_excess"),
    "account_cap_exceeded": ("caps.account_minutes", "caps.account_excess"),
    "too_late_without_reason": ("recording.backdating_max_working_days",),
    "not_insured": ("dispatch.insurance_required",),
    "no_agreement": ("dispatch.agreement_required",),
    "skill_missing": ("dispatch.skilled_classes",),
    "transfer_not_allowed": ("transfer.relations", "transfer.relative_minimum_age",
                             "transfer.donation_to"),
}  # fmt: skip
"""Keys of a profile that decide a refusal, by its code; every other code no policy can change."""

_INPUTS: dict[str, tuple[str, str]] = {
    "minimum_age": ("规定年龄", "age asked for"),
    "service_class": ("服务类别", "class of the service"),
    "cap_minutes": ("上限（分钟）", "cap in minutes"),
    "minutes": ("本次（分钟）", "minutes of this service"),
    "credited_minutes": ("当天已计（分钟）", "minutes credited before that day"),
    "posted_minutes": ("已入账（分钟）", "minutes posted"),
    "minimum_minutes": ("最少（分钟）", "least minutes"),
    "working_days": ("已过工作日", "working days passed"),
    "most_working_days": ("期限（工作日）", "working days allowed"),
    "relation": ("关系或对象", "relation or receiver"),
    "on": ("日期", "day"),
    "day_of_month": ("每月使用日", "day of the month"),
    "times": ("每季度次数", "times a quarter"),
    "field": ("栏目", "field"),
}


def explain_refusal(profile: Profile, refusal: Refusal) -> Explanation:
    """Say which value of ``profile`` refused, by which clause, and with which inputs.

    ``profile`` is the one of the day that decides: of the service for prices and earning, of the
    recording for everything else.
    """
    return _explained(profile, refusal.code, refusal)


def explain_code(profile: Profile, code: str) -> Explanation:
    """As :func:`explain_refusal`, where the code alone was kept; the inputs are not known then."""
    return _explained(profile, code, None)


def _explained(profile: Profile, code: str, refusal: Refusal | None) -> Explanation:
    zh, en = ([], []) if refusal is None else ([refusal.in_chinese()], [str(refusal)])
    keys = DECIDED_BY.get(code)
    if keys is None:
        zh.append(f"{code}：与规则的取值无关，换成任何规则也一样")
        en.append(f"{code}: refused under every policy; no value of this one decides it")
        return Explanation(tuple(zh), tuple(en))
    lines = [line for line in sheet_of(profile).lines if line.key in keys]
    for line in lines:
        zh.append(f"{line.title_zh}（{line.key}）：{line.value}（依据：{line.source}）")
        en.append(f"{line.key}: {line.value} ({line.source})")
    if not lines:
        zh.append(f"本规则没有设置 {'、'.join(f'{TITLES[key]}（{key}）' for key in keys)}")
        en.append(f"this policy leaves unset: {', '.join(keys)}")
    if refusal is not None and refusal.facts:
        inputs = [(_INPUTS.get(name, (name, name)), value) for name, value in refusal.facts.items()]
        zh.append("输入：" + "，".join(f"{words[0]} {_said(one, 0)}" for words, one in inputs))
        en.append("inputs: " + ", ".join(f"{words[1]} {_said(one, 1)}" for words, one in inputs))
    last_zh, last_en = version_lines(profile)
    return Explanation((*zh, last_zh), (*en, last_en))


def _said(value: object, language: int) -> str:
    return FIELDS[value][language] if isinstance(value, str) and value in FIELDS else str(value)
