"""This book's own clearing statements: made once for each partner and month that is over.

What a month says follows from the journal alone and the journal of a past month is final, so a
statement that is made again is the same to the byte; the signature is that of today's log key.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, insert, select

from ledger.book import read_head
from ledger.draft import Draft
from ledger.log_keys import signers_at
from timebank.bank import Bank
from timebank.clearing.journal import Cleared, cleared_partners, first_month, journal_lines
from timebank.clearing.model import MonthAccount, account_of_month, months_between
from timebank.clearing.statement import hash_of, head_text, is_month, lines_text, whole_file
from timebank.clearing.tables import CLEARING_STATEMENT
from timebank.errors.clearing import ClearingMonthOpen, UnknownClearing
from timebank.errors.moves import UnknownPartner
from timebank.errors.periods import NotAPeriod
from timebank.moves.partners import BOOK
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

READERS = (Role.OPERATOR, Role.AUDITOR)


def make_due_statements(bank: Bank, actor: Actor) -> int:
    """Make every statement that is missing of a month that is over; answers how many.

    Raises, the first that applies:
        NotPermitted: neither an operator nor the scheduler.
        LedgerFault: the storage is out.
    """
    require(actor, "make_statement", Role.OPERATOR, Role.SCHEDULER)
    with bank.read() as connection:
        partners = cleared_partners(connection)
        due = [said for partner in partners for said in _due(bank, connection, partner)]
    for said in due:
        _keep(bank, actor, said)
    return len(due)


def make_statement(bank: Bank, actor: Actor, origin: str, month: str) -> dict[str, Any]:
    """Make the statement of one partner and month, or find the one that was made; answers it.

    Raises, the first that applies:
        NotPermitted: neither an operator nor the scheduler.
        NotAPeriod: no month ``YYYY-MM``.
        UnknownPartner: no book of that origin ever had a clearing account here.
        UnknownClearing: the account opened after that month.
        ClearingMonthOpen: the month is not over.
    """
    require(actor, "make_statement", Role.OPERATOR, Role.SCHEDULER)
    check_month(month)
    with bank.read() as connection:
        partner = cleared_partner(connection, origin)
        if month < first_month(connection, partner.account_id):
            raise UnknownClearing(month=month, partner=origin[:120])
        check_over(bank, month)
        if kept_statement(connection, origin, month) is None:
            lines = journal_lines(connection, origin, partner.account_id)
        else:
            lines = None
    if lines is not None:
        _keep(bank, actor, account_of_month(bank.origin, origin, month, lines))
    with bank.read() as connection:
        row = kept_statement(connection, origin, month)
    return {
        "closing": row.closing, "hash": row.hash, "month": month, "opening": row.opening,
        "partner": origin,
    }  # fmt: skip


def statement_file(bank: Bank, actor: Actor, origin: str, month: str) -> str:
    """The signed file that goes to the partner, the same as often as asked.

    Raises, the first that applies:
        NotPermitted: neither operator nor auditor.
        NotAPeriod: no month ``YYYY-MM``.
        UnknownClearing: no statement of that partner and month was made.
        LedgerFault: the storage is out, or a key is missing.
    """
    require(actor, "read_clearing", *READERS)
    check_month(month)
    with bank.read() as connection:
        row = kept_statement(connection, origin, month)
    if row is None:
        raise UnknownClearing(month=month, partner=origin[:120])
    size = read_head(bank.database).size
    signers = signers_at(bank.database, size, bank.log_signer_of)
    return whole_file(row.head, row.lines, signers)


def kept_statement(connection: Connection, origin: str, month: str) -> Any:
    """The row of this book's own statement, ``None`` where none was made."""
    columns = CLEARING_STATEMENT.c
    return connection.execute(
        select(CLEARING_STATEMENT).where(
            columns.book_id == BOOK, columns.origin == origin, columns.month == month
        )
    ).first()


def months_made(connection: Connection, origin: str) -> list[str]:
    """The months of that partner of which a statement was made, the latest first."""
    columns = CLEARING_STATEMENT.c
    asked = select(columns.month).where(columns.book_id == BOOK, columns.origin == origin)
    return list(connection.execute(asked.order_by(columns.month.desc())).scalars())


def cleared_partner(connection: Connection, origin: str) -> Cleared:
    """The partner of that origin, ended or not.

    Raises:
        UnknownPartner: no book of that origin ever had a clearing account here.
    """
    for one in cleared_partners(connection):
        if one.origin == origin:
            return one
    raise UnknownPartner(field="partner", partner=origin[:120])


def check_month(month: str) -> None:
    """Let a month ``YYYY-MM`` pass.

    Raises:
        NotAPeriod: it is none.
    """
    if not is_month(month):
        raise NotAPeriod(period=month[:20])


def check_over(bank: Bank, month: str) -> None:
    """Let a month pass that is over on the stations' calendars.

    Raises:
        ClearingMonthOpen: it is not.
    """
    if month >= this_month(bank):
        raise ClearingMonthOpen(month=month)


def this_month(bank: Bank) -> str:
    """The month that runs, ``YYYY-MM``."""
    return bank.today().isoformat()[:7]


# Parts -------------------------------------------------------------------------------------


def _due(bank: Bank, connection: Connection, partner: Cleared) -> Iterator[MonthAccount]:
    made = set(months_made(connection, partner.origin))
    every = months_between(first_month(connection, partner.account_id), this_month(bank))[:-1]
    wanted = [month for month in every if month not in made]
    if wanted:
        lines = journal_lines(connection, partner.origin, partner.account_id)
        for month in wanted:
            yield account_of_month(bank.origin, partner.origin, month, lines)


def _keep(bank: Bank, actor: Actor, said: MonthAccount) -> None:
    """Store a statement unless somebody else did meanwhile."""
    head = head_text(said)
    row = {
        "book_id": BOOK,
        "origin": said.to,
        "month": said.month,
        "head": head,
        "lines": lines_text(said.lines),
        "hash": hash_of(head),
        "opening": said.opening,
        "closing": said.closing,
        "made_by": actor.actor_id,
    }
    columns = CLEARING_STATEMENT.c
    known = select(columns.hash).where(
        columns.book_id == BOOK, columns.origin == said.to, columns.month == said.month
    )

    def change(draft: Draft) -> dict[str, Any]:
        if draft.query(known).first() is None:
            draft.add(insert(CLEARING_STATEMENT), [{**row, "made_ms": draft.recorded_ms}])
        return {}

    bank.keep_house(change)
