"""What the services of a span would have been worth under a draft profile; nothing is written.

Every posted part is priced again in the order in which it was recorded, so that days and accounts
fill up as they would have.  What is assumed where the past cannot be repeated is said in
:data:`ASSUMPTIONS`, with each answer.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from ledger.errors import Refusal
from timebank.bank import Bank
from timebank.errors import UnknownStation
from timebank.people.conditions import conditions_noted
from timebank.people.directory import members
from timebank.people.identity import age_on
from timebank.policy.eligibility import NOBODY_NOTED, asks_age, standing_asked
from timebank.policy.judging import Circumstance, admit
from timebank.policy.model import Profile
from timebank.policy.pricing import Priced, ServiceFacts, price
from timebank.records.classes import is_professional
from timebank.records.model import Payer
from timebank.stations.actions import require, station_named
from timebank.stations.model import Actor, Role

ASSUMPTIONS: tuple[tuple[str, str], ...] = (
    (
        "草案按全部所选日期有效计算，不看其施行日期。",
        "The draft counts as if in force on every day asked for, whatever its dates say.",
    ),
    (
        "账户从起始日之前生效的余额算起；所选日期内的赠与、使用、发放不重演。",
        (
            "An account starts with what was effective before the first day; gifts, use and "
            "grants within the span are not repeated."
        ),
    ),
    (
        "亲属关系按现在登记的计；出生日期不详或个人信息停止使用的，不问年龄。",
        "Kinship is as noted today; nobody's age is asked whose birth date is unknown or withheld.",
    ),
    (
        "只重算计时与服务资格；补录期限、复核、公示、使用方资格不重演。",
        (
            "Only pricing and who may earn are tried; lateness, review, notice and who may "
            "redeem are not."
        ),
    ),
)
"""What a rehearsal takes for granted, in both languages."""

_AT_ONCE = 500
_FROM = (
    "FROM service_record r JOIN record_person p ON p.book_id = r.book_id "
    "AND p.record_id = r.record_id AND p.part = 'volunteer' AND p.live = 1 "
)
_WHERE = (
    "WHERE r.book_id = 1 AND r.state = 'posted' "
    "AND r.service_on >= :first AND r.service_on <= :last "
)
_SPAN = _FROM + _WHERE
_WITH_SPOUSE = (
    "EXISTS (SELECT 1 FROM record_person q JOIN kinship k ON k.book_id = q.book_id "
    "AND k.other_id = q.person_id AND k.person_id = p.person_id AND k.relation = 'spouse' "
    "WHERE q.book_id = r.book_id AND q.record_id = r.record_id AND q.part = 'recipient')"
)
_PARTS = (
    "SELECT r.record_id, r.station_code, r.class_code, r.started_at, r.given_minutes, r.payer, "
    "p.person_id, p.credited_minutes, p.charged_minutes, p.overflow_minutes, "
    f"CASE WHEN {_WITH_SPOUSE} THEN 1 ELSE 0 END AS with_spouse, "
    f"coalesce(t.travel_minutes, 0), coalesce(t.rest_minutes, 0), coalesce(t.aim_met, 1) {_FROM}"
    "LEFT JOIN record_time t ON t.book_id = r.book_id AND t.record_id = r.record_id "
    f"{_WHERE}"
    "ORDER BY r.recorded_ms, r.station_code, r.number, r.record_id, p.person_id"
)
_STARTS = (
    "SELECT o.person_id, sum(m.minutes) FROM ("
    "SELECT to_no AS account_no, minutes FROM movement WHERE book_id = 1 AND effective_on < :first "
    "UNION ALL SELECT from_no, -minutes FROM movement WHERE book_id = 1 AND effective_on < :first"
    ") AS m JOIN account a ON a.book_id = 1 AND a.account_no = m.account_no "
    "JOIN person o ON o.book_id = 1 AND o.account_id = a.account_id GROUP BY o.person_id"
)
_NUMBERS = (
    "SELECT n.person_id, min(n.number) AS number FROM person_number n "
    "JOIN person o ON o.book_id = n.book_id "
    "AND o.person_id = n.person_id AND o.state = 'active' WHERE n.book_id = 1 GROUP BY n.person_id"
)


class Part(NamedTuple):
    """One volunteer's part of a posted record; ``started_at`` is a local wall time."""

    record_id: str
    station_code: str
    class_code: str
    started_at: str
    given_minutes: int
    payer: str
    person_id: str
    credited_minutes: int
    charged_minutes: int
    overflow_minutes: int
    with_spouse: int
    travel_minutes: int = 0
    rest_minutes: int = 0
    aim_met: int = 1


