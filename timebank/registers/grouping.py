"""Which services the rows of a register describe: one interval, its volunteers, its recipients.

The rows come in sheet order with their people resolved to opaque ids, and each is judged by the
rows before it and by what is stored already.  The earlier one always wins.

* Another row of the same times and content that shares a person belongs to the same service: it
  adds its other elders (one volunteer who brings twelve meals) or its other volunteers (多助一).
  Each volunteer is credited once for the service, which is marked for review.
* A row that adds nobody says the same service again: ``duplicate``.
* Any other overlap in time of one of its people is ``overlapping_service``.  Services that meet
  at an instant do not overlap.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What becomes of one row."""

    NEW = "new"
    JOINED = "joined"  # adds people to an earlier row's service
    EXTENDS_STORED = "extends_stored"  # adds people to a service that was stored before
    ALREADY_STORED = "already_stored"
    DUPLICATE = "duplicate"
    OVERLAPPING = "overlapping_service"


ACCEPTED = frozenset({Outcome.NEW, Outcome.JOINED, Outcome.EXTENDS_STORED})


@dataclass(frozen=True, slots=True)
class ResolvedRow:
    """A row whose people are known: opaque ids, local wall times without a zone.

    ``public`` stands for recipients that are nobody in particular; they never overlap.
    """

    key: int
    starts_at: datetime
    ends_at: datetime
    content: str
    volunteers: frozenset[str]
    recipients: frozenset[str]
    public: str | None = None


@dataclass(frozen=True, slots=True)
class StoredService:
    """An unreversed service in the books, as far as the judge needs to know it."""

    service_id: str
    starts_at: datetime
    ends_at: datetime
    content: str
    volunteers: frozenset[str]
    recipients: frozenset[str]
    publics: frozenset[str] = frozenset()


class Occupied(Protocol):
    """What the books hold already."""

    def overlapping(
        self, people: frozenset[str], starts_at: datetime, ends_at: datetime
    ) -> Sequence[StoredService]:
        """Unreversed services of any of ``people``, as volunteer or elder, that overlap."""
        ...


