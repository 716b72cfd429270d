"""Refusals about the written statements that members get."""

from timebank.errors.base import BankRefusal


class LettersNotDue(BankRefusal):
    """No such letters can be made now.  Facts: ``why``, ``part``."""

    code = "letters_not_due"
    message_zh = "{part} 的书面对账单现在不能制作：{why}。"
    message_en = "The letters of {part} cannot be made now: {why}."


class UnknownLetterRun(BankRefusal):
    """No run of letters has that id.  Facts: ``run``."""

    code = "unknown_letter_run"
    message_zh = "没有这一批书面对账单：{run}。请从“书面对账单”页重新打开。"
    message_en = "There is no run of letters {run}; open it from the page of letters again."


class LettersNotDrawn(BankRefusal):
    """Said to be handed out although nobody drew them.  Facts: ``part``."""

    code = "letters_not_drawn"
    message_zh = "{part} 的书面对账单还没有人下载，不能登记为已交给会员；请先下载、打印。"
    message_en = "Nobody has drawn the letters of {part}; print them before they are handed out."


class LettersHandedBefore(BankRefusal):
    """Said twice to be handed out; the first word stands.  Facts: ``part``."""

    code = "letters_handed_before"
    message_zh = "{part} 的书面对账单已经登记为交给会员，不必再登记。"
    message_en = "The letters of {part} are known to be handed out; once is enough."


REFUSALS: tuple[type[BankRefusal], ...] = (
    LettersNotDue,
    UnknownLetterRun,
    LettersNotDrawn,
    LettersHandedBefore,
)
"""Every refusal of this page."""
