"""Refusals around requests for correction."""

from timebank.errors.base import BankRefusal


class UnknownCorrection(BankRefusal):
    """No request of that id that the actor may see.  Facts: ``correction``."""

    code = "unknown_correction"
    message_zh = "没有这项更正申请（{correction}）。"
    message_en = "There is no request for correction {correction}."


class CorrectionAsked(BankRefusal):
    """The same was asked before and waits for its answer.  Facts: ``correction``."""

    code = "correction_asked"
    message_zh = "同样的更正申请（{correction}）正在办理，请等答复。"
    message_en = "The same was asked in {correction}, which waits for its answer."


class CorrectionAnswered(BankRefusal):
    """The request has its answer.  Facts: ``correction``."""

    code = "correction_answered"
    message_zh = "这项更正申请（{correction}）已经答复。"
    message_en = "The request {correction} was answered before."


class CorrectorNotIndependent(BankRefusal):
    """Whoever recorded, reviewed or wrote the request down would answer it.

    Facts: ``correction``.
    """

    code = "corrector_not_independent"
    message_zh = "经办、复核或代写申请的人不能自己答复（{correction}），请由另一人办理。"
    message_en = "Whoever recorded, reviewed or wrote down {correction} may not answer it."


class NothingMended(BankRefusal):
    """It is said to be mended, and the books show nothing of it.  Facts: ``correction``, ``kind``.

    A wrong record is reversed or sent back first; a missing one is named.
    """

    code = "nothing_mended"
    message_zh = "尚未更正（{correction}）：有误的请先冲销或退回，遗漏的请先补记并填写编号。"
    message_en = "Nothing was mended for {correction} ({kind}): reverse or add the record first."


class IdNumberTaken(BankRefusal):
    """The identity number is somebody else's.  Facts: ``field``."""

    code = "id_number_taken"
    message_zh = "这个身份证号已经登记在另一个人名下，不能改成它；请核对证件。"
    message_en = "That identity number is registered for somebody else."


REFUSALS: tuple[type[BankRefusal], ...] = (
    UnknownCorrection,
    CorrectionAsked,
    CorrectionAnswered,
    CorrectorNotIndependent,
    NothingMended,
    IdNumberTaken,
)
