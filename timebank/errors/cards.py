"""Refusals about cards that a scanner reads at the station."""

from timebank.errors.base import BankRefusal


class UnknownCard(BankRefusal):
    """No card in use has that number.  Facts: ``field``."""

    code = "unknown_card"
    message_zh = "没有这张卡，或者已挂失；请核对“{field}”。"
    message_en = "No card in use has that number; check the {field}."


class CardOfAnother(BankRefusal):
    """The card is not one of the order's volunteer.  Facts: ``field``."""

    code = "card_of_another"
    message_zh = "这张卡不是本单志愿者在用的卡，没有签到签退。"
    message_en = "That is no card in use of the order's volunteer; nothing was noted."


class CardReadTwice(BankRefusal):
    """The sign-in was only just now.  Facts: ``start``, ``least``."""

    code = "card_read_twice"
    message_zh = (
        "{start} 刚签到，不满 {least} 分钟，再刷一次卡不算签退；确实已离开的，请在下面办理签退。"
    )
    message_en = (
        "Signed in at {start}: within {least} minutes a card signs nobody out; use the form."
    )


REFUSALS: tuple[type[BankRefusal], ...] = (UnknownCard, CardOfAnother, CardReadTwice)
