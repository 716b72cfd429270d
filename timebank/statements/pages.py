"""A statement in pages, for programs that read on from where they stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.balances import balance_of
from ledger.errors import AccountNotFound
from ledger.lines import lines_of, sum_of
from timebank.statements.model import StatementLine
from timebank.statements.statement import NO_PAGES, recorded_within, running


class After(NamedTuple):
    """Where a page ended: its last line's leaf index and place.

    What stood there is not part of it: a cursor comes back from outside, the journal knows better.
    """

    leaf_index: int
    place: int


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Lines of an account in journal order; ``next`` is ``None`` behind the last one.

    ``opening`` is what stood before the page's first line.
    """

    account_id: str
    account_kind: str
    opening: int
    lines: Sequence[StatementLine]
    next: After | None


def statement_page(
    connection: Connection,
    account_id: str,
    *,
    from_on: date | None,
    to_on: date | None,
    after: After | None,
    most: int,
    pages: Mapping[int, str] = NO_PAGES,
) -> StatementPage:
    """Up to ``most`` lines that were recorded on local days, both inside, behind ``after``.

    ``after`` may be any place: what stood there is summed from the lines before it.

    Raises:
        AccountNotFound: the book has no such account.
    """
    account = balance_of(connection, account_id)
    if account is None:
        raise AccountNotFound(account=account_id[:80])
    from_ms, before_ms = recorded_within(from_on, to_on)
    opening = 0
    if from_ms is not None:
        opening = sum_of(connection, account.account_no, known_before_ms=from_ms)
    if after is not None:
        opening += sum_of(
            connection,
            account.account_no,
            known_from_ms=from_ms,
            known_before_ms=before_ms,
            up_to=after,
        )
    found = lines_of(
        connection,
        account.account_no,
        from_ms=from_ms,
        before_ms=before_ms,
        after=after,
        most=most + 1,
    )
    lines = list(running(connection, found, opening, pages))
    goes_on = len(lines) > most
    lines = lines[:most]
    behind = After(lines[-1].leaf_index, lines[-1].place) if goes_on else None
    return StatementPage(account_id, account.kind, opening, lines, behind)
