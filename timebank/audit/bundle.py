"""The bundle an auditor takes home: log, journal, accounts, the page that verifies it, a manifest.

Written beside its place and moved there when it is whole, from one checkpoint, while the book goes
on growing.  Memory grows with the accounts, not with the entries.
"""

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from ledger.book import read_head
from ledger.bundle import LOG, VKEY, files_of, seal
from ledger.checkpoint import Checkpoint
from ledger.database import Database
from ledger.errors import StorageFault
from ledger.exports import write_exports
from ledger.further_keys import FURTHER_KEYS
from ledger.leaf import Leaf
from ledger.leaf_parser import parse
from ledger.log_keys import FindSigner, cosigners_at, signers_at
from ledger.notes import Vkey
from ledger.publication import checkpoint_note, read_leaves
from ledger.publish import publish, publish_vkey
from timebank.audit.verify_page import PAGE, page_bytes
from timebank.errors import FolderInUse

_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished bundle: the log's size and root (base64) and how many files there are."""

    size: int
    root: str
    files: int


def export(
    database: Database,
    find_signer: FindSigner,
    out: Path,
    *,
    published: bytes | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Exported:
    """Write the whole book as a bundle into the new folder ``out``.

    ``find_signer`` finds the log's own keys and its further ones.  ``published`` is the public
    checkpoint: where the log has not grown since, the bundle has that one, with the lines of its
    witnesses.

    Raises, the first that applies:
        FolderInUse: ``out`` exists and is not an empty folder.
        BookNotFound: the database has no book.
        LogKeyMissing: a key that counts is not held here.
        StorageFault: the disk failed.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FolderInUse(folder=str(out))
    head = read_head(database)
    checkpoint = Checkpoint(head.origin, head.size, head.root)
    signers = signers_at(database, head.size, find_signer)
    cosigners = cosigners_at(database, head.size, find_signer)
    note = checkpoint_note(checkpoint, signers, cosigners, published)
    keys = {VKEY: signers[-1].vkey}
    keys |= {FURTHER_KEYS[cosigner.vkey.kind]: cosigner.vkey for cosigner in cosigners}
    parent = out.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    work = parent / f".{out.name}-{secrets.token_hex(6)}"
    try:
        work.mkdir()
        _write(database, checkpoint, note, keys, work, progress)
        seal(work, checkpoint, *signers)
        progress(2 * checkpoint.size, 2 * checkpoint.size)
        if out.exists():
            out.rmdir()
        work.rename(out)
    except OSError as error:
        raise StorageFault(str(error)) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    text_lines = checkpoint.text().splitlines()
    return Exported(checkpoint.size, text_lines[2], sum(1 for _file in files_of(out)))


def _write(
    database: Database,
    checkpoint: Checkpoint,
    note: str,
    keys: dict[str, Vkey],
    folder: Path,
    progress: Callable[[int, int], None],
) -> None:
    total = 2 * checkpoint.size  # once for the tiles, once for the tables
    with database.read() as connection:

        def read(start: int, count: int) -> Iterator[bytes]:
            progress(start, total)
            yield from read_leaves(connection, start, count)

        for name, key in keys.items():
            publish_vkey(folder / LOG, key, name, durable=False)
        publish(folder / LOG, read, note, durable=False)
        leaves = _leaves(connection, checkpoint.size, progress)
        write_exports(folder, checkpoint.origin, leaves)
    folder.joinpath(PAGE).write_bytes(page_bytes())


def _leaves(
    connection: Connection, size: int, progress: Callable[[int, int], None]
) -> Iterator[Leaf]:
    for start in range(0, size, _AT_ONCE):
        progress(size + start, 2 * size)
        for body in read_leaves(connection, start, min(_AT_ONCE, size - start)):
            yield parse(body)
