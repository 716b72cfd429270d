"""Why so many minutes expired: rule, value, clause and inputs, counted again from the account."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text

from ledger.lines import lines_of
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.errors.expiry import UnknownExpiry
from timebank.expiry.model import (
    State,
    Terms,
    expiring,
    kept_since,
    left_by_month,
    month_of,
    older,
    starts_ms,
    terms_of,
)
from timebank.policy.explain import version_lines
from timebank.policy.model import Profile
from timebank.stations.model import Actor, Role

STAFF = (Role.CLERK, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR)
_SHOWN = (
    "SELECT n.*, a.account_no, e.leaf_index FROM expiry_announcement n "
    "JOIN account a ON a.book_id = n.book_id AND a.account_id = n.account_id "
    "LEFT JOIN entry e ON e.book_id = n.book_id AND e.entry_id = n.entry_id WHERE n.book_id = 1 "
)
_BY_ID = text(f"{_SHOWN} AND n.announcement_id = :asked")
_BY_LEAF = text(f"{_SHOWN} AND e.leaf_index = :asked")
_HELD = text(
    "SELECT coalesce(sum(p.minutes), 0) FROM hold_placed p WHERE p.book_id = 1 "
    "AND p.payer_no = :account AND p.leaf_index < :leaf AND NOT EXISTS ("
    "SELECT 1 FROM hold_ended e WHERE e.book_id = p.book_id AND e.hold_id = p.hold_id "
    "AND e.leaf_index < :leaf)"
)
_ENDED: dict[str, tuple[str, str]] = {
    State.ANNOUNCED: ("还没有到期", "its day has not come"),
    State.NOTHING_LEFT: (
        "到期时已经用完或已预留，没有时间转出",
        "on its day all of it was used or set aside, and nothing expired",
    ),
    State.LAPSED: (
        "没有执行，已作废；仍未使用的会重新告知",
        "it lapsed; what is left is announced anew",
    ),
    State.GIVEN_BACK: ("到期转出后已退回", "what had expired was given back"),
}
_AGREES = ("复算：与凭证相符", "counted again: equal to the entry")
_DIFFERS = (
    "注意：复算与凭证不符，请对账",
    "Note: counted again it differs from the entry; reconcile",
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What decided, in whole minutes, as it stood before the entry.

    ``kept_since`` is the first day of recording whose credit still lived, ``received_minutes`` what
    came in since, ``old_minutes`` what was left from before.
    """

    posted_minutes: int
    kept_since: str
    received_minutes: int
    old_minutes: int
    held_minutes: int
    derived_minutes: int


