"""Refusals about signed rosters: the paper by which a record of many volunteers is approved."""

from timebank.errors.base import BankRefusal


class RosterMissing(BankRefusal):
    """A record of many volunteers would be approved by nobody who saw the signed roster.

    Facts: ``record``, ``volunteers``.
    """

    code = "roster_missing"
    message_zh = (
        "记录 {record} 一次记入 {volunteers} 名志愿者，须凭签到表复核："
        "请填写签到表编号（页码）和签名人数。"
    )
    message_en = (
        "Record {record} credits {volunteers} volunteers; whoever approves it "
        "states the number of the signed roster and its signatures."
    )


class RosterShort(BankRefusal):
    """The roster has fewer signatures than the record volunteers.

    Facts: ``record``, ``signatures``, ``volunteers``.
    """

    code = "roster_short"
    message_zh = (
        "签到表只有 {signatures} 人签名，记录 {record} 却有 {volunteers} 名志愿者；"
        "请退回记录，改正人数后重新登记。"
    )
    message_en = (
        "The roster has {signatures} signatures, record {record} {volunteers} volunteers; "
        "send it back to be recorded anew."
    )


class RosterUnfit(BankRefusal):
    """A roster's number or the digest of its scan is not of its form.  Facts: ``field``."""

    code = "roster_unfit"
    message_zh = (
        "签到表的{field}填写不对：编号只用字母、数字和 / . -，至少一位数字，不写姓名或证件号码；"
        "扫描件摘要是 64 位十六进制的 SHA-256。"
    )
    message_en = (
        "The roster's {field} is not of its form: a number has letters, digits and / . - only, "
        "never a name or an identity number; a digest is a SHA-256 in 64 hex digits."
    )


REFUSALS: tuple[type[BankRefusal], ...] = (
    RosterMissing,
    RosterShort,
    RosterUnfit,
)
"""In the order of the reference page."""
