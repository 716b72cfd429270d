"""Where the minutes of single lines come from or go to: an older scheme's page, or another book."""

from sqlalchemy import Connection

from timebank.bank import Bank
from timebank.moves.queries import other_books_of_account
from timebank.openings.queries import pages_of_account


def origins_of_account(bank: Bank, connection: Connection, account_id: str) -> dict[int, str]:
    """By the leaf of the entry: the page of an opening balance, or the other book of a move."""
    pages = pages_of_account(bank, connection, account_id)
    return pages | other_books_of_account(connection, account_id)
