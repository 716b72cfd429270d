"""C2SP checkpoints: the signed statement "this log has so many leaves and this root".

    <origin>\\n<size>\\n<base64 root hash>\\n

The log's key bears the origin as its name.  We write no extension lines; a checkpoint that has
some is read, and they are covered by the signature like the rest.

Source: https://c2sp.org/tlog-checkpoint
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.merkle import HASH_BYTES
from ledger.notes import NoteRejected, Signer, Vkey, open_note, sign_note
from ledger.units import MOST_INTEGER


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: ``size`` leaves under ``root``; says nothing of who signed it."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode("ascii")
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extensions))

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read :meth:`text` back.

        Raises:
            NoteRejected: any other spelling, a leading zero and a stray bit included.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise NoteRejected("not a checkpoint")
        origin, size, root, *extensions = lines
        try:
            hash_bytes = base64.b64decode(root.encode("ascii"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise NoteRejected("the root hash is not base64") from error
        if not (size.isascii() and size.isdecimal()) or len(hash_bytes) != HASH_BYTES:
            raise NoteRejected("not a checkpoint")
        if len(size) > 16 or int(size) > MOST_INTEGER:
            raise NoteRejected("the size is out of range")
        checkpoint = cls(origin, int(size), hash_bytes, tuple(extensions))
        if checkpoint.text() != text:
            raise NoteRejected("not the canonical spelling of a checkpoint")
        return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> str:
    """The signed note over ``checkpoint``; the log's own key signs first."""
    return sign_note(checkpoint.text(), *signers)


def open_checkpoint(note: str | bytes, keys: Iterable[Vkey]) -> Checkpoint:
    """The checkpoint in a note that at least one of ``keys`` signed.

    Raises:
        NoteRejected: as :func:`ledger.notes.open_note`, or the text is no checkpoint, or its
            origin is not the name of a key that signed it.
    """
    text, signed = open_note(note, keys)
    checkpoint = Checkpoint.parse(text)
    if checkpoint.origin not in {key.name for key in signed}:
        raise NoteRejected("the origin is not the name of the key that signed")
    return checkpoint
