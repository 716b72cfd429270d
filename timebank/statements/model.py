"""A statement: what stood, what came and went, what stands; every line with both its dates."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from timebank.chart import title_of

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
}
"""How a statement calls the kinds of entries; one that is missing shows its own word."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of the account: ``minutes`` are signed, ``balance`` is what stood after it.

    ``other_kind`` is the kind of the account on the other side, whose owner stays unnamed.
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

    @property
    def kind_zh(self) -> str:
        """The kind in a clerk's words."""
        return KINDS_ZH.get(self.kind, self.kind)

    @property
    def other_zh(self) -> str:
        """The other side in the words of the chart of accounts."""
        return title_of(self.other_kind).name_zh


@dataclass(slots=True)
class Statement:
    """The statement of one account over days of recording, both inside; ``None`` is open.

    ``lines`` are streamed and can be walked once; ``closing`` is known before: opening plus all
    lines.  Minutes are whole; ``held`` are set aside within the closing balance of now.
    ``holder`` is the state of whose account it is: ``active``, ``restricted`` or ``erased``, and
    empty for the book's own.
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
