"""Reading a statement so that a format can write it: streamed, or whole and then laid out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice

from sqlalchemy import Connection

from timebank.bank import Bank
from timebank.errors.statements import StatementTooLong
from timebank.expiry.queries import coming_expiries
from timebank.statements.formats import Format
from timebank.statements.model import Statement
from timebank.statements.origins import origins_of_account
from timebank.statements.statement import statement

MOST_DRAWN_LINES = 5_000
"""Lines of a statement that is laid out; docs/explanation/measured.md says what they take."""


@contextmanager
def statement_for(
    bank: Bank,
    form: Format,
    find_account: Callable[[Connection], str],
    *,
    from_on: date | None,
    to_on: date | None,
) -> Iterator[Statement]:
    """The statement of the account that ``find_account`` names, ready to be written as ``form``.

    What is laid out is read whole before, so that no transaction is open while that takes its time.

    Raises, the first that applies:
        AccountNotFound, UnknownMember, NotPermitted: by ``find_account``.
        StatementTooLong: more lines than can be laid out.
    """
    with bank.read() as connection:
        account_id = find_account(connection)
        found = statement(
            connection,
            account_id,
            from_on=from_on,
            to_on=to_on,
            pages=origins_of_account(bank, connection, account_id),
            expiring=coming_expiries(bank, connection, account_id, to_on),
        )
        if not form.is_drawn:
            yield found
            return
        kept = list(islice(found.lines, MOST_DRAWN_LINES + 1))
    if len(kept) > MOST_DRAWN_LINES:
        raise StatementTooLong(most=MOST_DRAWN_LINES)
    found.lines = iter(kept)
    yield found
