"""A device as the ledger's own tests know it: notes by a key that no writer holds."""

from collections.abc import Callable
from typing import Any

from ledger.approvals import DEVICE, prove_possession
from ledger.draft import Action, Draft, Facts
from ledger.enrolment import enrol_key
from ledger.errors import FloorExceeded
from ledger.journal import JournalEntry, Movement
from ledger.notes import Signer
from ledger.submission import FIRST_PREV, Body, sign_submission
from ledger.submitted import read_submission, verified
from ledger.writer import Writer
from tests.support.books import ORIGIN, POLICY, TODAY, Book
from tests.support.log_builder import key_of

POOL, ANNA = "acct_pool", "acct_anna"
TABLET, OTHER = key_of(f"{ORIGIN}/dev/1"), key_of(f"{ORIGIN}/dev/2")

Decide = Callable[[Draft], dict[str, Any]]


class Device:
    """A key that is not the writer's, and where it believes its sequence to stand."""

    def __init__(self, book: Book, key: Signer) -> None:
        self.book, self.key = book, key
        self.seq, self.prev, self.sent = 0, FIRST_PREV, 0

    def note(self, body: Body, *, seq: int | None = None, prev: str | None = None) -> str:
        """The next note, or with ``seq`` one that moves nothing."""
        at = self.seq if seq is None else seq
        before = self.prev if prev is None else prev
        note, text_hash = sign_submission(ORIGIN, "record", body, self.key, seq=at, prev=before)
        if seq is None:
            self.seq, self.prev = at + 1, text_hash
        return note

    def action(
        self, note: str, decide: Decide, *, key: str | None = None, batch: str | None = None
    ) -> Action:
        """What the writer is asked to do with a note."""
        self.sent += 1
        signed = verified(read_submission(note, ORIGIN, "record"), self.key.vkey)
        return Action(
            kind="record",
            decide=decide,
            signer=self.key.vkey.name,
            submitter=str(self.key.vkey),
            key=f"{self.key.vkey.name}-{self.sent:08}" if key is None else key,
            content=note.encode(),
            batch=batch,
            signed=signed,
        )

    def states(self, words: str = "x", *, seq: int | None = None, **rest: Any) -> Action:
        """The action of one fact."""
        note = self.note({"words": words}, seq=seq)

        def decide(draft: Draft) -> dict[str, Any]:
            draft.state(draft.new_id("record"), {"words": words})
            return {"said": words}

        return self.action(note, decide, **rest)

    def posts(self, rows: list[int], *, batch: str = "batch_1") -> Action:
        """The action of a batch: minutes from Anna's to the pool, refused where she has not."""
        note = self.note({"batch": batch, "rows": [{"minutes": one} for one in rows]})

        def decide(draft: Draft) -> dict[str, Any]:
            told: list[str] = []
            for minutes in rows:
                facts: Facts = {"minutes": minutes}
                entry = JournalEntry("gift", (Movement(ANNA, POOL, minutes),), TODAY, POLICY)
                try:
                    with draft.attempt():
                        told.append(draft.post(entry, facts))
                except FloorExceeded as refusal:
                    draft.refuse_row(facts, refusal)
                    told.append(refusal.code)
            return {"rows": told}

        return self.action(note, decide, batch=batch)


def enrols(book: Book, writer: Writer, key: Signer) -> None:
    """Have the operator bring a device's key in."""

    def decide(draft: Draft) -> dict[str, Any]:
        proof = prove_possession(ORIGIN, DEVICE, key)
        return {"key": enrol_key(draft, key.vkey, role=DEVICE, possession=proof, facts={})}

    writer.write(book.action(decide, kind="key"))
