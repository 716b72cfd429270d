"""Refusals about the kit that an operator leaves behind."""

from timebank.errors.base import BankRefusal


class KitUnfit(BankRefusal):
    """A kit that is not as it was made, or cannot be reopened.  Facts: ``why``, ``file``."""

    code = "kit_unfit"
    message_zh = "移交包不能用（{why}）：{file}。"
    message_en = "The kit cannot be used ({why}): {file}."


class BookStillWritten(BankRefusal):
    """Something was written while the kit was made, so its parts would not agree."""

    code = "book_still_written"
    message_zh = "制作移交包期间账本有新的写入；请先停止服务和定时任务，再做一次。"
    message_en = "The book was written to meanwhile; stop server and scheduler, then make it again."


REFUSALS: tuple[type[BankRefusal], ...] = (KitUnfit, BookStillWritten)
"""Every refusal of this page."""
