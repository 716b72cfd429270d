"""Refusals about calls for help."""

from timebank.errors.base import BankRefusal


class UnknownHelpCall(BankRefusal):
    """No call for help has this number.  Facts: ``number``."""

    code = "unknown_help_call"
    message_zh = "没有第 {number} 号求助；请刷新页面后再试。"
    message_en = "There is no call for help {number}; load the page again."


REFUSALS: tuple[type[BankRefusal], ...] = (UnknownHelpCall,)
"""Every refusal of this page."""
