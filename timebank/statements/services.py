"""The services behind lines of a statement: minutes given, rules at work, what came late."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, bindparam, text

from ledger.leaf_parser import parse
from ledger.lines import Line
from timebank.records.model import BACK_DATED

LINES_AT_ONCE = 500
"""Lines whose services are asked for together: one look at the leaves, one at the records."""

_KINDS = frozenset({"service", "settlement"})
"""Kinds of entries that a service record may stand behind."""

_LEAVES = text(
    "SELECT leaf_index, body FROM leaf WHERE book_id = 1 AND leaf_index IN :leaves"
).bindparams(bindparam("leaves", expanding=True))

_SERVICES = text(
    "SELECT p.entry_id, r.given_minutes, r.policy, r.marks FROM record_person p "
    "JOIN service_record r ON r.book_id = p.book_id AND r.record_id = p.record_id "
    "WHERE p.book_id = 1 AND p.entry_id IN :entries"
).bindparams(bindparam("entries", expanding=True))


@dataclass(frozen=True, slots=True)
class ServiceBehind:
    """The service of one entry: whole minutes given, the profile that priced it, whether late.

    ``is_late``: recorded after the working days that the policy of the recording day allows.
    """

    given_minutes: int
    policy: str
    is_late: bool


def services_behind(connection: Connection, lines: Iterable[Line]) -> dict[int, ServiceBehind]:
    """By leaf, the services of up to :data:`LINES_AT_ONCE` lines; other lines are left out.

    Raises:
        LeafRejected: a stored leaf is none.
    """
    leaves = sorted({line.leaf_index for line in lines if line.kind in _KINDS})
    if not leaves:
        return {}
    entries = {
        parse(bytes(row.body)).identifier: row.leaf_index
        for row in connection.execute(_LEAVES, {"leaves": leaves})
    }
    return {
        entries[row.entry_id]: ServiceBehind(
            row.given_minutes, row.policy, BACK_DATED in row.marks.split()
        )
        for row in connection.execute(_SERVICES, {"entries": list(entries)})
    }


def with_services(
    connection: Connection, lines: Iterator[Line]
) -> Iterator[tuple[Line, ServiceBehind | None]]:
    """Each line with the service behind it, if there is one; read in portions, flat in memory."""
    while portion := list(islice(lines, LINES_AT_ONCE)):
        found = services_behind(connection, portion)
        for line in portion:
            yield line, found.get(line.leaf_index)
