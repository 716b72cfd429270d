"""What a volunteer had at the moment when a part of a record was priced, read from the log.

Caps look at the day and at the account as they were then.  Both follow from the order of the
leaves, which nobody can change, so they can be told for ever; where the log does not show the
place, that is said and nothing is assumed.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from ledger.leaf import Entry, Leaf
from ledger.leaf_parser import LeafRejected
from ledger.lines import sum_of
from ledger.lookup import LogLookup
from timebank.records.model import WHOLLY_SERVICE, TimeSpent

_PARTS = (
    "SELECT p.record_id, p.person_id, o.account_id, p.credited_minutes, p.started_at, "
    "r.recorded_ms, r.state, r.reviewed_ms, p.entry_id, e.leaf_index, "
    "v.leaf_index AS reversed_at FROM record_person p "
    "JOIN service_record r ON r.book_id = p.book_id AND r.record_id = p.record_id "
    "JOIN person o ON o.book_id = p.book_id AND o.person_id = p.person_id "
    "LEFT JOIN entry e ON e.book_id = p.book_id AND e.entry_id = p.entry_id "
    "LEFT JOIN reversal v ON v.book_id = p.book_id AND v.reversed_id = p.entry_id "
    "WHERE p.book_id = 1 AND p.part = 'volunteer' AND "
)
_OF_RECORD = text(_PARTS + "p.record_id = :record")
_OF_DAY = text(
    _PARTS + "p.person_id = :person AND p.record_id <> :record AND p.credited_minutes > 0 "
    "AND p.started_at >= :day AND p.started_at < :behind"
)
_OF_MOMENT = text(
    _PARTS + "p.person_id = :person AND p.record_id <> :record AND p.credited_minutes > 0 "
    "AND r.recorded_ms = :moment"
)
_SPENT = text(
    "SELECT travel_minutes, rest_minutes, aim_met FROM record_time "
    "WHERE book_id = 1 AND record_id = :record"
)
_ACCOUNT = text(
    "SELECT a.account_no FROM person p JOIN account a "
    "ON a.book_id = p.book_id AND a.account_id = p.account_id "
    "WHERE p.book_id = 1 AND p.person_id = :person"
)


@dataclass(frozen=True, slots=True)
class Then:
    """Minutes that one volunteer had been credited that day, and that stood in the account."""

    credited_that_day: int
    account: int


class Circumstances:
    """Looks back from the parts of records to the moments when they were priced."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._log = LogLookup(connection)
        self._by_record: dict[str, list[Any]] = {}

    def spent(self, record_id: str) -> TimeSpent:
        """What was said of the time inside the record's interval."""
        found = self._connection.execute(_SPENT, {"record": record_id}).first()
        if found is None:
            return WHOLLY_SERVICE
        return TimeSpent(found.travel_minutes, found.rest_minutes, bool(found.aim_met))

    def policy(self, record_id: str, person_id: str) -> str | None:
        """The version that priced a part by its entry's leaf, ``None`` where no entry names one.

        Raises:
            LeafRejected: the entry is not in the log, or its leaf is no entry.
        """
        part = self._part(record_id, person_id)
        if not part.entry_id:
            return None
        body = self._log.leaf(_index(part)).body
        if not isinstance(body, Entry):
            raise LeafRejected("the leaf is no entry")
        return body.policy

    def then(self, record_id: str, person_id: str) -> Then:
        """What the volunteer had just before that part of the record was priced.

        Raises:
            LeafRejected: the log does not show when it was, or cannot be read there.
        """
        part = self._part(record_id, person_id)
        at = self._priced_at(part)
        day = part.started_at[:10]
        wanted = {"person": person_id, "record": record_id}
        that_day = self._rows(_OF_DAY, **wanted, day=day, behind=day + "U")  # behind every T
        account_no = self._connection.execute(_ACCOUNT, {"person": person_id}).scalar_one()
        posted = sum_of(self._connection, account_no, up_to=(at.index, -1))
        pending = self._rows(_OF_MOMENT, **wanted, moment=at.recorded_ms)
        return Then(
            sum(one.credited_minutes for one in that_day if self._counted(one, at)),
            posted + sum(one.credited_minutes for one in pending if self._awaits_beside(one, at)),
        )

    # Where in the log ----------------------------------------------------------------------

    def _priced_at(self, part: Any) -> Leaf:
        """The leaf that was made when the part was priced."""
        if part.entry_id:
            leaf = self._log.leaf(_index(part))
            if self._log.facts(leaf).get("do") == "record":
                return leaf  # Otherwise a review posted it, which takes the price as it was.
        stated = [
            leaf
            for leaf in self._log.of_moment(part.recorded_ms)
            if leaf.identifier == part.record_id and self._states(leaf, part.account_id)
        ]
        if not stated:
            raise LeafRejected("no leaf shows when it was recorded")
        return stated[0]

    def _states(self, leaf: Leaf, account_id: str) -> bool:
        """Whether a leaf states that account's part of a record, and posts nothing."""
        if leaf.kind != "fact":
            return False
        facts = self._log.facts(leaf)
        return facts.get("do") == "record" and facts.get("volunteer") == account_id

    def _counted(self, other: Any, at: Leaf) -> bool:
        """Whether another part of the day was priced before ``at`` and still counted then."""
        if self._priced_at(other).index >= at.index:
            return False
        if other.reversed_at is not None:
            return bool(other.reversed_at > at.index)
        if other.state != "rejected":
            return True
        gone = [
            leaf.index
            for leaf in self._log.of_moment(other.reviewed_ms)
            if leaf.identifier == other.record_id and self._log.facts(leaf).get("do") == "reject"
        ]
        if not gone:
            raise LeafRejected("no leaf shows when it was sent back")
        return gone[0] > at.index

    def _awaits_beside(self, other: Any, at: Leaf) -> bool:
        """Whether a part awaited review within the same submission: it filled no account yet, and
        was counted as if it had."""
        leaf = self._priced_at(other)
        return (
            leaf.kind == "fact"
            and leaf.index < at.index
            and self._log.submission(leaf) == self._log.submission(at)
            and "credited" not in self._log.facts(leaf)
        )

    # Rows ----------------------------------------------------------------------------------

    def _part(self, record_id: str, person_id: str) -> Any:
        return next(one for one in self._of_record(record_id) if one.person_id == person_id)

    def _of_record(self, record_id: str) -> list[Any]:
        if record_id not in self._by_record:
            self._by_record[record_id] = self._rows(_OF_RECORD, record=record_id)
        return self._by_record[record_id]

    def _rows(self, query: Any, **wanted: str | int) -> list[Any]:
        return list(self._connection.execute(query, wanted))


def _index(part: Any) -> int:
    if part.leaf_index is None:
        raise LeafRejected("the entry is not in the log")
    return int(part.leaf_index)
