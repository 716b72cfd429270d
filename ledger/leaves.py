"""From what a group decided to the bytes of its leaves.

A leaf is made by our own code from checked parts, so it is encoded without a second walk over its
values; the one bound that can still be broken is its length, and that is checked here.
"""

import os
from binascii import b2a_base64
from collections.abc import Sequence
from typing import Any

from ledger.draft import Staged
from ledger.encoding import MOST_BYTES, Json, encode_trusted
from ledger.errors import SubmissionTooLarge
from ledger.notes import Signer
from ledger.submission import sign_submission

_ENVELOPE_BYTES = 2_048
"""Left free in a batch leaf for its own members, the note's header, chain and signature lines."""

_MOST_ROWS = 1_000
"""Rows of one batch leaf; more ids or codes would not fit its outcome leaf."""

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class LeafMaker:
    """Makes the leaves of one group, which share their moment."""

    def __init__(self, recorded_ms: int) -> None:
        self._recorded_ms = recorded_ms
        self._nonces: list[str] = []

    def make(self, index: int, kind: str, identifier: str, beside: dict[str, Any]) -> bytes:
        """The canonical bytes of one leaf.

        Raises:
            SubmissionTooLarge: longer than 60 KiB.
        """
        leaf = encode_trusted(
            {
                "id": identifier,
                "kind": kind,
                "n": index,
                "rnd": self._nonce(),
                "t": self._recorded_ms,
                "v": 1,
                **beside,
            }
        )
        if len(leaf) > MOST_BYTES:
            raise SubmissionTooLarge(size=len(leaf), most=MOST_BYTES)
        return leaf

    def make_staged(
        self, index: int, staged: Staged, number: int, source: str, carried: object
    ) -> bytes:
        """The leaf of a staged item; ``source`` says whether its ``sub`` or its ``ref`` follows."""
        entry = staged.entry
        if entry is None:
            return self.make(
                index, staged.kind, staged.identifier, {**staged.beside, source: carried}
            )
        post: list[list[str | int]] = []
        for giver, receiver, minutes in entry.movements:
            post.append([giver, -minutes])
            post.append([receiver, minutes])
        beside = {
            "no": number,
            "on": entry.effective_on,
            "pol": entry.policy,
            "post": post,
            source: carried,
        }
        if entry.of is not None:
            beside["of"] = entry.of
        return self.make(index, entry.kind, staged.identifier, beside)

    def foresee(self, leaves: int) -> None:
        """Draw the random bits of so many leaves at once."""
        missing = leaves - len(self._nonces)
        if missing > 0:
            self._nonces += new_nonces(missing)

    def outcomes(
        self,
        index: int,
        batch: str,
        first: int,
        spans: Sequence[tuple[int, int]],
        result: Sequence[str],
    ) -> list[bytes]:
        """What became of each row, one outcome leaf for each batch leaf, in their order."""
        return [
            self.make(
                index + part, "outcome", batch, {"of": [first + part], "rows": result[start:stop]}
            )
            for part, (start, stop) in enumerate(spans)
        ]

    def _nonce(self) -> str:
        if not self._nonces:
            self._nonces = new_nonces(1)
        return self._nonces.pop()


def new_nonces(count: int) -> list[str]:
    """``count`` times 128 random bits as 22 characters: nobody guesses a leaf from its hash."""
    noise = os.urandom(16 * count)
    # Two zero bytes behind each make 24 characters of their own; the last two are padding alone.
    spaced = b"\0\0".join([noise[at : at + 16] for at in range(0, 16 * count, 16)])
    text = b2a_base64(spaced, newline=False).translate(_URL_SAFE).decode("ascii")
    return [text[at : at + 22] for at in range(0, 24 * count, 24)]


def batch_notes(
    origin: str,
    kind: str,
    batch: str,
    rows: Sequence[dict[str, Json]],
    signer: Signer,
    *,
    seq: int,
    prev: str,
) -> tuple[list[str], list[tuple[int, int]], str]:
    """Sign ``rows`` as one submission, in as many notes as their size needs.

    Answers the notes, for each the span of rows in it, and the last text's hash.

    Raises:
        SubmissionTooLarge: a single row that no leaf can carry.
        OutOfProfile: a row that breaks the JSON profile.
    """
    spans = _spans(rows)
    notes = []
    for part, (start, stop) in enumerate(spans):
        body: dict[str, Json] = {
            "batch": batch,
            "part": part,
            "parts": len(spans),
            "rows": list(rows[start:stop]),
        }
        note, prev = sign_submission(origin, kind, body, signer, seq=seq + part, prev=prev)
        notes.append(note)
    return notes, spans, prev


def _spans(rows: Sequence[dict[str, Json]]) -> list[tuple[int, int]]:
    """Cut rows so that each note, once embedded as a JSON string, fits its leaf."""
    room = MOST_BYTES - _ENVELOPE_BYTES
    spans: list[tuple[int, int]] = []
    start = used = 0
    for place, row in enumerate(rows):
        data = encode_trusted(row)
        size = len(data) + data.count(b'"') + data.count(b"\\") + 1
        if size > room:
            raise SubmissionTooLarge(size=size, most=room)
        if used + size > room or place - start == _MOST_ROWS:
            spans.append((start, place))
            start, used = place, 0
        used += size
    spans.append((start, len(rows)))
    return spans
