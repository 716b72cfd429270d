"""Refusals about credit that moves without a service: gifts, donations, grants and their fund."""

from timebank.errors.base import BankRefusal


class UnknownTransfer(BankRefusal):
    """There is no such transfer or proposal, or none of whoever asks.  Facts: ``transfer``."""

    code = "unknown_transfer"
    message_zh = "没有这笔转赠或提议：{transfer}。"
    message_en = "There is no transfer or proposal {transfer}."


class UndoOver(BankRefusal):
    """The ten minutes are over, or it was undone before.  Facts: ``transfer``, ``state``."""

    code = "undo_over"
    message_zh = "这笔转赠（{transfer}）已不能撤销：超过 10 分钟，或已经撤销。"
    message_en = "Transfer {transfer} can no longer be undone: it is {state}, or 10 minutes old."


class DonationGroupWithoutAccount(BankRefusal):
    """The policy names the group, and no account of the book stands for it.  Facts: ``group``."""

    code = "donation_group_without_account"
    message_zh = "规则允许捐给此类对象（{group}），但账本中没有它的账户；目前只能捐入公共时间池。"
    message_en = "The book has no account for {group}; only the public pool takes donations."


class SourceTooSmall(BankRefusal):
    """Pool or fund has less than was proposed.  Facts: ``available``, ``needed``: minutes."""

    code = "source_too_small"
    message_zh = "来源账户可用 {available} 分钟，不足所需的 {needed} 分钟；补助不得无中生有。"
    message_en = "The source has {available} minutes of the {needed} needed."


class NothingToGrant(BankRefusal):
    """No monthly grant in the policy, or nobody eligible without one.  Facts: ``month``."""

    code = "nothing_to_grant"
    message_zh = "{month} 没有可发放的补助：规则未设每月分钟数，或没有符合条件而尚未领取的老人。"
    message_en = (
        "Nothing to grant in {month}: no monthly grant is set, or nobody is left to get it."
    )


class ProposalNotOpen(BankRefusal):
    """The proposal was decided before.  Facts: ``proposal``."""

    code = "proposal_not_open"
    message_zh = "提议 {proposal} 已有决定。"
    message_en = "Proposal {proposal} was decided before."


class ProposerDecides(BankRefusal):
    """Whoever proposed may not approve.  Facts: ``proposal``."""

    code = "proposer_decides"
    message_zh = "提议人不能批准自己的提议（{proposal}），须由另一人批准。"
    message_en = "Whoever proposed {proposal} may not approve it; another person must."


class ProposalOutdated(BankRefusal):
    """What was proposed no longer follows from policy, month and people.  Facts: ``proposal``."""

    code = "proposal_outdated"
    message_zh = "提议 {proposal} 与现行规则、月份或老人情况不再相符，请退回后重新提议。"
    message_en = "Proposal {proposal} no longer follows from policy and people; propose anew."


class ConditionUnknown(BankRefusal):
    """No adopted policy grants anything for this condition.  Facts: ``condition``, ``known``."""

    code = "condition_unknown"
    message_zh = "规则中没有这一困难情形：{condition}；可用的有：{known}。"
    message_en = "No policy knows the condition {condition}; known are: {known}."


REFUSALS: tuple[type[BankRefusal], ...] = (
    UnknownTransfer,
    UndoOver,
    DonationGroupWithoutAccount,
    SourceTooSmall,
    NothingToGrant,
    ProposalNotOpen,
    ProposerDecides,
    ProposalOutdated,
    ConditionUnknown,
)
"""Every refusal of this page."""
