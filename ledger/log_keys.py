"""The log's own keys as the tables know them: which of them sign a checkpoint of which size.

A key signs the checkpoint over its own leaf and every later one, up to the one over the leaf that
ended it.  While one takes over from another, both sign.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.approvals import COSIGNER, LOG
from ledger.database import Database
from ledger.errors import LogKeyMissing
from ledger.leaf import Genesis
from ledger.leaf_parser import parse
from ledger.notes import Signer, Vkey

FindSigner = Callable[[str], Signer | None]
"""Finds the signing key of a vkey, where this process may have it."""


class _LogKey(NamedTuple):
    vkey: str
    added_at: int
    ended_at: int | None


def log_vkeys(connection: Connection, book_id: int = 1) -> list[Vkey]:
    """Every key that the log ever had, the oldest first."""
    return [Vkey.parse(key.vkey) for key in _log_keys(connection, book_id)]


def signers_at(database: Database, size: int, find: FindSigner) -> list[Signer]:
    """The keys that sign a checkpoint of ``size`` leaves, the oldest first.

    Raises:
        LogKeyMissing: one of them is not held here.
    """
    with database.read() as connection:
        keys = [key for key in _log_keys(connection, 1) if _signs(key, size)]
    signers = []
    for key in keys:
        signer = find(key.vkey)
        if signer is None:
            raise LogKeyMissing(key.vkey)
        signers.append(signer)
    return signers


def cosigner_vkeys(connection: Connection, size: int) -> list[str]:
    """The vkeys of the log's further keys that its first ``size`` leaves name, in their order."""
    first = connection.execute(text("SELECT body FROM leaf WHERE book_id = 1 AND leaf_index = 0"))
    genesis = parse(bytes(first.scalar_one())).body
    assert isinstance(genesis, Genesis)
    later = connection.execute(
        text(
            "SELECT vkey FROM signing_key WHERE book_id = 1 AND role = :role "
            "AND leaf_index < :size ORDER BY leaf_index"
        ),
        {"role": COSIGNER, "size": size},
    )
    return [*genesis.cosigners, *later.scalars()]


def cosigners_at(database: Database, size: int, find: FindSigner) -> list[Signer]:
    """The log's further keys that a checkpoint of ``size`` leaves has a line of.

    A key that is not held here is passed over: the other lines still stand.
    """
    with database.read() as connection:
        vkeys = cosigner_vkeys(connection, size)
    return [signer for signer in map(find, vkeys) if signer is not None]


def _signs(key: _LogKey, size: int) -> bool:
    began = key.added_at < size or key.added_at == 0
    return began and (key.ended_at is None or key.ended_at >= size)


def _log_keys(connection: Connection, book_id: int) -> list[_LogKey]:
    rows = connection.execute(
        text(
            "SELECT k.vkey, k.leaf_index, e.leaf_index FROM signing_key k "
            "LEFT JOIN key_ended e ON e.book_id = k.book_id AND e.name = k.name "
            "WHERE k.book_id = :book AND k.role = :role ORDER BY k.leaf_index"
        ),
        {"book": book_id, "role": LOG},
    )
    return [_LogKey(*row) for row in rows]
