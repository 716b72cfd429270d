"""Refusals about credit that expires."""

from timebank.errors.base import BankRefusal


class UnknownExpiry(BankRefusal):
    """No announcement of that id that the asker may see.  Facts: ``expiry``."""

    code = "unknown_expiry"
    message_zh = "没有这条到期告知（{expiry}）。"
    message_en = "There is no announcement {expiry} that credit expires."


class NothingExpired(BankRefusal):
    """Nothing expired under the announcement, or it was given back.  Facts: ``expiry``."""

    code = "nothing_expired"
    message_zh = "这条告知没有时间到期转出，或者已经退回（{expiry}）。"
    message_en = "Nothing expired under {expiry}, or it was given back."


class ExpiryCarriedOver(BankRefusal):
    """Its entry stands in the log before this one.  Facts: ``expiry``."""

    code = "expiry_carried_over"
    message_zh = "这笔到期在前一账本入账，不能在这里退回（{expiry}）。"
    message_en = "What expired under {expiry} stands in the book before this one, out of reach."


REFUSALS: tuple[type[BankRefusal], ...] = (UnknownExpiry, NothingExpired, ExpiryCarriedOver)
