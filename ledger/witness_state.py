"""A witness of other people's logs: cosigns a checkpoint only if it extends the last one.

Of each log it keeps one file with the checkpoint that it cosigned last.  Comparing with it and
replacing it is one step under a lock that threads and processes share, and the file is on the disk
before the cosignature is made: so no two roots are ever signed for one size, and no smaller tree
after a larger one, whatever dies when.  Whoever sets the folder back to an earlier copy breaks that
promise; a witness whose folder is lost takes a new key.

Source: https://c2sp.org/tlog-witness
"""

import base64
import binascii
import hashlib
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from filelock import FileLock

from ledger.checkpoint import Checkpoint
from ledger.cosigners import Cosigner
from ledger.files import DurableFiles
from ledger.merkle import EMPTY_ROOT, HASH_BYTES
from ledger.notes import Note, NoteRejected, Vkey, line_of, open_parsed, parse_note
from ledger.proofs import verify_consistency
from ledger.units import MOST_INTEGER
from ledger.witness import MOST_PROOF_LINES

MOST_REQUEST_BYTES = 2**16
"""A proof has 3 KiB at most, an ML-DSA-44 line as much again."""

_OLD = re.compile(rb"old (0|[1-9][0-9]{0,15})")
_LOCK_SECONDS = 10


class WitnessStateDamaged(ValueError):
    """A file of the state cannot be read; a witness that forgot must never sign again."""


class Outcome(StrEnum):
    """What becomes of a request, in the words of the protocol."""

    COSIGNED = "cosigned"
    MALFORMED = "malformed"
    UNKNOWN_LOG = "unknown_log"
    UNKNOWN_KEY = "unknown_key"
    CONFLICT = "conflict"
    NOT_CONSISTENT = "not_consistent"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome; ``text`` is the cosignature line, or in a conflict the size cosigned last."""

    outcome: Outcome
    text: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to cosign, well formed and not yet believed."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, body: bytes) -> "Asked":
        """Read the body of an ``add-checkpoint`` request.

        Raises:
            ValueError: any other spelling, or more than the bounds.
        """
        head, blank, note = body.partition(b"\n\n")
        old, *lines = head.split(b"\n")
        shape = _OLD.fullmatch(old)
        if not blank or shape is None or len(lines) > MOST_PROOF_LINES:
            raise ValueError("not a request to cosign")
        if len(body) > MOST_REQUEST_BYTES or int(shape[1]) > MOST_INTEGER:
            raise ValueError("more than the bounds")
        parsed = parse_note(note)
        proof = tuple(_hash_in(line) for line in lines)
        return cls(int(shape[1]), proof, parsed, Checkpoint.parse(parsed.text))


class Witness:
    """Cosigns for the logs whose keys are ``logs``, with its state in ``folder``.

    A log is known by its origin, which is the name of its keys; any of them may have signed.
    """

    def __init__(self, folder: Path, cosigner: Cosigner, logs: Iterable[Vkey]) -> None:
        """Take up a state, or begin one in an empty folder.

        Raises:
            WitnessStateDamaged: what was cosigned last for one of ``logs`` cannot be read.
            OSError: the folder cannot be used.
        """
        self._folder = folder
        self._cosigner = cosigner
        self._threads = threading.Lock()
        self._logs: dict[str, list[Vkey]] = {}
        for log in logs:
            self._logs.setdefault(log.name, []).append(log)
        for origin in self._logs:
            with self._locked(origin):
                self._latest(origin)
                for left_over in folder.glob(f".{_file_of(origin)}.*.tmp"):
                    left_over.unlink()

    def add_checkpoint(self, body: bytes) -> Verdict:
        """Cosign the checkpoint in a request, or say why not; the checks in the protocol's order.

        Raises:
            WitnessStateDamaged: see the class; nothing is signed.
            OSError: the disk failed, or another process held the lock too long; nothing is signed.
        """
        try:
            asked = Asked.parse(body)
        except ValueError:
            return Verdict(Outcome.MALFORMED)
        keys = self._logs.get(asked.checkpoint.origin)
        if keys is None:
            return Verdict(Outcome.UNKNOWN_LOG)
        try:
            open_parsed(asked.note, keys)
        except NoteRejected:
            return Verdict(Outcome.UNKNOWN_KEY)
        if asked.old_size > asked.checkpoint.size:
            return Verdict(Outcome.MALFORMED)
        with self._locked(asked.checkpoint.origin):
            return self._judge(asked)

    def _judge(self, asked: Asked) -> Verdict:
        """Compare with what was cosigned last, and go on from there; under the lock."""
        new, latest = asked.checkpoint, self._latest(asked.checkpoint.origin)
        same_size = new.size == latest.size
        if asked.old_size != latest.size or (same_size and new.root != latest.root):
            return Verdict(Outcome.CONFLICT, f"{latest.size}\n")
        if not verify_consistency(latest.size, new.size, latest.root, new.root, asked.proof):
            return Verdict(Outcome.NOT_CONSISTENT)
        files = DurableFiles(self._folder)
        files.replace(_file_of(new.origin), str(asked.note).encode("utf-8"))
        files.flush_folders()
        line = line_of(self._cosigner, asked.note.text.encode("utf-8"))
        return Verdict(Outcome.COSIGNED, str(line))

    def _latest(self, origin: str) -> Checkpoint:
        """What was cosigned last; before the first time, the empty tree."""
        try:
            note = self._folder.joinpath(_file_of(origin)).read_bytes()
        except FileNotFoundError:
            return Checkpoint(origin, 0, EMPTY_ROOT)
        try:
            latest = Checkpoint.parse(parse_note(note).text)
        except NoteRejected as error:
            raise WitnessStateDamaged(f"{_file_of(origin)}: {error}") from error
        if latest.origin != origin:
            raise WitnessStateDamaged(f"{_file_of(origin)} is of {latest.origin}")
        return latest

    @contextmanager
    def _locked(self, origin: str) -> Iterator[None]:
        lock = FileLock(self._folder / f".{_file_of(origin)}.lock", timeout=_LOCK_SECONDS)
        with self._threads, lock:
            yield


def _file_of(origin: str) -> str:
    """The state file of a log; an origin may have characters that no file name can."""
    return f"log-{hashlib.sha256(origin.encode('utf-8')).hexdigest()[:32]}"


def _hash_in(line: bytes) -> bytes:
    try:
        data = base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise ValueError("a hash of the proof is not base64") from error
    if len(data) != HASH_BYTES or base64.b64encode(data) != line:
        raise ValueError("a line of the proof is not one hash")
    return data
