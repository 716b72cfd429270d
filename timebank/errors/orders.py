"""Refusals about orders: which step may follow, who may take it, and what it needs."""

from timebank.errors.base import BankRefusal


class UnknownOrder(BankRefusal):
    """There is no such order, or none that concerns whoever asks.  Facts: ``order``."""

    code = "unknown_order"
    message_zh = "没有这张服务订单：{order}。"
    message_en = "There is no order {order}."


class UnknownClass(BankRefusal):
    """No service of this class is offered.  Facts: ``field``, ``service_class``."""

    code = "unknown_class"
    message_zh = "“{field}”没有这一服务类别：{service_class}。"
    message_en = "The {field} {service_class} is no class of service."


class OrderStepNotAllowed(BankRefusal):
    """The order stands where this step does not lead on.  Facts: ``order``, ``state``, ``step``."""

    code = "order_step_not_allowed"
    message_zh = "订单 {order} 现为 {state}，不能进行“{step}”。"
    message_en = "Order {order} is {state}; {step} is not possible from there."


class OrderChanged(BankRefusal):
    """Somebody else moved the order on meanwhile.  Facts: ``order``."""

    code = "order_changed"
    message_zh = "订单 {order} 刚被他人更改，请重新打开后再试。"
    message_en = "Somebody changed order {order} a moment ago; open it again."


class WishInThePast(BankRefusal):
    """Care is wished for a time that is over.  Facts: ``on``, ``today``."""

    code = "wish_in_the_past"
    message_zh = "希望的服务日期 {on} 早于今天 {today}，请另选日期。"
    message_en = "The wished day {on} is before today, {today}."


class AssistantMissing(BankRefusal):
    """A wish that came by others' hands names nobody who wrote it down.  Facts: ``channel``."""

    code = "assistant_missing"
    message_zh = "代为登记的需求（{channel}）必须写明登记人。"
    message_en = "A wish that came by {channel} must name who wrote it down."


class WrongDoorCode(BankRefusal):
    """The code is not the one that the elder was given.  Facts: ``field``."""

    code = "wrong_door_code"
    message_zh = "上门码不对，请看老人手中的来访单。"
    message_en = "That is not the door code; it stands on the elder's slip."


class VisitNotThatDay(BankRefusal):
    """A visit that begins on another day than was agreed.  Facts: ``on``, ``wanted_on``."""

    code = "visit_not_that_day"
    message_zh = "约定的服务日期是 {wanted_on}，不能在 {on} 签到；请先改约。"
    message_en = "The visit was agreed for {wanted_on}; it cannot begin on {on}."


class ConfirmerNotIndependent(BankRefusal):
    """Whoever signed the visit out would confirm it too.  Facts: ``order``."""

    code = "confirmer_not_independent"
    message_zh = "办理签退的人不能确认同一次服务（{order}）；请由老人、家属或另一位工作人员确认。"
    message_en = "Whoever signed {order} out may not confirm it; another person must."


class FamilyOfVolunteer(BankRefusal):
    """Whoever confirms for the elder is a relative of the volunteer.  Facts: ``order``."""

    code = "family_of_volunteer"
    message_zh = "您也是志愿者的亲属，不能确认这次服务（{order}）；请由老人或站点确认。"
    message_en = "A relative of the volunteer may not confirm {order}; the elder or station must."


class ConfirmedBeyondVisit(BankRefusal):
    """More minutes than lie between sign-in and sign-out.  Facts: ``minutes``, ``most``."""

    code = "confirmed_beyond_visit"
    message_zh = "签到至签退共 {most} 分钟，不能确认 {minutes} 分钟。"
    message_en = "The visit had {most} minutes; {minutes} cannot be confirmed."


class OrderAlreadyRated(BankRefusal):
    """An order is rated once.  Facts: ``order``."""

    code = "order_already_rated"
    message_zh = "订单 {order} 已经评价过。"
    message_en = "Order {order} was rated before."


class OrderValueInvalid(BankRefusal):
    """What was stated with a step is out of its bounds.  Facts: ``field``, ``given``."""

    code = "order_value_invalid"
    message_zh = "“{field}”的内容无效：{given}。"
    message_en = "The {field} is not valid: {given}."


class VolunteerBusy(BankRefusal):
    """The volunteer has agreed to another visit at that time.  Facts: ``order``."""

    code = "volunteer_busy"
    message_zh = "该志愿者在这段时间已有约定（订单 {order}）。"
    message_en = "The volunteer has agreed to another visit at that time (order {order})."
