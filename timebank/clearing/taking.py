"""Taking in what a partner says of a month: believed under its key, and kept with its origin.

The signed head goes into this book's log, so that whoever verifies this book sees for themselves
what the other one said.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from ledger.draft import Draft, Facts
from ledger.notes import Vkey
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clearing.making import check_over
from timebank.clearing.model import TAKE_STATEMENT, MonthAccount
from timebank.clearing.statement import believed, kept_account, read_statement
from timebank.clearing.tables import PARTNER_STATEMENT
from timebank.errors.clearing import ClearingElsewhere, ClearingMonthKnown
from timebank.moves.partners import BOOK, partner_of
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

CLEARING_KIND = "clearing"
"""The kind of submissions about clearing; they concern the whole book."""


def take_statement(bank: Bank, actor: Actor, data: bytes, *, key: str) -> Answer:
    """Take in a partner's clearing statement; answers partner, month, opening and closing.

    Raises, the first that applies:
        NotPermitted: no operator.
        ClearingUnreadable: ``not_a_clearing``.
        UnknownPartner: it is of a book that is no approved partner.
        ClearingUnreadable: ``signature`` or ``lines_differ``.
        ClearingElsewhere: it is about another book than this.
        ClearingMonthOpen: the month is not over.
        ClearingMonthKnown: the partner's statement of that month is here.
    """
    require(actor, "take_statement", Role.OPERATOR)
    statement = read_statement(data)
    head = statement.head
    with bank.read() as connection:
        partner = partner_of(connection, head.origin)
    said = believed(statement, Vkey.parse(partner.vkey))
    if said.to != bank.origin:
        raise ClearingElsewhere(partner=said.to[:120])
    check_over(bank, said.month)
    row = {
        "book_id": BOOK,
        "origin": said.origin,
        "month": said.month,
        "note": str(statement.note),
        "lines": statement.lines_text,
        "hash": head.hash,
        "opening": said.opening,
        "closing": said.closing,
        "taken_by": actor.actor_id,
    }

    def decide(draft: Draft) -> dict[str, Any]:
        live = partner_of(draft, said.origin)
        if draft.query(_taken(said.origin, said.month)).first():
            raise ClearingMonthKnown(month=said.month, partner=said.origin[:120])
        statement_id = draft.new_id("clear")
        facts: Facts = {
            "by": actor.actor_id, "do": TAKE_STATEMENT, "note": str(statement.note),
            "partner": live.partner_id, "statement": statement_id,
        }  # fmt: skip
        draft.state(statement_id, facts)
        taken = {"statement_id": statement_id, "taken_ms": draft.recorded_ms}
        draft.add(insert(PARTNER_STATEMENT), [{**row, **taken}])
        return {
            "closing": said.closing, "month": said.month, "opening": said.opening,
            "partner": said.origin, "statement": statement_id,
        }  # fmt: skip

    content = {"do": "take", "hash": head.hash, "month": said.month, "origin": said.origin}
    return bank.act(bank.action(actor, CLEARING_KIND, decide, key=key, content=content))


@dataclass(frozen=True, slots=True)
class Taken:
    """A partner's statement that is here, with the hash that names it and who took it in."""

    said: MonthAccount
    hash: str
    taken_by: str
    taken_ms: int


def statements_taken(connection: Connection, origin: str) -> list[Taken]:
    """Every statement of that partner, by month; what it says was believed when it came."""
    columns = PARTNER_STATEMENT.c
    rows = connection.execute(
        select(PARTNER_STATEMENT)
        .where(columns.book_id == BOOK, columns.origin == origin)
        .order_by(columns.month)
    )
    return [
        Taken(kept_account(row.note, row.lines), row.hash, row.taken_by, row.taken_ms)
        for row in rows
    ]


def _taken(origin: str, month: str) -> Any:
    columns = PARTNER_STATEMENT.c
    return select(PARTNER_STATEMENT).where(
        columns.book_id == BOOK, columns.origin == origin, columns.month == month
    )
