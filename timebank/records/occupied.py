"""What the books hold already of the people and hours that are about to be recorded."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from ledger.draft import Draft
from timebank.records.model import wall_time
from timebank.registers import StoredService

Asked = tuple[str, datetime, datetime]
"""A person and an interval."""

_LONGEST = timedelta(days=1)

# Each side of the lateral pair knows its own way to unfold JSON; the join is the same.
# CROSS JOIN fixes the order on SQLite: from the few that are asked for to what they overlap.
_SQL = """
SELECT r.record_id, r.started_at, r.ended_at, r.content, r.public, r.batch_id,
       rp.person_id, rp.part
  FROM (SELECT DISTINCT p.record_id FROM {each} CROSS JOIN record_person p
         WHERE p.book_id = 1 AND p.person_id = q.value ->> 0 AND p.live = 1
           AND p.started_at >= q.value ->> 1 AND p.started_at < q.value ->> 3
           AND p.ended_at > q.value ->> 2) AS hit
  CROSS JOIN service_record r CROSS JOIN record_person rp
 WHERE r.book_id = 1 AND r.record_id = hit.record_id
   AND rp.book_id = 1 AND rp.record_id = r.record_id
"""

_QUERIES = {
    dialect: _SQL.format(each=each)
    for dialect, each in (
        ("sqlite", "json_each(?) AS q"),
        ("postgresql", "jsonb_array_elements(CAST(? AS jsonb)) AS q(value)"),
    )
}


class StoredRecords:
    """Stored services around the people and hours that were asked for at once."""

    def __init__(self, services: Sequence[StoredService], batches: dict[str, str]) -> None:
        self.batch_of = batches
        self._volunteers = {service.service_id: service.volunteers for service in services}
        self._by_person: dict[str, list[StoredService]] = {}
        for service in services:
            for person in service.volunteers | service.recipients:
                self._by_person.setdefault(person, []).append(service)

    def volunteers_of(self, record_id: str) -> frozenset[str]:
        """Who gave a stored service; nobody for an id that was not asked for."""
        return self._volunteers.get(record_id, frozenset())

    def overlapping(
        self, people: frozenset[str], starts_at: datetime, ends_at: datetime
    ) -> Sequence[StoredService]:
        """Unreversed services of any of ``people`` that overlap, each once, by their ids."""
        found = {
            service.service_id: service
            for person in people
            for service in self._by_person.get(person, ())
            if service.starts_at < ends_at and starts_at < service.ends_at
        }
        return [found[service_id] for service_id in sorted(found)]


def stored_records(draft: Draft, asked: Iterable[Asked]) -> StoredRecords:
    """Read, in one statement, every live record of those people that overlaps those hours."""
    pairs = [
        [person, wall_time(start - _LONGEST), wall_time(start), wall_time(end)]
        for person, start, end in asked
    ]
    if not pairs:
        return StoredRecords((), {})
    asked_json = orjson.dumps(pairs).decode()
    rows = draft.rows(_QUERIES[draft.view.dialect], asked_json)
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    services = [_service(record_id, parts) for record_id, parts in found.items()]
    return StoredRecords(services, {record_id: parts[0][5] for record_id, parts in found.items()})


def _service(record_id: str, rows: list[Any]) -> StoredService:
    first = rows[0]
    return StoredService(
        record_id,
        datetime.fromisoformat(first[1]),
        datetime.fromisoformat(first[2]),
        first[3],
        frozenset(row[6] for row in rows if row[7] == "volunteer"),
        frozenset(row[6] for row in rows if row[7] == "recipient"),
        frozenset({first[4]} if first[4] else ()),
    )
