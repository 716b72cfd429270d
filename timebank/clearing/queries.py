"""How the book stands with each partner, month by month, for operators and auditors."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, text

from ledger.balances import balance_of
from timebank.clearing.comparing import Mismatch, agreement, compare
from timebank.clearing.journal import Cleared, cleared_partners, journal_lines
from timebank.clearing.making import READERS
from timebank.clearing.model import NettingState
from timebank.clearing.tables import CLEARING_STATEMENT, NETTING, PARTNER_ENDING
from timebank.clearing.taking import statements_taken
from timebank.moves.partners import BOOK
from timebank.stations.actions import require
from timebank.stations.model import Actor

MOST_MONTHS = 12
"""Months of a partner that are shown, the latest first."""

_SETTLED = text("SELECT account_id FROM partner_settled WHERE book_id = 1 AND origin = :origin")


@dataclass(frozen=True, slots=True)
class ShownMonth:
    """What both books say of a month; ``None`` where a statement is missing.

    ``differences`` counts what keeps the month from being netted; ``netting_state`` is empty
    where nobody has proposed to net it.
    """

    month: str
    opening: int | None
    closing: int | None
    hash: str
    their_opening: int | None
    their_closing: int | None
    their_hash: str
    taken_by: str
    differences: int
    netting_id: str
    netting_state: str
    netted_minutes: int
    proposed_by: str


@dataclass(frozen=True, slots=True)
class Position:
    """How the book stands with a partner.

    ``clearing_minutes`` stand on the clearing account, ``settled_minutes`` were netted since the
    beginning: above zero this book's members took more there than they brought.  ``ending_id`` is
    the end of the partnership where it was asked for.
    """

    partner_id: str
    origin: str
    name: str
    is_active: bool
    clearing_minutes: int
    settled_minutes: int
    months: tuple[ShownMonth, ...]
    mismatches: tuple[Mismatch, ...]
    ending_id: str
    ending_asked_by: str


def positions(connection: Connection, actor: Actor) -> list[Position]:
    """Every partner with a clearing account, in the order in which they were approved first.

    Raises:
        NotPermitted: neither operator nor auditor.
    """
    require(actor, "read_clearing", *READERS)
    return [_position(connection, one) for one in cleared_partners(connection)]


def _position(connection: Connection, partner: Cleared) -> Position:
    lines = journal_lines(connection, partner.origin, partner.account_id)
    taken = {one.said.month: one for one in statements_taken(connection, partner.origin)}
    theirs = [one.said for one in taken.values()]
    made = _rows_by_month(connection, CLEARING_STATEMENT, partner.origin)
    nettings = _rows_by_month(
        connection, NETTING, partner.origin, NETTING.c.state != NettingState.WITHDRAWN.value
    )
    months = []
    for month in sorted({*made, *taken}, reverse=True)[:MOST_MONTHS]:
        ours, said, netting = made.get(month), taken.get(month), nettings.get(month)
        months.append(
            ShownMonth(
                month,
                None if ours is None else ours.opening,
                None if ours is None else ours.closing,
                "" if ours is None else ours.hash,
                None if said is None else said.said.opening,
                None if said is None else said.said.closing,
                "" if said is None else said.hash,
                "" if said is None else said.taken_by,
                len(agreement(lines, theirs, month)),
                "" if netting is None else netting.netting_id,
                "" if netting is None else netting.state,
                0 if netting is None else netting.minutes,
                "" if netting is None else netting.proposed_by,
            )
        )
    ending = connection.execute(
        select(PARTNER_ENDING).where(
            PARTNER_ENDING.c.book_id == BOOK, PARTNER_ENDING.c.open_partner == partner.partner_id
        )
    ).first()
    return Position(
        partner.partner_id,
        partner.origin,
        partner.name,
        partner.is_active,
        _posted(connection, partner.account_id),
        _posted(connection, connection.execute(_SETTLED, {"origin": partner.origin}).scalar()),
        tuple(months),
        tuple(compare(lines, theirs)),
        "" if ending is None else ending.ending_id,
        "" if ending is None else ending.asked_by,
    )


def _rows_by_month(connection: Connection, table: Any, origin: str, *wanted: Any) -> dict[str, Any]:
    columns = table.c
    rows = connection.execute(
        select(table).where(columns.book_id == BOOK, columns.origin == origin, *wanted)
    )
    return {row.month: row for row in rows}


def _posted(connection: Connection, account_id: str | None) -> int:
    found = None if account_id is None else balance_of(connection, account_id)
    return 0 if found is None else found.posted
