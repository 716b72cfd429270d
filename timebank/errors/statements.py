"""Refusals about statements."""

from timebank.errors.base import BankRefusal


class StatementTooLong(BankRefusal):
    """More lines than are laid out on paper at a time.  Facts: ``most``."""

    code = "statement_too_long"
    message_zh = "这段时间超过 {most} 笔，不能排成一份 PDF；请分段打印，或下载 CSV。"
    message_en = (
        "The period has more than {most} lines, too many for one PDF: ask for shorter periods,"
        " or for the CSV."
    )


REFUSALS: tuple[type[BankRefusal], ...] = (StatementTooLong,)
"""Every refusal of this page."""
