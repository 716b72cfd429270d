"""A statement: what stood, what came and went, what stands; every line with both its dates."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from timebank.chart import title_of
from timebank.expiry.model import Coming

KINDS_ZH = {
    "service": "志愿服务入账",
    "settlement": "预留结算",
    "reversal": "冲销",
    "gift": "赠与",
    "donation": "捐赠",
    "grant": "专项资助",
    "grant_funding": "专项基金拨入",
    "overflow": "超限转入",
    "carried_over": "期初结转",
    "opening_balance": "期初余额入账",
    "estate_settlement": "余额承接",
    "moved_away": "转往其他区",
    "moved_in": "从其他区转入",
    "expired": "到期转入公共池",
    "shortfall_covered": "冲销短缺垫付",
    "shortfall_recovered": "归还冲销短缺",
}
"""How a statement calls the kinds of entries; one that is missing shows its own word."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of the account: ``minutes`` are signed, ``balance`` is what stood after it.

    ``other_kind`` is the kind of the account on the other side, whose owner stays unnamed;
    ``page`` is the page of an older scheme that an opening balance came from, empty otherwise.
    Of a service, ``given_minutes`` are what it took and ``policy`` the profile that priced it;
    ``is_late`` says that it was recorded after the working days that the policy allows.
    ``entry_id`` is by what ``timebank receipt`` asks for the proof.
    """

    number: int
    place: int
    leaf_index: int
    kind: str
    effective_on: str
    recorded_at: str
    other_kind: str
    minutes: int
    balance: int
    page: str = field(default="", repr=False)
    given_minutes: int | None = None
    policy: str = ""
    is_late: bool = False
    entry_id: str = ""

    @property
    def late_minutes(self) -> int:
        """The line's signed minutes if its service was recorded late, else 0: never merged (F3)."""
        return self.minutes if self.is_late else 0

    @property
    def kind_zh(self) -> str:
        """The kind in a clerk's words."""
        return KINDS_ZH.get(self.kind, self.kind)

    @property
    def other_zh(self) -> str:
        """The other side in the words of the chart of accounts."""
        return title_of(self.other_kind).name_zh


@dataclass(frozen=True, slots=True)
class OpenHold:
    """Minutes set aside by one hold that runs until ``expires_ms`` (UTC milliseconds)."""

    minutes: int
    expires_ms: int


@dataclass(slots=True)
class Statement:
    """The statement of one account over days of recording, both inside; ``None`` is open.

    ``lines`` are streamed and can be walked once; ``closing`` is known before: opening plus all
    lines.  Minutes are whole; ``held`` are set aside within the closing balance of now.
    ``holder`` is the state of whose account it is: ``active``, ``restricted`` or ``erased``, and
    empty for the book's own.  ``holds`` are those of now, the first to expire first; together
    they are ``held``.  ``expiring`` is what ends on which day unless it is used, as of now.
    """

    account_id: str
    account_kind: str
    number: str
    holder: str
    from_on: date | None
    to_on: date | None
    opening: int
    closing: int
    held: int
    lines: Iterator[StatementLine] = field(repr=False)
    holds: tuple[OpenHold, ...] = ()
    expiring: tuple[Coming, ...] = ()

    @property
    def title_zh(self) -> str:
        """What kind of account it is, in the words of the chart of accounts."""
        return title_of(self.account_kind).name_zh
