"""The chart of accounts: which kinds of account a book has, and how an auditor reads them.

A positive posting means that the account receives.  In an accountant's words receiving is 贷 and
giving is 借: members' hours are what the community owes, so their accounts are liabilities, and
what was issued to create them stands on the other side.  Codes follow the classes of Chinese
charts (1 资产, 2 负债, 3 共同, 4 净资产), the columns those of GB/T 24589.1.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of account, as they stand in the log's account leaves; permanent words."""

    ISSUANCE = "issuance"
    SHORTFALL = "shortfall"
    MEMBER = "member"
    ORGANISATION = "organisation"
    POOL = "pool"
    GRANT_FUND = "grant_fund"
    UMBRELLA = "umbrella"
    SUSPENSE = "suspense"
    CLEARING = "clearing"
    PARTNER_CLEARING = "partner_clearing"
    PARTNER_SETTLED = "partner_settled"
    REDEEMED = "redeemed"
    OPENING = "opening"


class Per(StrEnum):
    """What there is one account of the kind for."""

    BOOK = "book"
    PERSON = "person"
    STATION = "station"
    FUND = "fund"
    UMBRELLA = "umbrella"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Title:
    """One line of the chart (科目): its four-digit code, its names and its limits in minutes.

    ``floor`` bounds what is available, ``ceiling`` what is posted, ``None`` is unbounded.
    ``direction`` is the side on which the balance normally stands, 借 or 贷.
    """

    kind: Kind
    code: str
    name_zh: str
    name_en: str
    type_zh: str
    direction: str
    floor: int | None
    ceiling: int | None
    per: Per
    meaning: str

    level: int = 1
    unit_zh: str = "分钟"


TITLES: tuple[Title, ...] = (
    Title(
        Kind.ISSUANCE,
        "1001",
        "时间发行",
        "Issuance",
        "资产",
        "借",
        None,
        0,
        Per.BOOK,
        "Gives every minute that is newly credited; what stands here was given to the community.",
    ),
    Title(
        Kind.SHORTFALL,
        "1221",
        "应收短缺",
        "Shortfall",
        "资产",
        "借",
        None,
        0,
        Per.BOOK,
        "Covers what a reversal could no longer take back, until it is recovered.",
    ),
    Title(
        Kind.MEMBER,
        "2011",
        "成员时间",
        "Members",
        "负债",
        "贷",
        0,
        None,
        Per.PERSON,
        "What the community owes one person; never below zero, its ceiling is the policy's cap.",
    ),
    Title(
        Kind.ORGANISATION,
        "2021",
        "团体时间",
        "Organisations",
        "负债",
        "贷",
        0,
        None,
        Per.PERSON,
        "What a unit or team has earned as a group volunteer; it may only be donated to the pool.",
    ),
    Title(
        Kind.POOL,
        "2101",
        "公共时间池",
        "Public pool",
        "负债",
        "贷",
        0,
        None,
        Per.BOOK,
        "Donated time, and what exceeds a cap where the policy gives it to all.",
    ),
    Title(
        Kind.GRANT_FUND,
        "2201",
        "专项资助基金",
        "Grant fund",
        "负债",
        "贷",
        0,
        None,
        Per.FUND,
        "Time set aside for elders named by the policy; grants come from here, never from nothing.",
    ),
    Title(
        Kind.UMBRELLA,
        "2301",
        "上级机构时间",
        "Umbrella body",
        "负债",
        "贷",
        0,
        None,
        Per.UMBRELLA,
        "What a policy gives the umbrella body of what the dead left; it receives and never gives.",
    ),
    Title(
        Kind.SUSPENSE,
        "2901",
        "待处理时间",
        "Suspense",
        "负债",
        "贷",
        0,
        None,
        Per.BOOK,
        "Time whose owner is not yet known; each line has somebody who must clear it.",
    ),
    Title(
        Kind.CLEARING,
        "3001",
        "站点清算",
        "Clearing",
        "共同",
        "贷",
        None,
        None,
        Per.STATION,
        "Time that moves between the stations of this book; all of them together net to zero.",
    ),
    Title(
        Kind.PARTNER_CLEARING,
        "3002",
        "区间清算",
        "Clearing with another book",
        "共同",
        "贷",
        None,
        None,
        Per.PARTNER,
        "Time that members took to another book or brought from it; nets to zero over both books.",
    ),
    Title(
        Kind.PARTNER_SETTLED,
        "3003",
        "区间轧差",
        "Netted with another book",
        "共同",
        "贷",
        None,
        None,
        Per.PARTNER,
        "What both books agreed on and took off their clearing accounts; nobody ever pays for it.",
    ),
    Title(
        Kind.REDEEMED,
        "4001",
        "已兑付时间",
        "Redeemed",
        "净资产",
        "贷",
        0,
        None,
        Per.BOOK,
        "Receives what a payer is charged beyond what a volunteer is credited.",
    ),
    Title(
        Kind.OPENING,
        "4101",
        "期初结转",
        "Opening balances",
        "净资产",
        "借",
        None,
        0,
        Per.BOOK,
        "Gives the balances of a former book and of older schemes, each with its evidence.",
    ),
)
"""Every kind of account, by code."""

OWN_ACCOUNTS = (
    "SELECT kind, account_id FROM account "
    "WHERE kind NOT IN "
    "('member', 'organisation', 'clearing', 'partner_clearing', 'partner_settled')"
)
"""The accounts that a book has once, of which an action may name the kind alone."""

UMBRELLA_ACCOUNT = "acct_umbrella"
"""The id of the one account that an umbrella body has in a book; opened when first needed."""

_BY_KIND = {title.kind: title for title in TITLES}
_MOST_DETAILS = 999_999


def title_of(kind: str) -> Title:
    """The chart's line for an account kind.

    Raises:
        ValueError: no account of this bank has that kind.
    """
    return _BY_KIND[Kind(kind)]


def titles_per(per: Per) -> tuple[Title, ...]:
    """The lines that have one account for each ``per``; those per book open with the book."""
    return tuple(title for title in TITLES if title.per is per)


def detail_code(title: Title, serial: int) -> str:
    """The code of one account below its title (级次 2): four digits, then six of ``serial``.

    ``serial`` is 1 up to 999,999, counted per title; it names no person.

    Raises:
        ValueError: the serial is out of bounds.
    """
    if not 1 <= serial <= _MOST_DETAILS:
        raise ValueError(f"{serial} is no serial of an account")
    return f"{title.code}{serial:06d}"
