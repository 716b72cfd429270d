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
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

_EPOCH = datetime.min
_MINUTE = timedelta(minutes=1)


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
    public: str | None = None


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
    first, ``adds_recipients`` the elders whom it adds.
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

    __slots__ = ("_contents", "_diaries", "_extra", "_people", "_services", "_stored", "_stored_no")

    def __init__(self, stored: Occupied | None = None) -> None:
        self._stored: Occupied = stored or NothingStored()
        self._people: dict[str, int] = {}
        self._diaries: list[_Diary] = []
        self._contents: dict[str | None, int] = {None: -1}
        self._services = _Services()
        self._extra: dict[int, set[int]] = {}  # publics beyond a service's first
        self._stored_no: dict[str, int] = {}

    def judge(self, row: ResolvedRow) -> Verdict:
        """What becomes of ``row``; an accepted one is remembered for the rows after it.

        ``row.ends_at`` lies after ``row.starts_at``, and ``row.volunteers`` is not empty.
        """
        start, end = _minute(row.starts_at), _minute(row.ends_at)
        people = row.volunteers | row.recipients
        content = self._number_of(row.content)
        known = [self._people[p] for p in people if p in self._people]
        in_file = {n for p in known for n in self._diaries[p].overlapping(start, end)}
        if in_file:
            verdict = self._against(in_file, row, start, end, content)
            if verdict.accepted and (clash := self._stored_clash(row, verdict)):
                return clash
        else:
            verdict = self._against_stored(row, start, end, content)
        if verdict.accepted and verdict.service is not None:
            self._enter(verdict, row, start, end)
        return verdict

    def _against(
        self, found: set[int], row: ResolvedRow, start: int, end: int, content: int
    ) -> Verdict:
        services = self._services
        service = min(found)
        other = services.row[service]
        same = services.same(service, start, end, content)
        if len(found) > 1 or not same:
            clashing = next((n for n in sorted(found) if not services.same(n, start, end, content)),
                            max(found))  # fmt: skip
            return Verdict(Outcome.OVERLAPPING, other=services.row[clashing])
        helpers = frozenset(p for p in row.volunteers if not self._takes_part(p, service, start, True))
        elders = frozenset(p for p in row.recipients if not self._takes_part(p, service, start, False))
        public = self._number_of(row.public)
        fresh = public >= 0 and public not in self._publics(service)
        if any(self._takes_part(p, service, start, False) for p in row.volunteers) or any(
            self._takes_part(p, service, start, True) for p in row.recipients
        ):
            return Verdict(Outcome.OVERLAPPING, other=other)  # helper and helped at one time
        if not helpers and not elders and not fresh:
            return Verdict(Outcome.DUPLICATE, other=other)
        stored_id = services.stored_id(service)
        outcome = Outcome.EXTENDS_STORED if stored_id else Outcome.JOINED
        return Verdict(outcome, service, other, stored_id, helpers, elders)

    def _stored_clash(self, row: ResolvedRow, verdict: Verdict) -> Verdict | None:
        """Whoever joins a service of this register must be free in the books too."""
        joining = verdict.adds_volunteers | verdict.adds_recipients
        busy = self._stored.overlapping(joining, row.starts_at, row.ends_at) if joining else ()
        own = [s for s in busy if s.service_id != verdict.stored_id]
        return Verdict(Outcome.OVERLAPPING, stored_id=own[0].service_id) if own else None

    def _against_stored(self, row: ResolvedRow, start: int, end: int, content: int) -> Verdict:
        people = row.volunteers | row.recipients
        found = self._stored.overlapping(people, row.starts_at, row.ends_at)
        if not found:
            number = self._services.add(start, end, content, self._number_of(row.public), row.key)
            return Verdict(Outcome.NEW, number, None, None, row.volunteers, row.recipients)
        one = found[0]
        same = (one.starts_at, one.ends_at, one.content) == (row.starts_at, row.ends_at, row.content)
        crossed = row.volunteers & one.recipients or row.recipients & one.volunteers
        if len(found) > 1 or not same or crossed:
            return Verdict(Outcome.OVERLAPPING, stored_id=one.service_id)
        number = self._remember(one, start, end, content, row.key)
        helpers, elders = row.volunteers - one.volunteers, row.recipients - one.recipients
        if not helpers and not elders and row.public in (None, one.public):
            return Verdict(Outcome.ALREADY_STORED, stored_id=one.service_id)
        return Verdict(
            Outcome.EXTENDS_STORED, number, None, one.service_id, helpers, elders
        )

    def _remember(self, one: StoredService, start: int, end: int, content: int, row: int) -> int:
        """Take a stored service among this register's, so that its second row is a duplicate."""
        public = self._number_of(one.public)
        number = self._services.add(start, end, content, public, row, one.service_id)
        for person in one.volunteers:
            self._diary(person).add(start, end, number, True)
        for person in one.recipients:
            self._diary(person).add(start, end, number, False)
        return number

    def _enter(self, verdict: Verdict, row: ResolvedRow, start: int, end: int) -> None:
        number = verdict.service
        assert number is not None
        for person in verdict.adds_volunteers:
            self._diary(person).add(start, end, number, True)
        for person in verdict.adds_recipients:
            self._diary(person).add(start, end, number, False)
        public = self._number_of(row.public)
        if public >= 0 and public not in self._publics(number):
            self._extra.setdefault(number, set()).add(public)

    def _publics(self, service: int) -> set[int]:
        return {self._services.public[service]} | self._extra.get(service, set())

    def _takes_part(self, person: str, service: int, start: int, helps: bool) -> bool:
        index = self._people.get(person)
        return index is not None and self._diaries[index].holds(service, start, helps)

    def _diary(self, person: str) -> "_Diary":
        index = self._people.setdefault(person, len(self._diaries))
        if index == len(self._diaries):
            self._diaries.append(_Diary())
        return self._diaries[index]

    def _number_of(self, text: str | None) -> int:
        return self._contents.setdefault(text, len(self._contents) - 1)


class _Services:
    """Times, content and first row of every service, in columns."""

    __slots__ = ("content", "end", "public", "row", "start", "stored")

    def __init__(self) -> None:
        self.start, self.end = array("q"), array("q")
        self.content, self.public, self.row = array("q"), array("q"), array("q")
        self.stored: dict[int, str] = {}

    def add(
        self, start: int, end: int, content: int, public: int, row: int, stored: str | None = None
    ) -> int:
        number = len(self.start)
        self.start.append(start)
        self.end.append(end)
        self.content.append(content)
        self.public.append(public)
        self.row.append(row)
        if stored is not None:
            self.stored[number] = stored
        return number

    def same(self, number: int, start: int, end: int, content: int) -> bool:
        return (self.start[number], self.end[number], self.content[number]) == (start, end, content)

    def stored_id(self, number: int) -> str | None:
        return self.stored.get(number)


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
    return (moment - _EPOCH) // _MINUTE


def judge_all(
    rows: Iterable[ResolvedRow], stored: Occupied | None = None
) -> list[tuple[ResolvedRow, Verdict]]:
    """Every row with its verdict, for registers that fit in memory."""
    judge = Judge(stored)
    return [(row, judge.judge(row)) for row in rows]