@dataclass(frozen=True, slots=True)
class ExplainedExpiry:
    """An announcement and what became of it; ``inputs`` are ``None`` unless something expired."""

    announcement_id: str
    state: str
    why: str
    minutes: int
    announced_on: str
    due_on: str
    expired_minutes: int
    entry_id: str
    policy: str
    inputs: Inputs | None
    agrees: bool
    zh: tuple[str, ...]
    en: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The answer of the API and of the command line."""
        return asdict(self)


def explain_expiry(
    bank: Bank, connection: Connection, actor: Actor, announcement_id: str
) -> ExplainedExpiry:
    """Explain an announcement to its holder, to the station's staff or to the district.

    Raises:
        UnknownExpiry: there is none of that id that ``actor`` may see.
    """
    row = connection.execute(_BY_ID, {"asked": announcement_id}).first()
    if row is None or not _may_see(actor, row):
        raise UnknownExpiry(expiry=announcement_id[:60])
    return _explained(bank, connection, row)


def explain_expiry_of_leaf(
    bank: Bank, connection: Connection, actor: Actor, leaf_index: int
) -> ExplainedExpiry | None:
    """As :func:`explain_expiry`, of the entry of a leaf; ``None``: nothing expired by it."""
    row = connection.execute(_BY_LEAF, {"asked": leaf_index}).first()
    return None if row is None or not _may_see(actor, row) else _explained(bank, connection, row)


def _may_see(actor: Actor, row: Row[Any]) -> bool:
    if actor.role is Role.MEMBER:
        return bool(actor.person_id == row.person_id)
    is_theirs = not actor.station_code or actor.station_code == row.station_code
    return actor.role in STAFF and is_theirs


def _explained(bank: Bank, connection: Connection, row: Row[Any]) -> ExplainedExpiry:
    profile = bank.profile_of(row.policy)
    terms = terms_of(profile)
    zh, en = [_announced_zh(row)], [_announced_en(row)]
    inputs = None
    if row.leaf_index is not None and terms is not None:
        inputs, months = _inputs(connection, row, terms)
        agrees = inputs.derived_minutes == row.expired_minutes
        for told, lines in (
            (zh, _told_zh(row, inputs, months)),
            (en, _told_en(row, inputs, months)),
        ):
            told += lines
        zh.append((_AGREES if agrees else _DIFFERS)[0])
        en.append((_AGREES if agrees else _DIFFERS)[1])
    else:
        agrees = not row.expired_minutes
    if row.state in _ENDED:
        zh.append(_ENDED[row.state][0])
        en.append(_ENDED[row.state][1])
    rule, versions = _rule(profile), version_lines(profile)
    return ExplainedExpiry(
        row.announcement_id, row.state, row.why, row.minutes, row.announced_on, row.due_on,
        row.expired_minutes, row.entry_id, row.policy, inputs, agrees,
        (*zh, *rule[0], versions[0]), (*en, *rule[1], versions[1]),
    )  # fmt: skip


def _inputs(
    connection: Connection, row: Row[Any], terms: Terms
) -> tuple[Inputs, list[tuple[str, int]]]:
    """What stood before the entry, and of which months' credit the old minutes were."""
    posted = since = 0
    kept = kept_since(date.fromisoformat(row.due_on), terms)
    by_month: dict[date, int] = {}
    for line in lines_of(connection, row.account_no):
        if line.leaf_index >= row.leaf_index:
            continue  # A stream is read to its end: PostgreSQL keeps its cursor until then.
        posted += line.minutes
        if line.minutes > 0:
            month = month_of(local_date(from_milliseconds(line.recorded_ms)))
            by_month[month] = by_month.get(month, 0) + line.minutes
            since += line.minutes if line.recorded_ms >= starts_ms(kept) else 0
    asked = {"account": row.account_no, "leaf": row.leaf_index}
    held = int(connection.execute(_HELD, asked).scalar_one())
    old = older(posted, since)
    derived = expiring(row.minutes, old, held)
    left = left_by_month(posted, by_month, terms)
    months = [(one.month.isoformat()[:7], one.minutes) for one in left if one.month < kept]
    return Inputs(posted, kept.isoformat(), since, old, held, derived), months


def _announced_zh(row: Row[Any]) -> str:
    return f"{row.announced_on} 告知：{row.minutes} 分钟将于 {row.due_on} 到期，先得的先用"


def _announced_en(row: Row[Any]) -> str:
    return (
        f"announced on {row.announced_on}: {row.minutes} minutes expire on {row.due_on}, "
        "the oldest being used first"
    )


def _told_zh(row: Row[Any], of: Inputs, months: Iterable[tuple[str, int]]) -> list[str]:
    listed = "、".join(f"{month} 入账的 {minutes} 分钟" for month, minutes in months)
    before = f"入账前余额 {of.posted_minutes} 分钟"
    since = f"其中 {of.kept_since} 及以后得到 {of.received_minutes} 分钟"
    old = f"所以更早的还剩 {of.old_minutes} 分钟（{listed or '没有'}）"
    gone = f"到期 {row.expired_minutes} 分钟，转入公共时间池"
    return [
        f"{before}，{since}",
        f"{old}，其中已预留 {of.held_minutes} 分钟",
        f"{gone}，不多于告知的 {row.minutes} 分钟",
    ]


def _told_en(row: Row[Any], of: Inputs, months: Iterable[tuple[str, int]]) -> list[str]:
    listed = ", ".join(f"{minutes} minutes of {month}" for month, minutes in months)
    before = f"before the entry the account had {of.posted_minutes} minutes"
    since = f"{of.received_minutes} of them came in on or after {of.kept_since}"
    old = f"so {of.old_minutes} were left from before ({listed or 'nothing'})"
    gone = f"{row.expired_minutes} minutes expired to the public pool"
    return [
        f"{before}, {since}",
        f"{old}, {of.held_minutes} of them set aside",
        f"{gone}, no more than the {row.minutes} that were announced",
    ]


def _rule(profile: Profile) -> tuple[list[str], list[str]]:
    lives, notice = (
        profile.endings.credit_expires_after_months,
        profile.endings.expiry_notice_months,
    )
    if lives is None or notice is None:
        return ["规则：没有规定到期"], ["rule: credit lives for ever"]
    return [
        f"有效期 {lives.value} 个月，自入账当月之后算起（依据：{lives.source}）",
        f"至少提前 {notice.value} 个月告知（依据：{notice.source}）",
    ], [
        f"credit lives for {lives.value} months after the month of recording ({lives.source})",
        f"the holder is told {notice.value} months before ({notice.source})",
    ]
