"""Pairings as staff see them: what was promised, what was given, and how long nobody came."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import Connection, Text, bindparam, text

from timebank.bank import Bank
from timebank.pairings.model import Kept, Role
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.stations.actions import require
from timebank.stations.model import Actor
from timebank.stations.model import Role as Office

READERS = (Office.CLERK, Office.REVIEWER, Office.OPERATOR, Office.AUDITOR)
MONTHS_SHOWN = 6

_LISTED = (
    "SELECT pairing_id, elder_id, station_code, minutes, alert_days, classes, from_on, until_on, "
    "sealed, ended_on, reason FROM pairing WHERE book_id = 1"
)
_MEMBERS = text(
    "SELECT pairing_id, person_id, role, from_on, until_on FROM pairing_member "
    "WHERE book_id = 1 AND pairing_id IN :pairings ORDER BY pairing_id, place"
).bindparams(bindparam("pairings", expanding=True, type_=Text))

VISITS = (
    "FROM pairing p JOIN record_person e ON e.book_id = p.book_id AND e.person_id = p.elder_id "
    "AND e.part = 'recipient' AND e.live = 1 "
    "JOIN record_person v ON v.book_id = e.book_id AND v.record_id = e.record_id "
    "AND v.part = 'volunteer' AND v.live = 1 "
    "JOIN service_record r ON r.book_id = e.book_id AND r.record_id = e.record_id "
    "WHERE p.book_id = 1 AND EXISTS (SELECT 1 FROM pairing_member m WHERE m.book_id = p.book_id "
    "AND m.pairing_id = p.pairing_id AND m.person_id = v.person_id AND m.from_on <= r.service_on "
    "AND (m.until_on = '' OR m.until_on >= r.service_on))"
)
"""Services that a pairing's volunteers gave its elder while they belonged to it, as ``p r v``."""

_GIVEN = text(
    "SELECT p.pairing_id, v.person_id, substr(r.service_on, 1, 7) AS month, "
    "sum(CASE WHEN r.marks LIKE '%back\\_dated%' ESCAPE '\\' THEN r.given_minutes ELSE 0 END) "
    f"AS late, sum(r.given_minutes) AS given {VISITS} AND p.pairing_id IN :pairings "
    "AND r.service_on >= :since GROUP BY p.pairing_id, v.person_id, substr(r.service_on, 1, 7)"
).bindparams(bindparam("pairings", expanding=True, type_=Text))
_LAST = text(
    f"SELECT p.pairing_id, max(r.service_on) AS last_on {VISITS} AND p.pairing_id IN :pairings "
    "GROUP BY p.pairing_id"
).bindparams(bindparam("pairings", expanding=True, type_=Text))


@dataclass(frozen=True, slots=True)
class ShownVolunteer:
    """A volunteer of a pairing, masked, with the months behind and the one that runs."""

    number: str
    name: str
    role: str
    from_on: str
    until_on: str
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class ShownPairing:
    """A pairing; names are masked.

    ``last_visit_on`` is empty where nobody came yet; ``days_without`` counts from it, or from the
    beginning.  ``is_overdue``: longer than was agreed.  ``risks`` are for who sends somebody.
    """

    pairing_id: str
    number: str
    name: str
    station_code: str
    minutes: int
    alert_days: int
    classes: tuple[str, ...]
    from_on: str
    until_on: str
    ended_on: str
    is_over: bool
    last_visit_on: str
    days_without: int
    is_overdue: bool
    risks: str
    reason: str
    volunteers: tuple[ShownVolunteer, ...]


def pairings_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    pairing_id: str = "",
    before: str = "",
    most: int = 50,
) -> list[ShownPairing]:
    """A page of pairings, or the one of an id, the newest first; a station's staff see their own.

    Raises:
        NotPermitted: neither staff nor auditor.
    """
    require(actor, "read_pairings", *READERS)
    query, asked = _LISTED, dict[str, Any](most=most)
    if pairing_id:
        query += " AND pairing_id = :pairing"
        asked["pairing"] = pairing_id
    if actor.station_code:
        query += " AND station_code = :station"
        asked["station"] = actor.station_code
    if before:
        query += " AND pairing_id < :before"
        asked["before"] = before
    rows = connection.execute(text(query + " ORDER BY pairing_id DESC LIMIT :most"), asked).all()
    return _shown(bank, connection, rows, with_risks=actor.role is not Office.AUDITOR)


