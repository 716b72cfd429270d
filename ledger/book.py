"""Making a new book: its head and its first leaf, which names the keys everything hangs on."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import text

from ledger.approvals import LOG, OPERATOR, Roots, key_identifier
from ledger.database import Database
from ledger.errors import BookExists, BookNotFound
from ledger.ids import new_id
from ledger.key_check import check_new_key
from ledger.leaves import LeafMaker
from ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash
from ledger.notes import Signer, Vkey
from ledger.spelling import check_key_name, check_policy_version
from ledger.store import HeadRow, Store
from ledger.submission import FIRST_PREV


def create_book(
    database: Database,
    *,
    log_signer: Signer,
    operator_signer: Signer,
    roots: Roots,
    policy: str,
    recorded_ms: int,
    predecessor: str | None = None,
    cosigners: Sequence[Vkey] = (),
) -> str:
    """Found a book in migrated, empty tables; answers the book's id.

    The origin of its log is the name of the log's key.  ``policy`` is the version that will be
    adopted first, ``predecessor`` the last checkpoint (a note) of the frozen log that this one
    follows.  ``cosigners`` are the log's further keys, one a kind, that exist from the first day.
    Head, genesis leaf and both keys are stored in one transaction.

    Raises, the first that applies:
        NoteRejected: a key of low order or in a second spelling.
        BookExists: the database has a book already, or got one at the same time.
    """
    origin = log_signer.vkey.name
    check_key_name(origin)
    check_key_name(operator_signer.vkey.name)
    check_policy_version(policy)
    for key in (log_signer.vkey, operator_signer.vkey, *roots.vkeys, *cosigners):
        check_new_key(key)
    with database.writing.connect() as connection, connection.begin():
        store = Store(connection)
        driver: Any = connection.dialect.loaded_dbapi
        if store.lock_head() is not None:
            raise BookExists
        book = new_id("book", recorded_ms)
        beside = _genesis_members(log_signer.vkey, operator_signer.vkey, roots, policy)
        if predecessor is not None:
            beside["predecessor"] = predecessor
        if cosigners:
            beside["cosigners"] = [str(key) for key in cosigners]
        genesis = LeafMaker(recorded_ms).make(0, "genesis", book, beside)
        empty = HeadRow(book, origin, 0, EMPTY_ROOT, Frontier().to_bytes(), 0, 0, recorded_ms)
        try:
            store.insert_head(empty)
        except driver.IntegrityError as error:  # Somebody else founded one meanwhile.
            raise BookExists from error
        frontier = Frontier().append([leaf_hash(genesis)])
        store.append("leaf", [(store.book_id, 0, genesis)])
        founding = ((log_signer.vkey, LOG), (operator_signer.vkey, OPERATOR))
        store.append(
            "signing_key",
            [
                (store.book_id, key_identifier(vkey, role), str(vkey), role, 0, FIRST_PREV, 0)
                for vkey, role in founding
            ],
        )
        empty.size, empty.root, empty.frontier = 1, frontier.root(), frontier.to_bytes()
        store.update_head(empty)
    return book


def _genesis_members(log: Vkey, operator: Vkey, roots: Roots, policy: str) -> dict[str, Any]:
    """What every genesis leaf has."""
    return {
        "operator": str(operator),
        "origin": log.name,
        "pol": policy,
        "roots": {"needed": roots.needed, "vkeys": [str(key) for key in roots.vkeys]},
        "vkey": str(log),
    }


class BookHead(NamedTuple):
    """Where a book stands."""

    book: str
    origin: str
    size: int
    root: bytes
    entries: int
    accounts: int
    recorded_ms: int


def read_head(database: Database, book_id: int = 1) -> BookHead:
    """The committed head of the book.

    Raises:
        BookNotFound: the tables hold no book.
    """
    with database.read() as connection:
        row = connection.execute(
            text(
                "SELECT book, origin, size, root, entries, accounts, recorded_ms FROM head "
                "WHERE book_id = :book"
            ),
            {"book": book_id},
        ).first()
    if row is None:
        raise BookNotFound
    return BookHead(row[0], row[1], row[2], bytes(row[3]), *row[4:])
