"""The verifier's second opinion on submissions: who signed what, in an order without gaps.

Which key counts where is the registry's to say (:mod:`ledger.registry`).  Each key's submissions
form a chain (``seq``, ``prev``); each row of a batch is used by at most one leaf, and the outcome
says of every row what became of it.
"""

from dataclasses import dataclass

from ledger.approvals import LOG
from ledger.encoding import Json
from ledger.ids import is_id
from ledger.leaf import Entry, Frozen, Genesis, KeyAdded, KeyRevoked, Leaf, Outcome, Refused
from ledger.periods import Closing
from ledger.registry import KeyRecord, Registry, Say
from ledger.verify_reading import Carried

_ABOUT_KEYS = (Genesis, KeyAdded, KeyRevoked, Frozen)


@dataclass(slots=True)
class _Batch:
    """An open batch leaf: its rows, the leaf that used each and what the outcome says of it."""

    identifier: str
    rows: list[Json]
    used_by: list[str | None]
    told: list[str] | None = None


class Chains:
    """Judges what leaves carry, in order."""

    def __init__(self, say: Say, origin: str) -> None:
        self.signatures = 0
        self._say = say
        self._origin = origin
        self.registry = Registry(say, origin)
        self._batches: dict[int, _Batch] = {}
        self._wrong: list[tuple[int, str]] = []

    def check(self, leaf: Leaf, carried: Carried | str | None) -> Json:
        """Judge the submission, the reference and the keys of one leaf; answers what was signed.

        That is the body of its submission or its row of a batch, ``None`` where it has neither.
        ``carried`` is the submission or why it is none.
        """
        body = leaf.body
        signed: Json = None
        if isinstance(carried, str):
            self._say(leaf.index, "submission_form", carried)
            carried = None
        if carried is not None:
            self._submission(leaf, carried)
            signed = carried.body
        elif leaf.ref is not None:
            signed = self._reference(leaf, *leaf.ref)
        if isinstance(body, Entry) and self.registry.frozen_at is None:
            return signed
        if isinstance(body, _ABOUT_KEYS) or self.registry.frozen_at is not None:
            self._about_keys(leaf, carried)
        elif isinstance(body, Refused) and body.by in self.registry.keys:
            self.registry.keys[body.by].refused.append(body.content_hash)
        elif isinstance(body, Outcome):
            self._outcome(leaf, body)
        elif isinstance(body, Closing) and carried is not None:
            self.registry.by_operator(leaf.index, carried.submitter)
        return signed

    def tell_signatures(self) -> None:
        """Report the signatures that did not hold since the last time."""
        for index, name in self._wrong:
            self._say(index, "signature", f"the signature of {name} does not verify")
        self._wrong.clear()

    def finish(self) -> None:
        """Report batches of which no outcome, or not the whole, has been seen."""
        for index, batch in self._batches.items():
            if batch.told is None:
                self._say(index, "outcome_missing", batch.identifier)
            else:
                self._say(index, "outcome_differs", "names leaves that do not use its rows")

    # Keys and chains -----------------------------------------------------------------------

    def _submission(self, leaf: Leaf, carried: Carried) -> None:
        if carried.origin != self._origin:
            self._say(leaf.index, "submission_origin", carried.origin[:80])
        if carried.lines != 1:
            self._say(leaf.index, "submission_form", "not exactly one signature")
        record = self.registry.submitter(carried.submitter)
        if record is not None:
            self._signed_by(leaf, carried, record)
        elif not isinstance(leaf.body, KeyAdded):  # A key may bring itself in; looked at below.
            self._unknown(leaf, carried)
        if leaf.kind == "batch":
            self._open_batch(leaf, carried)

    def _about_keys(self, leaf: Leaf, carried: Carried | None) -> None:
        """Judge what a leaf does to the keys, and then the submission of a key that it brings."""
        if carried is None:
            self.registry.check(leaf, {}, "")
            return
        known = self.registry.submitter(carried.submitter)
        self.registry.check(leaf, carried.body, carried.submitter)
        if known is None:
            self._brought_itself(leaf, carried)

    def _brought_itself(self, leaf: Leaf, carried: Carried) -> None:
        """Judge the submission of a key whose own leaf this is, now that it counts."""
        record = self.registry.submitter(carried.submitter)
        if record is None:
            self._unknown(leaf, carried)
        else:
            self._signed_by(leaf, carried, record)

    def _signed_by(self, leaf: Leaf, carried: Carried, record: KeyRecord) -> None:
        """Judge the submitter's signature and move its chain on."""
        if carried.key_id != record.vkey.key_id or record.role == LOG:
            self._unknown(leaf, carried)
            return
        self.signatures += 1
        if carried.verified_by != record.vkey.public:
            self._wrong.append((leaf.index, record.vkey.name))
        self._follow(leaf, carried, record)

    def _unknown(self, leaf: Leaf, carried: Carried) -> None:
        evidence = f"{carried.submitter} does not count at this leaf"
        self._say(leaf.index, "key_unknown", evidence)

    def _follow(self, leaf: Leaf, carried: Carried, chain: KeyRecord) -> None:
        """Move a chain on.  A refused submission that had been signed took a number as well."""
        skipped = carried.seq - chain.next_seq
        if skipped == 0:
            follows = carried.prev == chain.prev
        else:
            follows = 0 < skipped <= len(chain.refused) and carried.prev in chain.refused
        if not follows:
            evidence = f"{carried.submitter} {carried.seq}, expected {chain.next_seq}"
            self._say(leaf.index, "sequence", evidence)
        chain.next_seq = carried.seq + 1
        chain.prev = carried.text_hash
        chain.refused.clear()

    # Batches -------------------------------------------------------------------------------

    def _open_batch(self, leaf: Leaf, carried: Carried) -> None:
        rows = carried.body.get("rows")
        if not isinstance(rows, list):
            self._say(leaf.index, "batch_form", "no rows")
            return
        if carried.body.get("batch", leaf.identifier) != leaf.identifier:
            self._say(leaf.index, "batch_form", "signed for another batch")
        self._batches[leaf.index] = _Batch(leaf.identifier, rows, [None] * len(rows))

    def _reference(self, leaf: Leaf, index: int, place: int) -> Json:
        """Judge the use of a batch's row; answers the row."""
        batch = self._batches.get(index)
        if batch is None or place >= len(batch.used_by):
            self._say(leaf.index, "ref_unknown", f"no open row {place} in leaf {index}")
            return None
        if batch.used_by[place] is not None:
            self._say(leaf.index, "ref_repeated", f"row {place} of leaf {index} was used before")
            return batch.rows[place]
        batch.used_by[place] = leaf.identifier
        if batch.told is not None:
            self._compare(leaf, index, batch)
        return batch.rows[place]

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
