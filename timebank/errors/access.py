"""Refusals about stations, staff, sign-in and what a role may do."""

from timebank.errors.base import BankRefusal


class UnknownStation(BankRefusal):
    """The book has no station of that code.  Facts: ``station``."""

    code = "unknown_station"
    message_zh = "没有代码为 {station} 的站点；请核对站点代码，或先建立站点。"
    message_en = "There is no station {station}; check its code, or create it."


class StationExists(BankRefusal):
    """The station code is taken.  Facts: ``station``."""

    code = "station_exists"
    message_zh = "站点代码 {station} 已被使用；一个代码只能属于一个站点。"
    message_en = "Station code {station} is taken; a code names one station."


class StationCodeInvalid(BankRefusal):
    """A station code of another shape than the log's key names allow.  Facts: ``field``."""

    code = "station_code_invalid"
    message_zh = "“{field}”代码只能由 1 到 20 位英文字母、数字和短横组成，且以字母或数字开头。"
    message_en = "The {field} code must be 1 to 20 letters, digits or hyphens, not led by one."


class StationMissing(BankRefusal):
    """A role that works at one station was given none.  Facts: ``role``, a code."""

    code = "station_missing"
    message_zh = "身份 {role} 属于某一个站点；请写明站点代码。"
    message_en = "The role {role} belongs to one station; give its code."


class UnknownStaff(BankRefusal):
    """The book has no member of staff of that login.  Facts: ``staff``."""

    code = "unknown_staff"
    message_zh = "没有此工作人员：{staff}。"
    message_en = "There is no member of staff {staff}."


class StaffExists(BankRefusal):
    """The login is taken.  Facts: ``staff``."""

    code = "staff_exists"
    message_zh = "登录名 {staff} 已被使用。"
    message_en = "The login {staff} is taken."


class WrongCredentials(BankRefusal):
    """Login or secret is wrong; which of the two is not said."""

    code = "wrong_credentials"
    message_zh = "登录名（或卡号）与密码不符。"
    message_en = "The login (or card number) and the secret do not match."


class LockedOut(BankRefusal):
    """Too many wrong attempts.  Facts: ``minutes`` until the next attempt."""

    code = "locked_out"
    message_zh = "连续输错次数过多，请 {minutes} 分钟后再试，或请工作人员帮助。"
    message_en = "Too many wrong attempts; try again in {minutes} minutes, or ask the staff."


class NotPermitted(BankRefusal):
    """The role does not carry this right.  Facts: ``action``, ``role``, both codes."""

    code = "not_permitted"
    message_zh = "您的身份（{role}）无权进行此操作（{action}）。"
    message_en = "The role {role} may not {action}."


class WeakPin(BankRefusal):
    """A card PIN that others would guess.  Facts: ``field``, ``why``, a code."""

    code = "weak_pin"
    message_zh = "“{field}”不符合要求（{why}）：须为 6 位数字，不能全同、连号，或取自生日和电话。"
    message_en = (
        "The {field} is not acceptable ({why}): six digits, not all alike, not in sequence, not"
        " from birthday or telephone."
    )


class WeakPassword(BankRefusal):
    """A staff password that others would guess.  Facts: ``field``, ``why``, ``least``, ``most``."""

    code = "weak_password"
    message_zh = "“{field}”不符合要求（{why}）：{least} 到 {most} 个字符，不能含登录名，不能全同。"
    message_en = (
        "The {field} is not acceptable ({why}): {least} to {most} characters, without the login,"
        " not all alike."
    )


class SigningKeyOfAnother(BankRefusal):
    """A note by a key that is not the sender's.  Facts: ``key`` (its name).

    A device's key is used at its own station, a member of staff's by that person.
    """

    code = "signing_key_of_another"
    message_zh = "密钥 {key} 不属于本站点的设备或本人；请用自己的密钥签名后再发。"
    message_en = "Key {key} is not that of a device here, nor your own; sign with your own key."
