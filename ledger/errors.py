"""Every way the ledger says no, and every way it can break.

A :class:`Refusal` is an answer; its code is permanent, because refusals are remembered, replayed
and counted years later.  A :class:`LedgerFault` is none: nothing was decided, and the same request
may be tried again once the cause is mended.
"""

from typing import ClassVar

Fact = int | str


class _Shown(dict[str, Fact]):
    """Facts for a message template; a fact that the caller did not know shows as an ellipsis."""

    def __missing__(self, _name: str) -> str:
        return "…"


class Refusal(Exception):
    """Base of every "no"; ``facts`` are ids, codes and minutes, never a person's name or number.

    Facts may be stored, logged and replayed, so nothing that identifies a person belongs there.
    """

    code: ClassVar[str] = "refused"
    message_zh: ClassVar[str] = "请求未获接受。"
    message_en: ClassVar[str] = "The request was refused."

    def __init__(self, **facts: Fact) -> None:
        super().__init__()
        self.facts: dict[str, Fact] = facts

    def __str__(self) -> str:
        return self.message_en.format_map(_Shown(self.facts))

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.facts)

    def in_chinese(self) -> str:
        """The same message for a clerk or an elder."""
        return self.message_zh.format_map(_Shown(self.facts))


def _again(kind: type[Refusal], facts: dict[str, Fact]) -> Refusal:
    return kind(**facts)


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


class SigningKeyUnknown(Refusal):
    """No leaf of the book introduced this signing key.  Facts: ``key`` (its name)."""

    code = "signing_key_unknown"
    message_zh = "签名密钥未登记：{key}。"
    message_en = "Signing key {key} is not enrolled."


class SigningKeyExists(Refusal):
    """A key of this name is enrolled already.  Facts: ``key`` (its name)."""

    code = "signing_key_exists"
    message_zh = "签名密钥已登记：{key}。"
    message_en = "Signing key {key} is enrolled already."


REFUSALS: tuple[type[Refusal], ...] = (
    NotWholeMinutes,
    NotADate,
    AccountNotFound,
    AccountExists,
    LimitsOutOfOrder,
    SameAccount,
    NotAnEntryKind,
    EmptyEntry,
    TooManyPostings,
    FloorExceeded,
    CeilingExceeded,
    HoldNotFound,
    HoldDeadlinePassed,
    HoldAlreadyEnded,
    HoldExpired,
    HoldNotExpired,
    SettlementExceedsHold,
    EntryNotFound,
    AlreadyReversed,
    NotReversible,
    PolicyNotFound,
    PolicyExists,
    KeyReused,
    ContentOutOfProfile,
    SubmissionTooLarge,
    SigningKeyUnknown,
    SigningKeyExists,
)


class LedgerFault(Exception):
    """Base of what breaks: nothing was decided, nothing was remembered, somebody must look."""

    code: ClassVar[str] = "ledger_fault"
    message_zh: ClassVar[str] = "账本发生故障。"
    message_en: ClassVar[str] = "The ledger has a fault."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.message_en} {self.detail}".rstrip()

    def in_chinese(self) -> str:
        """The same message for a clerk; the detail stays as it is."""
        return f"{self.message_zh}{self.detail}"


class StorageFault(LedgerFault):
    """The database or the disk failed; what was not acknowledged happened wholly or not at all."""

    code = "storage_fault"
    message_zh = "存储故障，请稍后重试。"
    message_en = "Storage failed; nothing was acknowledged."


class LogForked(LedgerFault):
    """What is stored or published differs from what was written before: all writing stops."""

    code = "log_forked"
    message_zh = "日志与已公布的内容不一致，已停止写入。"
    message_en = "The log disagrees with what was published before; writing has stopped."


class BookNotFound(LedgerFault):
    """The folder or database holds no book."""

    code = "book_not_found"
    message_zh = "这里不是时间银行的数据文件夹。"
    message_en = "This is not a time bank folder."


class BookExists(LedgerFault):
    """A book stands where a new one was to be founded."""

    code = "book_exists"
    message_zh = "这里已经有一本账，不能重新建立。"
    message_en = "There is a book here already."


class SchemaAltered(LedgerFault):
    """Tables, triggers or checks are not those that this version made."""

    code = "schema_altered"
    message_zh = "数据库结构被改动过，拒绝启动。"
    message_en = "The database schema was altered; refusing to start."


FAULTS: tuple[type[LedgerFault], ...] = (
    StorageFault,
    LogForked,
    BookNotFound,
    BookExists,
    SchemaAltered,
)

_BY_CODE = {kind.code: kind for kind in REFUSALS}


def refusal_of(code: str, facts: dict[str, Fact]) -> Refusal:
    """Rebuild a remembered refusal; :class:`KeyError` if the ledger has none of that code."""
    return _BY_CODE[code](**facts)
