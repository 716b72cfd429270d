"""Refusals about who may earn or redeem, and on which days, where a policy asks."""

from timebank.errors.base import BankRefusal


class NotRetired(BankRefusal):
    """Neither retired nor of the age that the policy takes for it.  Facts: ``minimum_age``."""

    code = "not_retired"
    message_zh = "按规则，已退休或年满 {minimum_age} 周岁的人才能存时间；请先登记退休证明。"
    message_en = "Only who is retired or at least {minimum_age} earns; note the proof of it first."


class RecordNotGood(BankRefusal):
    """A serious bad record was noted, and the policy asks for a good one.  Facts: ``field``."""

    code = "record_not_good"
    message_zh = "“{field}”登记有不良记录，按规则暂不计时间；记录有误可申请更正。"
    message_en = "A bad record is noted of the {field}, who earns nothing under this policy."


class NotResident(BankRefusal):
    """The policy serves residents, and nobody noted that they are one.  Facts: ``field``."""

    code = "not_resident"
    message_zh = "“{field}”还没有登记本市居民证明；按规则，本市居民才能用时间换服务。"
    message_en = "No proof is noted that the {field} is a resident; only residents may redeem."


class NotRedemptionDay(BankRefusal):
    """Time may be used on one day of the month only.  Facts: ``on``, ``day_of_month``."""

    code = "not_redemption_day"
    message_zh = "按规则，每月 {day_of_month} 日才能用时间换服务，{on} 不是这一天。"
    message_en = "Time may be used on day {day_of_month} of a month; {on} is another day."


class QuarterUsedUp(BankRefusal):
    """Time was used as often in that quarter as the policy lets.  Facts: ``on``, ``times``."""

    code = "quarter_used_up"
    message_zh = "按规则每季度最多用时间换服务 {times} 次，{on} 所在的季度已经用满。"
    message_en = "Time may be used {times} times a quarter; the quarter of {on} has none left."


REFUSALS: tuple[type[BankRefusal], ...] = (
    NotRetired,
    RecordNotGood,
    NotResident,
    NotRedemptionDay,
    QuarterUsedUp,
)
"""Every refusal of this page."""
