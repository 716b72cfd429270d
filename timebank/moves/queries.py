"""Partner books and moves as staff and members see them; names under masks."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from timebank.bank import Bank
from timebank.moves.model import ArrivalState, DepartureState, PartnerState
from timebank.moves.partners import BOOK
from timebank.moves.tables import ARRIVAL, DEPARTURE, PARTNER_BOOK
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

READERS = (Role.CLERK, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR)
ENDED = "ended"
"""How a partner is shown whose partnership two people have ended."""

MOST_PARTNERS = 500
"""More books than a city has districts."""

_POSTED = text(
    "SELECT a.account_id, b.posted FROM account a "
    "JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no "
    "WHERE a.book_id = 1 AND a.kind = 'partner_clearing'"
)
_PLACES = text(
    "SELECT e.leaf_index, d.origin FROM departure d "
    "JOIN entry e ON e.book_id = d.book_id AND e.entry_id = d.entry_id "
    "WHERE d.book_id = 1 AND d.account_id = :account "
    "UNION ALL SELECT e.leaf_index, r.origin FROM arrival r "
    "JOIN entry e ON e.book_id = r.book_id AND e.entry_id = r.entry_id "
    "WHERE r.book_id = 1 AND r.account_id = :account"
)
_NAMES = text("SELECT origin, name FROM partner_book WHERE book_id = 1 AND live_origin = origin")


@dataclass(frozen=True, slots=True)
class ShownPartner:
    """A partner book; ``posted_minutes`` is what its clearing account has received, net."""

    partner_id: str
    origin: str
    name: str
    vkey: str
    account_id: str
    state: str
    proposed_by: str
    proposed_ms: int
    decided_by: str
    posted_minutes: int


@dataclass(frozen=True, slots=True)
class ShownMove:
    """A move of either direction; ``name`` is masked.

    ``slip`` is of those who go, ``issuer_entry`` of those who come; the other is empty.
    """

    move_id: str
    number: str
    name: str
    station_code: str
    origin: str
    partner: str
    state: str
    minutes: int
    credited_minutes: int
    entry_id: str
    slip: str
    issuer_entry: str
    asked_by: str
    asked_ms: int
    decided_by: str
    reason: str


def partners_listed(connection: Connection, actor: Actor) -> list[ShownPartner]:
    """Every partner book that was proposed, the newest first; at most :data:`MOST_PARTNERS`.

    Raises:
        NotPermitted: neither staff nor auditor.
    """
    require(actor, "read_partners", *READERS)
    posted = {row.account_id: int(row.posted) for row in connection.execute(_POSTED)}
    columns = PARTNER_BOOK.c
    query = select(PARTNER_BOOK).where(columns.book_id == BOOK)
    found = connection.execute(query.order_by(columns.partner_id.desc()).limit(MOST_PARTNERS))
    return [
        ShownPartner(
            row.partner_id, row.origin, row.name, row.vkey, row.account_id, _standing(row),
            row.proposed_by, row.proposed_ms, row.decided_by, posted.get(row.account_id, 0),
        )
        for row in found
    ]  # fmt: skip


def departures_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    state: DepartureState | None = None,
    before: str = "",
    most: int = 50,
) -> list[ShownMove]:
    """A page of moves to other books, the newest first; a station's staff see their own, a member
    theirs.

    Raises:
        NotPermitted: neither staff, auditor nor member.
    """
    require(actor, "read_moves", *READERS, Role.MEMBER)
    query = _page(DEPARTURE, DEPARTURE.c.departure_id, actor, before, most)
    if state is not None:
        query = query.where(DEPARTURE.c.state == state.value)
    rows = list(connection.execute(query))
    called, people = _names(connection), _people(bank, connection, rows)
    return [
        ShownMove(
            row.departure_id, *people[row.person_id], row.station_code, row.origin,
            called.get(row.origin, ""), row.state, row.minutes, 0, row.entry_id, row.slip, "",
            row.asked_by, row.asked_ms, row.decided_by, row.reason,
        )
        for row in rows
    ]  # fmt: skip


def arrivals_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    state: ArrivalState | None = None,
    before: str = "",
    most: int = 50,
) -> list[ShownMove]:
    """A page of moves from other books, as :func:`departures_listed`.

    Raises:
        NotPermitted: neither staff, auditor nor member.
    """
    require(actor, "read_moves", *READERS, Role.MEMBER)
    query = _page(ARRIVAL, ARRIVAL.c.arrival_id, actor, before, most)
    if state is not None:
        query = query.where(ARRIVAL.c.state == state.value)
    rows = list(connection.execute(query))
    called, people = _names(connection), _people(bank, connection, rows)
    return [
        ShownMove(
            row.arrival_id, *people[row.person_id], row.station_code, row.origin,
            called.get(row.origin, ""), row.state, row.minutes, row.credited_minutes,
            row.entry_id, "", row.issuer_entry, row.stated_by, row.stated_ms, row.decided_by,
            row.reason,
        )
        for row in rows
    ]  # fmt: skip


def other_books_of_account(connection: Connection, account_id: str) -> dict[int, str]:
    """The other book behind each moving entry of an account, by leaf: its name and its origin."""
    called = _names(connection)
    return {
        row.leaf_index: f"{called.get(row.origin, '')} {row.origin}".strip()
        for row in connection.execute(_PLACES, {"account": account_id})
    }


def is_arrival(connection: Connection, move_id: str) -> bool:
    """Whether a move of that id comes from another book; of one that is unknown: no."""
    mine = (ARRIVAL.c.book_id == BOOK) & (ARRIVAL.c.arrival_id == move_id)
    return connection.execute(select(ARRIVAL.c.arrival_id).where(mine)).first() is not None


def told_of_moves(connection: Connection, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """What the book has of a person's moves, for their own copy."""
    away = select(DEPARTURE).where(DEPARTURE.c.book_id == BOOK, DEPARTURE.c.person_id == person_id)
    come = select(ARRIVAL).where(ARRIVAL.c.book_id == BOOK, ARRIVAL.c.person_id == person_id)
    return {
        "departures": [
            {
                "move": row.departure_id, "to": row.origin, "slip": row.slip, "state": row.state,
                "minutes": row.minutes, "entry": row.entry_id, "reason": row.reason,
            }
            for row in connection.execute(away.order_by(DEPARTURE.c.departure_id))
        ],
        "arrivals": [
            {
                "move": row.arrival_id, "from": row.origin, "issuer_entry": row.issuer_entry,
                "state": row.state, "minutes": row.minutes, "moved_on": row.moved_on,
                "credited_minutes": row.credited_minutes, "entry": row.entry_id,
                "reason": row.reason,
            }
            for row in connection.execute(come.order_by(ARRIVAL.c.arrival_id))
        ],
    }  # fmt: skip


