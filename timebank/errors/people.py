"""Refusals about people: who is meant, who may, and numbers that name a person.

Facts never carry a name, an ID number, a telephone, an age or a birth date: a refusal by the books
is remembered for ever, whatever becomes of the person.  A candidate is named by mask and number,
and only before the books are asked.
"""

from timebank.errors.base import BankRefusal


class UnknownMember(BankRefusal):
    """Nobody of that number or name is registered.  Facts: ``field``."""

    code = "unknown_member"
    message_zh = "“{field}”一栏的人员尚未登记；请核对编号和姓名，或先登记此人。"
    message_en = "Nobody is registered under this {field}; check number and name, or register them."


class AmbiguousMember(BankRefusal):
    """Several people bear the name.  Facts: ``field``, ``candidates`` (masks and numbers)."""

    code = "ambiguous_member"
    message_zh = "“{field}”有同名人员（{candidates}）；请改填编号，系统不会替您选择。"
    message_en = "Several people bear the name under {field} ({candidates}); give the number."


class NotAVolunteer(BankRefusal):
    """The person has no role that earns.  Facts: ``field``."""

    code = "not_a_volunteer"
    message_zh = "“{field}”一栏的人员没有登记为志愿者；只有志愿者可以记录服务时间。"
    message_en = "The person under {field} is not registered as a volunteer; only volunteers earn."


class NotARecipient(BankRefusal):
    """The person has no role that receives care.  Facts: ``field``."""

    code = "not_a_recipient"
    message_zh = "“{field}”一栏的人员没有登记为服务对象。"
    message_en = "The person under {field} is not registered as one who receives care."


class UnderAge(BankRefusal):
    """Too young to earn on the day of the service.  Facts: ``minimum_age`` in years."""

    code = "under_age"
    message_zh = "志愿者服务当日未满 {minimum_age} 周岁；规则要求年满 {minimum_age} 周岁。"
    message_en = "The volunteer was too young on that day; the policy asks for {minimum_age} years."


class TooYoungToRedeem(BankRefusal):
    """Too young to receive care for credit.  Facts: ``minimum_age`` in years."""

    code = "too_young_to_redeem"
    message_zh = "服务对象未满 {minimum_age} 周岁；规则要求年满 {minimum_age} 周岁方可使用时间。"
    message_en = "The person is too young; the policy lets people redeem from {minimum_age} years."


class IdNumberInvalid(BankRefusal):
    """Wrong length, region, date or check character.  Facts: ``field``, ``why``, a code."""

    code = "id_number_invalid"
    message_zh = "“{field}”不正确（{why}）；应为 18 位，末位校验须相符（GB 11643）。"
    message_en = "The {field} is not valid ({why}): 18 characters, the last a check (GB 11643)."


class IdNumberTypedAsNumber(BankRefusal):
    """A spreadsheet kept the ID number as a number and lost its last digits.  Facts: ``field``."""

    code = "id_number_typed_as_number"
    message_zh = "“{field}”在表格中是数值，末三位已经丢失；请把单元格设为文本后重新填写。"
    message_en = "The {field} was typed as a number and lost its last digits; make the cell text."


class BirthDateDisagrees(BankRefusal):
    """The stated birth date is not that of the ID number.  Facts: ``field``."""

    code = "birth_date_disagrees"
    message_zh = "“{field}”与身份证号中的出生日期不一致；两者必须相同。"
    message_en = "The {field} must be the one inside the ID number."


class NameInvalid(BankRefusal):
    """A name that is empty, too long, or holds digits or signs.  Facts: ``field``, ``most``."""

    code = "name_invalid"
    message_zh = "“{field}”不能作为姓名；只能有文字、间隔号和空格，最多 {most} 个字。"
    message_en = "The {field} is no name: letters, middle dots and spaces, at most {most}."


class TelephoneInvalid(BankRefusal):
    """Neither a mobile nor a fixed-line number.  Facts: ``field``."""

    code = "telephone_invalid"
    message_zh = "“{field}”不正确；请填 11 位手机号，或带区号的固定电话。"
    message_en = "The {field} must be an 11-digit mobile number, or a fixed line with area code."


class NumberInvalid(BankRefusal):
    """A member number of another shape than the book's.  Facts: ``field``."""

    code = "number_invalid"
    message_zh = "“{field}”只能由 1 到 20 位字母、数字和短横组成。"
    message_en = "The {field} must be 1 to 20 letters, digits and hyphens."


class NumberTaken(BankRefusal):
    """The member number belongs to somebody else.  Facts: ``field``, ``number``."""

    code = "number_taken"
    message_zh = "“{field}” {number} 已经属于另一个人；一个编号只能属于一个人（MZ/T 061）。"
    message_en = "The {field} {number} belongs to somebody else; a number names one person."


class UnknownRole(BankRefusal):
    """A role word that is neither volunteer nor recipient.  Facts: ``field``, ``given``."""

    code = "unknown_role"
    message_zh = "“{field}”无法识别：{given}；请填 志愿者 或 老人。"
    message_en = "The {field} is not known: {given}; give volunteer or elder."


class SamePerson(BankRefusal):
    """Two numbers that should name two people name one.  Facts: ``field``."""

    code = "same_person"
    message_zh = "两个“{field}”属于同一个人；请核对。"
    message_en = "Both values of {field} name the same person; check them."


class PersonRestricted(BankRefusal):
    """Somebody who asked to be forgotten is registered again.  Facts: ``field``, ``number``."""

    code = "person_restricted"
    message_zh = "“{number}”已申请注销，保存期内停止使用，不能再登记；请从名单中删去。"
    message_en = "{number} asked to be forgotten; their data is only kept. Take them off the list."


class HoldsOpen(BankRefusal):
    """Minutes of somebody who is to be forgotten are still set aside.  Facts: ``minutes``."""

    code = "holds_open"
    message_zh = "此人还有 {minutes} 分钟被预留；请先完成或取消相关订单，再办理。"
    message_en = "{minutes} minutes are still held; settle or release them first."


class BalanceRemains(BankRefusal):
    """Somebody who is to be forgotten still has minutes.  Facts: ``minutes``."""

    code = "balance_remains"
    message_zh = (
        "此人账户还有 {minutes} 分钟；请本人或家属先使用、赠与或捐入公益池，余额为零后再办理注销。"
    )
    message_en = (
        "The account still has {minutes} minutes; let them be used, given or donated to the pool "
        "first, and forget at zero."
    )


class NotConfirmed(BankRefusal):
    """Somebody who was asked whether they meant it did not say yes."""

    code = "not_confirmed"
    message_zh = "没有确认，未做任何改动。"
    message_en = "It was not confirmed; nothing was changed."


class PersonErased(BankRefusal):
    """The person's data key was destroyed; the hours stay.  Facts: ``person``."""

    code = "person_erased"
    message_zh = "此人的个人信息已按规定销毁，无法再显示；时间记录仍然有效。"
    message_en = "This person's personal data was destroyed; the hours remain."
