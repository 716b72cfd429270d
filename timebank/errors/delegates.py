"""Refusals around an elder's delegates."""

from timebank.errors.base import BankRefusal


class DelegateNamed(BankRefusal):
    """The authority runs already.  Facts: ``field``."""

    code = "delegate_named"
    message_zh = "这位受托人已经登记，委托仍然有效；要改范围或期限，请先终止再登记。"
    message_en = "This delegate is named already; end the authority before naming them anew."


class NoDelegate(BankRefusal):
    """No authority runs between the two.  Facts: ``field``."""

    code = "no_delegate"
    message_zh = "两人之间没有有效的委托。"
    message_en = "No authority runs between the two."


REFUSALS: tuple[type[BankRefusal], ...] = (DelegateNamed, NoDelegate)
