"""How much is owed to whom, by age, and whether as much is given as will be asked for.

A time bank whose savers are all old, and whose helpers are few, promises what nobody can keep.
Birth dates are opened for the count and shown to nobody; a band of few people is still a sum.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.people.identity import age_on
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BANDS: tuple[tuple[str, int, int | None], ...] = (
    ("under_60", 0, 60), ("60_64", 60, 65), ("65_69", 65, 70), ("70_74", 70, 75),
    ("75_79", 75, 80), ("80_and_over", 80, None),
)  # fmt: skip
"""Permanent words with the first age inside and the first outside."""

UNKNOWN, ORGANISATIONS = "unknown", "organisations"
PEOPLE_AT_ONCE = 2_000

_OWED = text("""
SELECT p.person_id, a.kind, b.posted, v.sealed FROM person p
  JOIN account a ON a.book_id = p.book_id AND a.account_id = p.account_id
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
  LEFT JOIN vault v ON v.book_id = p.book_id AND v.person_id = p.person_id
 WHERE p.book_id = 1 AND b.posted > 0 ORDER BY p.person_id
""")
_OF_A_YEAR = text("""
SELECT coalesce(sum(CASE WHEN p.part = 'volunteer' THEN p.credited_minutes ELSE 0 END), 0),
       coalesce(sum(CASE WHEN r.payer <> 'nobody' THEN p.charged_minutes ELSE 0 END), 0),
       coalesce(sum(CASE WHEN p.part = 'volunteer' AND r.marks LIKE '%back\\_dated%' ESCAPE '\\'
                         THEN p.credited_minutes ELSE 0 END), 0)
  FROM service_record r JOIN record_person p
    ON p.book_id = r.book_id AND p.record_id = r.record_id
 WHERE r.book_id = 1 AND r.state = 'posted' AND r.service_on > :since
""")
_POOLS = text("""
SELECT a.kind, sum(b.posted) AS posted FROM account a
  JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
 WHERE a.book_id = 1 AND a.kind IN ('pool', 'grant_fund', 'umbrella', 'shortfall')
 GROUP BY a.kind
""")


@dataclass(frozen=True, slots=True)
class Band:
    """Holders of one age, and whole minutes owed to them."""

    code: str
    holders: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Liability:
    """What is owed on a day, in minutes.

    ``given_minutes`` and ``used_minutes`` are those of the twelve months behind, by day of the
    service: what volunteers were credited and elders were charged.  ``late_minutes`` are those of
    the given ones whose records came late by the policy.  ``umbrella_minutes`` went to the umbrella
    body after deaths and are out of circulation; ``shortfall_minutes`` were lent to take records
    back and did not come back yet.
    """

    on: str
    bands: tuple[Band, ...]
    pool_minutes: int
    fund_minutes: int
    given_minutes: int
    used_minutes: int
    late_minutes: int = 0
    umbrella_minutes: int = 0
    shortfall_minutes: int = 0

    @property
    def owed_minutes(self) -> int:
        """Everything that members and organisations have."""
        return sum(band.minutes for band in self.bands)

    @property
    def months_to_use(self) -> int | None:
        """Months in which it would be used at the pace of the year behind, rounded up."""
        return None if not self.used_minutes else -(-self.owed_minutes * 12 // self.used_minutes)


def liability_of(bank: Bank, connection: Connection, actor: Actor) -> Liability:
    """What the books owe today.

    Raises:
        NotPermitted: neither operator nor auditor.
    """
    require(actor, "read_liability", Role.OPERATOR, Role.AUDITOR)
    today = bank.today()
    holders: dict[str, int] = {}
    minutes: dict[str, int] = {}
    rows = connection.execute(_OWED).all()
    for at in range(0, len(rows), PEOPLE_AT_ONCE):
        part = rows[at : at + PEOPLE_AT_ONCE]
        keys = bank.wrapped_keys.of(row.person_id for row in part)
        for row in part:
            code = _band_of(bank, row, keys.get(row.person_id))
            holders[code] = holders.get(code, 0) + 1
            minutes[code] = minutes.get(code, 0) + int(row.posted)
    since = (today - relativedelta(years=1)).isoformat()
    given, used, late = connection.execute(_OF_A_YEAR, {"since": since}).one()
    pools = {row.kind: int(row.posted) for row in connection.execute(_POOLS)}
    codes = (*(code for code, _first, _behind in BANDS), UNKNOWN, ORGANISATIONS)
    return Liability(
        today.isoformat(),
        tuple(Band(code, holders.get(code, 0), minutes.get(code, 0)) for code in codes),
        pools.get("pool", 0),
        pools.get("grant_fund", 0),
        int(given),
        int(used),
        int(late),
        pools.get("umbrella", 0),
        -pools.get("shortfall", 0),
    )


def _band_of(bank: Bank, row: Any, wrapped: bytes | None) -> str:
    if row.kind == "organisation":
        return ORGANISATIONS
    if wrapped is None or row.sealed is None:
        return UNKNOWN
    born_on = bank.vault.open(row.person_id, wrapped, bytes(row.sealed)).get("born_on")
    if not isinstance(born_on, str):
        return UNKNOWN
    age = age_on(date.fromisoformat(born_on), bank.today())
    return next(
        (
            code
            for code, first, behind in BANDS
            if first <= age and (behind is None or age < behind)
        ),
        UNKNOWN,
    )
