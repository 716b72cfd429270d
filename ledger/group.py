"""One group: items decided one after another, then stored together.

Deciding changes only the picture and the lists here; :meth:`Group.store_rows` writes them by a few
set-based statements.  An item that refuses or breaks takes its own changes back and leaves its
neighbours alone.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from ledger.approvals import LOG
from ledger.companions import Companion, Plain
from ledger.draft import Action, Draft, Staged
from ledger.encoding import OutOfProfile, decode, encode, encode_trusted
from ledger.errors import (
    BookFrozen,
    ContentOutOfProfile,
    KeyReused,
    PeriodClosed,
    Refusal,
    SequenceBroken,
    SigningKeyEnded,
    SigningKeyUnknown,
)
from ledger.leaves import LeafMaker, batch_notes
from ledger.merkle import leaf_hashes
from ledger.notes import Signer
from ledger.picture import GroupView, Picture
from ledger.store import COPY_FROM_ROWS, HeadRow, KeyState, Remembered, Store
from ledger.submission import sign_submission
from ledger.submitted import Signed


class Outcome(NamedTuple):
    """What became of one item: its answer or its refusal, and where the log has it.

    ``leaf_index`` is the item's first leaf, -1 where it has none.  ``answer`` are the canonical
    bytes that every repetition of the key gets again.
    """

    answer: bytes
    leaf_index: int
    refusal: Refusal | None = None
    replayed: bool = False


class Group:
    """Items of one transaction.  ``signers`` maps key names to the software keys held here."""

    def __init__(
        self,
        store: Store,
        picture: Picture,
        head: HeadRow,
        recorded_ms: int,
        signers: Mapping[str, Signer],
        refusal_of: Callable[[str, dict[str, Any]], Refusal],
    ) -> None:
        self.head = head
        self.picture = picture
        self._store = store
        self._signers = signers
        self._refusal_of = refusal_of
        self._rows: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._companions: list[Companion] = []
        self._remembered: dict[tuple[str, str], Remembered] = {}
        self._signed: set[str] = set()
        self._maker = LeafMaker(recorded_ms)
        self._leaves: list[bytes] = []
        self._first_leaf = head.size
        self.view = GroupView(store, picture, head, recorded_ms, flush=self._flush)

    @property
    def has_leaves(self) -> bool:
        """Whether anything of this group goes into the log."""
        return bool(self._leaves)

    def recall(self, actions: list[Action]) -> None:
        """Read what is remembered of the keys, and the accounts that will be needed, at once."""
        keys = {(action.submitter, action.key) for action in actions if action.key is not None}
        self._remembered = self._store.remembered(sorted(keys))
        self.view.load_accounts({account for action in actions for account in action.accounts})

    def decide(self, action: Action) -> Outcome:
        """Decide one item.  Refusals are outcomes; anything else that is raised is a fault of the
        action, which has then changed nothing."""
        content_hash = sha256(action.kind.encode() + b"\n" + action.content).digest()
        known = None if action.key is None else self._remembered.get((action.submitter, action.key))
        if known is not None:
            return self._replay(action, known, content_hash)
        if action.key is not None and self.view.frozen:
            raise BookFrozen
        if action.key is not None and self.view.recorded_ms < self.view.closed_until_ms:
            raise PeriodClosed
        draft = Draft(self.view, action)
        # A new key may submit its own leaf: the root keys bring in an operator when none is left.
        brings_itself = action.kind == "key" and action.signer not in self.view.keys
        try:
            if action.signed is not None:
                self._check_turn(action.signed)
            elif action.key is not None and not brings_itself:
                self._signer(action.signer)
        except (SigningKeyUnknown, SigningKeyEnded, SequenceBroken) as refusal:
            return Outcome(b"", -1, refusal)  # Nobody submitted it, so nothing is remembered.
        try:
            answer = encode_trusted(action.decide(draft))  # No leaf: no bound of size.
            if action.rehearsal:
                draft.undo()
                return Outcome(answer, -1)
            leaf_index = self._seal(draft)
        except Refusal as refusal:
            draft.undo()
            if action.key is None or action.rehearsal or brings_itself:
                return Outcome(b"", -1, refusal)
            return self._refuse(action, content_hash, refusal)
        except BaseException:
            draft.undo()
            raise
        if action.key is not None:
            self._remember(action, Remembered(content_hash, False, answer, leaf_index))
        return Outcome(answer, leaf_index)

    def store_rows(self) -> None:
        """Write what the group decided, all but the head; afterwards :meth:`store_head`."""
        self._flush()
        store = self._store
        for table in [name for name, rows in self._rows.items() if len(rows) >= COPY_FROM_ROWS]:
            store.append(table, self._rows.pop(table))
        if self._leaves:
            frontier = self.picture.frontier.append(leaf_hashes(self._leaves))
            self.head.root, self.head.frontier = frontier.root(), frontier.to_bytes()
            self.head.recorded_ms = self.view.recorded_ms
            self.picture.frontier = frontier

    def store_head(self) -> None:
        """Write the few rows that are left; afterwards only the commit is missing."""
        store = self._store
        for table, rows in self._rows.items():
            store.append(table, rows)
        store.add_to_balances(
            [
                (state.posted - state.stored_posted, state.held - state.stored_held, number)
                for number, state in sorted(self.view.touched.items())
                if state.posted != state.stored_posted or state.held != state.stored_held
            ]
        )
        store.update_signing_keys([self.view.keys[name] for name in sorted(self._signed)])
        if self._leaves:
            store.update_head(self.head)

    def committed(self) -> None:
        """Let the picture be true for what the database has now."""
        for state in self.view.touched.values():
            state.stored_posted, state.stored_held = state.posted, state.held
        self.picture.is_now(self.head)

    # One item ------------------------------------------------------------------------------

    def _replay(self, action: Action, known: Remembered, content_hash: bytes) -> Outcome:
        if known.content_hash != content_hash:
            return Outcome(b"", -1, KeyReused(key=action.key or ""))
        if known.refused:
            told: Any = decode(known.answer)
            refusal = self._refusal_of(told["code"], told["facts"])
            return Outcome(known.answer, known.leaf_index, refusal, replayed=True)
        return Outcome(known.answer, known.leaf_index, replayed=True)

    def _refuse(self, action: Action, content_hash: bytes, refusal: Refusal) -> Outcome:
        answer = encode({"code": refusal.code, "facts": dict(refusal.facts)})
        beside = {"by": action.signer, "code": refusal.code, "hash": content_hash.hex()}
        if action.signed is not None:  # It was signed, so it took its number.
            beside["hash"] = action.signed.submission.text_hash
            self._advance(self.view.keys[action.signer], 1, action.signed.submission.text_hash)
        leaf_index = self.head.size
        leaf = self._maker.make(leaf_index, "refused", self.view.new_id("sub"), beside)
        self._append_leaves([leaf])
        self._remember(action, Remembered(content_hash, True, answer, leaf_index))
        return Outcome(answer, leaf_index, refusal)

    def _remember(self, action: Action, known: Remembered) -> None:
        assert action.key is not None
        self._remembered[action.submitter, action.key] = known
        self._rows["idempotency_key"].append(
            (
                self._store.book_id, action.submitter, action.key, known.content_hash,
                int(known.refused), known.answer, known.leaf_index,
            ),
        )  # fmt: skip

    def _seal(self, draft: Draft) -> int:
        """Turn what the draft staged into leaves and rows; nothing changes before all is built."""
        action, staged = draft.action, draft.staged
        leaf_index = -1
        if action.key is None and (staged or action.batch is not None):
            raise ValueError("housekeeping puts nothing into the log")
        try:
            if action.batch is not None:
                leaf_index = self._seal_batch(action, action.batch, staged)
            elif len(staged) == 1:
                leaf_index = self._seal_single(action, staged[0])
            elif staged or action.key is not None:
                raise ValueError("a submission is one leaf, or a batch")
        except OutOfProfile as error:
            raise ContentOutOfProfile(why=str(error)) from error
        self._companions += draft.companions
        return leaf_index

    def _seal_single(self, action: Action, staged: Staged) -> int:
        if action.signed is not None:
            state, note = self.view.keys[action.signer], action.signed.note
            text_hash = action.signed.submission.text_hash
            return self._seal_under(action, staged, state, note, text_hash)
        signer, state = self._signer(action.signer)
        note, text_hash = sign_submission(
            self.head.origin, action.kind, staged.facts or {}, signer,
            seq=state.next_seq, prev=state.previous_hash,
        )  # fmt: skip
        return self._seal_under(action, staged, state, note, text_hash)

    def _seal_under(
        self, action: Action, staged: Staged, state: KeyState, note: str, text_hash: str
    ) -> int:
        """One leaf that carries ``note``, whoever signed it."""
        index, number = self.head.size, self.head.entries + (staged.entry is not None)
        leaf = self._maker.make_staged(index, staged, number, "sub", note)
        self._advance(state, 1, text_hash)
        self._keep(staged, index, number)
        self._append_leaves([leaf])
        return index

    def _seal_batch(self, action: Action, batch: str, staged: list[Staged]) -> int:
        signer, state = self._signer(action.signer)
        notes, spans, text_hash = batch_notes(
            self.head.origin, action.kind, batch, [item.facts or {} for item in staged],
            signer, seq=state.next_seq, prev=state.previous_hash,
        )  # fmt: skip
        first, make_staged = self.head.size, self._maker.make_staged
        self._maker.foresee(2 * len(notes) + len(staged))
        leaves = [
            self._maker.make(first + part, "batch", batch, {"sub": note})
            for part, note in enumerate(notes)
        ]
        kept, result = [], []
        index, number = first + len(notes), self.head.entries
        for part, (start, stop) in enumerate(spans):
            for place in range(start, stop):
                item = staged[place]
                if item.refused_code:
                    result.append(item.refused_code)
                    continue
                number += item.entry is not None
                ref = [first + part, place - start]
                leaves.append(make_staged(index, item, number, "ref", ref))
                kept.append((item, index, number))
                result.append(item.identifier)
                index += 1
        leaves += self._maker.outcomes(index, batch, first, spans, result)
        self._advance(state, len(notes), text_hash)
        for item, at, no in kept:
            self._keep(item, at, no)
        self._append_leaves(leaves)
        return first

    def _signer(self, name: str) -> tuple[Signer, KeyState]:
        state, signer = self.view.keys.get(name), self._signers.get(name)
        if state is None or signer is None or str(signer.vkey) != state.vkey:
            raise SigningKeyUnknown(key=name)
        if state.ended:
            raise SigningKeyEnded(key=name)
        return signer, state

    def _check_turn(self, signed: Signed) -> None:
        """Let a submission of somebody else's pass that continues the sequence of a sound key."""
        submission = signed.submission
        state = self.view.keys.get(submission.submitter)
        if state is None or state.vkey != signed.vkey or state.role == LOG:
            raise SigningKeyUnknown(key=submission.submitter[:80])
        if state.ended:
            raise SigningKeyEnded(key=submission.submitter)
        if (submission.seq, submission.prev) != (state.next_seq, state.previous_hash):
            raise SequenceBroken(
                key=submission.submitter, expected=state.next_seq, seq=submission.seq
            )

    def _advance(self, state: KeyState, submissions: int, text_hash: str) -> None:
        self.view.keys[state.name] = state._replace(
            next_seq=state.next_seq + submissions, previous_hash=text_hash
        )
        self._signed.add(state.name)

    # Rows ----------------------------------------------------------------------------------

    def _append_leaves(self, leaves: Sequence[bytes]) -> None:
        book, first = self._store.book_id, self.head.size
        self._rows["leaf"] += [(book, index, leaf) for index, leaf in enumerate(leaves, first)]
        self._leaves += leaves
        self.head.size += len(leaves)

    def _keep(self, staged: Staged, index: int, number: int) -> None:
        """The rows of one leaf; its number is the head's next if it is an entry."""
        book, rows = self._store.book_id, self._rows
        entry, account, hold = staged.entry, staged.account, staged.hold
        if entry is not None:
            self.head.entries = number
            rows["entry"].append((book, staged.identifier, number, index))
            accounts, movements = self.picture.accounts, rows["movement"]
            for place, (giver, receiver, minutes) in enumerate(entry.movements):
                movements.append(
                    (
                        book, index, place, number, accounts[giver].number,
                        accounts[receiver].number, minutes, entry.kind, entry.effective_on,
                        self.view.recorded_ms,
                    ),
                )  # fmt: skip
            if entry.kind == "reversal":
                rows["reversal"].append((book, entry.of, staged.identifier, index))
        if account is not None:
            limits = (account.floor, account.ceiling)
            rows["account"].append(
                (book, account.number, account.account_id, account.kind, *limits, index)
            )
            rows["balance"].append((book, account.number, 0, 0, *limits))
        if hold is not None:
            self._keep_hold(staged, index)
        if staged.kind == "policy":
            rows["policy"].append((book, staged.identifier, index))
        if staged.key is not None:
            state = staged.key
            rows["signing_key"].append(
                (book, state.name, state.vkey, state.role, 0, state.previous_hash, index)
            )
        if staged.ended_key:
            rows["key_ended"].append((book, staged.ended_key, index))
        if staged.kind == "freeze":
            rows["log_end"].append((book, index))
        if staged.closes is not None:
            period = staged.closes
            rows["period_closing"].append(
                (book, period.name, period.from_ms, period.until_ms, index)
            )

    def _keep_hold(self, staged: Staged, index: int) -> None:
        hold, book = staged.hold, self._store.book_id
        assert hold is not None
        if staged.kind == "hold":
            payer, payee = (self.picture.accounts[name].number for name in (hold.payer, hold.payee))
            self._rows["hold_placed"].append(
                (book, hold.hold_id, payer, payee, hold.held_minutes, hold.expires_ms, index),
            )
        else:
            self._rows["hold_ended"].append(
                (book, hold.hold_id, hold.state.value, staged.settled_minutes, index),
            )

    def _flush(self) -> None:
        """Store the companion rows of sealed items, so that later items can query them."""
        companions, self._companions = self._companions, []
        for one in companions:
            if isinstance(one, Plain):
                self._store.change(one.sql, one.rows)
            elif one.rows is None:
                self._store.connection.execute(one.statement)
            elif one.rows:
                self._store.connection.execute(one.statement, one.rows)
