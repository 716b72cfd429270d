"""Refusals after a death."""

from timebank.errors.base import BankRefusal


class PersonDeceased(BankRefusal):
    """A death was reported, so the account rests.  Facts: ``field``."""

    code = "person_deceased"
    message_zh = "此人已登记身故，账户暂停使用；如登记有误，请由另一人撤回。"
    message_en = "A death was reported for this person, so the account rests."


class UnknownEstate(BankRefusal):
    """No report of that id, or it was withdrawn.  Facts: ``estate``."""

    code = "unknown_estate"
    message_zh = "没有这条身故登记（{estate}），或者已经撤回。"
    message_en = "There is no report {estate}, or it was withdrawn."


class ReporterDecides(BankRefusal):
    """Whoever reported or settled would decide about it.  Facts: ``estate``."""

    code = "reporter_decides"
    message_zh = "登记或办理的人不能自己复核，请由另一人办理（{estate}）。"
    message_en = "Whoever reported or settled {estate} may not decide about it; another must."


class NothingLeft(BankRefusal):
    """The account is empty.  Facts: ``estate``."""

    code = "nothing_left"
    message_zh = "账户里没有可承接的时间（{estate}）。"
    message_en = "The account has nothing left to be given ({estate})."


class HeirNotKin(BankRefusal):
    """Who should receive is no registered relative.  Facts: ``field``."""

    code = "heir_not_kin"
    message_zh = "承接人没有登记为亲属；请先凭证明登记亲属关系，或转入公共池。"
    message_en = "Whoever should receive is not registered as a relative; register that first."


class SharesTooLarge(BankRefusal):
    """The relatives would get more than the policy leaves.  Facts: ``minutes``, ``most``."""

    code = "shares_too_large"
    message_zh = "亲属一共最多承接 {most} 分钟，现填 {minutes} 分钟。"
    message_en = "Relatives can receive {most} minutes together; {minutes} were stated."


class EstateSettled(BankRefusal):
    """Time was given away already; that is reversed first.  Facts: ``estate``."""

    code = "estate_settled"
    message_zh = "时间已经转出，请先更正再撤回登记（{estate}）。"
    message_en = (
        "Time was given away already; reverse that before the report is withdrawn ({estate})."
    )


class SettlementCarriedOver(BankRefusal):
    """Its entry stands in the log before this one.  Facts: ``estate``."""

    code = "settlement_carried_over"
    message_zh = "这次办理在前一账本入账，不能在这里更正（{estate}）；请联系区级管理员。"
    message_en = "The settlement of {estate} stands in the book before this one, out of reach here."


REFUSALS: tuple[type[BankRefusal], ...] = (
    PersonDeceased,
    UnknownEstate,
    ReporterDecides,
    NothingLeft,
    HeirNotKin,
    SharesTooLarge,
    EstateSettled,
    SettlementCarriedOver,
)
