"""Refusals about records whose minutes are spent when they are to be taken back."""

from timebank.errors.base import BankRefusal


class UnknownProposal(BankRefusal):
    """No proposal of that id that the asker may see.  Facts: ``proposal``."""

    code = "unknown_reversal_proposal"
    message_zh = "没有这条冲销申请（{proposal}）。"
    message_en = "There is no proposal {proposal} to take a record back."


class ProposalNotOpen(BankRefusal):
    """It was decided before.  Facts: ``proposal``, ``state``."""

    code = "reversal_proposal_not_open"
    message_zh = "这条冲销申请已经办结（{proposal}）。"
    message_en = "The proposal {proposal} was decided before: {state}."


class ReversalProposed(BankRefusal):
    """The record has an open proposal already.  Facts: ``record``, ``proposal``."""

    code = "reversal_proposed"
    message_zh = "这条记录已有待批准的冲销申请（{proposal}）。"
    message_en = "There is an open proposal {proposal} to take {record} back."


class ReversalProposerDecides(BankRefusal):
    """Whoever proposed it would approve it.  Facts: ``proposal``."""

    code = "reversal_proposer_decides"
    message_zh = "提出申请的人不能自己批准，须由另一人办理（{proposal}）。"
    message_en = "Whoever proposed {proposal} may not approve it; another must."


class NothingMissing(BankRefusal):
    """The minutes are there: a plain reversal takes the record back.  Facts: ``record``."""

    code = "nothing_missing"
    message_zh = "时间还在账上，可以直接冲销，不需要短缺（{record}）。"
    message_en = "The minutes of {record} are there: reverse it, no shortfall is needed."


REFUSALS: tuple[type[BankRefusal], ...] = (
    UnknownProposal,
    ProposalNotOpen,
    ReversalProposed,
    ReversalProposerDecides,
    NothingMissing,
)
