"""Limits: every balance within its floor and ceiling, and each account as its title allows.

The limits stand twice, in the account as it was opened and beside the balance where the CHECK
reads them; a limit that was loosened in one place lets an overdraft pass without a trace.
"""

from collections.abc import Iterator

from timebank.chart import TITLES, Per
from timebank.reconciliation.model import Check, Difference, Fact, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "limit_differs": (
        "余额行的上下限（{floor}，{ceiling}）与开户时（{opened_floor}，{opened_ceiling}）不同。",
        "Limits ({floor}, {ceiling}) are not those of opening ({opened_floor}, {opened_ceiling}).",
    ),
    "below_floor": (
        "可用 {available} 分钟，低于下限 {floor} 分钟。",
        "{available} minutes are available, below the floor of {floor}.",
    ),
    "above_ceiling": (
        "余额 {posted} 分钟，高于上限 {ceiling} 分钟。",
        "{posted} minutes are posted, above the ceiling of {ceiling}.",
    ),
    "title_unknown": ("科目表中没有 {kind} 类账户。", "The chart has no title {kind}."),
    "title_count": (
        "{kind} 类账户应当恰有 1 个，实际有 {accounts} 个。",
        "There must be one account of kind {kind}; there are {accounts}.",
    ),
    "floor_loosened": (
        "账户下限 {floor} 低于科目表规定的 {least}。",
        "The account's floor {floor} is below its title's {least}.",
    ),
}

_UNLIMITED = -(2**62)
"""Stands for "no limit" where SQL compares; no account has such a limit."""

_BEYOND = """
SELECT a.account_id, a.floor, a.ceiling, b.floor, b.ceiling, b.posted, b.posted - b.held
  FROM account a JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
 WHERE a.book_id = :book AND (
       coalesce(a.floor, :none) <> coalesce(b.floor, :none)
    OR coalesce(a.ceiling, :none) <> coalesce(b.ceiling, :none)
    OR (a.floor IS NOT NULL AND b.posted - b.held < a.floor)
    OR (a.ceiling IS NOT NULL AND b.posted > a.ceiling))
 ORDER BY a.account_id
"""


def check(view: View) -> Iterator[Difference]:
    """Each account against its own limits, then the accounts against the chart."""
    for account_id, *limits, posted, available in view.rows(_BEYOND, none=_UNLIMITED):
        opened_floor, opened_ceiling, floor, ceiling = limits
        subject = f"account {account_id}"
        if (opened_floor, opened_ceiling) != (floor, ceiling):
            facts = {
                "floor": _limit(floor),
                "ceiling": _limit(ceiling),
                "opened_floor": _limit(opened_floor),
                "opened_ceiling": _limit(opened_ceiling),
            }
            yield Difference(subject, "limit_differs", facts)
        if opened_floor is not None and available < opened_floor:
            facts = {"available": available, "floor": opened_floor}
            yield Difference(subject, "below_floor", facts)
        if opened_ceiling is not None and posted > opened_ceiling:
            facts = {"posted": posted, "ceiling": opened_ceiling}
            yield Difference(subject, "above_ceiling", facts)
    yield from _against_chart(view)


def _against_chart(view: View) -> Iterator[Difference]:
    titles = {title.kind.value: title for title in TITLES}
    counts = dict.fromkeys((kind for kind, title in titles.items() if title.per is Per.BOOK), 0)
    kinds = view.rows("SELECT kind, count(*) FROM account WHERE book_id = :book GROUP BY kind")
    for kind, accounts in kinds:
        if kind not in titles:
            yield Difference(f"kind {kind}", "title_unknown", {"kind": kind})
        elif kind in counts:
            counts[kind] = accounts
        elif titles[kind].per is Per.UMBRELLA and accounts > 1:
            counts[kind] = accounts  # A book has none until a policy gives it something.
    for kind, accounts in counts.items():
        if accounts != 1:
            facts: dict[str, Fact] = {"kind": kind, "accounts": accounts}
            yield Difference(f"kind {kind}", "title_count", facts)
    for kind, title in titles.items():
        if title.floor is None:
            continue
        looser = view.rows(
            "SELECT account_id, floor FROM account WHERE book_id = :book AND kind = :kind "
            "AND (floor IS NULL OR floor < :least) ORDER BY account_id",
            kind=kind,
            least=title.floor,
        )
        for account_id, floor in looser:
            facts = {"floor": _limit(floor), "least": title.floor}
            yield Difference(f"account {account_id}", "floor_loosened", facts)


def _limit(minutes: int | None) -> int | str:
    return "-" if minutes is None else minutes


CHECK = Check(
    "account_limits",
    "余额都在账户的上下限之内，账户符合科目表",
    "Balances keep their limits, and accounts their titles",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
