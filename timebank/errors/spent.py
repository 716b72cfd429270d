"""Refusals about what is said of the time inside a service."""

from timebank.errors.base import BankRefusal


class TimeSpentInvalid(BankRefusal):
    """Travel and rest are less than nothing, or leave no minute of service.

    Facts: ``travel_minutes``, ``rest_minutes``, ``minutes`` of the whole interval.
    """

    code = "time_spent_invalid"
    message_zh = (
        "路途 {travel_minutes} 分钟和用餐休息 {rest_minutes} 分钟不能是负数，"
        "合计必须少于服务的 {minutes} 分钟。"
    )
    message_en = (
        "Travel of {travel_minutes} and rest of {rest_minutes} minutes may not be negative, and"
        " together must be less than the {minutes} minutes of the service."
    )


class UnreadableMinutes(BankRefusal):
    """A part of a service that is no whole minutes up to a day.  Facts: ``field``, ``given``."""

    code = "unreadable_minutes"
    message_zh = "“{field}”无法识别：{given}；请写分钟数，例如 30，或写成 1小时10分。"
    message_en = "The {field} cannot be read: {given}; write minutes such as 30, or 1 hour 10 min."


REFUSALS: tuple[type[BankRefusal], ...] = (TimeSpentInvalid, UnreadableMinutes)
"""Every refusal of this page."""
