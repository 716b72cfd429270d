"""Making the kit: the bundle, the tables, everybody's papers, and one signature over all of it."""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from ledger.book import read_head
from ledger.bundle import LOG, files_of, seal
from ledger.checkpoint import Checkpoint
from ledger.errors import StorageFault
from ledger.leaf import Frozen
from ledger.log_keys import signers_at
from ledger.lookup import LogLookup
from ledger.notes import parse_note
from ledger.tiles import TileFolder
from timebank.audit.bundle import export
from timebank.bank import Bank
from timebank.errors import FolderInUse
from timebank.errors.kits import BookStillWritten
from timebank.kit.members import End, how_many_owners, owners, write_papers
from timebank.kit.model import BOOK, BUNDLE, MEMBERS, README
from timebank.kit.readme import readme
from timebank.kit.rows import write_rows
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished kit: the log's size, how many people got papers, rows and files there are.

    ``successor`` is the origin that the frozen log names, empty where it is not frozen.
    """

    size: int
    members: int
    rows: int
    files: int
    successor: str


def make_kit(
    bank: Bank, actor: Actor, out: Path, *, progress: Progress = lambda done, of: None
) -> Made:
    """Write the kit into the new folder ``out``; flat in memory however many people there are.

    It is written beside its place and moved there when it is whole.

    Raises, the first that applies:
        NotPermitted: no operator.
        FolderInUse: ``out`` exists and is not an empty folder.
        LogKeyMissing: a key that counts is not held here.
        BookStillWritten: the log grew meanwhile; nothing is left behind.
        StorageFault: the disk failed.
    """
    require(actor, "close_down", Role.OPERATOR)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FolderInUse(folder=str(out))
    parent = out.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    work = parent / f".{out.name}-{secrets.token_hex(6)}"
    try:
        work.mkdir(mode=0o700)
        made = _fill(bank, work, progress)
        if out.exists():
            out.rmdir()
        work.rename(out)
    except OSError as error:
        raise StorageFault(str(error)) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return made


def _fill(bank: Bank, work: Path, progress: Progress) -> Made:
    head = read_head(bank.database)
    checkpoint = Checkpoint(head.origin, head.size, head.root)
    signers = signers_at(bank.database, head.size, bank.log_signer_of)
    people, done = how_many_owners(bank), 0
    steps = 2 * head.size + people
    published = TileFolder(bank.settings.log_folder).checkpoint_note()
    export(
        bank.database, bank.log_signer_of, work / BUNDLE,
        published=published, progress=lambda at, _of: progress(at, steps),
    )  # fmt: skip
    note = parse_note((work / BUNDLE / LOG / "checkpoint").read_text("utf-8"))
    with bank.read() as connection:
        rows = write_rows(connection, bank.wrapped_keys, work / BOOK)
        successor = successor_of(connection)
    (work / MEMBERS).mkdir()
    for done, owner in enumerate(owners(bank), 1):
        write_papers(bank, owner, End(checkpoint, note, signers), work / MEMBERS)
        progress(2 * head.size + done, steps)
    if read_head(bank.database).size != checkpoint.size or _size_of(note.text) != checkpoint.size:
        raise BookStillWritten
    said = readme(
        head.book, checkpoint, successor, bank.settings.vault_key_path.name,
        str(bank.log_vkeys()[-1]),
    )  # fmt: skip
    (work / README).write_text(said, "utf-8", newline="\n")
    seal(work, checkpoint, *signers)
    return Made(checkpoint.size, done, rows, sum(1 for _file in files_of(work)), successor)


def successor_of(connection: Connection) -> str:
    """The origin that the log's last leaf names, empty where the log goes on."""
    ended = connection.execute(text("SELECT leaf_index FROM log_end WHERE book_id = 1")).scalar()
    body = None if ended is None else LogLookup(connection).leaf(ended).body
    return body.successor if isinstance(body, Frozen) else ""


def _size_of(note: str) -> int:
    return Checkpoint.parse(note).size
