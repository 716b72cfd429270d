"""Refusals about opening balances: rows, their holders' confirmation, and who may approve them."""

from timebank.errors.base import BankRefusal


class UnknownOpening(BankRefusal):
    """There is no such row, or none of whoever asks.  Facts: ``opening``."""

    code = "unknown_opening"
    message_zh = "没有这一行期初时长：{opening}。"
    message_en = "There is no opening balance {opening}."


class OpeningNotWaiting(BankRefusal):
    """The row is in another state than the step needs.  Facts: ``opening``, ``state``."""

    code = "opening_not_waiting"
    message_zh = "这一行期初时长（{opening}）现为“{state}”，不能再这样办理。"
    message_en = "Opening balance {opening} is {state}; this step is not open to it."


class OpeningPageKnown(BankRefusal):
    """The same page of the same holder was brought in with other figures.  Facts: ``opening``."""

    code = "opening_page_known"
    message_zh = "这位持有人的这一来源页已登记过（{opening}），时长或截止日期与这次不同。"
    message_en = "This holder's page stands in {opening} already, with another balance or day."


class OpeningHolderGone(BankRefusal):
    """The holder asked to be forgotten since.  Facts: ``opening``."""

    code = "opening_holder_gone"
    message_zh = "持有人已申请删除个人信息，这一行（{opening}）不能再入账，请退回。"
    message_en = "The holder of {opening} asked to be forgotten since; send the row back."


class SlipNumberInvalid(BankRefusal):
    """A paper's number that is none, or that may be somebody's own number.  Facts: ``opening``."""

    code = "slip_number_invalid"
    message_zh = "确认单编号请写 1 到 40 个字母、数字或 - /，不要写身份证号或电话。"
    message_en = "A slip's number is 1 to 40 letters, digits, - or /, and nobody's own number."


class SlipNumberUsed(BankRefusal):
    """The paper has confirmed another row.  Facts: ``slip``."""

    code = "slip_number_used"
    message_zh = "确认单 {slip} 已用于另一行；一张确认单只确认一行。"
    message_en = "Slip {slip} has confirmed another row; each paper confirms one."


class ApproverNotIndependent(BankRefusal):
    """Whoever handed in the list or recorded the confirmation approves it.  Facts: ``batch``."""

    code = "approver_not_independent"
    message_zh = "导入名单的人和登记本人确认的人都不能复核，须由另一人复核（{batch}）。"
    message_en = "Who handed in {batch} or recorded its confirmations may not approve it."


class NoOpeningToApprove(BankRefusal):
    """Nothing of the list is confirmed and waits.  Facts: ``batch``, ``waiting``: unconfirmed."""

    code = "no_opening_to_approve"
    message_zh = "这份名单（{batch}）没有可复核的行；还有 {waiting} 行待本人确认。"
    message_en = "Nothing of {batch} can be approved; {waiting} rows await their holders."


REFUSALS: tuple[type[BankRefusal], ...] = (
    UnknownOpening,
    OpeningNotWaiting,
    OpeningPageKnown,
    OpeningHolderGone,
    SlipNumberInvalid,
    SlipNumberUsed,
    ApproverNotIndependent,
    NoOpeningToApprove,
)
"""Every refusal of this page."""