def told_of_pairings(bank: Bank, connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """A person's pairings, as elder with all that was written and as volunteer, for their copy."""
    query = text(
        _LISTED + " AND (elder_id = :person OR pairing_id IN (SELECT pairing_id FROM "
        "pairing_member WHERE book_id = 1 AND person_id = :person)) ORDER BY pairing_id"
    )
    rows = connection.execute(query, {"person": person_id}).all()
    key = bank.wrapped_keys.of([person_id]).get(person_id)
    found = []
    for row in rows:
        told: dict[str, Any] = {}
        if row.elder_id == person_id and key is not None:
            told = dict(bank.vault.open(person_id, key, bytes(row.sealed)))
        found.append(
            {
                "pairing": row.pairing_id,
                "as": "elder" if row.elder_id == person_id else "volunteer",
                "minutes": row.minutes,
                "from_on": row.from_on,
                "until_on": row.until_on,
                "ended_on": row.ended_on,
                **told,
            }
        )
    return found


def promised_in(month: str, minutes: int, from_on: str, until_on: str) -> int:
    """What one volunteer promised for a month (``YYYY-MM``), by the days they belonged in it.

    Whole minutes, rounded down.
    """
    year, number = (int(part) for part in month.split("-"))
    days = monthrange(year, number)[1]
    first, last = date(year, number, 1), date(year, number, days)
    begins = max(first, date.fromisoformat(from_on))
    ends = min(last, date.fromisoformat(until_on)) if until_on else last
    return max(0, (ends - begins).days + 1) * minutes // days


def months_until(today: date, count: int) -> list[str]:
    """The last ``count`` months up to that of ``today``, the newest first."""
    first = today.replace(day=1)
    return [(first - relativedelta(months=at)).isoformat()[:7] for at in range(count)]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read for a page of pairings, all at once."""

    today: date
    belonging: Sequence[Any]
    given: Mapping[tuple[str, str, str], tuple[int, int]]
    last: Mapping[str, str]
    named: Mapping[str, tuple[str, str]]
    told: Mapping[str, dict[str, Any]]


def _shown(
    bank: Bank, connection: Connection, rows: Sequence[Any], *, with_risks: bool
) -> list[ShownPairing]:
    found = _found(bank, connection, rows)
    return [_one(found, row, with_risks=with_risks) for row in rows]


def _found(bank: Bank, connection: Connection, rows: Sequence[Any]) -> _Found:
    today = bank.today()
    asked = {"pairings": [row.pairing_id for row in rows]}
    belonging = connection.execute(_MEMBERS, asked).all()
    since = {"since": f"{months_until(today, MONTHS_SHOWN)[-1]}-01"}
    given = connection.execute(_GIVEN, asked | since)
    ids = {row.elder_id for row in rows} | {row.person_id for row in belonging}
    named = {who: ("", said) for who, said in names_not_shown(connection, ids).items()}
    for who, member in members(bank, connection, ids).items():
        named[who] = (member.numbers[0] if member.numbers else ""), mask_name(member.name)
    keys = bank.wrapped_keys.of({row.elder_id for row in rows})
    told: dict[str, dict[str, Any]] = {}
    for row in rows:
        for sealed in (row.sealed, row.reason) if row.elder_id in keys else ():
            if sealed:
                opened = bank.vault.open(row.elder_id, keys[row.elder_id], bytes(sealed))
                told.setdefault(row.pairing_id, {}).update(opened)
    return _Found(
        today,
        belonging,
        {
            (row.pairing_id, row.person_id, row.month): (int(row.given), int(row.late))
            for row in given
        },
        {row.pairing_id: row.last_on for row in connection.execute(_LAST, asked)},
        named,
        told,
    )


def _one(found: _Found, row: Any, *, with_risks: bool) -> ShownPairing:
    today = found.today
    told = found.told.get(row.pairing_id, {})
    is_over = bool(row.ended_on or (row.until_on and row.until_on < today.isoformat()))
    last_on = found.last.get(row.pairing_id, "")
    days = (today - date.fromisoformat(last_on or row.from_on)).days
    return ShownPairing(
        row.pairing_id,
        *found.named.get(row.elder_id, ("", "")),
        row.station_code,
        row.minutes,
        row.alert_days,
        tuple(row.classes.split()),
        row.from_on,
        row.until_on,
        row.ended_on,
        is_over,
        last_on,
        days,
        not is_over and days > row.alert_days,
        str(told.get("risks", "")) if with_risks else "",
        str(told.get("reason", "")),
        tuple(
            ShownVolunteer(
                *found.named.get(one.person_id, ("", "")),
                one.role,
                one.from_on,
                one.until_on,
                tuple(_kept(found, one, row.minutes)),
            )
            for one in found.belonging
            if one.pairing_id == row.pairing_id
        ),
    )


def _kept(found: _Found, one: Any, minutes: int) -> Iterator[Kept]:
    for month in months_until(found.today, MONTHS_SHOWN):
        promised = promised_in(month, minutes, one.from_on, one.until_on)
        given, late = found.given.get((one.pairing_id, one.person_id, month), (0, 0))
        if promised or given:
            owed = 0 if one.role == Role.BACKUP.value else promised
            yield Kept(month, owed, given, late)
