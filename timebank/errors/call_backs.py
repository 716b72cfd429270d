"""Refusals about call-backs."""

from timebank.errors.base import BankRefusal


class UnknownCall(BankRefusal):
    """There is no such call-back, or it is another station's.  Facts: ``call``."""

    code = "unknown_call"
    message_zh = "没有回访 {call}。"
    message_en = "There is no call-back {call}."


class CallEnded(BankRefusal):
    """What came of the call is known already.  Facts: ``call``."""

    code = "call_ended"
    message_zh = "回访 {call} 已有结果，结果不能更改；另有情况请告诉区运营。"
    message_en = "The outcome of {call} is known and cannot be changed; tell the operator the rest."


class CallerWasHandler(BankRefusal):
    """Whoever recorded, reviewed or led the visit may not ask about it.  Facts: ``call``."""

    code = "caller_was_handler"
    message_zh = "登记、复核或经办过这次服务的人不能回访（{call}），请由另一人打电话。"
    message_en = "Whoever recorded, reviewed or led the visit may not ask about it ({call})."


REFUSALS: tuple[type[BankRefusal], ...] = (UnknownCall, CallEnded, CallerWasHandler)
