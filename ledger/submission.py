"""Submissions: what a device or an office asked for, in its own signed words.

    text   <origin> <kind>/v1\\n<JCS body>\\n
    note   text, a blank line, the submitter's signature line (see ledger.notes)

The body has the facts and two members that chain one key's submissions: ``seq`` counts 0, 1, 2 …
without gaps, ``prev`` is the SHA-256 of that key's previous text.  The first signature line is the
submitter's and moves its chain; a further line, such as a new key's proof of possession, does not.
"""

import re
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from ledger.encoding import Json, OutOfProfile, decode, encode
from ledger.notes import Note, NoteRejected, Signer, parse_note, sign_note

FIRST_PREV = "0" * 64
"""``prev`` of a key's first submission."""

_HEADER = re.compile(r"([!-~]+) ([a-z][a-z0-9_]{0,31})/v1", re.ASCII)
_HEX_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)

Body = dict[str, Json]


class Submission(NamedTuple):
    """A well-formed submission; its signatures have not been verified."""

    origin: str
    kind: str
    body: Body
    seq: int
    prev: str
    note: Note

    @property
    def submitter(self) -> str:
        """The name of the key whose chain this submission continues."""
        return self.note.lines[0].name

    @property
    def text_hash(self) -> str:
        """What the submitter's next submission must state as ``prev``."""
        return hash_text(self.note.text)


def hash_text(text: str) -> str:
    """Lower-case hex SHA-256 of a submission's text."""
    return sha256(text.encode("utf-8")).hexdigest()


def write_text(origin: str, kind: str, body: Body, *, seq: int, prev: str) -> str:
    """The text to be signed; ``body`` must not have ``seq`` or ``prev`` of its own.

    Raises:
        OutOfProfile: the body breaks the JSON profile or its limit of size.
    """
    data = encode({**body, "seq": seq, "prev": prev})
    return f"{origin} {kind}/v1\n{data.decode('utf-8')}\n"


def sign_submission(
    origin: str, kind: str, body: Body, submitter: Signer, *others: Signer, seq: int, prev: str
) -> tuple[str, str]:
    """The signed note, and the hash of its text for the submitter's next ``prev``.

    Raises:
        OutOfProfile: as :func:`write_text`.
    """
    text = write_text(origin, kind, body, seq=seq, prev=prev)
    return sign_note(text, submitter, *others), hash_text(text)


def parse_submission(note: str) -> Submission:
    """Read a submission strictly; verify its signatures with ``open_parsed(submission.note, …)``.

    Raises:
        NoteRejected: not a note, not two lines, no such header, a body that is not canonical, or
            without proper ``seq`` and ``prev``.
    """
    parsed = parse_note(note)
    lines = parsed.text.split("\n")
    header = _header(lines[0])
    if len(lines) != 3 or header is None:
        raise NoteRejected("a submission is a header line and a body line")
    try:
        body = decode(lines[1].encode("utf-8"))
    except OutOfProfile as error:
        raise NoteRejected(f"the body: {error}") from error
    if not isinstance(body, dict):
        raise NoteRejected("the body is not an object")
    seq, prev = body.get("seq"), body.get("prev")
    if type(seq) is not int or seq < 0:
        raise NoteRejected("seq is not a counting number")
    if not isinstance(prev, str) or not _HEX_HASH.fullmatch(prev):
        raise NoteRejected("prev is not a SHA-256 in hex")
    return Submission(*header, body, seq, prev, parsed)


@lru_cache(maxsize=256)
def _header(line: str) -> tuple[str, str] | None:
    """Origin and kind, of which a log has few; ``None`` where the line names neither."""
    header = _HEADER.fullmatch(line)
    return None if header is None else (header[1], header[2])
