"""Balances: what the journal sums to, read quickly or recomputed from nothing.

The stored balance answers the kiosk; :func:`recompute` answers the auditor.  That both agree is
for reconciliation to show, and there is no function here that sets either.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, text


class AccountBalance(NamedTuple):
    """An account with its limits and its minutes of this moment."""

    account_no: int
    account_id: str
    kind: str
    floor: int | None
    ceiling: int | None
    posted: int
    held: int

    @property
    def available(self) -> int:
        """Posted minutes that no hold has set aside."""
        return self.posted - self.held


_BALANCE = (
    "SELECT a.account_no, a.account_id, a.kind, a.floor, a.ceiling, b.posted, b.held "
    "FROM account a JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no "
    "WHERE a.book_id = :book "
)


def balance_of(connection: Connection, account_id: str, book_id: int = 1) -> AccountBalance | None:
    """The stored balance of an account, ``None`` where the book has no such account."""
    row = connection.execute(
        text(_BALANCE + "AND a.account_id = :id"), {"book": book_id, "id": account_id}
    ).first()
    return None if row is None else AccountBalance(*row)


def balances(connection: Connection, book_id: int = 1) -> Iterator[AccountBalance]:
    """Every account with its stored balance, by the bytes of its id, streamed."""
    by_bytes = "BINARY" if connection.dialect.name == "sqlite" else '"C"'
    rows = connection.execute(
        text(f"{_BALANCE} ORDER BY a.account_id COLLATE {by_bytes}"),
        {"book": book_id},
        execution_options={"yield_per": 1_000},
    )
    for row in rows:
        yield AccountBalance(*row)


class Recomputed(NamedTuple):
    """One account as stored and as the journal and the open holds sum up."""

    account_id: str
    posted: int
    held: int
    journal_posted: int
    journal_held: int


_RECOMPUTE = text("""
SELECT a.account_id, b.posted, b.held, coalesce(j.minutes, 0), coalesce(h.minutes, 0)
  FROM account a
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
  LEFT JOIN (
    SELECT account_no, sum(minutes) AS minutes FROM (
      SELECT to_no AS account_no, minutes FROM movement WHERE book_id = :book
      UNION ALL
      SELECT from_no, -minutes FROM movement WHERE book_id = :book) AS sides
     GROUP BY account_no) j ON j.account_no = a.account_no
  LEFT JOIN (
    SELECT p.payer_no AS account_no, sum(p.minutes) AS minutes FROM hold_placed p
     WHERE p.book_id = :book AND NOT EXISTS (
       SELECT 1 FROM hold_ended e WHERE e.book_id = p.book_id AND e.hold_id = p.hold_id)
     GROUP BY p.payer_no) h ON h.account_no = a.account_no
 WHERE a.book_id = :book
""")


def recompute(connection: Connection, book_id: int = 1) -> Iterator[Recomputed]:
    """Every account's stored minutes beside those recomputed from the whole journal.

    Accounts without a stored balance are left out; they have no minutes to compare.
    """
    for row in connection.execute(_RECOMPUTE, {"book": book_id}):
        yield Recomputed(row[0], row[1], row[2], int(row[3]), int(row[4]))
