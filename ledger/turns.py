"""Whose turn it is: which key may submit what now, and where each key of a group stands.

Submissions of a key form a sequence without gaps.  What does not continue it is refused; what
repeats a number with another text is a fork, see :mod:`ledger.forks`.
"""

from collections.abc import Callable, Mapping

from ledger.action import Action
from ledger.approvals import LOG, OPERATOR, ROLES_OF_ROOTS
from ledger.errors import (
    SequenceBroken,
    SigningKeyEnded,
    SigningKeyUnknown,
    SubmissionNotAllowed,
)
from ledger.leaf import Refused
from ledger.leaf_parser import parse
from ledger.notes import Signer
from ledger.picture import GroupView
from ledger.store import KeyState, Store
from ledger.submission import parse_submission
from ledger.submitted import Signed

MaySubmit = Callable[[str, str], bool]
"""``may_submit(role, kind)``: whether a key of that role may sign that kind of submission."""


def anybody_may(_role: str, _kind: str) -> bool:
    """Let every role submit every kind."""
    return True


class Turns:
    """The keys of one group.  ``signers`` maps key names to the software keys held here."""

    def __init__(
        self, view: GroupView, store: Store, signers: Mapping[str, Signer], may_submit: MaySubmit
    ) -> None:
        self.signed: set[str] = set()
        """Keys that submitted something in this group."""
        self._view = view
        self._store = store
        self._signers = signers
        self._may_submit = may_submit
        self._texts: dict[tuple[str, int], str] = {}

    def admit(self, action: Action) -> None:
        """Let an action pass whose key may submit it, and whose turn it is if it is signed.

        Raises, the first that applies:
            SigningKeyUnknown, SigningKeyEnded: no key that counts, or none that is held here.
            SubmissionNotAllowed: a kind that the key's role may not submit.
            SequenceBroken: a signed submission that is not the next of its key.
        """
        if action.signed is None:
            self.signer(action.signer)
        else:
            self._check_counts(action.signed)
        if not self._may_submit(self._view.keys[action.signer].role, action.kind):
            raise SubmissionNotAllowed(key=action.signer, kind=action.kind)
        if action.signed is not None:
            self._check_turn(action.signed)

    def signer(self, name: str) -> tuple[Signer, KeyState]:
        """The software key of that name and where it stands.

        Raises:
            SigningKeyUnknown, SigningKeyEnded: as :meth:`admit`.
        """
        state, signer = self._view.keys.get(name), self._signers.get(name)
        if state is None or signer is None or str(signer.vkey) != state.vkey:
            raise SigningKeyUnknown(key=name)
        if state.ended:
            raise SigningKeyEnded(key=name)
        return signer, state

    def operator(self) -> str | None:
        """The name of an operator's key that counts and is held here."""
        for name, signer in self._signers.items():
            state = self._view.keys.get(name)
            if state is None or state.ended or state.role != OPERATOR:
                continue
            if state.vkey == str(signer.vkey):
                return name
        return None

    def advance(self, state: KeyState, submissions: int, text_hash: str) -> None:
        """Move a key's sequence on by so many submissions, of which this is the last text."""
        next_seq = state.next_seq + submissions
        self._view.keys[state.name] = state._replace(next_seq=next_seq, previous_hash=text_hash)
        self._texts[state.name, next_seq - 1] = text_hash
        self.signed.add(state.name)

    def is_fork(self, signed: Signed) -> bool:
        """Whether the log has another text under this submission's number of its key."""
        submission = signed.submission
        state = self._view.keys[submission.submitter]
        if submission.seq >= state.next_seq or state.role in ROLES_OF_ROOTS:
            return False
        known = state.previous_hash
        if submission.seq < state.next_seq - 1:
            found = self._texts.get((state.name, submission.seq)) or self._stored(signed)
            if found is None:
                return False
            known = found
        return known != submission.text_hash

    def _stored(self, signed: Signed) -> str | None:
        """The hash of the text under that number in the groups before this one."""
        key, seq = signed.submission.submitter, signed.submission.seq
        body = self._store.submission_leaf(signed.vkey, seq)
        if body is None:
            return None
        leaf = parse(body)
        if isinstance(leaf.body, Refused):  # It names no number; its place says which it is.
            return leaf.body.content_hash if leaf.body.by == key else None
        submission = parse_submission(leaf.sub or "")
        return (
            submission.text_hash if (submission.submitter, submission.seq) == (key, seq) else None
        )

    def _check_counts(self, signed: Signed) -> None:
        name = signed.submission.submitter
        state = self._view.keys.get(name)
        if state is None or state.vkey != signed.vkey or state.role == LOG:
            raise SigningKeyUnknown(key=name[:80])
        if state.ended:
            raise SigningKeyEnded(key=name)

    def _check_turn(self, signed: Signed) -> None:
        submission = signed.submission
        state = self._view.keys[submission.submitter]
        if (submission.seq, submission.prev) != (state.next_seq, state.previous_hash):
            raise SequenceBroken(
                key=submission.submitter, expected=state.next_seq, seq=submission.seq
            )
