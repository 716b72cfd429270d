"""Refusals about public notice and objections."""

from timebank.errors.base import BankRefusal


class NotUnderNotice(BankRefusal):
    """The record is not on public notice.  Facts: ``record``."""

    code = "not_under_notice"
    message_zh = "记录 {record} 不在公示期，不能提出或处理异议。"
    message_en = "Record {record} is not under public notice; nothing can be objected or decided."


class AlreadyObjected(BankRefusal):
    """An objection is open, or the same person objected before.  Facts: ``record``."""

    code = "already_objected"
    message_zh = "对记录 {record} 的异议已经收到，正在核查或已有结论，不必重复提出。"
    message_en = "An objection to {record} is being looked into, or you objected before."


class NoOpenObjection(BankRefusal):
    """Nothing is left to decide.  Facts: ``record``."""

    code = "no_open_objection"
    message_zh = "记录 {record} 没有待处理的异议。"
    message_en = "No objection to {record} waits for a decision."


class DeciderNotIndependent(BankRefusal):
    """Whoever recorded, reviewed or objected may not decide.  Facts: ``record``."""

    code = "decider_not_independent"
    message_zh = "登记、复核或提出异议的人不能处理这条异议（{record}），请由另一人处理。"
    message_en = "Whoever recorded, reviewed or objected to {record} may not decide; another must."


REFUSALS: tuple[type[BankRefusal], ...] = (
    NotUnderNotice,
    AlreadyObjected,
    NoOpenObjection,
    DeciderNotIndependent,
)
