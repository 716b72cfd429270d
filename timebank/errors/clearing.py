"""Refusals about clearing between districts: statements, netting, and the end of a partnership."""

from timebank.errors.base import BankRefusal


class ClearingUnreadable(BankRefusal):
    """No clearing statement, or one that its book did not sign so.  Facts: ``why``."""

    code = "clearing_unreadable"
    message_zh = "这份清算单不能采信：{why}。请向对方区重新索取原文件。"
    message_en = "The clearing statement cannot be believed: {why}. Ask the partner for it again."


class ClearingElsewhere(BankRefusal):
    """The statement is about another book than this.  Facts: ``partner``."""

    code = "clearing_elsewhere"
    message_zh = "这份清算单是给“{partner}”的，不是给本区的。"
    message_en = "The clearing statement is addressed to {partner}, not to this book."


class ClearingMonthOpen(BankRefusal):
    """The month is not over, so nothing final can be said of it.  Facts: ``month``."""

    code = "clearing_month_open"
    message_zh = "{month} 还没有结束，月末以后才能清算。"
    message_en = "The month {month} is not over; it is cleared afterwards."


class ClearingMonthKnown(BankRefusal):
    """The partner's statement of that month was taken in before.  Facts: ``month``, ``partner``."""

    code = "clearing_month_known"
    message_zh = "“{partner}”{month} 的清算单已经收过，不能再收一份。"
    message_en = "The statement of {partner} for {month} was taken in before."


class UnknownClearing(BankRefusal):
    """No statement of that month.  Facts: ``month``, ``partner``."""

    code = "unknown_clearing"
    message_zh = "没有“{partner}”{month} 的清算单。"
    message_en = "There is no clearing statement with {partner} for {month}."


class ClearingDiffers(BankRefusal):
    """Both statements of the month do not agree yet.  Facts: ``month``, ``differences``."""

    code = "clearing_differs"
    message_zh = "{month} 双方的清算单还有 {differences} 处不一致，查清以后才能轧差。"
    message_en = "The statements of {month} differ in {differences} places; net when they agree."


class NothingToNet(BankRefusal):
    """Both statements close at zero.  Facts: ``month``."""

    code = "nothing_to_net"
    message_zh = "{month} 双方余额都是零，不需要轧差。"
    message_en = "Both statements of {month} close at zero: there is nothing to net."


class MonthNetted(BankRefusal):
    """The month, or a later one, was netted, or was when it was over.  Facts: ``month``."""

    code = "month_netted"
    message_zh = "{month} 的余额已经轧过差，不能再轧一次；其余的到以后的月份一起轧差。"
    message_en = "What {month} closed with was netted; the rest is netted with a later month."


class NettingAwaits(BankRefusal):
    """A netting with the same partner awaits its decision.  Facts: ``netting``."""

    code = "netting_awaits"
    message_zh = "与该区已有一笔轧差待批准（{netting}）。"
    message_en = "Netting {netting} with this partner awaits its decision."


class UnknownNetting(BankRefusal):
    """There is no such netting.  Facts: ``netting``."""

    code = "unknown_netting"
    message_zh = "没有这笔轧差（{netting}）。"
    message_en = "There is no netting {netting}."


class NettingNotOpen(BankRefusal):
    """The netting was decided before.  Facts: ``netting``, ``state``."""

    code = "netting_not_open"
    message_zh = "这笔轧差（{netting}）现为“{state}”，不能再这样办理。"
    message_en = "Netting {netting} is {state}; it is not open."


class PartnerNotLevel(BankRefusal):
    """The clearing account is not netted to zero.  Facts: ``minutes``."""

    code = "partner_not_level"
    message_zh = "区间清算账户还有 {minutes} 分钟，轧差到零以后才能结束往来。"
    message_en = "{minutes} minutes stand on the clearing account; net them to zero first."


class PartnerBusy(BankRefusal):
    """Moves or a netting with the partner wait.  Facts: ``waiting``."""

    code = "partner_busy"
    message_zh = "与该区还有 {waiting} 笔转移或轧差待办理，办完以后才能结束往来。"
    message_en = "{waiting} moves or nettings with this partner wait; decide them first."


class EndingAwaits(BankRefusal):
    """The end of this partnership awaits its decision.  Facts: ``ending``."""

    code = "ending_awaits"
    message_zh = "结束往来的登记待另一人批准（{ending}）。"
    message_en = "The end of this partnership awaits its decision ({ending})."


class UnknownEnding(BankRefusal):
    """There is no such ending.  Facts: ``ending``."""

    code = "unknown_ending"
    message_zh = "没有这条结束往来的登记（{ending}）。"
    message_en = "There is no ending {ending}."


class EndingNotOpen(BankRefusal):
    """The ending was decided before.  Facts: ``ending``, ``state``."""

    code = "ending_not_open"
    message_zh = "这条结束往来的登记（{ending}）现为“{state}”，不能再这样办理。"
    message_en = "Ending {ending} is {state}; it is not open."


REFUSALS: tuple[type[BankRefusal], ...] = (
    ClearingUnreadable,
    ClearingElsewhere,
    ClearingMonthOpen,
    ClearingMonthKnown,
    UnknownClearing,
    ClearingDiffers,
    NothingToNet,
    MonthNetted,
    NettingAwaits,
    UnknownNetting,
    NettingNotOpen,
    PartnerNotLevel,
    PartnerBusy,
    EndingAwaits,
    UnknownEnding,
    EndingNotOpen,
)
"""Every refusal of this page."""
