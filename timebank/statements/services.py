"""The entries and services behind lines of a statement: ids, minutes given, rules, lateness."""

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


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a line: the id of its entry, and the service where there is one."""

    entry_id: str
    service: ServiceBehind | None = None


def behind_lines(connection: Connection, lines: Iterable[Line]) -> dict[int, Behind]:
    """By leaf, what stands behind up to :data:`LINES_AT_ONCE` lines.

    An entry's id is read out of its leaf: that is what was signed, and no index of ours leads from
    the leaf to the id.

    Raises:
        LeafRejected: a stored leaf is none.
    """
    kinds = {line.leaf_index: line.kind for line in lines}
    if not kinds:
        return {}
    entries = {
        row.leaf_index: parse(bytes(row.body)).identifier
        for row in connection.execute(_LEAVES, {"leaves": sorted(kinds)})
    }
    asked = [entry for leaf, entry in entries.items() if kinds[leaf] in _KINDS]
    services = {}
    if asked:
        services = {
            row.entry_id: ServiceBehind(
                row.given_minutes, row.policy, BACK_DATED in row.marks.split()
            )
            for row in connection.execute(_SERVICES, {"entries": asked})
        }
    return {leaf: Behind(entry, services.get(entry)) for leaf, entry in entries.items()}


def with_entries(connection: Connection, lines: Iterator[Line]) -> Iterator[tuple[Line, Behind]]:
    """Each line with what stands behind it; read in portions, flat in memory."""
    while portion := list(islice(lines, LINES_AT_ONCE)):
        found = behind_lines(connection, portion)
        for line in portion:
            yield line, found[line.leaf_index]