# Parts -------------------------------------------------------------------------------------


def _standing(row: Any) -> str:
    """A partner's state; what was withdrawn and had an account was ended."""
    was_active = row.state == PartnerState.WITHDRAWN and row.account_id
    return ENDED if was_active else str(row.state)


def _page(table: Any, key: Any, actor: Actor, before: str, most: int) -> Any:
    query = select(table).where(table.c.book_id == BOOK)
    if actor.role is Role.MEMBER:
        query = query.where(table.c.person_id == actor.person_id)
    elif actor.station_code:
        query = query.where(table.c.station_code == actor.station_code)
    if before:
        query = query.where(key < before)
    return query.order_by(key.desc()).limit(most)


def _names(connection: Connection) -> dict[str, str]:
    return {str(row.origin): str(row.name) for row in connection.execute(_NAMES)}


def _people(bank: Bank, connection: Connection, rows: list[Any]) -> dict[str, tuple[str, str]]:
    """Member number and masked name by person id."""
    ids = {row.person_id for row in rows}
    known, others = members(bank, connection, ids), names_not_shown(connection, ids)
    found = {person_id: ("", others.get(person_id, "")) for person_id in ids}
    for person_id, one in known.items():
        found[person_id] = (one.numbers[0] if one.numbers else "", mask_name(one.name))
    return found
