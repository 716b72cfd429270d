"""C2SP signed notes: a text, a blank line, and one line per signature.

A note is read strictly, because a note that two readers take differently is a forgery waiting: one
spelling of base64, no control characters, the blank line before the signatures is the last one.
Which kinds of signature there are stands in :mod:`ledger.signatures`; lines of keys that the
reader does not know, such as those of somebody else's witness, are kept and ignored.

Source: https://c2sp.org/signed-note
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from ledger.signatures import ED25519, KINDS, key_id_of

MOST_SIGNATURES = 64
"""Lines that a note may have; the specification asks for at least 16."""

_LINE_START = "— "
_NOT_IN_NAMES = re.compile(r"[\s+\x00-\x1f]")


class NoteRejected(ValueError):
    """The note or key is malformed, no known key signed it, or a known key's line is wrong."""


class ExtraNeeded(NoteRejected):
    """A key that nobody can judge here until something is installed; the message says what."""


class Signer(Protocol):
    """Whatever can sign a note: a software key here, a device or a card elsewhere."""

    @property
    def vkey(self) -> "Vkey":
        """The public half, which carries the name."""
        ...

    def sign_text(self, text: bytes) -> bytes:
        """The raw signature over the bytes of a note's text."""
        ...


@dataclass(frozen=True, slots=True)
class Vkey:
    """A verifier key: a name, four bytes of key id, a type byte and the public key."""

    name: str
    key_id: bytes
    kind: int
    public: bytes

    @classmethod
    def of(cls, kind: int, name: str, public: bytes) -> "Vkey":
        """The verifier key of a public key of ``kind``, a type byte.

        Raises:
            NoteRejected: a name that no note can carry; as :class:`ExtraNeeded`, a kind that is not
                read without something to be installed; a kind that is not read here, or bytes that
                are no such key.
        """
        _check_name(name)
        if kind in KINDS and (missing := KINDS[kind].missing(public)):
            raise ExtraNeeded(missing)
        if kind not in KINDS or not KINDS[kind].is_key(public):
            raise NoteRejected(f"not a public key of type 0x{kind:02x}")
        return cls(name, key_id_of(kind, name, public), kind, public)

    @classmethod
    def ed25519(cls, name: str, public: bytes) -> "Vkey":
        """The verifier key of a raw Ed25519 public key.

        Raises:
            NoteRejected: a name that no note can carry, or not 32 bytes.
        """
        return cls.of(ED25519, name, public)

    @classmethod
    def parse(cls, text: str, kinds: Collection[int] = (ED25519,)) -> "Vkey":
        """Read ``<name>+<8 hex digits>+<base64(type ‖ key)>``; ``kinds`` are those that may be.

        Raises:
            NoteRejected: another shape, another type, or an id that does not belong to name and
                key.
        """
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise NoteRejected("not a verifier key")
        data = _unbase64(parts[2])
        if not data or data[0] not in kinds:
            raise NoteRejected("not a verifier key of a kind that may stand here")
        vkey = cls.of(data[0], parts[0], data[1:])
        if parts[1] != vkey.key_id.hex():
            raise NoteRejected("the key id does not belong to this name and key")
        return vkey

    def __str__(self) -> str:
        data = base64.b64encode(bytes([self.kind]) + self.public).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{data}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's over ``text``."""
        return KINDS[self.kind].verifies(self.name, self.public, text, signature)


class SignatureLine(NamedTuple):
    """One line under a note; whether it is true has not been asked yet."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        data = base64.b64encode(self.key_id + self.signature).decode("ascii")
        return f"{_LINE_START}{self.name} {data}\n"


class Note(NamedTuple):
    """A well-formed note; ``text`` includes its final newline and must not be believed yet."""

    text: str
    lines: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.lines))

    def with_lines(self, *lines: SignatureLine) -> "Note":
        """The same note with more lines below those that it has."""
        return Note(self.text, self.lines + lines)

    def lines_of(self, vkey: Vkey) -> tuple[SignatureLine, ...]:
        """The lines under which that key's name and id stand, true or not."""
        named = (vkey.name, vkey.key_id)
        return tuple(line for line in self.lines if (line.name, line.key_id) == named)


