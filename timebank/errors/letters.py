"""Refusals about the written statements that members get."""

from timebank.errors.base import BankRefusal


class LettersNotDue(BankRefusal):
    """No such letters can be made now.  Facts: ``why``, ``part``."""

    code = "letters_not_due"
    message_zh = "{part} 的书面对账单现在不能制作：{why}。"
    message_en = "The letters of {part} cannot be made now: {why}."


REFUSALS: tuple[type[BankRefusal], ...] = (LettersNotDue,)
"""Every refusal of this page."""
