"""Reading lists of opening balances and their rows; names come masked, pages as they were written.

A page's words lie under its holder's key: where the holder asked to be forgotten, nobody reads
them any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, func, or_, select, text

from timebank.bank import Bank
from timebank.errors import UnknownBatch
from timebank.errors.openings import UnknownOpening
from timebank.openings.model import SALT_PURPOSE, State
from timebank.openings.tables import OPENING_BATCH, OPENING_ROW
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1
READERS = (Role.OPERATOR, Role.AUDITOR, Role.CLERK, Role.REVIEWER)

_COUNTED = (State.AWAITING_HOLDER, State.AWAITING_APPROVAL, State.POSTED, State.RETURNED)


class Before(NamedTuple):
    """Where a page of lists ended: its last list's moment and id."""

    imported_ms: int
    batch_id: str


@dataclass(frozen=True, slots=True)
class ShownList:
    """A list that was handed in: rows by state, the minutes of those not sent back, and posted."""

    batch_id: str
    station_code: str
    title: str
    imported_by: str
    imported_ms: int
    refused: int
    rows: int
    awaiting_holder: int
    awaiting_approval: int
    posted: int
    returned: int
    minutes: int
    posted_minutes: int


@dataclass(frozen=True, slots=True)
class ShownOpening:
    """A row: ``name`` is masked; ``page`` is empty where its holder asked to be forgotten."""

    opening_id: str
    batch_id: str
    place: int
    station_code: str
    number: str
    name: str
    page: str = field(repr=False)
    minutes: int
    stands_on: str
    state: str
    how: str
    slip: str
    reason: str
    credited_minutes: int
    overflow_minutes: int
    entry_id: str
    recorded_by: str
    confirmed_by: str
    decided_by: str


def lists_listed(
    connection: Connection,
    actor: Actor,
    *,
    station_code: str = "",
    before: Before | None = None,
    most: int = 50,
) -> list[ShownList]:
    """Lists, the newest first; a station's staff see their own station's.

    Raises:
        NotPermitted: no staff, or of another station than ``station_code``.
    """
    require(actor, "read_openings", *READERS)
    if station_code:
        require_station(actor, "read_openings", station_code)
    columns = OPENING_BATCH.c
    query = select(OPENING_BATCH).where(columns.book_id == BOOK)
    if station := actor.station_code or station_code:
        query = query.where(columns.station_code == station)
    if before is not None:
        same = and_(columns.imported_ms == before.imported_ms, columns.batch_id > before.batch_id)
        query = query.where(or_(columns.imported_ms < before.imported_ms, same))
    query = query.order_by(columns.imported_ms.desc(), columns.batch_id).limit(most)
    return _lists(connection, connection.execute(query).all())


def list_of(connection: Connection, actor: Actor, batch_id: str) -> ShownList:
    """One list.

    Raises, the first that applies:
        NotPermitted: no staff.
        UnknownBatch: there is none.
        NotPermitted: it is another station's.
    """
    require(actor, "read_openings", *READERS)
    columns = OPENING_BATCH.c
    query = select(OPENING_BATCH).where(columns.book_id == BOOK, columns.batch_id == batch_id)
    row = connection.execute(query).first()
    if row is None:
        raise UnknownBatch(batch=batch_id[:60])
    require_station(actor, "read_openings", row.station_code)
    return _lists(connection, [row])[0]


def openings_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    batch_id: str,
    *,
    state: str = "",
    after: int = 0,
    most: int = 50,
) -> list[ShownOpening]:
    """A page of a list's rows behind the place ``after``, of one state or of all.

    Raises:
        NotPermitted, UnknownBatch: see :func:`list_of`.
    """
    list_of(connection, actor, batch_id)
    columns = OPENING_ROW.c
    query = select(OPENING_ROW).where(
        columns.book_id == BOOK, columns.batch_id == batch_id, columns.place > after
    )
    if state:
        query = query.where(columns.state == state)
    return _openings(
        bank, connection, connection.execute(query.order_by(columns.place).limit(most))
    )


def ids_by_place(
    connection: Connection, actor: Actor, batch_id: str, places: Iterable[int]
) -> dict[int, str]:
    """The ids of a list's rows by their places.

    Raises, the first that applies:
        NotPermitted, UnknownBatch: see :func:`list_of`.
        UnknownOpening: the list has no row at one of the places.
    """
    list_of(connection, actor, batch_id)
    columns, asked = OPENING_ROW.c, list(dict.fromkeys(places))
    query = select(columns.place, columns.opening_id).where(
        columns.book_id == BOOK, columns.batch_id == batch_id, columns.place.in_(asked)
    )
    found = {int(place): str(opening_id) for place, opening_id in connection.execute(query)}
    for place in asked:
        if place not in found:
            raise UnknownOpening(opening=str(place))
    return found


