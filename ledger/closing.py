"""Closing a period: its figures out of the journal, and the leaf that states them.

Everything is summed from the movements and holds whose leaves were recorded before the period's
end; no stored balance is asked.  Earlier items of the same group were recorded at the closing's own
moment, which is behind that end, so it does not matter that they are not stored yet.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import Connection, text

from ledger.action import Facts, Staged
from ledger.draft import Draft
from ledger.leaf_parser import parse
from ledger.periods import Closing, KindTotal, Period, balances_root, check_turn


class Reads(Protocol):
    """Runs SQL with ``?`` for each parameter: a draft's ``rows``, or a connection's."""

    def __call__(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of the query."""
        ...


def reads_of(connection: Connection) -> Reads:
    """Lets the functions here read on a connection."""

    def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        for place in range(len(parameters)):
            sql = sql.replace("?", f":p{place}", 1)
        values = {f"p{place}": value for place, value in enumerate(parameters)}
        return [tuple(row) for row in connection.execute(text(sql), values)]

    return rows


def close_period(draft: Draft, period: Period, facts: Facts) -> str:
    """Close a period; answers the id of its leaf.  The signed facts repeat what the leaf states.

    Raises, the first that applies:
        PeriodClosedBefore, PeriodNotNext, PeriodNotOver: see :func:`ledger.periods.check_turn`.
    """
    last = last_closed(draft.rows)
    check_turn(period, last, genesis_ms(draft.rows), draft.recorded_ms)
    stated = closing_of(draft.rows, period, last)
    draft.undo_later(draft.view.close_until(period.until_ms))
    identifier = draft.new_id("closing")
    beside = {"closing": stated.as_json()}
    signed: Facts = {**facts, **beside}
    draft.stage(Staged("closing", identifier, beside, signed, closes=period))
    return identifier


def last_closed(rows: Reads, book_id: int = 1) -> Period | None:
    """The newest closed period, ``None`` where none was closed yet."""
    found = rows(
        "SELECT period, from_ms, until_ms FROM period_closing WHERE book_id = ? "
        "ORDER BY period DESC LIMIT 1",
        book_id,
    )
    return Period(*found[0]) if found else None


def genesis_ms(rows: Reads, book_id: int = 1) -> int:
    """When the book was founded, as its first leaf says."""
    return _recorded_ms(rows, book_id, 0)


def closing_of(rows: Reads, period: Period, last: Period | None, book_id: int = 1) -> Closing:
    """What the closing of a period that is over must state; ``last`` is the one before it."""
    low = 0 if last is None else _first_leaf_from(rows, book_id, last.until_ms)
    high = _first_leaf_from(rows, book_id, period.until_ms)
    ((first, newest, entries, late, minutes),) = rows(
        "SELECT MIN(number), MAX(number), COUNT(DISTINCT number), "
        "COUNT(DISTINCT CASE WHEN effective_on < ? THEN number END), COALESCE(SUM(minutes), 0) "
        "FROM movement WHERE book_id = ? AND leaf_index >= ? AND leaf_index < ?",
        period.first_on, book_id, low, high,
    )  # fmt: skip
    accounts = _accounts(rows, book_id, low, high)
    return Closing(
        period,
        first,
        newest,
        entries,
        late,
        int(minutes),
        len(accounts),
        balances_root((name, posted, held) for name, _, posted, held, _, _ in accounts).hex(),
        kind_totals((kind, posted, in_, out) for _, kind, posted, _, in_, out in accounts),
    )


def kind_totals(accounts: Iterable[tuple[str, int, int, int]]) -> tuple[KindTotal, ...]:
    """Sums by kind, sorted, of (kind, posted at the end, received, given)."""
    sums: dict[str, list[int]] = {}
    for kind, *minutes in accounts:
        total = sums.setdefault(kind, [0, 0, 0])
        for place, value in enumerate(minutes):
            total[place] += value
    return tuple(
        KindTotal(kind, posted - received + given, received, given, posted)
        for kind, (posted, received, given) in sorted(sums.items())
    )


_SIDES = (
    "SELECT account_no, SUM(minutes), "
    "SUM(CASE WHEN leaf_index >= ? AND minutes > 0 THEN minutes ELSE 0 END), "
    "SUM(CASE WHEN leaf_index >= ? AND minutes < 0 THEN -minutes ELSE 0 END) FROM ("
    "SELECT to_no AS account_no, minutes, leaf_index FROM movement "
    "WHERE book_id = ? AND leaf_index < ? UNION ALL "
    "SELECT from_no, -minutes, leaf_index FROM movement WHERE book_id = ? AND leaf_index < ?"
    ") AS sides GROUP BY account_no"
)
_HELD = (
    "SELECT p.payer_no, SUM(p.minutes) FROM hold_placed p "
    "LEFT JOIN hold_ended e ON e.book_id = p.book_id AND e.hold_id = p.hold_id "
    "AND e.leaf_index < ? WHERE p.book_id = ? AND p.leaf_index < ? AND e.hold_id IS NULL "
    "GROUP BY p.payer_no"
)

_Account = tuple[str, str, int, int, int, int]
"""Account id, kind, posted, held, received in the period, given in it."""


def _accounts(rows: Reads, book_id: int, low: int, high: int) -> list[_Account]:
    """Every account of the leaves before ``high``, sorted by id, with its moves from ``low`` on."""
    sides = rows(_SIDES, low, low, book_id, high, book_id, high)
    moved = {number: tuple(map(int, sums)) for number, *sums in sides}
    held = {number: int(minutes) for number, minutes in rows(_HELD, high, book_id, high)}
    opened = rows(
        "SELECT account_no, account_id, kind FROM account WHERE book_id = ? AND leaf_index < ?",
        book_id, high,
    )  # fmt: skip
    found = []
    for number, account_id, kind in opened:
        posted, received, given = moved.get(number, (0, 0, 0))
        found.append((account_id, kind, posted, held.get(number, 0), received, given))
    found.sort()
    return found


def _first_leaf_from(rows: Reads, book_id: int, moment_ms: int) -> int:
    """The first stored leaf that was not recorded before a moment, found by halving."""
    ((high,),) = rows("SELECT size FROM head WHERE book_id = ?", book_id)
    low = 0
    while low < high:
        middle = (low + high) // 2
        if _recorded_ms(rows, book_id, middle) < moment_ms:
            low = middle + 1
        else:
            high = middle
    return int(low)


def _recorded_ms(rows: Reads, book_id: int, index: int) -> int:
    ((body,),) = rows("SELECT body FROM leaf WHERE book_id = ? AND leaf_index = ?", book_id, index)
    return parse(bytes(body)).recorded_ms
