"""The journal as a stream: the same bytes as in a bundle, without a folder in between."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from ledger.exports import JournalCsv, export_lines
from ledger.leaf import Leaf
from ledger.leaf_parser import parse
from ledger.publication import read_leaves

_AT_ONCE = 1_024


def journal_csv(connection: Connection) -> Iterator[bytes]:
    """``journal.csv`` of the committed book in pieces; memory grows with the accounts only."""
    head = connection.execute(text("SELECT origin, size FROM head WHERE book_id = 1")).one()
    for piece in export_lines(JournalCsv, head.origin, _leaves(connection, head.size)):
        yield piece.encode()


def _leaves(connection: Connection, size: int) -> Iterator[Leaf]:
    for start in range(0, size, _AT_ONCE):
        for body in read_leaves(connection, start, min(_AT_ONCE, size - start)):
            yield parse(body)
