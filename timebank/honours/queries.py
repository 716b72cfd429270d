"""Minutes given by volunteers, in one statement each, and the stars that follow today."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.errors import NoProfileInForce
from timebank.honours.model import Given, Stars, explain_stars, ladder_of, stars_of
from timebank.people.directory import account_of_number, members, names_not_shown
from timebank.people.masks import mask_name
from timebank.people.reading import STAFF, account_of_reader
from timebank.policy.explain import Explanation
from timebank.policy.model import Profile
from timebank.stations.actions import require
from timebank.stations.model import Actor

# A posted part counts from the moment of its entry until that of its reversal.  Where a cap left
# nothing to post, the review or the recording is the moment; reversed, such a part never counts.
_PARTS = """
SELECT p.person_id, r.state, r.given_minutes, v.leaf_index AS reversed_at,
       (SELECT e.leaf_index FROM entry e
         WHERE e.book_id = p.book_id AND e.entry_id = p.entry_id) AS posted_at,
       coalesce((SELECT m.recorded_ms FROM entry e JOIN movement m ON m.book_id = e.book_id
                   AND m.leaf_index = e.leaf_index AND m.place = 0
                  WHERE e.book_id = p.book_id AND e.entry_id = p.entry_id),
                r.reviewed_ms, r.recorded_ms) AS posted_ms,
       (SELECT m.recorded_ms FROM movement m WHERE m.book_id = v.book_id
           AND m.leaf_index = v.leaf_index AND m.place = 0) AS reversed_ms
  FROM record_person p
  JOIN service_record r ON r.book_id = p.book_id AND r.record_id = p.record_id
   AND r.state IN ('posted', 'reversed')
  JOIN person h ON h.book_id = p.book_id AND h.person_id = p.person_id
  LEFT JOIN reversal v ON v.book_id = p.book_id AND v.reversed_id = p.entry_id
 WHERE p.book_id = 1 AND p.part = 'volunteer' AND {whose}
"""
_GIVEN = f"""
WITH part AS ({_PARTS}),
 change AS (
  SELECT person_id, posted_ms AS at_ms, posted_at AS at_leaf, given_minutes AS minutes FROM part
   WHERE state = 'posted' OR reversed_ms IS NOT NULL
  UNION ALL
  SELECT person_id, reversed_ms, reversed_at, -given_minutes FROM part
   WHERE state = 'reversed' AND reversed_ms IS NOT NULL),
 running AS (
  SELECT person_id, minutes, sum(minutes) OVER (
    PARTITION BY person_id ORDER BY at_ms, coalesce(at_leaf, 0), minutes DESC
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS then_minutes FROM change)
SELECT person_id, sum(minutes) AS given, max(then_minutes) AS most
  FROM running GROUP BY person_id
"""
_OF_ONE = text(_GIVEN.format(whose="p.person_id = :person"))
_VOLUNTEERS = (
    "h.state = 'active' AND EXISTS (SELECT 1 FROM person_number n WHERE n.book_id = h.book_id "
    "AND n.person_id = h.person_id AND n.role LIKE '%volunteer%')"
)
_PAGE = (
    "SELECT * FROM ({given}) AS everybody WHERE (given < :given OR (given = :given AND "
    "person_id > :person)) ORDER BY given DESC, person_id LIMIT :most"
)
_BEHIND_NOBODY = (2**53 - 1, "")


@dataclass(frozen=True, slots=True)
class Starred:
    """A volunteer's stars under the mask; ``given`` is behind them."""

    person_id: str
    number: str
    name: str
    given: Given
    stars: Stars

    @property
    def cursor(self) -> str:
        """Where the page behind this row begins."""
        return f"{self.given.minutes}.{self.person_id}"

    def as_json(self) -> dict[str, Any]:
        """For a program; the opaque id stays inside."""
        stars = asdict(self.stars)
        return {"number": self.number, "name": self.name, **stars,
                "most_minutes": self.given.most_minutes}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnStars:
    """One person's stars today, and why."""

    stars: Stars
    why: Explanation


def given_by(connection: Connection, person_id: str) -> Given:
    """What one person gave in services that are posted, and the most that it ever was."""
    row = connection.execute(_OF_ONE, {"person": person_id}).first()
    return Given(0, 0) if row is None else Given(int(row.given), max(int(row.most), 0))


def stars_of_person(bank: Bank, connection: Connection, person_id: str) -> OwnStars | None:
    """The stars of a person by id; ``None`` where today's policy shows none."""
    profile = _profile(bank)
    given = given_by(connection, person_id) if profile is not None else Given(0, 0)
    stars = stars_of(ladder_of(profile), given) if profile is not None else None
    if profile is None or stars is None:
        return None
    return OwnStars(stars, explain_stars(profile, given))


def stars_by_number(
    bank: Bank, connection: Connection, actor: Actor, number: str
) -> OwnStars | None:
    """The same by member number, for staff or the person.

    Raises, the first that applies:
        NotPermitted: neither staff nor the person.
        UnknownMember: the number stands for nobody.
    """
    account_of_reader(connection, actor, number)
    person_id, _account = account_of_number(connection, number.strip().upper())
    return stars_of_person(bank, connection, person_id)


def stars_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    station_code: str = "",
    after: str = "",
    most: int = 50,
) -> list[Starred]:
    """A page of volunteers who gave something, those with most minutes first, under masks.

    A station's staff see their own volunteers and the district's, others all or those of
    ``station_code``; ``after`` is the :attr:`Starred.cursor` of the last row of the page before.
    Empty without a ladder.

    Raises:
        NotPermitted: no staff.
    """
    require(actor, "read_people", *STAFF)
    profile = _profile(bank)
    ladder = () if profile is None else ladder_of(profile)
    if not ladder:
        return []
    station = actor.station_code or station_code
    theirs = "IN (:station, '')" if actor.station_code else "= :station"
    whose = _VOLUNTEERS + (f" AND h.station_code {theirs}" if station else "")
    minutes, person = _read_cursor(after)
    asked: dict[str, Any] = {"given": minutes, "person": person, "most": most}
    if station:
        asked["station"] = station
    rows = connection.execute(text(_PAGE.format(given=_GIVEN.format(whose=whose))), asked).all()
    ids = {row.person_id for row in rows}
    known, others = members(bank, connection, ids), names_not_shown(connection, ids)
    found = []
    for row in rows:
        given = Given(int(row.given), max(int(row.most), 0))
        stars, member = stars_of(ladder, given), known.get(row.person_id)
        assert stars is not None
        number = member.numbers[0] if member is not None and member.numbers else ""
        name = mask_name(member.name) if member is not None else others.get(row.person_id, "")
        found.append(Starred(row.person_id, number, name, given, stars))
    return found


def _profile(bank: Bank) -> Profile | None:
    try:
        return bank.profile_on(bank.today())
    except NoProfileInForce:
        return None


def _read_cursor(after: str) -> tuple[int, str]:
    minutes, dot, person = after.partition(".")
    return (int(minutes), person) if dot and minutes.isdigit() else _BEHIND_NOBODY
