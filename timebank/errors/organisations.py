"""Refusals around organisations and group volunteers."""

from timebank.errors.base import BankRefusal


class OrganisationEarnsNothing(BankRefusal):
    """The policy has no group volunteers.  Facts: ``field``."""

    code = "organisation_earns_nothing"
    message_zh = "现行规则没有规定单位可以作为团体志愿者，不能给单位记时间。"
    message_en = "The policy does not let organisations earn as group volunteers."


class OrganisationDonatesOnly(BankRefusal):
    """An organisation would give to or receive from somebody.  Facts: ``field``."""

    code = "organisation_donates_only"
    message_zh = "单位的时间只能捐给公共时间池，单位也不接受转赠。"
    message_en = "An organisation's time may only be donated to the pool; it receives no gifts."


class OrganisationNotSent(BankRefusal):
    """An order would be given to an organisation, and nobody would know who comes."""

    code = "organisation_not_sent"
    message_zh = "上门服务要派到具体的人，不能派给单位；请选其中一位志愿者。"
    message_en = "A visit is given to a person, not to an organisation; choose a volunteer of it."


class OrganisationHasNoPassbook(BankRefusal):
    """An older balance would be brought in for an organisation."""

    code = "organisation_has_no_passbook"
    message_zh = "期初时长只能给个人导入，不能给单位导入。"
    message_en = "Older balances are brought in for people, not for organisations."


class UnknownOrganisation(BankRefusal):
    """The number stands for no organisation.  Facts: ``field``."""

    code = "unknown_organisation"
    message_zh = "没有这个单位编号；请先登记单位。"
    message_en = "The number stands for no organisation."


class CreditCodeInvalid(BankRefusal):
    """No 统一社会信用代码 (GB 32100).  Facts: ``field``."""

    code = "credit_code_invalid"
    message_zh = "统一社会信用代码应为18位，并且校验位要对（GB 32100）。"
    message_en = "A unified social credit code has 18 characters and a fitting check (GB 32100)."


class CreditCodeTaken(BankRefusal):
    """Another organisation has that code.  Facts: ``field``."""

    code = "credit_code_taken"
    message_zh = "这个统一社会信用代码已经登记过。"
    message_en = "Another organisation is registered with that code."


class BelongsAlready(BankRefusal):
    """The person belongs to the organisation.  Facts: ``field``."""

    code = "belongs_already"
    message_zh = "此人已经是这个单位的成员。"
    message_en = "The person belongs to this organisation already."


class BelongsNot(BankRefusal):
    """The person does not belong to the organisation.  Facts: ``field``."""

    code = "belongs_not"
    message_zh = "此人不是这个单位的成员。"
    message_en = "The person does not belong to this organisation."


class GuardianMissing(BankRefusal):
    """A minor, or somebody whose age nobody knows, without a guardian's word.

    Facts: ``field``, ``minimum_age``.
    """

    code = "guardian_missing"
    message_zh = "未满 {minimum_age} 周岁（或没有登记出生日期）的，须写明监护人及其同意。"
    message_en = "Whoever is under {minimum_age}, or of unknown age, needs a guardian's consent."


REFUSALS: tuple[type[BankRefusal], ...] = (
    OrganisationEarnsNothing,
    OrganisationDonatesOnly,
    OrganisationNotSent,
    OrganisationHasNoPassbook,
    UnknownOrganisation,
    CreditCodeInvalid,
    CreditCodeTaken,
    BelongsAlready,
    BelongsNot,
    GuardianMissing,
)
