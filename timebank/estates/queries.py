"""Reported deaths as staff see them: what the account has, who is related, what was settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, bindparam, text

from timebank.bank import Bank
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

READERS = (Role.CLERK, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR)

BEFORE_A_VISIT = "'requested', 'vetted', 'published', 'matched', 'accepted'"
"""States of orders that somebody waits for, though one of its two people has died."""

_ESTATES = (
    "SELECT t.estate_id, t.person_id, t.station_code, t.reported_by, t.reported_ms, "
    "t.withdrawn_ms, b.posted, b.held, (SELECT count(*) FROM service_order o "
    "WHERE o.book_id = t.book_id AND (o.elder_id = t.person_id OR o.volunteer_id = t.person_id) "
    f"AND o.state IN ({BEFORE_A_VISIT})) AS open_orders FROM estate t "
    "JOIN account a ON a.book_id = t.book_id AND a.account_id = t.account_id "
    "JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no WHERE t.book_id = 1"
)
_KIN = text(
    "SELECT k.person_id, k.other_id, k.relation FROM kinship k "
    "JOIN person p ON p.book_id = k.book_id AND p.person_id = k.other_id AND p.state = 'active' "
    "WHERE k.book_id = 1 AND k.relation <> 'friend' AND k.person_id IN :people "
    "ORDER BY k.person_id, k.other_id"
).bindparams(bindparam("people", expanding=True, type_=Text))
_SHARES = text(
    "SELECT estate_id, entry_id, to_person, relation, minutes, settled_by, settled_ms, reversed "
    "FROM estate_share WHERE book_id = 1 AND estate_id IN :estates "
    "ORDER BY settled_ms, entry_id, to_account"
).bindparams(bindparam("estates", expanding=True, type_=Text))

_REPORT = text(
    "SELECT estate_id, opening FROM estate WHERE book_id = 1 AND person_id = :person "
    "AND withdrawn_ms IS NULL"
)


@dataclass(frozen=True, slots=True)
class Relative:
    """A registered relative; ``name`` is masked."""

    number: str
    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class ShownShare:
    """What went where; ``name`` is empty for the public pool and for the umbrella body.

    ``relation`` is then empty, or ``umbrella``.
    """

    entry_id: str
    name: str
    relation: str
    minutes: int
    settled_by: str
    settled_ms: int
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class ShownEstate:
    """A report with what is on the account; ``name`` is masked.

    ``open_orders`` are wishes and visits to come of which the dead are a part: the station cancels
    them, or finds somebody else.
    """

    estate_id: str
    number: str
    name: str
    station_code: str
    reported_by: str
    reported_ms: int
    is_withdrawn: bool
    posted_minutes: int
    held_minutes: int
    open_orders: int
    relatives: tuple[Relative, ...]
    shares: tuple[ShownShare, ...]


def estates_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    estate_id: str = "",
    before: str = "",
    most: int = 50,
) -> list[ShownEstate]:
    """A page of reports, or the one of an id, the newest first; a station's staff see their own.

    Raises:
        NotPermitted: neither staff nor auditor.
    """
    require(actor, "read_estates", *READERS)
    query, asked = _ESTATES, dict[str, Any](most=most)
    if estate_id:
        query += " AND t.estate_id = :estate"
        asked["estate"] = estate_id
    if actor.station_code:
        query += " AND t.station_code = :station"
        asked["station"] = actor.station_code
    if before:
        query += " AND t.estate_id < :before"
        asked["before"] = before
    rows = connection.execute(text(query + " ORDER BY t.estate_id DESC LIMIT :most"), asked).all()
    return _shown(bank, connection, rows)


def _shown(bank: Bank, connection: Connection, rows: Sequence[Any]) -> list[ShownEstate]:
    kin = connection.execute(_KIN, {"people": [row.person_id for row in rows]}).all()
    shares = connection.execute(_SHARES, {"estates": [row.estate_id for row in rows]}).all()
    ids = {row.person_id for row in rows} | {row.other_id for row in kin}
    ids |= {row.to_person for row in shares if row.to_person}
    known, others = members(bank, connection, ids), names_not_shown(connection, ids)

    def named(person_id: str) -> tuple[str, str]:
        member = known.get(person_id)
        if member is None:
            return "", others.get(person_id, "")
        return (member.numbers[0] if member.numbers else ""), mask_name(member.name)

    return [
        ShownEstate(
            row.estate_id,
            *named(row.person_id),
            row.station_code,
            row.reported_by,
            row.reported_ms,
            row.withdrawn_ms is not None,
            int(row.posted),
            int(row.held),
            0 if row.withdrawn_ms is not None else int(row.open_orders),
            tuple(
                Relative(*named(one.other_id), one.relation)
                for one in kin
                if one.person_id == row.person_id and one.other_id in known
            ),
            tuple(
                ShownShare(
                    one.entry_id, named(one.to_person)[1] if one.to_person else "", one.relation,
                    one.minutes, one.settled_by, one.settled_ms, bool(one.reversed),
                )
                for one in shares
                if one.estate_id == row.estate_id
            ),
        )
        for row in rows
    ]  # fmt: skip


def told_of_death(bank: Bank, connection: Connection, person_id: str) -> dict[str, str]:
    """The day and the proof of a report that stands, for a near relative's copy; else empty."""
    row = connection.execute(_REPORT, {"person": person_id}).first()
    key = bank.wrapped_keys.of([person_id]).get(person_id)
    if row is None or key is None:
        return {}
    told = bank.vault.open(person_id, key, bytes(row.opening))
    return {"estate": row.estate_id, **{name: str(value) for name, value in told.items()}}
