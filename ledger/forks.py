"""A forked sequence: one key, one number, two texts; the second note is the evidence.

Whoever holds a key signs each number once.  Two signed texts with one number mean that the key was
copied, or that its device forgot what it had sent; either way nobody can say any more whose words
the next ones are, so the key ends.
"""

from ledger.encoding import MOST_BYTES, Json, encode_trusted
from ledger.errors import SubmissionTooLarge
from ledger.notes import NoteRejected
from ledger.submission import Submission, parse_submission

FORKED = "forked_sequence"
"""The reason in the leaf that ends the key; no other revocation may give it."""

_ENVELOPE_BYTES = 2_048
"""Left free for that leaf's own members and the note by the operator's key around the evidence."""


def fork_facts(key: str, note: str) -> dict[str, Json]:
    """What the operator's software key signs of it: which key, why, and the second note."""
    return {"evidence": note, "of": key, "reason": FORKED}


def evidence_of(facts: object) -> Submission | None:
    """The second submission in those facts, none where there is none of its form."""
    note = facts.get("evidence") if isinstance(facts, dict) else None
    try:
        return parse_submission(note) if isinstance(note, str) else None
    except NoteRejected:
        return None


def check_fits_as_evidence(note: str) -> None:
    """Let a note pass that a leaf could carry within another note, were it a fork's second one.

    As text in text its quotes take four bytes each.  What fits there fits a leaf of its own.

    Raises:
        SubmissionTooLarge: it does not fit.
    """
    most = MOST_BYTES - _ENVELOPE_BYTES
    size = len(encode_trusted(encode_trusted(note).decode("utf-8")))
    if size > most:
        raise SubmissionTooLarge(size=size, most=most)
