"""A submission that somebody else signed: a device's own words, taken into the log verbatim.

The signature is verified before the writer sees it; whether it is the key's next in its sequence
only the writer can say.
"""

from dataclasses import dataclass

from ledger.errors import SubmissionUnfit
from ledger.forks import check_fits_as_evidence
from ledger.notes import NoteRejected, Vkey, open_parsed
from ledger.submission import Submission, parse_submission


@dataclass(frozen=True, slots=True)
class Signed:
    """A submission with its whole note and the vkey that its one line was verified under."""

    note: str
    submission: Submission
    vkey: str


def read_submission(note: str, origin: str, kind: str) -> Submission:
    """A submission for this log and of this kind, with one line; nothing is verified yet.

    Raises, the first that applies:
        SubmissionTooLarge: see :func:`ledger.forks.check_fits_as_evidence`.
        SubmissionUnfit: ``why`` is ``form``, ``origin``, ``kind`` or ``lines``.
    """
    check_fits_as_evidence(note)
    try:
        submission = parse_submission(note)
    except NoteRejected as error:
        raise SubmissionUnfit(why="form") from error
    if submission.origin != origin:
        raise SubmissionUnfit(why="origin")
    if submission.kind != kind:
        raise SubmissionUnfit(why="kind")
    if len(submission.note.lines) != 1:
        raise SubmissionUnfit(why="lines")
    return submission


def verified(submission: Submission, vkey: Vkey) -> Signed:
    """The submission as the writer takes it.

    Raises:
        SubmissionUnfit: ``why`` is ``signature``: it is not this key's over this text.
    """
    try:
        open_parsed(submission.note, [vkey])
    except NoteRejected as error:
        raise SubmissionUnfit(why="signature") from error
    return Signed(str(submission.note), submission, str(vkey))