@dataclass(slots=True)
class Amounts:
    """Minutes as they were posted (``before``) and under the draft (``after``); counts of both."""

    services: int = 0
    refused: int = 0
    credited_before: int = 0
    credited_after: int = 0
    overflow_before: int = 0
    overflow_after: int = 0
    charged_before: int = 0
    charged_after: int = 0

    def add(self, part: Part, priced: Priced | None) -> None:
        """Count one part; ``priced`` is ``None`` where the draft refuses the service."""
        self.services += 1
        self.credited_before += part.credited_minutes
        self.overflow_before += part.overflow_minutes
        self.charged_before += part.charged_minutes
        if priced is None:
            self.refused += 1
            return
        self.credited_after += priced.credited
        self.overflow_after += priced.overflow
        self.charged_after += priced.charged


@dataclass(slots=True)
class Rehearsal:
    """The draft at work on one service after the other.

    ``start`` are minutes that accounts begin with and ``born_on`` the birth dates that are known,
    both by person.  Grows with the volunteers, and under a daily cap with the days on which each
    served.
    """

    profile: Profile
    start: dict[str, int] = field(default_factory=dict)
    born_on: dict[str, date] = field(default_factory=dict)
    noted: dict[str, frozenset[str]] = field(default_factory=dict)
    station_code: str = ""
    """Only this station's services are counted; those of others fill days and accounts alike."""
    total: Amounts = field(default_factory=Amounts)
    by_person: dict[str, Amounts] = field(default_factory=dict)
    records: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """Refused records by code."""
    _account: dict[str, int] = field(default_factory=dict)
    _days: dict[tuple[str, int], int] = field(default_factory=dict)

    def service(self, parts: list[Part]) -> None:
        """Try one record, all its volunteers or none, as recording does."""
        code, results = "", list[Priced | None]()
        try:
            results += [self._judged(part) for part in parts]
        except Refusal as refusal:
            code, results = refusal.code, [None] * len(parts)
        for part, priced in zip(parts, results, strict=True):
            self._fill(part, priced.credited if priced else 0)
        if self.station_code and parts[0].station_code != self.station_code:
            return
        self.records += 1
        if code:
            self.refused[code] += 1
        for part, result in zip(parts, results, strict=True):
            self.total.add(part, result)
            self.by_person.setdefault(part.person_id, Amounts()).add(part, result)

    def _judged(self, part: Part) -> Priced:
        on = date.fromisoformat(part.started_at[:10])
        born = self.born_on.get(part.person_id)
        relations = ("spouse",) if part.with_spouse else ()
        age = None if born is None else age_on(born, on)
        who = part.person_id
        circumstance = Circumstance(
            age,
            relations,
            noted=self.noted.get(who, NOBODY_NOTED),
            professional=is_professional(part.class_code),
        )
        admit(self.profile, part.class_code, circumstance)
        return price(
            self.profile,
            ServiceFacts(
                given_minutes=part.given_minutes,
                service_class=part.class_code,
                professional=is_professional(part.class_code),
                travel_minutes=part.travel_minutes,
                rest_minutes=part.rest_minutes,
                aim_met=bool(part.aim_met),
                starts_at_minute=int(part.started_at[11:13]) * 60 + int(part.started_at[14:16]),
                has_payer=part.payer != Payer.NOBODY,
                credited_that_day_minutes=self._days.get((who, on.toordinal()), 0),
                account_minutes=self._account.get(who, self.start.get(who, 0)),
            ),
        )

    def _fill(self, part: Part, minutes: int) -> None:
        who, caps = part.person_id, self.profile.caps
        if caps.account_minutes is not None:
            self._account[who] = self._account.get(who, self.start.get(who, 0)) + minutes
        if caps.day_minutes is not None:
            day = who, date.fromisoformat(part.started_at[:10]).toordinal()
            self._days[day] = self._days.get(day, 0) + minutes


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came out: totals, per member by number (empty for who asked to be forgotten), codes."""

    policy: str
    first: date
    last: date
    station_code: str
    records: int
    total: Amounts
    members: tuple[tuple[str, Amounts], ...]
    refused: tuple[tuple[str, int], ...]

    def as_json(self) -> dict[str, Any]:
        """The answer of the command line."""
        return {
            "policy": self.policy,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "station": self.station_code,
            "records": self.records,
            "refused_records": sum(count for _code, count in self.refused),
            "refusals": dict(self.refused),
            "total": asdict(self.total),
            "members": [{"number": number, **asdict(one)} for number, one in self.members],
            "assumptions": [{"zh": zh, "en": en} for zh, en in ASSUMPTIONS],
        }


def rehearse(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    profile: Profile,
    *,
    first: date,
    last: date,
    station_code: str = "",
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Rehearsed:
    """Price the posted services of ``first`` to ``last``, both inside, under a draft.

    ``progress`` is called with (done, of) in parts.

    Raises, the first that applies:
        NotPermitted: neither operator nor auditor.
        UnknownStation: no station has that code.
    """
    require(actor, "rehearse_policy", Role.OPERATOR, Role.AUDITOR)
    if station_code and station_named(connection, station_code) is None:
        raise UnknownStation(station=station_code[:20])
    span = {"first": first.isoformat(), "last": last.isoformat()}
    tried = Rehearsal(profile, station_code=station_code)
    if profile.caps.account_minutes is not None:
        found = connection.execute(text(_STARTS), {"first": span["first"]})
        tried.start = {person_id: int(minutes) for person_id, minutes in found}
    if asks_age(profile):
        tried.born_on = _birth_dates(bank, connection, span)
    if standing_asked(profile):
        noted = conditions_noted(bank, connection)
        tried.noted = {person_id: frozenset(codes) for person_id, codes in noted.items()}
    of = connection.execute(text(f"SELECT count(*) {_SPAN}"), span).scalar_one()
    done = 0
    for _record_id, parts in groupby(_parts(connection, span), lambda part: part.record_id):
        service = list(parts)
        tried.service(service)
        done += len(service)
        if done % _AT_ONCE < len(service):
            progress(done, of)
    progress(done, of)
    numbers = {row.person_id: str(row.number) for row in connection.execute(text(_NUMBERS))}
    listed = ((numbers.get(person_id, ""), one) for person_id, one in tried.by_person.items())
    return Rehearsed(
        profile.version,
        first,
        last,
        station_code,
        tried.records,
        tried.total,
        tuple(sorted(listed, key=lambda one: one[0])),
        tuple(sorted(tried.refused.items())),
    )


def _parts(connection: Connection, span: dict[str, str]) -> Iterator[Part]:
    streamed = {"yield_per": 1_000}
    for row in connection.execute(text(_PARTS), span, execution_options=streamed):
        yield Part(*row)


def _birth_dates(bank: Bank, connection: Connection, span: dict[str, str]) -> dict[str, date]:
    """Of everybody who served in the span, a few hundred at a time."""
    listed = connection.execute(text(f"SELECT DISTINCT p.person_id {_SPAN}"), span).scalars().all()
    return {
        person_id: member.born_on
        for at in range(0, len(listed), _AT_ONCE)
        for person_id, member in members(bank, connection, listed[at : at + _AT_ONCE]).items()
        if member.born_on is not None
    }