def sign_note(text: str, *signers: Signer) -> str:
    """The whole note over ``text``, one line a signer, in the order given.

    Raises:
        NoteRejected: ``text`` cannot be the text of a note, or nobody signs.
    """
    data = _text_bytes(text)
    lines = tuple(line_of(signer, data) for signer in signers)
    if not lines:
        raise NoteRejected("a note needs a signature")
    return str(Note(text, lines))


def line_of(signer: Signer, text: bytes) -> SignatureLine:
    """The line by which ``signer`` signs a note's text."""
    return SignatureLine(signer.vkey.name, signer.vkey.key_id, signer.sign_text(text))


def parse_note(note: str | bytes) -> Note:
    """Split a note into its text and its lines without asking whose they are.

    Raises:
        NoteRejected: not the one well-formed spelling of a note.
    """
    if isinstance(note, bytes):
        try:
            note = note.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NoteRejected("not UTF-8") from error
    cut = note.rfind("\n\n")
    if cut < 0 or not note.endswith("\n"):
        raise NoteRejected("no blank line before the signatures")
    text, tail = note[: cut + 1], note[cut + 2 :]
    _text_bytes(text)
    rows = tail.split("\n")[:-1]
    if not 0 < len(rows) <= MOST_SIGNATURES:
        raise NoteRejected(f"1 to {MOST_SIGNATURES} signatures, not {len(rows)}")
    return Note(text, tuple([_parse_line(row) for row in rows]))


def open_note(note: str | bytes, keys: Iterable[Vkey]) -> tuple[str, tuple[Vkey, ...]]:
    """The text of a note and those of ``keys`` that signed it, in the order of their lines.

    Raises:
        NoteRejected: malformed, a line of one of ``keys`` does not verify or stands twice, or
            none of ``keys`` signed.
    """
    return open_parsed(parse_note(note), keys)


def open_parsed(note: Note, keys: Iterable[Vkey]) -> tuple[str, tuple[Vkey, ...]]:
    """:func:`open_note` of a note that is parsed already."""
    known = {(key.name, key.key_id): key for key in keys}
    data = note.text.encode("utf-8")
    signed: list[Vkey] = []
    for line in note.lines:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if key in signed:
            raise NoteRejected(f"two signatures of {line.name}")
        if not key.verifies(data, line.signature):
            raise NoteRejected(f"the signature of {line.name} does not verify")
        signed.append(key)
    if not signed:
        raise NoteRejected("no known key signed this note")
    return note.text, tuple(signed)


@lru_cache(maxsize=1_024)
def _check_name(name: str) -> None:
    """Few names sign most of a log."""
    if not name or _NOT_IN_NAMES.search(name):
        raise NoteRejected(f"{name!r:.40} cannot be the name of a key")


def _text_bytes(text: str) -> bytes:
    """The bytes that are signed; refuses what a note's text may not hold."""
    if not text.endswith("\n"):
        raise NoteRejected("the text must end in a newline")
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NoteRejected("not UTF-8") from error
    if data.translate(None, _CONTROLS) != data:
        raise NoteRejected("control characters")
    return data


_CONTROLS = bytes(code for code in range(0x20) if code != 0x0A)


def _parse_line(row: str) -> SignatureLine:
    if not row.startswith(_LINE_START):
        raise NoteRejected("a signature line starts with an em dash and a space")
    name, _, encoded = row[len(_LINE_START) :].partition(" ")
    _check_name(name)
    data = _unbase64(encoded)
    if len(data) < 5:
        raise NoteRejected("a signature has more than its key id")
    return SignatureLine(name, data[:4], data[4:])


def _unbase64(text: str) -> bytes:
    """Decode only the canonical spelling: padding in place and no stray bits in the last digit."""
    try:
        encoded = text.encode("ascii")
        data = binascii.a2b_base64(encoded)
        if binascii.b2a_base64(data, newline=False) == encoded:
            return data
        base64.b64decode(encoded, validate=True)  # Only to say which of both it is.
    except ValueError as error:
        raise NoteRejected("not base64") from error
    raise NoteRejected("not the canonical base64")
