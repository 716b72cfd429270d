"""What stands on a clearing account, read from the journal; and the partners that have one."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, text

from ledger.leaf_parser import parse
from ledger.lines import lines_of
from timebank.clearing.model import Line, way_of
from timebank.clock import from_milliseconds, local_date

_ACCOUNT = text(
    "SELECT a.account_no, l.body FROM account a "
    "JOIN leaf l ON l.book_id = a.book_id AND l.leaf_index = a.leaf_index "
    "WHERE a.book_id = 1 AND a.account_id = :account"
)
_NAMED = text(
    "SELECT e.leaf_index, e.entry_id, r.issuer_entry AS other FROM arrival r "
    "JOIN entry e ON e.book_id = r.book_id AND e.entry_id = r.entry_id "
    "WHERE r.book_id = 1 AND r.origin = :origin "
    "UNION ALL SELECT e.leaf_index, e.entry_id, '' FROM departure d "
    "JOIN entry e ON e.book_id = d.book_id AND e.entry_id = d.entry_id "
    "WHERE d.book_id = 1 AND d.origin = :origin "
    "UNION ALL SELECT e.leaf_index, e.entry_id, n.month FROM netting n "
    "JOIN entry e ON e.book_id = n.book_id AND e.entry_id = n.entry_id "
    "WHERE n.book_id = 1 AND n.origin = :origin"
)
_UNNAMED = text(
    "SELECT leaf_index, body FROM leaf WHERE book_id = 1 AND leaf_index IN :leaves"
).bindparams(bindparam("leaves", expanding=True))
_WITH_ACCOUNT = text(
    "SELECT partner_id, origin, name, state, account_id FROM partner_book "
    "WHERE book_id = 1 AND account_id <> '' AND state <> 'replaced' ORDER BY partner_id"
)


@dataclass(frozen=True, slots=True)
class Cleared:
    """A partner book that has a clearing account, whether the partnership goes on or has ended."""

    partner_id: str
    origin: str
    name: str
    account_id: str
    is_active: bool


def cleared_partners(connection: Connection) -> list[Cleared]:
    """Every partner with a clearing account, once for each origin, by the latest approval."""
    found: dict[str, Cleared] = {}
    for row in connection.execute(_WITH_ACCOUNT):
        known = found.get(row.origin)
        if known is None or not known.is_active:
            one = Cleared(
                row.partner_id, row.origin, row.name, row.account_id, row.state == "active"
            )
            found[row.origin] = one
    return list(found.values())


def journal_lines(connection: Connection, origin: str, account_id: str) -> list[Line]:
    """Every line of the clearing account with ``origin``, in the journal's order."""
    account_no = connection.execute(_ACCOUNT, {"account": account_id}).one().account_no
    minutes: dict[int, int] = {}
    seen: dict[int, tuple[str, str]] = {}
    for line in lines_of(connection, account_no):
        minutes[line.leaf_index] = minutes.get(line.leaf_index, 0) + line.minutes
        seen[line.leaf_index] = (line.kind, line.effective_on)
    named = _named(connection, origin, seen.keys())
    found = []
    for leaf_index, (kind, on) in seen.items():
        entry_id, other = named[leaf_index]
        found.append(Line(entry_id, minutes[leaf_index], on, other, way_of(kind)))
    return found


def first_month(connection: Connection, account_id: str) -> str:
    """The month in which this book's log opened the account."""
    body = bytes(connection.execute(_ACCOUNT, {"account": account_id}).one().body)
    return local_date(from_milliseconds(parse(body).recorded_ms)).isoformat()[:7]


def _named(
    connection: Connection, origin: str, leaves: Collection[int]
) -> dict[int, tuple[str, str]]:
    """Entry id and the other side's name by leaf; entries that no move states have no name.

    Those are asked by their leaves: the table of entries is in the order of their ids alone.
    """
    rows: Any = connection.execute(_NAMED, {"origin": origin})
    named = {row.leaf_index: (row.entry_id, row.other) for row in rows}
    missing = [leaf for leaf in leaves if leaf not in named]
    for start in range(0, len(missing), 500):
        some = {"leaves": missing[start : start + 500]}
        for row in connection.execute(_UNNAMED, some):
            named[row.leaf_index] = (parse(bytes(row.body)).identifier, "")
    return named
