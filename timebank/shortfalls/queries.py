"""Proposals to take records back, and what accounts are short of, as staff and the person read."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

_PROPOSALS = text("""
SELECT p.proposal_id, p.record_id, r.number AS record_number, r.service_on, p.station_code,
       p.reason, p.state, p.covered_minutes, p.proposed_by, p.proposed_ms, p.decided_by,
       p.decided_ms
  FROM reversal_proposal p
  JOIN service_record r ON r.book_id = p.book_id AND r.record_id = p.record_id
 WHERE p.book_id = 1 AND (:station = '' OR p.station_code = :station)
   AND (:proposal = '' OR p.proposal_id = :proposal) AND (:before = '' OR p.proposal_id < :before)
 ORDER BY p.proposal_id DESC LIMIT :most
""")
_OPEN = text("""
SELECT s.account_id, coalesce(min(n.number), '') AS number, s.open_minutes, s.recovered_minutes,
       s.since_ms
  FROM shortfall s
  LEFT JOIN person p ON p.book_id = s.book_id AND p.account_id = s.account_id
  LEFT JOIN person_number n ON n.book_id = p.book_id AND n.person_id = p.person_id
 WHERE s.book_id = 1 AND s.open_minutes > 0 AND s.account_id > :after
 GROUP BY s.account_id, s.open_minutes, s.recovered_minutes, s.since_ms
 ORDER BY s.account_id LIMIT :most
""")
_OF_PERSON = text(
    "SELECT s.open_minutes, s.recovered_minutes FROM shortfall s JOIN person p "
    "ON p.book_id = s.book_id AND p.account_id = s.account_id "
    "WHERE s.book_id = 1 AND p.person_id = :person"
)


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """A proposal to take a record back; ``covered_minutes`` are what its approval lent.

    Moments are UTC milliseconds; ``decided_by`` is empty and ``decided_ms`` ``None`` while it is
    open.
    """

    proposal_id: str
    record_id: str
    record_number: int
    service_on: str
    station_code: str
    reason: str = field(repr=False)
    state: str
    covered_minutes: int
    proposed_by: str
    proposed_ms: int
    decided_by: str
    decided_ms: int | None


@dataclass(frozen=True, slots=True)
class ShownShortfall:
    """What an account is short of and what came back since ``since_ms`` (UTC), in minutes.

    ``number`` is the lowest of its holder's member numbers, empty where nobody has one.
    """

    account_id: str
    number: str
    open_minutes: int
    recovered_minutes: int
    since_ms: int


def proposals_listed(
    connection: Connection, actor: Actor, *, proposal_id: str = "", before: str = "", most: int = 50
) -> list[ShownProposal]:
    """Proposals, the newest first: a reviewer's station's, or all for the district.

    Raises:
        NotPermitted: neither reviewer, operator nor auditor.
    """
    require(actor, "see_reversal_proposals", Role.REVIEWER, Role.OPERATOR, Role.AUDITOR)
    station = actor.station_code if actor.role is Role.REVIEWER else ""
    asked = {"before": before, "most": most, "proposal": proposal_id, "station": station}
    return [ShownProposal(**row) for row in connection.execute(_PROPOSALS, asked).mappings()]


def shortfalls_listed(
    connection: Connection, actor: Actor, *, after: str = "", most: int = 50
) -> list[ShownShortfall]:
    """Accounts with an open shortfall, by account.

    Raises:
        NotPermitted: neither operator nor auditor.
    """
    require(actor, "see_shortfalls", Role.OPERATOR, Role.AUDITOR)
    rows = connection.execute(_OPEN, {"after": after, "most": most}).mappings()
    return [ShownShortfall(**row) for row in rows]


def told_of_shortfall(connection: Connection, person_id: str) -> dict[str, int]:
    """What a person's account is short of and what came back, for their copy; empty if nothing."""
    row = connection.execute(_OF_PERSON, {"person": person_id}).mappings().first()
    return {} if row is None else {name: int(minutes) for name, minutes in row.items()}