def own_openings(bank: Bank, connection: Connection, actor: Actor) -> list[ShownOpening]:
    """The rows of a member that await their confirmation, in their order.

    Raises:
        NotPermitted: no member.
    """
    require(actor, "read_own_openings", Role.MEMBER)
    columns = OPENING_ROW.c
    query = select(OPENING_ROW).where(
        columns.book_id == BOOK,
        columns.person_id == actor.person_id,
        columns.state == State.AWAITING_HOLDER.value,
    )
    ordered = query.order_by(columns.recorded_ms, columns.place)
    return _openings(bank, connection, connection.execute(ordered))


def own_count(connection: Connection, actor: Actor) -> int:
    """How many rows of a member await their confirmation."""
    columns = OPENING_ROW.c
    query = select(func.count()).where(
        columns.book_id == BOOK,
        columns.person_id == actor.person_id,
        columns.state == State.AWAITING_HOLDER.value,
    )
    return int(connection.execute(query).scalar_one())


_PAGES = text(
    "SELECT e.leaf_index, o.person_id, o.sealed FROM opening_row o "
    "JOIN entry e ON e.book_id = o.book_id AND e.entry_id = o.entry_id "
    "JOIN person p ON p.book_id = o.book_id AND p.person_id = o.person_id AND p.state = 'active' "
    f"WHERE o.book_id = {BOOK} AND o.account_id = :account AND o.entry_id <> ''"
)


def pages_of_account(bank: Bank, connection: Connection, account_id: str) -> dict[int, str]:
    """The source pages of an account's opening balances, by the leaf of the entry."""
    rows = connection.execute(_PAGES, {"account": account_id}).all()
    keys = bank.wrapped_keys.of(row.person_id for row in rows)
    return {
        row.leaf_index: _page(bank, row.person_id, keys[row.person_id], row.sealed)
        for row in rows
        if row.person_id in keys
    }


def told_of_openings(bank: Bank, connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """What older schemes' lists say of a person, for their own copy; salts open the commitments."""
    columns = OPENING_ROW.c
    query = select(OPENING_ROW).where(columns.book_id == BOOK, columns.person_id == person_id)
    key = bank.wrapped_keys.of([person_id]).get(person_id)
    if key is None:
        return []
    salt = bank.vault.salt_for(person_id, key, SALT_PURPOSE).hex()
    ordered = query.order_by(columns.recorded_ms, columns.place)
    return [
        {
            "opening": row.opening_id,
            "page": _page(bank, person_id, key, row.sealed),
            "salt": salt,
            "minutes": row.minutes,
            "stands_on": row.stands_on,
            "state": row.state,
            "slip": row.slip or "",
            "reason": row.reason,
            "credited_minutes": row.credited_minutes,
            "overflow_minutes": row.overflow_minutes,
            "entry": row.entry_id,
        }
        for row in connection.execute(ordered)
    ]


# Parts -------------------------------------------------------------------------------------


def _lists(connection: Connection, rows: Iterable[Any]) -> list[ShownList]:
    every = list(rows)
    columns = OPENING_ROW.c
    live = columns.state.not_in((State.RETURNED.value, State.REVERSED.value))
    query = (
        select(
            columns.batch_id,
            func.count(),
            *(func.sum(case((columns.state == one.value, 1), else_=0)) for one in _COUNTED),
            func.sum(case((live, columns.minutes), else_=0)),
            func.sum(
                case((columns.state == State.POSTED.value, columns.credited_minutes), else_=0)
            ),
        )
        .where(columns.book_id == BOOK, columns.batch_id.in_([row.batch_id for row in every]))
        .group_by(columns.batch_id)
    )
    counted = {batch: tuple(map(int, rest)) for batch, *rest in connection.execute(query)}
    none = (0,) * 7
    return [
        ShownList(
            row.batch_id, row.station_code, row.title, row.imported_by, row.imported_ms,
            row.refused, *counted.get(row.batch_id, none),
        )
        for row in every
    ]  # fmt: skip


def _openings(bank: Bank, connection: Connection, found: Iterable[Any]) -> list[ShownOpening]:
    rows = list(found)
    ids = {row.person_id for row in rows}
    known = members(bank, connection, ids)
    others = names_not_shown(connection, ids)
    keys = bank.wrapped_keys.of(known)
    shown = []
    for row in rows:
        member, key = known.get(row.person_id), keys.get(row.person_id)
        shown.append(
            ShownOpening(
                row.opening_id, row.batch_id, row.place, row.station_code,
                member.numbers[0] if member and member.numbers else "",
                mask_name(member.name) if member else others.get(row.person_id, ""),
                "" if key is None else _page(bank, row.person_id, key, row.sealed),
                row.minutes, row.stands_on, row.state, row.how or "", row.slip or "", row.reason,
                row.credited_minutes, row.overflow_minutes, row.entry_id, row.recorded_by,
                row.confirmed_by, row.decided_by,
            )
        )  # fmt: skip
    return shown


def _page(bank: Bank, person_id: str, wrapped: bytes, sealed: bytes) -> str:
    return str(bank.vault.open(person_id, wrapped, bytes(sealed))["page"])
