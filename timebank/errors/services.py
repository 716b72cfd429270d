"""Refusals about services: when they happened, with whom, how much, and who reviewed them."""

from timebank.errors.base import BankRefusal


class InTheFuture(BankRefusal):
    """A service later than the moment of recording.  Facts: ``on``, ``today``."""

    code = "in_the_future"
    message_zh = "服务日期 {on} 晚于登记之日 {today}；只能登记已经完成的服务。"
    message_en = "The service date {on} is later than today, {today}; record what has happened."


class TooLateWithoutReason(BankRefusal):
    """Recorded too many working days after the service, and nobody said why.

    Facts: ``working_days``, ``most_working_days``.
    """

    code = "too_late_without_reason"
    message_zh = (
        "服务后第 {working_days} 个工作日才登记，超过 {most_working_days} 个工作日必须填写补录原因"
        "（民政部令第67号第十一条）。"
    )
    message_en = (
        "Recorded {working_days} working days after the service; beyond {most_working_days} a"
        " reason is needed (Order 67 of the Ministry of Civil Affairs, art. 11)."
    )


class Duplicate(BankRefusal):
    """The same volunteer, recipients and times stand in this file or book already.

    Facts: ``of``, the row or record that came first.
    """

    code = "duplicate"
    message_zh = "与 {of} 重复：志愿者、服务对象和起止时间都相同；同一次服务只记一次。"
    message_en = "The same volunteer, recipients and times as {of}; one service counts once."


class OverlappingService(BankRefusal):
    """The same person is in another service at that time.  Facts: ``field``, ``of``."""

    code = "overlapping_service"
    message_zh = "“{field}”在这段时间已有另一次服务（{of}）；同一人的服务时间不能重叠。"
    message_en = "The {field} is in another service at that time ({of}); times may not overlap."


class SelfService(BankRefusal):
    """Volunteer and recipient are one person.  Facts: ``field``."""

    code = "self_service"
    message_zh = "“{field}”就是志愿者本人；为自己服务不计时间。"
    message_en = "The {field} is the volunteer; care for oneself earns nothing."


class OwnSpouse(BankRefusal):
    """The recipient is the volunteer's spouse and the policy excludes that.  Facts: ``field``."""

    code = "own_spouse"
    message_zh = "“{field}”是志愿者的配偶；照料自己的配偶不计时间。"
    message_en = "The {field} is the volunteer's spouse; care for one's own spouse earns nothing."


class NotVolunteerActivity(BankRefusal):
    """Content that is no volunteer service.  Facts: ``field``."""

    code = "not_volunteer_activity"
    message_zh = "“{field}”不属于志愿服务；非志愿服务活动不得记录（民政部令第67号第十九条）。"
    message_en = "The {field} is no volunteer service and may not be recorded (Order 67, art. 19)."


class ExcludedService(BankRefusal):
    """Care that the policy leaves to professionals.  Facts: ``field``, ``service_class``."""

    code = "excluded_service"
    message_zh = "“{field}”属于规则排除的服务类别（{service_class}），不计时间。"
    message_en = "The {field} is of class {service_class}, which the policy excludes."


class DailyCapExceeded(BankRefusal):
    """More credit on one day than the policy allows.

    Facts: ``cap_minutes``, ``credited_minutes`` (before this service), ``minutes``.
    """

    code = "daily_cap_exceeded"
    message_zh = (
        "每人每天最多入账 {cap_minutes} 分钟；"
        "当天已有 {credited_minutes} 分钟，本次 {minutes} 分钟。"
    )
    message_en = (
        "At most {cap_minutes} minutes a day; {credited_minutes} that day before, {minutes} now."
    )


class OrderCapExceeded(BankRefusal):
    """A single service longer than the policy credits.  Facts: ``cap_minutes``, ``minutes``."""

    code = "order_cap_exceeded"
    message_zh = "每次服务最多入账 {cap_minutes} 分钟，本次 {minutes} 分钟。"
    message_en = "At most {cap_minutes} minutes for one service; this one has {minutes}."


class AccountCapExceeded(BankRefusal):
    """A full account whose excess the policy refuses.  Facts: ``cap_minutes``, ``minutes``."""

    code = "account_cap_exceeded"
    message_zh = "账户上限为 {cap_minutes} 分钟，本次 {minutes} 分钟会超过上限。"
    message_en = "An account holds at most {cap_minutes} minutes; {minutes} more would exceed it."


class NotRedeemable(BankRefusal):
    """Too little saved to redeem.  Facts: ``minimum_minutes``, ``posted_minutes``."""

    code = "not_redeemable"
    message_zh = "累计满 {minimum_minutes} 分钟后方可使用；目前为 {posted_minutes} 分钟。"
    message_en = "Credit may be used from {minimum_minutes} minutes; there are {posted_minutes}."


class TransferNotAllowed(BankRefusal):
    """The policy does not let credit go there.  Facts: ``relation``, a code."""

    code = "transfer_not_allowed"
    message_zh = "规则不允许把时间转给此类对象（{relation}）。"
    message_en = "The policy does not let credit go to {relation}."


class PayerNotAllowed(BankRefusal):
    """A register row or a public service that would debit an elder.  Facts: ``payer``, a code."""

    code = "payer_not_allowed"
    message_zh = "此类记录不能由“{payer}”支付；台账从不扣减老人的时间。"
    message_en = (
        "A record of this kind cannot be paid by {payer}; a register never debits an elder."
    )


class GroupTooLarge(BankRefusal):
    """More people than one record carries.  Facts: ``field``, ``count``, ``most``."""

    code = "group_too_large"
    message_zh = "“{field}”有 {count} 人，一条记录最多 {most} 人；请分开登记。"
    message_en = "The {field} lists {count} people; one record carries at most {most}."


class UnknownRecord(BankRefusal):
    """The book has no such service record.  Facts: ``record``."""

    code = "unknown_record"
    message_zh = "没有这条服务记录：{record}。"
    message_en = "There is no service record {record}."


class UnknownBatch(BankRefusal):
    """The book has no such import.  Facts: ``batch``."""

    code = "unknown_batch"
    message_zh = "没有这个导入批次：{batch}。"
    message_en = "There is no batch {batch}."


class NotAwaitingReview(BankRefusal):
    """The record is in another state.  Facts: ``record``, ``state``."""

    code = "not_awaiting_review"
    message_zh = "记录 {record} 不在待复核状态（现为 {state}）。"
    message_en = "Record {record} is not awaiting review (it is {state})."


class RecordCarriedOver(BankRefusal):
    """The record's entries stand in the log before this one.  Facts: ``record``."""

    code = "record_carried_over"
    message_zh = "记录 {record} 是从前一账本转来的，其凭证在前一账本的日志里，不能在这里冲销。"
    message_en = "Record {record} came from the former book: its entries cannot be reversed here."


class AlreadyReviewed(BankRefusal):
    """Somebody decided on the record before.  Facts: ``record``."""

    code = "already_reviewed"
    message_zh = "记录 {record} 已经复核过；一条记录只复核一次。"
    message_en = "Record {record} was reviewed before; a record is reviewed once."


class ReviewerIsRecorder(BankRefusal):
    """One person would be both pairs of eyes.  Facts: ``record``."""

    code = "reviewer_is_recorder"
    message_zh = "登记人不能复核自己登记的记录（{record}）；复核必须由另一人完成。"
    message_en = "Whoever recorded {record} may not review it; a second person must."
