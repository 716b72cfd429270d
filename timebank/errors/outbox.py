"""Refusals about messages."""

from timebank.errors.base import BankRefusal


class UnknownMessage(BankRefusal):
    """No message has this number.  Facts: ``number``."""

    code = "unknown_message"
    message_zh = "没有第 {number} 号通知；请刷新通知单后再试。"
    message_en = "There is no message {number}; load the call list again."


REFUSALS: tuple[type[BankRefusal], ...] = (UnknownMessage,)
"""Every refusal of this page."""
