"""From what a group decided to the bytes of its leaves.

A leaf is made by our own code from checked parts, so it is encoded without a second walk over its
values; the one bound that can still be broken is its length, and that is checked here.
"""

import base64
import os
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

_RANDOM_AT_ONCE = 16 * 256


class LeafMaker:
    """Makes the leaves of one group, which share their moment."""

    def __init__(self, recorded_ms: int) -> None:
        self._recorded_ms = recorded_ms
        self._random = b""
        self._used = 0

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

    def make_staged(self, index: int, staged: Staged, number: int, **source: object) -> bytes:
        """The leaf of a staged item; ``source`` is its ``sub`` or its ``ref``."""
        beside: dict[str, Any] = {**staged.beside, **source}
        entry = staged.entry
        if entry is not None:
            post: list[list[str | int]] = []
            for giver, receiver, minutes in entry.movements:
                post += ([giver, -minutes], [receiver, minutes])
            beside["no"] = number
            beside["on"] = entry.effective_on
            beside["pol"] = entry.policy
            beside["post"] = post
            if entry.of is not None:
                beside["of"] = entry.of
        return self.make(index, staged.kind, staged.identifier, beside)

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
        """128 random bits: nobody can guess a leaf from its public hash."""
        at = self._used
        if at == len(self._random):
            self._random, at = os.urandom(_RANDOM_AT_ONCE), 0
        self._used = at + 16
        return base64.urlsafe_b64encode(self._random[at : at + 16])[:22].decode("ascii")


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
