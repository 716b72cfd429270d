"""Refusals of accounts, entries, holds, reversals and policies, in no particular order."""

from ledger.errors.base import Refusal


class NotWholeMinutes(Refusal):
    """Minutes that are no positive whole number within bounds.  Facts: ``minutes`` as text."""

    code = "not_whole_minutes"
    message_zh = "分钟数必须是正整数（收到 {minutes}）。"
    message_en = "Minutes must be a positive whole number (got {minutes})."


class NotADate(Refusal):
    """An effective date that is no calendar day.  Facts: ``on``."""

    code = "not_a_date"
    message_zh = "日期无效：{on}。"
    message_en = "Not a calendar date: {on}."


class AccountNotFound(Refusal):
    """The book has no such account.  Facts: ``account``."""

    code = "account_not_found"
    message_zh = "账户不存在：{account}。"
    message_en = "There is no account {account}."


class AccountExists(Refusal):
    """The account id is taken.  Facts: ``account``."""

    code = "account_exists"
    message_zh = "账户已存在：{account}。"
    message_en = "Account {account} exists already."


class LimitsOutOfOrder(Refusal):
    """A floor above its ceiling, or limits that exclude zero.  Facts: ``floor``, ``ceiling``."""

    code = "limits_out_of_order"
    message_zh = "账户限额无效：下限 {floor}，上限 {ceiling}。"
    message_en = "Account limits are out of order: floor {floor}, ceiling {ceiling}."


class SameAccount(Refusal):
    """A movement from an account to itself.  Facts: ``account``."""

    code = "same_account"
    message_zh = "转出账户与转入账户相同：{account}。"
    message_en = "Both sides of the movement are account {account}."


class NotAnEntryKind(Refusal):
    """A kind of entry that the log reserves or cannot spell.  Facts: ``kind``."""

    code = "not_an_entry_kind"
    message_zh = "凭证种类无效：{kind}。"
    message_en = "{kind} is not a kind of journal entry."


class EmptyEntry(Refusal):
    """A journal entry without a movement."""

    code = "empty_entry"
    message_zh = "凭证没有任何分录。"
    message_en = "A journal entry needs at least one movement."


class TooManyPostings(Refusal):
    """More postings than one leaf carries.  Facts: ``postings``, ``most``."""

    code = "too_many_postings"
    message_zh = "一张凭证最多 {most} 条分录（收到 {postings} 条）。"
    message_en = "An entry has at most {most} postings (got {postings})."


class FloorExceeded(Refusal):
    """The available balance would fall below the floor.

    Facts: ``account``, ``available`` (what could be spent before the refusal), ``minutes``.
    """

    code = "floor_exceeded"
    message_zh = "可用时间不足：可用 {available} 分钟，需要 {minutes} 分钟。"
    message_en = "Not enough time available: {available} minutes, {minutes} needed."


class CeilingExceeded(Refusal):
    """The balance would rise above the ceiling.  Facts: ``account``, ``room``, ``minutes``."""

    code = "ceiling_exceeded"
    message_zh = "超过账户上限：还可存入 {room} 分钟，本次 {minutes} 分钟。"
    message_en = "The account's ceiling leaves room for {room} minutes, not for {minutes}."


class HoldNotFound(Refusal):
    """The book has no such hold.  Facts: ``hold``."""

    code = "hold_not_found"
    message_zh = "预留不存在：{hold}。"
    message_en = "There is no hold {hold}."


class HoldDeadlinePassed(Refusal):
    """A new hold whose deadline is not in the future.  Facts: ``expires`` in ms UTC."""

    code = "hold_deadline_passed"
    message_zh = "预留的到期时间必须晚于现在。"
    message_en = "A hold must expire later than it is placed."


class HoldAlreadyEnded(Refusal):
    """The hold was settled, released or expired before.  Facts: ``hold``, ``state``."""

    code = "hold_already_ended"
    message_zh = "该预留已经结束（{state}）。"
    message_en = "Hold {hold} has ended already ({state})."


class HoldExpired(Refusal):
    """The hold's deadline has passed.  Facts: ``hold``, ``expires`` in ms UTC."""

    code = "hold_expired"
    message_zh = "该预留已过期。"
    message_en = "Hold {hold} has expired."


class HoldNotExpired(Refusal):
    """An expiry before the hold's deadline.  Facts: ``hold``, ``expires`` in ms UTC."""

    code = "hold_not_expired"
    message_zh = "该预留尚未到期。"
    message_en = "Hold {hold} has not reached its deadline."


class SettlementExceedsHold(Refusal):
    """More minutes than were held.  Facts: ``hold``, ``held``, ``minutes``."""

    code = "settlement_exceeds_hold"
    message_zh = "结算 {minutes} 分钟超过预留的 {held} 分钟。"
    message_en = "Settling {minutes} minutes exceeds the {held} that were held."


class EntryNotFound(Refusal):
    """The book has no such journal entry.  Facts: ``entry``."""

    code = "entry_not_found"
    message_zh = "凭证不存在：{entry}。"
    message_en = "There is no journal entry {entry}."


class AlreadyReversed(Refusal):
    """The entry was reversed before.  Facts: ``entry``, ``by`` (the reversing entry)."""

    code = "already_reversed"
    message_zh = "该凭证已经冲销过。"
    message_en = "Entry {entry} was reversed already, by {by}."


class NotReversible(Refusal):
    """A reversal of a reversal.  Facts: ``entry``, ``kind``."""

    code = "not_reversible"
    message_zh = "该凭证不能冲销（{kind}）。"
    message_en = "Entry {entry} cannot be reversed ({kind})."


class PolicyNotFound(Refusal):
    """The entry names a policy version that the book does not have.  Facts: ``policy``."""

    code = "policy_not_found"
    message_zh = "找不到规则版本：{policy}。"
    message_en = "The book has no policy version {policy}."


class PolicyExists(Refusal):
    """The book has adopted this policy version before.  Facts: ``policy``."""

    code = "policy_exists"
    message_zh = "规则版本已存在：{policy}。"
    message_en = "The book has adopted policy version {policy} before."


class KeyReused(Refusal):
    """The idempotency key was used before with other content.  Facts: ``key``."""

    code = "key_reused"
    message_zh = "同一请求编号已用于不同的内容。"
    message_en = "The idempotency key was used before for other content."


class ContentOutOfProfile(Refusal):
    """Content that the log's JSON profile cannot carry.  Facts: ``why``."""

    code = "content_out_of_profile"
    message_zh = "内容无法记入日志：{why}。"
    message_en = "The content cannot be written to the log: {why}."


class SubmissionTooLarge(Refusal):
    """A leaf that would be longer than the log allows.  Facts: ``size``, ``most`` in bytes."""

    code = "submission_too_large"
    message_zh = "提交内容过大（{size} 字节，上限 {most} 字节）。"
    message_en = "The submission is too large ({size} bytes, at most {most})."


class PeriodClosedBefore(Refusal):
    """The period is closed already.  Facts: ``period``."""

    code = "period_closed_before"
    message_zh = "{period} 已经结账。"
    message_en = "The period {period} was closed before."


class PeriodNotNext(Refusal):
    """Periods are closed in order, from the book's first month on.  Facts: ``period``."""

    code = "period_not_next"
    message_zh = "{period} 不是下一个应结账的月份，须从建账当月起逐月结账。"
    message_en = "The period {period} is not the next to close; they are closed in order."


class PeriodNotOver(Refusal):
    """The period still runs.  Facts: ``period``."""

    code = "period_not_over"
    message_zh = "{period} 尚未结束，不能结账。"
    message_en = "The period {period} is not over yet."
