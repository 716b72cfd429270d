"""Reading who may sign in: logins and offices, never a secret."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.stations.tables import STAFF

BOOK = 1


@dataclass(frozen=True, slots=True)
class ShownStaff:
    """Somebody who signs in; until ``locked_until_ms`` (UTC) they may not try again."""

    staff_id: str
    login: str
    title: str
    role: str
    station_code: str
    is_active: bool
    locked_until_ms: int


def staff_listed(
    connection: Connection, actor: Actor, *, after: str = "", most: int = 50
) -> list[ShownStaff]:
    """A page of staff by login, behind ``after``.

    Raises:
        NotPermitted: the actor is no operator.
    """
    require(actor, "read_staff", Role.OPERATOR)
    columns = STAFF.c
    query = (
        select(
            columns.staff_id, columns.login, columns.title, columns.role, columns.station_code,
            columns.active, columns.locked_until_ms,
        )
        .where(columns.book_id == BOOK, columns.login > after)
        .order_by(columns.login)
        .limit(most)
    )  # fmt: skip
    return [
        ShownStaff(
            row.staff_id, row.login, row.title, row.role, row.station_code, bool(row.active),
            row.locked_until_ms,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def offices_of(connection: Connection, staff_ids: Iterable[str]) -> dict[str, str]:
    """What to call members of staff by id: their office, or their role where none is written."""
    columns = STAFF.c
    query = select(columns.staff_id, columns.title, columns.role).where(
        columns.book_id == BOOK, columns.staff_id.in_(list(staff_ids))
    )
    return {row.staff_id: row.title or row.role for row in connection.execute(query)}
