"""Everything that matching needs for one order, one volunteer or a whole day, in set-based SQL.

The number of statements does not depend on how many orders or volunteers there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.clock import local_date, milliseconds
from timebank.estates import living
from timebank.matching.model import (
    LATELY_DAYS,
    Place,
    Request,
    Rules,
    Standing,
    Volunteer,
    Window,
    rules_of,
)
from timebank.policy.model import MINUTES_A_DAY
from timebank.suspensions.model import Part
from timebank.suspensions.participation import Suspended

_KEPT = "('matched', 'accepted', 'signed_in')"
"""States in which a volunteer is promised to a visit that is not over."""

_VOLUNTEERS = (
    "WITH v AS (SELECT DISTINCT p.person_id, p.account_id, p.station_code "
    "FROM person p JOIN person_number n ON n.book_id = p.book_id AND n.person_id = p.person_id "
    "WHERE p.book_id = 1 AND p.state = 'active' AND n.role <> 'elder' "
    "AND n.role <> 'volunteer group' AND {people}), "
    "e AS (SELECT DISTINCT o.elder_id FROM service_order o WHERE o.book_id = 1 AND {orders}) "
)
_REQUESTS = (
    "SELECT o.order_id, o.number, o.station_code, o.elder_id, o.class_code, o.wanted_on, "
    "o.wanted_at, o.wanted_minutes, m.area, m.sealed "
    "FROM service_order o LEFT JOIN matching_person m "
    "ON m.book_id = o.book_id AND m.person_id = o.elder_id "
    "WHERE o.book_id = 1 AND {orders} ORDER BY o.wanted_on, o.wanted_at, o.order_id"
)
_AREAS = text("SELECT code, east_metres, north_metres FROM area WHERE book_id = 1")

_PEOPLE = (
    "SELECT v.person_id, v.station_code, b.posted, m.area, m.insured_until, m.agreed_until, "
    "m.paused_from, m.paused_until, m.sealed FROM v "
    "JOIN account a ON a.book_id = 1 AND a.account_id = v.account_id "
    "JOIN balance b ON b.book_id = 1 AND b.account_no = a.account_no "
    "LEFT JOIN matching_person m ON m.book_id = 1 AND m.person_id = v.person_id "
    "ORDER BY v.person_id"
)
_SKILLS = (
    "SELECT s.person_id, s.class_code FROM v "
    "JOIN matching_skill s ON s.book_id = 1 AND s.person_id = v.person_id"
)
_WINDOWS = (
    "SELECT w.person_id, w.weekday, w.from_minute, w.to_minute FROM v JOIN matching_window w "
    "ON w.book_id = 1 AND w.person_id = v.person_id ORDER BY 1, 2, 3"
)
_EXCLUSIONS = (
    "SELECT x.volunteer_id, x.elder_id FROM e JOIN matching_exclusion x "
    "ON x.book_id = 1 AND x.elder_id = e.elder_id"
)
_KIN = (
    "SELECT k.other_id, k.person_id, k.relation FROM e "
    "JOIN kinship k ON k.book_id = 1 AND k.person_id = e.elder_id"
)
_SERVED = (
    "SELECT g.person_id, r.person_id, count(DISTINCT g.record_id) FROM e "
    "JOIN record_person r ON r.book_id = 1 AND r.person_id = e.elder_id "
    "AND r.part = 'recipient' AND r.live = 1 "
    "JOIN record_person g ON g.book_id = 1 AND g.record_id = r.record_id "
    "AND g.part = 'volunteer' AND g.live = 1 GROUP BY g.person_id, r.person_id"
)
_PROMISED = (
    "SELECT o.volunteer_id, o.wanted_on, o.wanted_at, o.wanted_minutes FROM v "
    "JOIN service_order o ON o.book_id = 1 AND o.volunteer_id = v.person_id "
    f"AND o.wanted_on BETWEEN :before AND :last WHERE o.state IN {_KEPT}"
)
_CREDITED = (
    "SELECT r.person_id, substr(r.started_at, 1, 10), sum(r.credited_minutes) FROM v "
    "JOIN record_person r ON r.book_id = 1 AND r.person_id = v.person_id "
    "AND r.started_at >= :first AND r.started_at < :behind "
    "WHERE r.part = 'volunteer' AND r.live = 1 GROUP BY 1, 2"
)
_PAIRED = (
    "SELECT m.person_id, g.elder_id, m.role FROM e JOIN pairing g ON g.book_id = 1 "
    "AND g.elder_id = e.elder_id AND g.ended_on = '' AND (g.until_on = '' OR g.until_on >= :today) "
    "JOIN pairing_member m ON m.book_id = 1 AND m.pairing_id = g.pairing_id AND m.until_on = ''"
)
_ASKED = (
    "SELECT v.person_id, count(*) FROM v "
    "JOIN matching_asked m ON m.book_id = 1 AND m.person_id = v.person_id "
    "WHERE m.asked_ms >= :since_ms GROUP BY v.person_id"
)
_MATCHED = (
    "SELECT o.volunteer_id, count(*) FROM v "
    "JOIN service_order o ON o.book_id = 1 AND o.volunteer_id = v.person_id "
    "AND o.wanted_on >= :since WHERE o.state <> 'cancelled' GROUP BY o.volunteer_id"
)
_BORN = (
    "SELECT v.person_id, t.sealed FROM v "
    "JOIN vault t ON t.book_id = 1 AND t.person_id = v.person_id"
)


_RESTING = text(living.RESTING)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which orders and which volunteers are meant, as conditions with their values.

    ``orders`` speaks of ``o``, ``people`` of ``p``.
    """

    orders: str
    people: str
    values: dict[str, Any]

    def sql(self, query: str) -> Any:
        """A query over the chosen volunteers ``v`` and the elders ``e`` of the chosen orders."""
        return text(_VOLUNTEERS.format(orders=self.orders, people=self.people) + query)


