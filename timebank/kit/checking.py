"""Checking a kit with nothing but keys: every file, the whole log, each member's statement."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from ledger.bundle import LOG, MANIFEST, MANIFEST_NOTE, SEALING, VKEY, files_of, hash_file
from ledger.notes import NoteRejected, Vkey, open_note
from timebank.audit.verification import verify_all
from timebank.errors.kits import KitUnfit
from timebank.kit.model import BOOK, BUNDLE, MEMBERS, SUFFIX, ClosingStatement, read_closing
from timebank.kit.rows import values_of

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one file, in a word."""

    file: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}: {self.why}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; ``is_known`` where the log's key came from elsewhere."""

    faults: tuple[Fault, ...]
    files: int
    members: int
    is_known: bool

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def check_kit(
    kit: Path, *, vkey: str | None = None, progress: Progress = lambda done, of: None
) -> Checked:
    """Check the manifest's signature and every file, the log itself, and each closing statement.

    Without ``vkey`` the kit's own key is taken, and nothing is said of whose log it is.

    Raises, the first that applies:
        NoteRejected: ``vkey`` is no verifier key.
        KitUnfit: ``not_a_kit``: there is no manifest or no key.
    """
    key = Vkey.parse(vkey.strip()) if vkey else _own_key(kit)
    files = _manifest(kit, key)
    faults = list(_changed(kit, files, progress))
    report = verify_all(kit / BUNDLE, vkey=str(key)).report
    faults += [Fault(f"{BUNDLE}/{one.file}", one.rule) for one in report.findings]
    members, found = 0, []
    if not faults:  # What was changed is known by now; what follows reads the files as they are.
        for _name, fault in _members(kit, key):
            members += 1
            found += [] if fault is None else [fault]
    return Checked((*faults, *found), len(files), members, vkey is not None)


def _own_key(kit: Path) -> Vkey:
    try:
        return Vkey.parse((kit / BUNDLE / LOG / VKEY).read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError, NoteRejected) as error:
        raise KitUnfit(why="not_a_kit", file=VKEY) from error


def _manifest(kit: Path, key: Vkey) -> dict[str, str]:
    """The hashes by file, once the log's key is seen to have signed them.

    Raises:
        KitUnfit: ``not_a_kit`` or ``not_signed``.
    """
    try:
        signed, _keys = open_note((kit / MANIFEST_NOTE).read_bytes(), [key])
        files = orjson.loads(signed)["files"]
    except OSError as error:
        raise KitUnfit(why="not_a_kit", file=MANIFEST_NOTE) from error
    except (NoteRejected, ValueError, KeyError, TypeError) as error:
        raise KitUnfit(why="not_signed", file=MANIFEST_NOTE) from error
    manifest = kit / MANIFEST
    if not manifest.is_file() or manifest.read_bytes() != signed.encode("utf-8"):
        raise KitUnfit(why="not_signed", file=MANIFEST)
    return dict(files)


def _changed(kit: Path, files: dict[str, str], progress: Progress) -> Iterator[Fault]:
    there = {one for one in files_of(kit) if one not in SEALING}
    for name in sorted(there - files.keys()):
        yield Fault(name, "added")
    for done, (name, expected) in enumerate(sorted(files.items())):
        progress(done, len(files))
        if name not in there:
            yield Fault(name, "missing")
        elif (kit / name).is_symlink() or hash_file(kit / name) != expected:
            yield Fault(name, "changed")
    progress(len(files), len(files))


def _members(kit: Path, key: Vkey) -> Iterator[tuple[str, Fault | None]]:
    """Each account of somebody who is not forgotten, with what is wrong with its statement."""
    with open(kit / BUNDLE / "accounts.csv", encoding="utf-8", newline="") as file:
        stands = {
            row["account_id"]: (int(row["posted"]), int(row["held"]))
            for row in csv.DictReader(file)
        }
    numbers: dict[str, str] = {}
    for person_id, number in values_of(kit / BOOK, "person_number", "person_id", "number"):
        numbers[person_id] = min(number, numbers.get(person_id, number))
    people = values_of(kit / BOOK, "person", "person_id", "account_id", "state")
    for person_id, account_id, state in people:
        if state == "active" and person_id in numbers:
            name = f"{MEMBERS}/{numbers[person_id]}{SUFFIX}"
            yield name, _judge(kit, name, key, account_id, stands.get(account_id))


def _judge(
    kit: Path, name: str, key: Vkey, account_id: str, stands: tuple[int, int] | None
) -> Fault | None:
    try:
        said: ClosingStatement = read_closing((kit / name).read_bytes(), key)
    except OSError:
        return Fault(name, "missing")
    except ValueError as error:
        return Fault(name, str(error))
    if (said.account, (said.closing, said.held)) != (account_id, stands):
        return Fault(name, "balance")
    for paper, expected in said.papers.items():
        path = kit / MEMBERS / Path(paper).name
        if not path.is_file() or hash_file(path) != expected:
            return Fault(f"{MEMBERS}/{paper}", "changed")
    return None
