"""The verifier's second opinion on submissions: who signed what, in an order without gaps.

A key counts from the leaf that introduced it, by leaf index and never by a clock.  Its submissions
form a chain (``seq``, ``prev``); each row of a batch is used by at most one leaf, and the outcome
says of every row what became of it.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from ledger.ids import is_id
from ledger.leaf import Genesis, KeyAdded, Leaf, Outcome, Refused
from ledger.notes import NoteRejected, SignatureLine, Vkey
from ledger.submission import FIRST_PREV, Submission, parse_submission

Say = Callable[[int, str, str], None]
"""``say(leaf index, rule, evidence)`` reports one fault."""

Job = tuple[int, Vkey, bytes, bytes]
"""A signature to verify: leaf index, key, text, signature."""

OPERATOR = "operator"
"""The role whose keys may introduce keys."""

_JOBS_A_TASK = 32


@dataclass(slots=True)
class _Chain:
    """Where one key stands; ``refused`` are hashes refused since its last submission."""

    vkey: Vkey
    role: str
    next_seq: int = 0
    prev: str = FIRST_PREV
    refused: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    """An open batch leaf: by place, the leaf that used the row and what the outcome says of it."""

    identifier: str
    used_by: list[str | None]
    told: list[str] | None = None


class Chains:
    """Judges what leaves carry, in order; signatures are queued and verified in groups."""

    def __init__(self, say: Say, origin: str) -> None:
        self.signatures = 0
        self._say = say
        self._origin = origin
        self._keys: dict[str, _Chain] = {}
        self._batches: dict[int, _Batch] = {}
        self._jobs: list[Job] = []

    def check(self, leaf: Leaf) -> None:
        """Judge the submission, the reference and the keys of one leaf."""
        body = leaf.body
        if isinstance(body, Genesis):
            self._add_key(leaf, body.operator, None, OPERATOR)
        if leaf.sub is not None:
            self._submission(leaf, leaf.sub)
        elif leaf.ref is not None:
            self._reference(leaf, *leaf.ref)
        if isinstance(body, KeyAdded):
            self._add_key(leaf, body.vkey, leaf.identifier, body.role)
        elif isinstance(body, Refused) and body.by in self._keys:
            self._keys[body.by].refused.append(body.content_hash)
        elif isinstance(body, Outcome):
            self._outcome(leaf, body)

    def verify_signatures(self, pool: Executor) -> None:
        """Verify what is queued; the library lets other threads run meanwhile."""
        jobs, self._jobs = self._jobs, []
        tasks = [jobs[at : at + _JOBS_A_TASK] for at in range(0, len(jobs), _JOBS_A_TASK)]
        for index, name in (wrong for found in pool.map(_wrong, tasks) for wrong in found):
            self._say(index, "signature", f"the signature of {name} does not verify")
        self.signatures += len(jobs)

    def finish(self) -> None:
        """Report batches of which no outcome, or not the whole, has been seen."""
        for index, batch in self._batches.items():
            if batch.told is None:
                self._say(index, "outcome_missing", batch.identifier)
            else:
                self._say(index, "outcome_differs", "names leaves that do not use its rows")

    # Keys and chains -----------------------------------------------------------------------

    def _add_key(self, leaf: Leaf, text: str, name: str | None, role: str) -> None:
        try:
            vkey = Vkey.parse(text)
        except NoteRejected as error:
            self._say(leaf.index, "key_form", str(error))
            return
        if vkey.name == self._origin or (name is not None and vkey.name != name):
            self._say(leaf.index, "key_form", f"{vkey.name} is not the name to sign under")
        if vkey.name in self._keys:
            self._say(leaf.index, "key_repeated", vkey.name)
            return
        self._keys[vkey.name] = _Chain(vkey, role)

    def _submission(self, leaf: Leaf, sub: str) -> None:
        try:
            submission = parse_submission(sub)
        except NoteRejected as error:
            self._say(leaf.index, "submission_form", str(error))
            return
        if submission.origin != self._origin:
            self._say(leaf.index, "submission_origin", submission.origin[:80])
        self._signers(leaf, submission)
        chain = self._keys.get(submission.submitter)
        if chain is not None:
            self._follow(leaf, submission, chain)
        if leaf.kind == "batch":
            self._open_batch(leaf, submission)

    def _signers(self, leaf: Leaf, submission: Submission) -> None:
        """Queue the lines' signatures: the submitter's, and for a new key its own."""
        text = submission.note.text.encode("utf-8")
        first, *others = submission.note.lines
        chain = self._keys.get(first.name)
        if chain is None or chain.vkey.key_id != first.key_id:
            self._say(leaf.index, "key_unknown", f"{first.name} is not known at this leaf")
        else:
            self._jobs.append((leaf.index, chain.vkey, text, first.signature))
            if isinstance(leaf.body, KeyAdded) and chain.role != OPERATOR:
                self._say(leaf.index, "key_role", f"{first.name} may not introduce keys")
        if isinstance(leaf.body, KeyAdded):
            self._possession(leaf, leaf.body, text, others)
        elif others:
            self._say(leaf.index, "submission_form", "more than one signature")

    def _possession(
        self, leaf: Leaf, added: KeyAdded, text: bytes, lines: list[SignatureLine]
    ) -> None:
        try:
            vkey = Vkey.parse(added.vkey)
        except NoteRejected:
            return  # Reported where the key is added.
        if len(lines) == 1 and (lines[0].name, lines[0].key_id) == (vkey.name, vkey.key_id):
            self._jobs.append((leaf.index, vkey, text, lines[0].signature))
        else:
            self._say(leaf.index, "key_possession", f"{vkey.name} did not sign second")

    def _follow(self, leaf: Leaf, submission: Submission, chain: _Chain) -> None:
        """Move a chain on.  A refused submission that had been signed took a number as well."""
        skipped = submission.seq - chain.next_seq
        if skipped == 0:
            follows = submission.prev == chain.prev
        else:
            follows = 0 < skipped <= len(chain.refused) and submission.prev in chain.refused
        if not follows:
            evidence = f"{submission.submitter} {submission.seq}, expected {chain.next_seq}"
            self._say(leaf.index, "sequence", evidence)
        chain.next_seq = submission.seq + 1
        chain.prev = submission.text_hash
        chain.refused.clear()

    # Batches -------------------------------------------------------------------------------

    def _open_batch(self, leaf: Leaf, submission: Submission) -> None:
        rows = submission.body.get("rows")
        if not isinstance(rows, list):
            self._say(leaf.index, "batch_form", "no rows")
            return
        if submission.body.get("batch", leaf.identifier) != leaf.identifier:
            self._say(leaf.index, "batch_form", "signed for another batch")
        self._batches[leaf.index] = _Batch(leaf.identifier, [None] * len(rows))

    def _reference(self, leaf: Leaf, index: int, place: int) -> None:
        batch = self._batches.get(index)
        if batch is None or place >= len(batch.used_by):
            self._say(leaf.index, "ref_unknown", f"no open row {place} in leaf {index}")
            return
        if batch.used_by[place] is not None:
            self._say(leaf.index, "ref_repeated", f"row {place} of leaf {index} was used before")
            return
        batch.used_by[place] = leaf.identifier
        if batch.told is not None:
            self._compare(leaf, index, batch)

    def _outcome(self, leaf: Leaf, outcome: Outcome) -> None:
        batches = [self._batches.get(index) for index in outcome.of]
        known = [batch for batch in batches if batch is not None and batch.told is None]
        once = len(known) == len(batches) == len(set(outcome.of))
        if not once or any(batch.identifier != leaf.identifier for batch in known):
            self._say(leaf.index, "outcome_unknown", "no such batch is waiting for its outcome")
            return
        if sum(len(batch.used_by) for batch in known) != len(outcome.rows):
            self._say(leaf.index, "outcome_differs", f"{len(outcome.rows)} rows")
        start = 0
        for index, batch in zip(outcome.of, known, strict=True):
            batch.told = list(outcome.rows[start : start + len(batch.used_by)])
            start += len(batch.used_by)
            self._compare(leaf, index, batch)

    def _compare(self, leaf: Leaf, index: int, batch: _Batch) -> None:
        """Hold what was told against what was used; close the batch once all is seen."""
        waiting = False
        told = batch.told or []
        for place, (used, said) in enumerate(zip(batch.used_by, told, strict=False)):
            if used is None and is_id(said):
                waiting = True
            elif used is not None and used != said:
                evidence = f"row {place} of leaf {index} became {used}, not {said}"
                self._say(leaf.index, "outcome_differs", evidence)
        if not waiting:
            del self._batches[index]


def _wrong(jobs: list[Job]) -> list[tuple[int, str]]:
    return [
        (index, vkey.name)
        for index, vkey, text, signature in jobs
        if not vkey.verifies(text, signature)
    ]
