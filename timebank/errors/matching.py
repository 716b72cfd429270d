"""Refusals about who may be sent to whom, and about what is told of people for that."""

from timebank.errors.base import BankRefusal


class VolunteerPaused(BankRefusal):
    """The volunteer takes no orders on that day.  Facts: ``on``."""

    code = "volunteer_paused"
    message_zh = "该志愿者在 {on} 不接单，不能派单。"
    message_en = "The volunteer is paused on {on} and cannot be sent."


class VolunteerExcluded(BankRefusal):
    """This elder and this volunteer are not to be brought together.  Facts: ``order``."""

    code = "volunteer_excluded"
    message_zh = "订单 {order} 的老人与该志愿者已登记为不安排在一起，请另选志愿者。"
    message_en = "The elder of {order} and this volunteer are kept apart; choose another."


class NotInsured(BankRefusal):
    """No insurance covers the day, and the policy demands one.  Facts: ``on``."""

    code = "not_insured"
    message_zh = "该志愿者在 {on} 没有有效的意外保险，不能派单（志愿服务条例第十七条）。"
    message_en = "No accident insurance covers the volunteer on {on} (Volunteer Service, art. 17)."


class NoAgreement(BankRefusal):
    """No written agreement covers the day, and the policy demands one.  Facts: ``on``."""

    code = "no_agreement"
    message_zh = "该志愿者在 {on} 没有有效的服务协议，不能派单。"
    message_en = "No written agreement with the volunteer covers {on}."


class SkillMissing(BankRefusal):
    """The class asks for a skill that the volunteer has not shown.  Facts: ``service_class``."""

    code = "skill_missing"
    message_zh = "该志愿者没有登记所需的技能（{service_class}），不得安排超出其能力的服务。"
    message_en = "The volunteer is not registered for {service_class}, which needs the skill."


class ConsentMissing(BankRefusal):
    """Sensitive data without the person's own consent to it.  Facts: ``field``."""

    code = "consent_missing"
    message_zh = "“{field}”须经本人单独同意后才能登记。"
    message_en = "The {field} is kept only with the person's separate consent."


class MatchingValueInvalid(BankRefusal):
    """What was told of a person or an area is out of its bounds.  Facts: ``field``, ``given``."""

    code = "matching_value_invalid"
    message_zh = "“{field}”的内容无效：{given}。"
    message_en = "The {field} is not valid: {given}."


class UnknownArea(BankRefusal):
    """There is no such area.  Facts: ``area``."""

    code = "unknown_area"
    message_zh = "没有这个片区：{area}。"
    message_en = "There is no area {area}."