@dataclass(frozen=True, slots=True)
class Asked:
    """An order that looks for somebody: as matching sees it, and as people call it."""

    request: Request
    number: int
    station_code: str
    wanted_on: str
    wanted_at: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What was loaded at one moment; ``rules`` by day."""

    asked: tuple[Asked, ...]
    volunteers: tuple[Volunteer, ...]
    rules: dict[date, Rules]


def load(bank: Bank, connection: Connection, chosen: Chosen) -> Facts:
    """The chosen orders and volunteers with everything that the rules look at.

    Raises:
        NoProfileInForce: no adopted profile covers a wished day.
    """
    places = {row[0]: Place(row[1], row[2]) for row in connection.execute(_AREAS)}
    asked = tuple(_asked(bank, connection, chosen, places))
    days = sorted({one.request.on for one in asked})
    rules = {day: rules_of(bank.profile_on(day)) for day in days}
    if not asked:
        return Facts((), (), rules)
    ages_matter = any(one.minimum_age is not None for one in rules.values())
    found = _Volunteers(bank, connection, chosen, days, places, ages_matter)
    return Facts(asked, tuple(found.all()), rules)


def _asked(
    bank: Bank, connection: Connection, chosen: Chosen, places: dict[str, Place]
) -> Iterator[Asked]:
    query = text(_REQUESTS.format(orders=chosen.orders))
    rows = connection.execute(query, chosen.values).all()
    sealed = {row.elder_id: bytes(row.sealed) for row in rows if row.sealed}
    told = opened(bank, sealed)
    suspended, today = Suspended.committed(connection), bank.today()
    for row in rows:
        on = date.fromisoformat(row.wanted_on)
        request = Request(
            row.order_id,
            row.elder_id,
            row.class_code,
            on,
            minute_of(row.wanted_at),
            row.wanted_minutes,
            places.get(row.area or row.station_code),
            str(told.get(row.elder_id, {}).get("gender_wish", "")),
            suspended.stops(row.elder_id, Part.ELDER, today),
        )
        yield Asked(request, row.number, row.station_code, row.wanted_on, row.wanted_at)


def minute_of(wall: str) -> int:
    """A wall time ``H:MM`` as the minute of the day."""
    hours, minutes = wall.split(":")
    return int(hours) * 60 + int(minutes)


def opened(bank: Bank, sealed: dict[str, bytes]) -> dict[str, dict[str, str | int | None]]:
    """Sealed facts by person; whose key is gone is left out."""
    keys = bank.wrapped_keys.of(sealed)
    return {who: bank.vault.open(who, keys[who], box) for who, box in sealed.items() if who in keys}


class _Volunteers:
    """Collects one statement after another, each for all volunteers."""

    def __init__(
        self,
        bank: Bank,
        connection: Connection,
        chosen: Chosen,
        days: list[date],
        places: dict[str, Place],
        ages_matter: bool,
    ) -> None:
        self._bank, self._connection, self._chosen = bank, connection, chosen
        self._places, self._ages_matter = places, ages_matter
        first, last = days[0], days[-1]
        now = bank.clock.now()
        self._values = {
            **chosen.values,
            "before": (first - timedelta(days=1)).isoformat(),
            "first": first.isoformat(),
            "last": last.isoformat(),
            "behind": f"{last.isoformat()}U",  # behind every T of that day
            "since": (local_date(now) - timedelta(days=LATELY_DAYS)).isoformat(),
            "today": bank.today().isoformat(),
            "since_ms": milliseconds(now - timedelta(days=LATELY_DAYS)),
        }

    def all(self) -> Iterator[Volunteer]:
        gone = {row.person_id for row in self._connection.execute(_RESTING)}
        suspended = Suspended.committed(self._connection)
        rows = [row for row in self._rows(_PEOPLE) if row.person_id not in gone]
        told = opened(self._bank, {row[0]: bytes(row.sealed) for row in rows if row.sealed})
        born = self._born() if self._ages_matter else {}
        skills = _sets(self._rows(_SKILLS))
        windows: dict[str, list[Window]] = defaultdict(list)
        for who, *window in self._rows(_WINDOWS):
            windows[who].append(Window(*window))
        excluded = _sets(self._rows(_EXCLUSIONS))
        kin, served = _maps(self._rows(_KIN)), _maps(self._rows(_SERVED))
        paired = _maps(self._rows(_PAIRED))
        committed = _maps(self._rows(_CREDITED))
        busy = self._promised(committed)
        asked, matched = (dict(map(tuple, self._rows(query))) for query in (_ASKED, _MATCHED))
        for row in rows:
            who = row.person_id
            yield Volunteer(
                who,
                frozenset(skills.get(who, ())),
                tuple(windows.get(who, ())),
                self._places.get(row.area or row.station_code),
                str(told.get(who, {}).get("gender", "")),
                born.get(who),
                Standing(*(row[at] or "" for at in range(4, 8))),
                tuple(busy.get(who, ())),
                frozenset(excluded.get(who, ())),
                kin.get(who, {}),
                served.get(who, {}),
                asked.get(who, 0),
                matched.get(who, 0),
                committed.get(who, {}),
                row.posted,
                suspended.stops(who, Part.VOLUNTEER, self._bank.today()),
                paired.get(who, {}),
            )

    def _promised(self, committed: dict[str, dict[str, int]]) -> dict[str, list[tuple[int, int]]]:
        """Intervals that are promised; their minutes are added to those of their day."""
        busy: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for who, on, at, minutes in self._rows(_PROMISED):
            start = date.fromisoformat(on).toordinal() * MINUTES_A_DAY + minute_of(at)
            busy[who].append((start, start + minutes))
            of_day = committed.setdefault(who, {})
            of_day[on] = of_day.get(on, 0) + minutes
        return busy

    def _born(self) -> dict[str, date]:
        rows = self._rows(_BORN)
        facts = opened(self._bank, {row.person_id: bytes(row.sealed) for row in rows})
        days = {who: one.get("born_on") for who, one in facts.items()}
        return {who: date.fromisoformat(on) for who, on in days.items() if isinstance(on, str)}

    def _rows(self, query: str) -> list[Any]:
        return list(self._connection.execute(self._chosen.sql(query), self._values))


def _sets(rows: Iterable[Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for who, one in rows:
        found[who].add(one)
    return found


def _maps(rows: Iterable[Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for who, one, value in rows:
        found.setdefault(who, {})[one] = int(value) if not isinstance(value, str) else value
    return found