class NothingStored:
    """The books of a register that is judged by itself."""

    __slots__ = ()

    def overlapping(
        self, people: frozenset[str], starts_at: datetime, ends_at: datetime
    ) -> Sequence[StoredService]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a row.

    ``service`` numbers the register's services from 0 in order of their first rows; it is absent
    for a refused row.  ``other`` is the key of the earlier row that decided, ``stored_id`` the
    stored service, where there was one.  ``adds_volunteers`` are those whom this row credits
    first, ``adds_recipients`` the elders whom it adds; both are empty where it is stored already.
    """

    outcome: Outcome
    service: int | None = None
    other: int | None = None
    stored_id: str | None = None
    adds_volunteers: frozenset[str] = frozenset()
    adds_recipients: frozenset[str] = frozenset()

    @property
    def accepted(self) -> bool:
        """Whether the row belongs to a service that is to be posted or amended."""
        return self.outcome in ACCEPTED


class Judge:
    """Judges rows one by one; it remembers some 60 bytes a row, so a million rows fit."""

    __slots__ = ("_diaries", "_extra_publics", "_numbers", "_people", "_services", "_stored")

    def __init__(self, stored: Occupied | None = None) -> None:
        self._stored: Occupied = stored or NothingStored()
        self._people: dict[str, int] = {}
        self._diaries: list[_Diary] = []
        self._numbers: dict[str | None, int] = {None: -1}  # contents and publics, as numbers
        self._services = _Services()
        self._extra_publics: dict[int, set[int]] = {}

    def judge(self, row: ResolvedRow) -> Verdict:
        """What becomes of ``row``; one that is not refused is remembered for the rows after it.

        ``row.ends_at`` lies after ``row.starts_at``; ``row.volunteers`` is not empty and shares
        nobody with ``row.recipients``.
        """
        start, end = _minute(row.starts_at), _minute(row.ends_at)
        people = row.volunteers | row.recipients
        known = [self._people[person] for person in people if person in self._people]
        found = {n for index in known for n in self._diaries[index].overlapping(start, end)}
        stored = self._stored.overlapping(people, row.starts_at, row.ends_at)
        if found:
            return self._beside_earlier_rows(row, sorted(found), stored)
        if stored:
            return self._beside_stored(row, stored)
        service = self._services.add(start, end, self._number(row.content), row.key)
        self._enter(service, row)
        return Verdict(Outcome.NEW, service, None, None, row.volunteers, row.recipients)

    def _beside_earlier_rows(
        self, row: ResolvedRow, found: Sequence[int], stored: Sequence[StoredService]
    ) -> Verdict:
        services, service = self._services, found[0]
        what = (_minute(row.starts_at), _minute(row.ends_at), self._number(row.content))
        clashing = next((n for n in found if not services.is_(n, *what)), None)
        if clashing is None and len(found) > 1:
            clashing = found[1]  # one row cannot join two services
        if clashing is None and self._crosses(row, service, what[0]):
            clashing = service
        if clashing is not None:
            return Verdict(Outcome.OVERLAPPING, other=services.row[clashing])
        other = services.row[service]
        helpers = frozenset(p for p in row.volunteers if not self._in(p, service, what[0], True))
        elders = frozenset(p for p in row.recipients if not self._in(p, service, what[0], False))
        if not (helpers or elders or self._adds_public(row, service)):
            return Verdict(Outcome.DUPLICATE, other=other)
        own = next((one for one in stored if services.stored[service] and _same(one, row)), None)
        foreign = next((one for one in stored if one is not own), None)
        if foreign is not None or (own is not None and _crossed(own, row)):
            clash = foreign or own
            return Verdict(Outcome.OVERLAPPING, stored_id=clash.service_id if clash else None)
        self._enter(service, row)
        if own is None:
            return Verdict(Outcome.JOINED, service, other, None, helpers, elders)
        return _beyond(own, row, service, other)

    def _beside_stored(self, row: ResolvedRow, stored: Sequence[StoredService]) -> Verdict:
        one = next((s for s in stored if not _same(s, row)), stored[0])
        if len(stored) > 1 or not _same(one, row) or _crossed(one, row):
            return Verdict(Outcome.OVERLAPPING, stored_id=one.service_id)
        start, end = _minute(row.starts_at), _minute(row.ends_at)
        # Only this row's people are entered: a later row of this file that names another person
        # of the stored service was posted in its own right, and is no duplicate.
        number = self._number(row.content)
        service = self._services.add(start, end, number, row.key, is_stored=True)
        self._enter(service, row)
        return _beyond(one, row, service, None)

    def _crosses(self, row: ResolvedRow, service: int, start: int) -> bool:
        """Whether somebody would help and be helped in the same service."""
        return any(self._in(p, service, start, False) for p in row.volunteers) or any(
            self._in(p, service, start, True) for p in row.recipients
        )

    def _in(self, person: str, service: int, start: int, helps: bool) -> bool:
        index = self._people.get(person)
        return index is not None and self._diaries[index].holds(service, start, helps)

    def _adds_public(self, row: ResolvedRow, service: int) -> bool:
        public = self._number(row.public)
        return public >= 0 and not (
            self._services.public[service] == public
            or public in self._extra_publics.get(service, ())
        )

    def _enter(self, service: int, row: ResolvedRow) -> None:
        start, end = _minute(row.starts_at), _minute(row.ends_at)
        for helps, people in ((True, row.volunteers), (False, row.recipients)):
            for person in people:
                if not self._in(person, service, start, helps):
                    self._diary(person).add(start, end, service, helps)
        if self._adds_public(row, service):
            public = self._number(row.public)
            if self._services.public[service] < 0:
                self._services.public[service] = public
            else:
                self._extra_publics.setdefault(service, set()).add(public)

    def _diary(self, person: str) -> "_Diary":
        index = self._people.setdefault(person, len(self._diaries))
        if index == len(self._diaries):
            self._diaries.append(_Diary())
        return self._diaries[index]

    def _number(self, text: str | None) -> int:
        return self._numbers.setdefault(text, len(self._numbers) - 1)


def _same(one: StoredService, row: ResolvedRow) -> bool:
    return (one.starts_at, one.ends_at, one.content) == (row.starts_at, row.ends_at, row.content)


def _crossed(one: StoredService, row: ResolvedRow) -> bool:
    return bool(row.volunteers & one.recipients or row.recipients & one.volunteers)


def _beyond(one: StoredService, row: ResolvedRow, service: int, other: int | None) -> Verdict:
    """What the row says beyond the stored service that it belongs to."""
    helpers, elders = row.volunteers - one.volunteers, row.recipients - one.recipients
    adds_public = row.public is not None and row.public not in one.publics
    stored = not helpers and not elders and not adds_public
    outcome = Outcome.ALREADY_STORED if stored else Outcome.EXTENDS_STORED
    return Verdict(outcome, service, other, one.service_id, helpers, elders)


class _Services:
    """Times, content, first public and first row of every service, in columns of numbers."""

    __slots__ = ("content", "end", "public", "row", "start", "stored")

    def __init__(self) -> None:
        self.start, self.end, self.content = array("i"), array("i"), array("i")
        self.public, self.row, self.stored = array("i"), array("q"), array("b")

    def add(self, start: int, end: int, content: int, row: int, *, is_stored: bool = False) -> int:
        self.start.append(start)
        self.end.append(end)
        self.content.append(content)
        self.public.append(-1)
        self.row.append(row)
        self.stored.append(is_stored)
        return len(self.start) - 1

    def is_(self, number: int, start: int, end: int, content: int) -> bool:
        return (self.start[number], self.end[number], self.content[number]) == (start, end, content)


class _Diary:
    """When one person is busy, sorted by start.  No two of its intervals overlap."""

    __slots__ = ("end", "service", "start")

    def __init__(self) -> None:
        self.start, self.end, self.service = array("i"), array("i"), array("i")

    def overlapping(self, start: int, end: int) -> list[int]:
        # They are apart, so their ends are sorted as their starts are.
        first, last = bisect_right(self.end, start), bisect_left(self.start, end)
        return [self.service[i] >> 1 for i in range(first, last)]

    def holds(self, service: int, start: int, helps: bool) -> bool:
        at = bisect_left(self.start, start)
        return at < len(self.start) and self.service[at] == service * 2 + helps

    def add(self, start: int, end: int, service: int, helps: bool) -> None:
        at = bisect_left(self.start, start)
        self.start.insert(at, start)
        self.end.insert(at, end)
        self.service.insert(at, service * 2 + helps)


def _minute(moment: datetime) -> int:
    return (moment.toordinal() * 24 + moment.hour) * 60 + moment.minute


def judge_all(
    rows: Iterable[ResolvedRow], stored: Occupied | None = None
) -> list[tuple[ResolvedRow, Verdict]]:
    """Every row with its verdict, for registers that fit in memory."""
    judge = Judge(stored)
    return [(row, judge.judge(row)) for row in rows]
