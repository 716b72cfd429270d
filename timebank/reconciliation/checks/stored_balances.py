"""Stored balances against the journal: what the kiosk is answered from, recomputed from nothing."""

from collections.abc import Iterator

from ledger.balances import recompute
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "posted_differs": (
        "账户余额存为 {stored} 分钟，按凭证重算是 {journal} 分钟。",
        "The stored balance is {stored} minutes; the journal sums to {journal}.",
    ),
    "balance_missing": (
        "账户没有余额行。",
        "The account has no stored balance.",
    ),
    "account_missing": (
        "余额行所属的账户不存在（存有 {stored} 分钟）。",
        "A stored balance of {stored} minutes belongs to no account.",
    ),
}

_UNPAIRED = """
SELECT a.account_no, a.account_id, 0 FROM account a WHERE a.book_id = :book AND NOT EXISTS (
  SELECT 1 FROM balance b WHERE b.book_id = a.book_id AND b.account_no = a.account_no)
UNION ALL
SELECT b.account_no, NULL, b.posted FROM balance b WHERE b.book_id = :book AND NOT EXISTS (
  SELECT 1 FROM account a WHERE a.book_id = b.book_id AND a.account_no = b.account_no)
"""


def check(view: View) -> Iterator[Difference]:
    """Every account's stored posted minutes equal what its movements sum to."""
    for row in recompute(view.connection, view.book_id):
        if row.posted is not None and row.posted != row.journal_posted:
            facts = {"stored": row.posted, "journal": row.journal_posted}
            yield Difference(f"account {row.account_id}", "posted_differs", facts)
    for account_no, account_id, posted in view.rows(_UNPAIRED):
        if account_id is not None:
            yield Difference(f"account {account_id}", "balance_missing")
        else:
            yield Difference(f"account number {account_no}", "account_missing", {"stored": posted})


CHECK = Check(
    "stored_balances",
    "存放的余额等于按凭证重算的余额",
    "Stored balances equal what the journal sums to",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
